//! Runs from GoCD's API: `pipelines/:name/history` (v1), with times from `stages/:p/:c/:s/:n` (v3) and `jobs/:p/:s/:j/history` (v1).

use std::collections::BTreeMap;

use anyhow::{anyhow, bail};
use serde_json::Value;

use super::read::Document;
use super::{Outcome, Run};

/// Pipeline in lower case, and counter.
type Key = (String, u64);

/// What is known of a run besides its entry in the history.
#[derive(Default)]
struct Times {
    /// Stage and stage counter → duration.
    stages: BTreeMap<(String, String), i64>,
    /// When its first job began to build.
    building: Option<i64>,
}

/// All runs, each once.
pub(super) fn runs(documents: &[Document]) -> anyhow::Result<Vec<Run>> {
    let mut times: BTreeMap<Key, Times> = BTreeMap::new();
    let mut histories = Vec::new();
    for document in documents {
        let value = &document.value;
        if let Some(pipelines) = value.get("pipelines") {
            histories.push((document, list(pipelines, document, "pipelines")?));
        } else if let Some(jobs) = value.get("jobs").filter(|_| value.get("scheduled_at").is_none()) {
            for (index, job) in list(jobs, document, "jobs")?.iter().enumerate() {
                let at = format!("jobs[{index}]");
                job_times(job, key(job, "pipeline_name", "pipeline_counter", document, &at)?, &mut times);
            }
        } else if value.get("scheduled_at").is_some() {
            stage_times(document, &mut times)?;
        } else {
            bail!(
                "{} is neither a pipeline's history, a stage's run nor a job's history of GoCD's API",
                document.name
            );
        }
    }
    let mut runs: BTreeMap<Key, Run> = BTreeMap::new();
    for (document, pipelines) in histories {
        for (index, entry) in pipelines.iter().enumerate() {
            let at = format!("pipelines[{index}]");
            let key = key(entry, "name", "counter", document, &at)?;
            let run = run(entry, times.get(&key), document, &at)?;
            runs.insert(key, run);
        }
    }
    Ok(runs.into_values().collect())
}

fn list<'v>(value: &'v Value, document: &Document, at: &str) -> anyhow::Result<&'v [Value]> {
    let list = value.as_array().ok_or_else(|| anyhow!("{}: `{at}` is no list", document.name))?;
    Ok(list)
}

fn key(value: &Value, name: &str, counter: &str, document: &Document, at: &str) -> anyhow::Result<Key> {
    let wrong = |key: &str, what: &str| anyhow!("{}: `{at}.{key}` is no {what}", document.name);
    let pipeline = value.get(name).and_then(Value::as_str).ok_or_else(|| wrong(name, "text"))?;
    let number = value.get(counter).and_then(number).ok_or_else(|| wrong(counter, "counter"))?;
    Ok((pipeline.to_lowercase(), number))
}

/// GoCD writes some counters as texts.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn job_times(job: &Value, key: Key, times: &mut BTreeMap<Key, Times>) {
    let transitions = job.get("job_state_transitions").and_then(Value::as_array);
    let building = transitions.into_iter().flatten().find(|transition| transition["state"] == "Building");
    let Some(at) = building.and_then(|transition| transition["state_change_time"].as_i64()) else { return };
    let known = &mut times.entry(key).or_default().building;
    *known = Some(known.map_or(at, |known| known.min(at)));
}

fn stage_times(document: &Document, times: &mut BTreeMap<Key, Times>) -> anyhow::Result<()> {
    let stage = &document.value;
    let key = key(stage, "pipeline_name", "pipeline_counter", document, "")?;
    for job in stage.get("jobs").and_then(Value::as_array).into_iter().flatten() {
        job_times(job, key.clone(), times);
    }
    let (begin, end) = (stage["scheduled_at"].as_i64(), stage["last_transitioned_time"].as_i64());
    if let (Some(begin), Some(end), Some(name)) = (begin, end, stage["name"].as_str()) {
        let counter = stage.get("counter").and_then(number).unwrap_or(1).to_string();
        let duration = end.saturating_sub(begin).max(0);
        times.entry(key).or_default().stages.insert((name.to_lowercase(), counter), duration);
    }
    Ok(())
}

fn run(entry: &Value, times: Option<&Times>, document: &Document, at: &str) -> anyhow::Result<Run> {
    let stages = entry.get("stages").ok_or_else(|| anyhow!("{}: `{at}.stages` is missing", document.name))?;
    let stages = list(stages, document, &format!("{at}.stages"))?;
    let results: Vec<&str> =
        stages.iter().map(|stage| stage["result"].as_str().unwrap_or("Unknown")).collect();
    let outcome = if results.contains(&"Failed") {
        Outcome::Failed
    } else if results.contains(&"Cancelled") {
        Outcome::Cancelled
    } else if !results.is_empty() && results.iter().all(|result| *result == "Passed") {
        Outcome::Passed
    } else {
        Outcome::Open
    };
    let durations =
        stages.iter().filter(|stage| stage["result"].as_str().is_some_and(|result| result != "Unknown"));
    let durations: Option<Vec<i64>> = durations
        .map(|stage| {
            let name = stage["name"].as_str()?.to_lowercase();
            let counter = stage.get("counter").and_then(number)?.to_string();
            times?.stages.get(&(name, counter)).copied()
        })
        .collect();
    let scheduled = entry["scheduled_date"].as_i64();
    let start = times.and_then(|times| Some(times.building?.saturating_sub(scheduled?).max(0)));
    Ok(Run {
        pipeline: entry["name"].as_str().unwrap_or_default().to_string(),
        outcome,
        duration: durations.filter(|durations| !durations.is_empty()).map(total),
        start,
    })
}

fn total(durations: Vec<i64>) -> i64 {
    durations.into_iter().fold(0, i64::saturating_add)
}
