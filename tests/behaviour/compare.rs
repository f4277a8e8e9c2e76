//! What happened against what GoCD does.

use std::collections::BTreeSet;

use gocd2argo::reference::{Action, JobTrace, Known, Outcome, Part, TaskTrace, Value};

use crate::cluster::{SECRET, tag};
use crate::pod::{Pod, Ran};
use crate::record::Call;
use crate::words::words;

/// Every difference, in words.
pub fn differences(job: &JobTrace, pod: &Pod, ran: &Ran, calls: &[Call], server_url: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let expected: Vec<&TaskTrace> = job.tasks.iter().filter(|task| is_called(task)).collect();
    if expected.len() != calls.len() {
        let names: Vec<_> = calls.iter().map(|call| (&call.program, &call.arguments)).collect();
        let wanted: Vec<_> = expected.iter().map(|task| &task.action).collect();
        wrong.push(format!(
            "{} commands ran, not {}:\n  {names:?}\n  {wanted:?}",
            calls.len(),
            expected.len()
        ));
    }
    for (task, call) in expected.iter().zip(calls) {
        compare_call(task, call, pod, &mut wrong);
        compare_env(job, call, server_url, &mut wrong);
    }
    let status = if job.result == Outcome::Passed { 0 } else { 1 };
    if ran.status != status {
        wrong.push(format!("the job ends with {}, not {status}", ran.status));
    }
    let published: BTreeSet<String> =
        job.uploads.iter().filter_map(|upload| upload.published.clone()).flatten().collect();
    let mut found: BTreeSet<String> = pod.files("gocd/artifacts").into_iter().collect();
    found.remove("cruise-output/console.log");
    if found != published {
        let more: Vec<_> = found.difference(&published).collect();
        let less: Vec<_> = published.difference(&found).collect();
        wrong.push(format!("artifacts: too many {more:?}, missing {less:?}"));
    }
    wrong
}

/// Whether a task starts a command that exists.
fn is_called(task: &TaskTrace) -> bool {
    let command = match &task.action {
        Action::Exec { words } => words[0] != "nosuch",
        action => matches!(action, Action::Script { .. }),
    };
    task.runs && command && !task.why.starts_with("there is no directory")
}

fn compare_call(task: &TaskTrace, call: &Call, pod: &Pod, wrong: &mut Vec<String>) {
    let words = words(&task.action);
    let called: Vec<String> = std::iter::once(&call.program).chain(&call.arguments).cloned().collect();
    if called != words {
        wrong.push(format!(
            "called as\n  {:.600}\nnot as\n  {:.600}",
            format!("{called:?}"),
            format!("{words:?}")
        ));
    }
    let folder = pod.path("workspace").join(&task.working_directory).canonicalize().unwrap();
    if call.cwd != folder {
        wrong.push(format!("called in {}, not in {}", call.cwd.display(), folder.display()));
    }
}

fn compare_env(job: &JobTrace, call: &Call, server_url: &str, wrong: &mut Vec<String>) {
    for variable in &job.environment {
        let found = call.env.iter().find(|(name, _)| *name == variable.name).map(|(_, value)| value.as_str());
        let expected = filled_in(&variable.value, server_url);
        if found != Some(expected.as_str()) {
            wrong.push(format!("{} is {found:?}, not {expected:?}", variable.name));
        }
    }
    for (name, _) in call.env.iter().filter(|(name, _)| name.starts_with("GO_")) {
        if !job.environment.iter().any(|variable| variable.name == *name) {
            wrong.push(format!("{name} is set, but not by GoCD"));
        }
    }
}

/// The values that this run has for what only a run knows.
fn filled_in(value: &Value, server_url: &str) -> String {
    let output = |name: String| tag(&format!("workflow.outputs.parameters.{name}"), None).unwrap();
    let parts = value.0.iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::Secret => SECRET.to_string(),
        Part::Run(known) => match known {
            Known::ServerUrl => server_url.to_string(),
            Known::Counter => output("counter".into()),
            Known::Label => output("label".into()),
            Known::AgentResources => "linux,x".into(),
            Known::Revision(material) => output(format!("rev-{material}")),
            Known::FromRevision(material) => output(format!("from-{material}")),
            Known::HasChanged(material) => output(format!("changed-{material}")),
            Known::UpstreamLabel(material) => output(format!("dep-label-{material}")),
            Known::UpstreamLocator(material) => output(format!("dep-locator-{material}")),
            other => other.shown(),
        },
    });
    parts.collect()
}
