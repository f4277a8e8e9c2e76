//! How long a process has worked, whatever else the machine does.

/// Processor time of a running process (its number, or `thread-self`), in ticks of 10 ms: other programs on the machine
/// do not count.
pub fn processor_time(process: &str) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u32>().ok()? + fields.next()?.parse::<u32>().ok()?)
}
