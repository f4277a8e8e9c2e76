//! Printing: the product to stdout, talk to stderr, colours on a terminal only.

use std::io::Write as _;

use anstream::{AutoStream, ColorChoice};

use crate::finding::{Finding, Severity};
use crate::passes::Reading;
use crate::report::{self, Report, terminal};

/// Prints the product.
///
/// # Errors
/// When stdout cannot be written.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Says something to the person at the terminal; nobody there is no error.
pub fn say(text: &str) {
    let mut err = anstream::stderr().lock();
    drop(writeln!(err, "{text}"));
}

/// Whether whoever read our output has stopped reading (`gocd2argo show | head`).
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Findings as a terminal shows them.
pub fn draw(reading: &Reading, findings: &[Finding], to_stdout: bool) -> String {
    let choice = match to_stdout {
        true => AutoStream::choice(&std::io::stdout()),
        false => AutoStream::choice(&std::io::stderr()),
    };
    let report = Report { findings, ..report(reading, &[]) };
    let secrets = crate::gocd::secrets(&reading.sources, &reading.configuration);
    let drawing = terminal::Drawing { styled: choice != ColorChoice::Never, secrets: &secrets };
    terminal::draw_all(&report, drawing)
}

/// Findings from this severity on.
pub fn from(findings: &[Finding], least: Severity) -> Vec<Finding> {
    findings.iter().filter(|finding| finding.rule.severity >= least).cloned().collect()
}

/// Says that GoCD would refuse the repository, with the errors; what to do about it stands in the last line.
pub fn refuse(reading: &mut Reading) {
    reading.account.settle();
    let errors = from(&reading.account.findings, Severity::Error);
    say(draw(reading, &errors, false).trim_end());
    say(&format!(
        "\nerror: GoCD would refuse this repository ({}); nothing is written\n       `--keep-going` converts what is sound",
        if errors.len() == 1 { "1 error".to_string() } else { format!("{} errors", errors.len()) }
    ));
}

/// Says that keys are unaccounted for, which is a defect of this program.
pub fn report_unaccounted(reading: &Reading) {
    let open = reading.unaccounted();
    if open.is_empty() {
        return;
    }
    let listed: Vec<&str> = open.iter().take(10).map(String::as_str).collect();
    say(&format!(
        "warning[internal-unaccounted-key]: {} keys were read, but no rule says what became of them: {}\n         \
         this is a defect of gocd2argo: please report it",
        open.len(),
        listed.join(", ")
    ));
}

/// The summary for people.
pub fn summary(reading: &Reading, files: &[crate::output::FileChange]) -> String {
    report::summary::summary(&report(reading, files))
}

/// The document for machines.
///
/// # Errors
/// When it has no JSON form.
pub fn json(reading: &Reading, files: &[crate::output::FileChange]) -> anyhow::Result<String> {
    report::json::json(&report(reading, files))
}

/// Everything there is to say about a run.
fn report<'a>(reading: &'a Reading, files: &'a [crate::output::FileChange]) -> Report<'a> {
    Report {
        findings: &reading.account.findings,
        sources: &reading.sources,
        counts: reading.counts(),
        numbers: reading.numbers(),
        files,
    }
}
