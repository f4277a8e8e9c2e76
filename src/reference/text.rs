//! A trace for people: short, indented.

use std::fmt::Write as _;

use super::trace::{Action, JobTrace, Level, Outcome, StageState, TaskTrace, Trace, Upload};

/// Most lines of a script that are shown.
const LINES: usize = 6;

/// Writes a trace as text.
pub fn text(trace: &Trace) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_trace(&mut out, trace);
    // Texts of the source must not move the terminal's cursor or colour it.
    let shown = out.chars().map(|c| match c {
        '\n' | '\t' => String::from(c),
        c if c.is_control() => c.escape_default().to_string(),
        c => String::from(c),
    });
    shown.collect()
}

fn write_trace(out: &mut String, trace: &Trace) -> std::fmt::Result {
    let environment =
        trace.environment.as_ref().map_or(String::new(), |name| format!(", environment {name}"));
    writeln!(
        out,
        "{} (group {}{environment}), started by {}",
        trace.pipeline,
        trace.group,
        trace.trigger.shown()
    )?;
    if trace.lock.taken {
        let held = if trace.lock.held { "still held" } else { "released" };
        writeln!(out, "  lock {}: taken at the start, {held}: {}", trace.lock.behavior, trace.lock.why)?;
    }
    for stage in &trace.stages {
        let state = match (stage.state, stage.result) {
            (_, Some(result)) => shown(result),
            (StageState::Waits, None) => "waits",
            (_, None) => "not reached",
        };
        writeln!(out, "  stage {}: {state} ({})", stage.name, stage.why)?;
        for job in &stage.jobs {
            write_job(out, job)?;
        }
        for next in trace.downstream.iter().filter(|next| next.stage == stage.name) {
            let starts = if next.starts { "starts" } else { "does not start" };
            writeln!(out, "    {starts} pipeline {}: {}", next.pipeline, next.why)?;
        }
    }
    let ended = match &trace.waits_for {
        Some(stage) => format!("{}; `{stage}` waits for a person", shown(trace.result)),
        None => shown(trace.result).to_string(),
    };
    writeln!(out, "  run: {ended}")?;
    for note in &trace.notes {
        writeln!(out, "  note: {note}")?;
    }
    Ok(())
}

fn shown(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Waiting => "waiting",
    }
}

fn write_job(out: &mut String, job: &JobTrace) -> std::fmt::Result {
    writeln!(out, "    job {}: {}", job.name, shown(job.result))?;
    if let Some(minutes) = job.silent_minutes {
        writeln!(out, "      to be cancelled after {minutes} minutes without output")?;
    }
    for checkout in &job.checkouts {
        writeln!(out, "      checkout {} into {}", checkout.material, checkout.destination)?;
    }
    // GoCD's own are the same everywhere, and in the JSON form.
    for variable in job.environment.iter().filter(|variable| variable.from != Level::Gocd) {
        writeln!(out, "      {}={}", variable.name, variable.value.shown().replace('\n', "\\n"))?;
    }
    for task in &job.tasks {
        write_task(out, task)?;
    }
    for upload in &job.uploads {
        write_upload(out, upload)?;
    }
    Ok(())
}

fn write_task(out: &mut String, task: &TaskTrace) -> std::fmt::Result {
    let sign = match (task.runs, task.result) {
        (false, _) => "-",
        (true, Some(Outcome::Failed)) => "!",
        (true, _) => ">",
    };
    let folder = if task.working_directory == "." {
        String::new()
    } else {
        format!("  in {}", task.working_directory)
    };
    let why = match (task.runs, task.why.as_str()) {
        (_, "") => String::new(),
        (false, why) => format!("  (skipped: run_if {}, {why})", task.run_if),
        (true, why) => format!("  (fails: {why})"),
    };
    write!(out, "      {sign} {}{folder}{why}", action(&task.action).replace('\n', "\n          "))?;
    writeln!(out)?;
    if let Some(on_cancel) = &task.on_cancel {
        writeln!(out, "          on cancel: {}", action(on_cancel).replace('\n', "\n          "))?;
    }
    Ok(())
}

fn action(action: &Action) -> String {
    match action {
        Action::Exec { words } => words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "),
        Action::Script { text, interpreter } => {
            let lines: Vec<&str> = text.lines().collect();
            let more = match lines.len().saturating_sub(LINES) {
                0 => String::new(),
                more => format!("\n… {more} more lines"),
            };
            let shown: String = lines.iter().take(LINES).map(|line| format!("\n{line}")).collect();
            format!("script, by {interpreter}:{shown}{more}")
        }
        Action::Fetch { pipeline, run, stage, job, source, is_file, arrives_at } => {
            let what = if *is_file { "file" } else { "directory" };
            format!("fetch {what} {source} of {pipeline}/{stage}/{job} ({run}) to {arrives_at}")
        }
        Action::FetchExternal { id } => format!("fetch external artifact {id}, by its plugin"),
        Action::Plugin { id } => format!("task of the plugin {id}"),
    }
}

/// A word as a shell would want it, so that blanks in arguments show.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn write_upload(out: &mut String, upload: &Upload) -> std::fmt::Result {
    let root = if upload.destination.is_empty() { "the root" } else { upload.destination.as_str() };
    let strip = if upload.strip.is_empty() { String::new() } else { format!(" without {}/", upload.strip) };
    match upload.kind {
        "external" => writeln!(out, "      publish external artifact {}, by its plugin", upload.source),
        kind => {
            let missing = upload.if_missing;
            writeln!(
                out,
                "      publish {kind} {} to {root}{strip} (if nothing matches: {missing})",
                upload.source
            )
        }
    }
}
