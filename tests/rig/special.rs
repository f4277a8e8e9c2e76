//! What is done to runs from outside: cancelling, silence, locks that two runs want, a second trigger.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::found::{Job, jobs};
use crate::run::{Asked, Left, Rig, is_over, look, script, set_up, submit, waiting, workflow};
use crate::unit::Unit;

type Found = Result<Vec<String>, String>;
type Scenario = fn(&Rig, &Unit, &str) -> Found;

/// Name, the pipeline it is about, what is done; gives every difference.
pub const SCENARIOS: [(&str, &str, Scenario); 10] = [
    ("cancelled: the task is killed, no other runs, nothing is published", "cancelled", cancelled),
    ("cancelled: the task is left alone while its on_cancel runs", "cleaned-up", cleaned_up),
    ("silent for its timeout: cancelled", "silent", silent),
    ("longer than its timeout, but it prints: not cancelled", "silent", talkative),
    ("two runs at a time: a stage is never twice active", "two-at-a-time", two_at_a_time),
    (
        "lockOnFailure at a gate: the next run is refused, and runs when the lock is free",
        "locked-at-gate",
        locked_at_gate,
    ),
    ("lockOnFailure after a failure: the next run is refused", "locked-at-gate", locked_by_failure),
    ("unlockWhenFinished at a gate: the next run runs", "free-at-gate", free_at_gate),
    ("ant prints BUILD FAILED and exits 0: failed", "says-failed", says_failed),
    ("a trigger without anything new: no run", "two-at-a-time", nothing_new),
];

/// Adds to the problems when the two are not the same.
fn same<T: PartialEq + std::fmt::Debug>(wrong: &mut Vec<String>, what: &str, found: &T, expected: &T) {
    if found != expected {
        wrong.push(format!("{what}: {found:?}, not {expected:?}"));
    }
}

/// Waits until the Workflow is as wanted.
fn until(
    rig: &Rig,
    namespace: &str,
    name: &str,
    what: &str,
    is: impl Fn(&Json) -> bool,
) -> Result<Json, String> {
    let begin = Instant::now();
    loop {
        let found = workflow(rig, namespace, name);
        if is(&found) {
            return Ok(found);
        }
        if begin.elapsed() > Duration::from_secs(240) {
            return Err(format!("{name} is not {what} after 240 s: {}", found["status"]["phase"]));
        }
        std::thread::sleep(Duration::from_millis(700));
    }
}

/// Submits a run with rules of its own.
fn start(rig: &Rig, unit: &Unit, namespace: &str, number: u32, rules: Vec<Json>) -> Result<String, String> {
    let name = format!("{namespace}-{number}");
    rig.rules.add(&name, rules);
    submit(rig, unit, namespace, &name, &Asked::default())?;
    Ok(name)
}

fn ended(rig: &Rig, unit: &Unit, namespace: &str, name: &str) -> Result<Left, String> {
    let found = until(rig, namespace, name, "over", is_over)?;
    rig.rules.remove(name);
    look(rig, unit, namespace, name, found)
}

fn words(job: Option<&Job>) -> Vec<String> {
    job.into_iter().flat_map(|job| &job.calls).map(|call| call.words.join(" ")).collect()
}

fn files(left: &Left) -> Vec<String> {
    left.keys.iter().filter(|key| !key.ends_with("console.log")).cloned().collect()
}

/// Starts a run whose command `long` goes on, and waits until it does.
fn in_progress(rig: &Rig, unit: &Unit, namespace: &str, seconds: u32) -> Result<String, String> {
    set_up(rig, unit, namespace)?;
    let name = start(rig, unit, namespace, 1, vec![json!({"argv": "tool long", "sleep": seconds})])?;
    until(rig, namespace, &name, "in its job", |_| traced(&name, r#""argv":["tool","long"]"#, ""))?;
    Ok(name)
}

/// Is there an event of that Workflow with these texts?
fn traced(name: &str, one: &str, other: &str) -> bool {
    let state = std::env::var("RIG_STATE").unwrap();
    let events = std::fs::read(format!("{state}/trace.jsonl")).unwrap();
    let events = String::from_utf8_lossy(&events);
    events.lines().any(|line| line.contains(name) && line.contains(one) && line.contains(other))
}

fn cancelled(rig: &Rig, unit: &Unit, namespace: &str) -> Found {
    let name = in_progress(rig, unit, namespace, 100)?;
    script(rig, "wf.sh", &["-n", namespace, "stop", &name]);
    let left = ended(rig, unit, namespace, &name)?;
    let mut wrong = Vec::new();
    let found = jobs(unit, &left, 0);
    same(&mut wrong, "commands", &words(found.first()), &vec!["tool long".to_string()]);
    same(&mut wrong, "the command's end", &found.first().and_then(|job| job.calls[0].exit), &Some(143));
    same(&mut wrong, "the run", &left.phase(), &"Failed");
    same(&mut wrong, "jobs of the next stage", &jobs(unit, &left, 1).len(), &0);
    same(&mut wrong, "published", &files(&left), &Vec::new());
    Ok(wrong)
}

fn cleaned_up(rig: &Rig, unit: &Unit, namespace: &str) -> Found {
    set_up(rig, unit, namespace)?;
    let name = start(rig, unit, namespace, 1, Vec::new())?;
    // The job's script has begun; the task begins at once.
    until(rig, namespace, &name, "in its job", |_| {
        traced(&name, r#""argv":["sh","/argo/staging/script"]"#, "job-work")
    })?;
    std::thread::sleep(Duration::from_secs(4));
    script(rig, "wf.sh", &["-n", namespace, "stop", &name]);
    // Argo calls the Workflow failed before its pod has come to its end: docs/differences.md.
    until(rig, namespace, &name, "at the task's own end", |_| {
        traced(&name, r#""argv":["tool","ended"]"#, "")
    })?;
    let left = ended(rig, unit, namespace, &name)?;
    let mut wrong = Vec::new();
    let found = jobs(unit, &left, 0);
    // The task comes to its own end, after what is run meanwhile.
    let expected = vec!["tool cleaning up".to_string(), "tool ended".to_string()];
    same(&mut wrong, "commands", &words(found.first()), &expected);
    let place = found.first().and_then(|job| job.calls.first()).map(|call| call.cwd.as_str());
    same(&mut wrong, "where it cleans up", &place, &Some("/workspace/sub"));
    same(&mut wrong, "the run", &left.phase(), &"Failed");
    same(&mut wrong, "published", &files(&left), &Vec::new());
    same(&mut wrong, "the lock", &left.state["lock"].as_str().unwrap_or(""), &"");
    Ok(wrong)
}

fn silent(rig: &Rig, unit: &Unit, namespace: &str) -> Found {
    let name = in_progress(rig, unit, namespace, 100)?;
    let left = ended(rig, unit, namespace, &name)?;
    let mut wrong = Vec::new();
    let found = jobs(unit, &left, 0);
    same(&mut wrong, "commands", &words(found.first()), &vec!["tool long".to_string()]);
    same(&mut wrong, "attempts", &found.first().map(|job| job.attempts), &Some(1));
    same(&mut wrong, "the run", &left.phase(), &"Failed");
    same(&mut wrong, "published", &files(&left), &Vec::new());
    Ok(wrong)
}

fn talkative(rig: &Rig, unit: &Unit, namespace: &str) -> Found {
    set_up(rig, unit, namespace)?;
    let prints = json!({"argv": "tool long", "run": "for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 1; done"});
    let name = start(rig, unit, namespace, 1, vec![prints])?;
    let left = ended(rig, unit, namespace, &name)?;
    let mut wrong = Vec::new();
    same(&mut wrong, "the run", &left.phase(), &"Succeeded");
    same(&mut wrong, "published", &files(&left).len(), &1);
    Ok(wrong)
}

fn two_at_a_time(rig: &Rig, unit: &Unit, namespace: &str) -> Found {
    set_up(rig, unit, namespace)?;
    let slow = || vec![json!({"argv": "tool", "sleep": 4})];
    let names = [start(rig, unit, namespace, 1, slow())?, start(rig, unit, namespace, 2, slow())?];
    let mut wrong = Vec::new();
    let mut times: [Vec<(String, String)>; 2] = [Vec::new(), Vec::new()];
    for name in &names {
        let left = ended(rig, unit, namespace, name)?;
        same(&mut wrong, "the run", &left.phase(), &"Succeeded");
        for (stage, times) in times.iter_mut().enumerate() {
            let found = jobs(unit, &left, stage);
            let template = found.first().map_or("", |job| job.template.as_str());
            let pod = left.nodes().find(|node| node["type"] == "Pod" && node["templateName"] == template);
            let time = |key: &str| pod.and_then(|pod| pod[key].as_str()).unwrap_or("").to_string();
            times.push((time("startedAt"), time("finishedAt")));
        }
    }
    for times in &mut times {
        times.sort();
        same(&mut wrong, "one after the other", &(times[0].1 <= times[1].0), &true);
    }
    let state = rig.api.get(&format!("/api/v1/namespaces/{namespace}/configmaps/gocd-state-{}", unit.slug));
    same(&mut wrong, "the counter", &state["data"]["counter"].as_str(), &Some("2"));
    Ok(wrong)
}

fn at_gate(rig: &Rig, unit: &Unit, namespace: &str) -> Result<String, String> {
    set_up(rig, unit, namespace)?;
    let name = start(rig, unit, namespace, 1, Vec::new())?;
    until(rig, namespace, &name, "at its gate", |found| !waiting(found).is_empty())?;
    Ok(name)
}

/// A run that is refused: it ends well, and has done and counted nothing.
fn refused(
    rig: &Rig,
    unit: &Unit,
    namespace: &str,
    number: u32,
    wrong: &mut Vec<String>,
) -> Result<(), String> {
    let name = start(rig, unit, namespace, number, Vec::new())?;
    let left = ended(rig, unit, namespace, &name)?;
    same(wrong, "the refused run", &left.phase(), &"Succeeded");
    same(wrong, "jobs of the refused run", &jobs(unit, &left, 0).len(), &0);
    same(wrong, "the counter", &left.state["counter"].as_str(), &Some("1"));
    Ok(())
}

fn locked_at_gate(rig: &Rig, unit: &Unit, namespace: &str) -> Found {
    let first = at_gate(rig, unit, namespace)?;
    let mut wrong = Vec::new();
    refused(rig, unit, namespace, 2, &mut wrong)?;
    script(rig, "wf.sh", &["-n", namespace, "resume", &first]);
    let left = ended(rig, unit, namespace, &first)?;
    same(&mut wrong, "the first run", &left.phase(), &"Succeeded");
    same(&mut wrong, "the lock", &left.state["lock"].as_str().unwrap_or(""), &"");
    let third = start(rig, unit, namespace, 3, Vec::new())?;
    let found =
        until(rig, namespace, &third, "at its gate", |found| !waiting(found).is_empty() || is_over(found))?;
    same(&mut wrong, "the third run waits", &waiting(&found).len(), &1);
    Ok(wrong)
}

fn locked_by_failure(rig: &Rig, unit: &Unit, namespace: &str) -> Found {
    set_up(rig, unit, namespace)?;
    let first = start(rig, unit, namespace, 1, vec![crate::rules::failing("tool one")])?;
    let mut wrong = Vec::new();
    let left = ended(rig, unit, namespace, &first)?;
    same(&mut wrong, "the first run", &left.phase(), &"Failed");
    same(&mut wrong, "the lock", &left.state["lock"].as_str().unwrap_or(""), &first.as_str());
    refused(rig, unit, namespace, 2, &mut wrong)?;
    Ok(wrong)
}

fn free_at_gate(rig: &Rig, unit: &Unit, namespace: &str) -> Found {
    at_gate(rig, unit, namespace)?;
    let mut wrong = Vec::new();
    let second = start(rig, unit, namespace, 2, Vec::new())?;
    let found =
        until(rig, namespace, &second, "at its gate", |found| !waiting(found).is_empty() || is_over(found))?;
    same(&mut wrong, "the second run waits at its own gate", &waiting(&found).len(), &1);
    let left = look(rig, unit, namespace, &second, found)?;
    same(&mut wrong, "the counter", &left.state["counter"].as_str(), &Some("2"));
    Ok(wrong)
}

fn says_failed(rig: &Rig, unit: &Unit, namespace: &str) -> Found {
    set_up(rig, unit, namespace)?;
    let name =
        start(rig, unit, namespace, 1, vec![json!({"regex": "^ant ", "stdout": "x\nBUILD FAILED\n"})])?;
    let left = ended(rig, unit, namespace, &name)?;
    let mut wrong = Vec::new();
    same(&mut wrong, "the run", &left.phase(), &"Failed");
    same(&mut wrong, "commands", &words(jobs(unit, &left, 0).first()), &vec!["ant dist".to_string()]);
    same(&mut wrong, "jobs of the next stage", &jobs(unit, &left, 1).len(), &0);
    Ok(wrong)
}

fn nothing_new(rig: &Rig, unit: &Unit, namespace: &str) -> Found {
    set_up(rig, unit, namespace)?;
    let first = start(rig, unit, namespace, 1, Vec::new())?;
    ended(rig, unit, namespace, &first)?;
    let mut wrong = Vec::new();
    let second = format!("{namespace}-2");
    let asked = Asked { parameters: ["push", "{}", "false"], ..Asked::default() };
    submit(rig, unit, namespace, &second, &asked)?;
    let left = ended(rig, unit, namespace, &second)?;
    same(&mut wrong, "the second run", &left.phase(), &"Succeeded");
    same(&mut wrong, "its jobs", &jobs(unit, &left, 0).len(), &0);
    same(&mut wrong, "the counter", &left.state["counter"].as_str(), &Some("1"));
    Ok(wrong)
}
