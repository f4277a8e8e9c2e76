//! The jobs of a run, as the cluster has them.

use serde_json::Value as Json;

use crate::rules::SCRIPT;
use crate::run::Left;
use crate::unit::Unit;

/// A job that ran.
pub struct Job {
    pub template: String,
    pub phase: String,
    pub message: String,
    /// Pods that were made for it.
    pub attempts: usize,
    pub calls: Vec<Call>,
    /// Numbers of events: before its first, and of its last.
    pub begin: u64,
    pub end: u64,
    /// When its script ended.
    pub ended: Json,
}

/// A command that a task started.
pub struct Call {
    /// Of a script its interpreter and its text.
    pub words: Vec<String>,
    pub cwd: String,
    pub env: Json,
    pub exit: Option<i64>,
    pub start: u64,
    pub end: Option<u64>,
    /// The time.
    pub started: Json,
}

/// The templates of the pipeline's stages in order, each with its steps.
pub fn stages(template: &Json) -> Vec<&Json> {
    let templates = template["spec"]["templates"].as_array().unwrap();
    let named = |name: &Json| templates.iter().find(|template| template["name"] == *name).unwrap();
    let dag = named(&Json::from("pipeline"))["dag"]["tasks"].as_array().unwrap();
    dag.iter()
        .map(|task| named(&task["template"]))
        .filter(|template| template.get("steps").is_some())
        .collect()
}

/// The jobs of the stage of that number, in the order of the source, instances by their numbers.
pub fn jobs(unit: &Unit, left: &Left, stage: usize) -> Vec<Job> {
    let stages = stages(unit.template());
    let Some(stage) = stages.get(stage) else { return Vec::new() };
    let mut found = Vec::new();
    for step in stage["steps"][0].as_array().into_iter().flatten() {
        let template = step["template"].as_str().unwrap();
        let is_pod = |node: &&Json| node["type"] == "Pod" && node["templateName"] == template;
        let mut instances: Vec<(u64, Vec<&Json>)> = Vec::new();
        for node in left.nodes().filter(is_pod) {
            let number = instance(node);
            match instances.iter_mut().find(|(known, _)| *known == number) {
                Some((_, nodes)) => nodes.push(node),
                None => instances.push((number, vec![node])),
            }
        }
        instances.sort_by_key(|(number, _)| *number);
        found.extend(instances.iter().map(|(_, nodes)| job(template, nodes, left)));
    }
    found
}

fn instance(node: &Json) -> u64 {
    let parameters = node["inputs"]["parameters"].as_array().into_iter().flatten();
    let index = parameters.filter(|parameter| parameter["name"] == "run-index");
    index.filter_map(|parameter| parameter["value"].as_str()?.parse().ok()).next().unwrap_or(0)
}

fn job(template: &str, nodes: &[&Json], left: &Left) -> Job {
    let last = nodes.iter().max_by_key(|node| node["startedAt"].as_str().unwrap_or("")).unwrap();
    let mine = |line: &&Json| nodes.iter().any(|node| line["node"] == node["name"]);
    let lines: Vec<&Json> = left.trace.iter().filter(mine).collect();
    let numbers = lines.iter().filter_map(|line| line["start"].as_u64());
    let ends = lines.iter().filter_map(|line| line["end"].as_u64());
    let script = lines.iter().find(|line| line["kind"] == "container" && line["container"] == "main");
    Job {
        template: template.to_string(),
        phase: last["phase"].as_str().unwrap_or("").to_string(),
        message: last["message"].as_str().unwrap_or("").to_string(),
        attempts: nodes.len(),
        begin: numbers.min().unwrap_or(u64::MAX),
        end: ends.max().unwrap_or(0),
        ended: script.map_or(Json::Null, |line| line["ended"].clone()),
        calls: calls(&lines),
    }
}

/// The calls in the job's own container. A script is two of them: its interpreter, and in it its text.
fn calls(lines: &[&Json]) -> Vec<Call> {
    let words = |line: &Json| -> Vec<String> {
        line["argv"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|word| word.as_str().map(String::from))
            .collect()
    };
    let mut interpreter = String::new();
    let mut found = Vec::new();
    for line in lines.iter().filter(|line| line["kind"] == "call" && line["container"] == "main") {
        let mut words = words(line);
        if words.last().is_some_and(|word| word.starts_with("/gocd/script.")) && words[0] != SCRIPT {
            interpreter = words[0].rsplit('/').next().unwrap_or("").to_string();
            continue;
        }
        if words[0] == SCRIPT {
            words[0] = interpreter.clone();
        }
        found.push(Call {
            words,
            cwd: line["cwd"].as_str().unwrap_or("").to_string(),
            env: line["env"].clone(),
            exit: line["exit"].as_i64(),
            start: line["start"].as_u64().unwrap_or(0),
            end: line["end"].as_u64(),
            started: line["started"].clone(),
        });
    }
    found
}
