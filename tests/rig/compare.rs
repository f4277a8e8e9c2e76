//! What a run has left against what GoCD does.

use std::collections::BTreeSet;

use gocd2argo::reference::{
    Action, Approvals, JobTrace, Outcome, Request, StageState, StageTrace, TaskTrace, Trace, Trigger, trace,
};

use crate::found::{Call, Job, jobs};
use crate::run::{Asked, Left};
use crate::unit::Unit;
use crate::values::filled_in;
use crate::words::words;

/// What GoCD does.
pub fn expected(unit: &Unit, asked: &Asked) -> Trace {
    let trigger = match asked.parameters[0] {
        "manual" => Trigger::Person(Some("eve".into())),
        "timer" => Trigger::Timer,
        _ => Trigger::Changes,
    };
    let request = Request {
        pipeline: unit.pipeline.clone(),
        trigger: Some(trigger),
        fail: asked.fail.iter().map(|pattern| gocd2argo::reference::Failure::parse(pattern)).collect(),
        approve: if asked.approve { Approvals::All } else { Approvals::default() },
        world: Some(unit.world.clone()),
    };
    let mut traced = trace(&unit.set.configuration, &request).unwrap();
    // Argo offers no start after a failure: docs/differences.md, finding `manual-after-failure`.
    let after_failure =
        |stage: &StageTrace| stage.state != StageState::Unreached && stage.why.contains("has failed");
    if unit.set.findings.contains("manual-after-failure")
        && let Some(at) = traced.stages.iter().position(after_failure)
    {
        for stage in &mut traced.stages[at..] {
            stage.state = StageState::Unreached;
            stage.jobs.clear();
            stage.result = None;
        }
        traced.waits_for = None;
        traced.lock.held = traced.lock.behavior == "lockOnFailure";
        let reached: Vec<String> = traced.stages[..at].iter().map(|stage| stage.name.clone()).collect();
        traced.downstream.retain(|next| reached.contains(&next.stage));
    }
    traced
}

/// Every difference, in words.
pub fn differences(unit: &Unit, asked: &Asked, left: &Left) -> Vec<String> {
    let expected = expected(unit, asked);
    let mut wrong = Vec::new();
    compare_result(&expected, left, &mut wrong);
    let mut before = 0;
    for (number, stage) in expected.stages.iter().enumerate() {
        let found = jobs(unit, left, number);
        if found.len() != stage.jobs.len() {
            let names: Vec<_> = found.iter().map(|job| &job.template).collect();
            wrong.push(format!(
                "{}: {} jobs ran, not {}: {names:?}",
                stage.name,
                found.len(),
                stage.jobs.len()
            ));
        }
        for (job, found) in stage.jobs.iter().zip(&found) {
            let mut report = |problem: String| wrong.push(format!("{}/{}: {problem}", stage.name, job.name));
            compare_job(unit, job, found, &mut report);
            if found.begin < before {
                report("began before the stage in front had ended".into());
            }
        }
        before = found.iter().map(|job| job.end).max().unwrap_or(before);
    }
    compare_artifacts(unit, &expected, left, &mut wrong);
    compare_downstream(&expected, left, &mut wrong);
    compare_state(&expected, left, &mut wrong);
    wrong
}

fn compare_result(expected: &Trace, left: &Left, wrong: &mut Vec<String>) {
    let phase = match (expected.result, &expected.waits_for) {
        (_, Some(_)) => "Running",
        (Outcome::Passed, None) => "Succeeded",
        _ => "Failed",
    };
    if left.phase() != phase {
        wrong.push(format!(
            "the run is {} ({}), not {phase}",
            left.phase(),
            left.workflow["status"]["message"]
        ));
    }
    if left.waiting().len() != usize::from(expected.waits_for.is_some()) {
        wrong.push(format!("{:?} wait, not {:?}", left.waiting(), expected.waits_for));
    }
}

fn compare_job(unit: &Unit, job: &JobTrace, found: &Job, report: &mut impl FnMut(String)) {
    let phase = if job.result == Outcome::Passed { "Succeeded" } else { "Failed" };
    if found.phase != phase {
        report(format!("is {} ({}), not {phase}", found.phase, found.message));
    }
    if found.attempts != 1 {
        report(format!("ran {} times", found.attempts));
    }
    let tasks: Vec<&TaskTrace> = job.tasks.iter().filter(|task| is_called(task)).collect();
    if tasks.len() != found.calls.len() {
        let calls: Vec<_> = found.calls.iter().map(|call| format!("{:.80}", call.words.join(" "))).collect();
        let wanted: Vec<_> = tasks.iter().map(|task| format!("{:.80?}", task.action)).collect();
        report(format!("{} commands ran, not {}:\n  {calls:?}\n  {wanted:?}", calls.len(), wanted.len()));
    }
    for (task, call) in tasks.iter().zip(&found.calls) {
        compare_call(task, call, report);
        compare_env(unit, job, call, report);
    }
    let mut before = 0;
    for call in &found.calls {
        if call.start < before {
            report("two tasks ran at the same time".into());
        }
        before = call.end.unwrap_or(u64::MAX);
    }
}

/// Does the script, or the command, build images? Then its words are not kept: tests/docker_to_kaniko compares them.
pub fn builds_images(action: &Action) -> bool {
    let text = match action {
        Action::Exec { words } => words.join(" "),
        Action::Script { text, .. } => text.clone(),
        _ => return false,
    };
    let word = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_';
    text.split(word).any(|word| ["docker", "podman", "buildah", "nerdctl", "docker-compose"].contains(&word))
}

/// Is the whole text one login, tag or push? It has become part of the build.
fn leaves_nothing(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let alone = !text.trim().contains(['\n', ';', '&', '|']);
    alone && matches!(words.as_slice(), ["docker" | "podman", "login" | "push" | "tag", _, ..])
}

/// Whether a task starts a program that the recorder sees in the job's own container.
fn is_called(task: &TaskTrace) -> bool {
    let called = match &task.action {
        Action::Exec { words } => {
            let text = words.iter().position(|word| word == "-c").and_then(|at| words.get(at + 1));
            words[0] != "docker" && !text.is_some_and(|text| leaves_nothing(text))
        }
        Action::Script { text, .. } => !leaves_nothing(text),
        _ => false,
    };
    task.runs && called && !task.why.starts_with("there is no directory")
}

fn compare_call(task: &TaskTrace, call: &Call, report: &mut impl FnMut(String)) {
    let words = words(&task.action);
    let same =
        if builds_images(&task.action) { call.words.first() == words.first() } else { call.words == words };
    if !same {
        report(format!(
            "called as\n  {:.900}\nnot as\n  {:.900}",
            format!("{:?}", call.words),
            format!("{words:?}")
        ));
    }
    let mut folder = std::path::PathBuf::from("/workspace");
    for step in task.working_directory.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(folder.pop()),
            step => folder.push(step),
        }
    }
    if std::path::Path::new(&call.cwd) != folder {
        report(format!("called in {}, not in {}", call.cwd, folder.display()));
    }
    let exit = if task.result == Some(Outcome::Failed) { Some(7) } else { Some(0) };
    if call.exit != exit && !builds_images(&task.action) {
        report(format!("{:.60?} exited with {:?}, not {exit:?}", call.words, call.exit));
    }
}

fn compare_env(unit: &Unit, job: &JobTrace, call: &Call, report: &mut impl FnMut(String)) {
    for variable in &job.environment {
        let Some(expected) = filled_in(unit, job, variable) else { continue };
        let found = call.env[&variable.name].as_str();
        if found != Some(expected.as_str()) {
            report(format!("{} is {found:?}, not {expected:?}", variable.name));
        }
    }
    for name in
        call.env.as_object().into_iter().flat_map(|env| env.keys()).filter(|name| name.starts_with("GO_"))
    {
        if !job.environment.iter().any(|variable| variable.name == *name) {
            report(format!("{name} is set, but not by GoCD"));
        }
    }
}

fn compare_artifacts(unit: &Unit, expected: &Trace, left: &Left, wrong: &mut Vec<String>) {
    let mut wanted = BTreeSet::new();
    for stage in &expected.stages {
        for job in &stage.jobs {
            // There is one instance for all agents, under the job's own name: `run-on-all-agents`.
            let name = job.name.split("-runOnAll-").next().unwrap();
            let place = format!("pipelines/{}/1/{}/1/{name}", unit.pipeline, stage.name);
            let files = job.uploads.iter().filter_map(|upload| upload.published.clone()).flatten();
            wanted.extend(files.map(|file| format!("{place}/{file}")));
            // What the agent printed.
            wanted.insert(format!("{place}/cruise-output/console.log"));
        }
    }
    let of_git = |key: &&String| !key.split('/').any(|part| part == ".git");
    let found: BTreeSet<String> = left.keys.iter().filter(of_git).cloned().collect();
    let wanted: BTreeSet<String> = wanted.iter().filter(of_git).cloned().collect();
    if found != wanted {
        let more: Vec<_> = found.difference(&wanted).take(5).collect();
        let less: Vec<_> = wanted.difference(&found).take(5).collect();
        wrong.push(format!("artifacts: too many {more:?}, missing {less:?}"));
    }
}

fn compare_downstream(expected: &Trace, left: &Left, wrong: &mut Vec<String>) {
    let wanted: BTreeSet<&str> = expected.downstream.iter().map(|next| next.stage.as_str()).collect();
    let told: BTreeSet<&str> = left.posts.iter().filter_map(|post| post["stage"].as_str()).collect();
    if wanted != told {
        wrong.push(format!("told of the stages {told:?}, not {wanted:?}"));
    }
    for post in &left.posts {
        if post["counter"] != 1 || post["stageCounter"] != 1 || post["pipeline"] != expected.pipeline.as_str()
        {
            wrong.push(format!("told {post}"));
        }
    }
}

fn compare_state(expected: &Trace, left: &Left, wrong: &mut Vec<String>) {
    if left.state["counter"] != "1" {
        wrong.push(format!("the counter is {}, not 1", left.state["counter"]));
    }
    let holder = left.state["lock"].as_str().unwrap_or("");
    // A gate frees the lock for whoever looks: `lock_is_held`. The scenarios about locks show it.
    let at_gate = expected.waits_for.is_some() && expected.lock.behavior == "unlockWhenFinished";
    if !at_gate && expected.lock.held != (!holder.is_empty() && left.workflow["metadata"]["name"] == *holder)
    {
        wrong.push(format!("the lock is held by {holder:?}, and GoCD says: {:?}", expected.lock));
    }
    for stage in &expected.stages {
        let passed = stage.result == Some(Outcome::Passed);
        let told = expected.downstream.iter().any(|next| next.stage == stage.name);
        let key = left.state.as_object().into_iter().flat_map(|state| state.keys());
        let recorded = key
            .filter(|key| key.eq_ignore_ascii_case(&format!("passed.{}", stage.name.replace('_', "-"))))
            .count()
            > 0;
        if told
            && passed
            && !recorded
            && stage.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        {
            wrong.push(format!(
                "the pass of {} is not recorded: {:?}",
                stage.name,
                left.state.as_object().map(|state| state.keys().cloned().collect::<Vec<_>>())
            ));
        }
    }
}
