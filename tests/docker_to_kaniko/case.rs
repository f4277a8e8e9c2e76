//! A case of the oracle: its tasks, read with a YAML reader of the test's own.

use gocd2argo::finding::{Account, Severity};
use gocd2argo::plan::image::across::{self, Member};
use gocd2argo::plan::image::{self, Form, JobImages, NewForm, Options, TaskText};
use gocd2argo::span::{FileId, Place, Span};
use serde_json::Value as Json;
use serde_yaml::Value as Yaml;
use std::collections::{BTreeMap, BTreeSet};

/// The folder of shared specifications.
pub fn shared() -> String {
    std::env::var("GOCD2ARGO_SHARED").unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_string())
}

/// The oracle's file, where it is to be found.
pub fn oracle() -> Option<Json> {
    let path = format!("{}/spec/docker-to-kaniko.json", shared());
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {path} is not there");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// A job of a case and what became of it.
pub struct Job {
    pub tasks: Vec<Task>,
    pub directories: Vec<String>,
    pub planned: JobImages,
    pub variables: BTreeMap<String, String>,
}

pub enum Task {
    Script(String),
    Exec(Vec<String>),
    Other,
}

impl Task {
    fn form(&self) -> Form<'_> {
        match self {
            Task::Script(text) => Form::Script(text),
            Task::Exec(argv) => Form::Exec(argv),
            Task::Other => Form::Other,
        }
    }

    /// The shell text after the plan: an `exec` is its words joined by one blank.
    pub fn text(&self, new: &NewForm) -> String {
        match (self, new) {
            (Task::Script(text), NewForm::Unchanged) => text.clone(),
            (Task::Exec(argv), NewForm::Unchanged) => argv.join(" "),
            (_, NewForm::Script(text)) => text.clone(),
            (_, NewForm::Exec(argv)) => argv.join(" "),
            _ => String::new(),
        }
    }
}

/// All jobs of a case, and the findings.
pub struct Outcome {
    pub jobs: Vec<Job>,
    pub findings: Vec<(String, Severity)>,
}

pub fn convert(case: &Json) -> Outcome {
    // Cases with an expectation are judged by the default settings; scripts that are run show what can be run.
    let at_run_time = case.get("expect").is_none();
    let text = case["gocd"].as_str().unwrap();
    let mut yaml: Yaml = serde_yaml::from_str(text).unwrap();
    yaml.apply_merge().unwrap();
    let files = case["files"].clone();
    let known = |path: &str| files.get(path).and_then(Json::as_str).map(str::to_string);
    let mut account = Account::default();
    let mut jobs = Vec::new();
    for (_, pipeline) in mapping(&yaml["pipelines"]) {
        let (bodies, manual) = bodies(&pipeline);
        let texts: Vec<Vec<TaskText<'_>>> = bodies.iter().map(Body::texts).collect();
        let members = bodies.iter().zip(&texts).map(|(body, tasks)| Member {
            stage: body.stage,
            name: String::new(),
            tasks,
            variables: &body.variables,
            secure: &body.secure,
        });
        let joins = across::joins(&members.collect::<Vec<_>>(), &manual, &known);
        let planned: Vec<JobImages> = bodies
            .iter()
            .zip(&texts)
            .zip(&joins)
            .map(|((body, texts), joins)| {
                let options = Options {
                    at_run_time,
                    joins: Some(joins),
                    ..Options::new(&body.variables, &body.secure, &known)
                };
                image::plan(texts, &options, &mut account)
            })
            .collect();
        jobs.extend(bodies.into_iter().zip(planned).map(|(body, planned)| {
            assert_eq!(planned.tasks.len(), body.tasks.len());
            let (tasks, directories) = body.tasks.into_iter().unzip();
            Job { tasks, directories, planned, variables: body.variables }
        }));
    }
    let findings = account
        .findings
        .iter()
        .map(|finding| (finding.rule.name.to_string(), finding.rule.severity))
        .collect();
    Outcome { jobs, findings }
}

/// A job as written.
struct Body {
    stage: usize,
    tasks: Vec<(Task, String)>,
    variables: BTreeMap<String, String>,
    secure: BTreeSet<String>,
}

impl Body {
    fn texts(&self) -> Vec<TaskText<'_>> {
        let place = Place::unbooked(Span { file: FileId(0), start: 0, end: 0 });
        self.tasks
            .iter()
            .map(|(task, directory)| TaskText { place, item: place, form: task.form(), directory })
            .collect()
    }
}

/// The jobs of a pipeline in order, and which stages a person starts.
fn bodies(pipeline: &Yaml) -> (Vec<Body>, BTreeSet<usize>) {
    let parameters = texts(&pipeline["parameters"]);
    let mut out = Vec::new();
    let mut manual = BTreeSet::new();
    for (number, stage) in sequence(&pipeline["stages"]).into_iter().enumerate() {
        for (_, stage_body) in mapping(&stage) {
            if scalar(&stage_body["approval"]) == "manual"
                || scalar(&stage_body["approval"]["type"]) == "manual"
            {
                manual.insert(number);
            }
            let bodies: Vec<Yaml> = match &stage_body["jobs"] {
                Yaml::Null => vec![stage_body.clone()],
                jobs => mapping(jobs).into_iter().map(|(_, job)| job).collect(),
            };
            for body in bodies {
                let mut variables = BTreeMap::new();
                let mut secure = BTreeSet::new();
                for level in [pipeline, &stage_body, &body] {
                    variables.extend(texts(&level["environment_variables"]));
                    secure.extend(texts(&level["secure_variables"]).into_keys());
                }
                let mut found = Vec::new();
                tasks(&body["tasks"], &parameters, &mut found);
                out.push(Body { stage: number, tasks: found, variables, secure });
            }
        }
    }
    (out, manual)
}

/// Plain variables of all levels.
pub fn variables(case: &Json) -> BTreeMap<String, String> {
    let mut yaml: Yaml = serde_yaml::from_str(case["gocd"].as_str().unwrap()).unwrap();
    yaml.apply_merge().unwrap();
    let mut out = BTreeMap::new();
    let mut pending = vec![yaml];
    while let Some(yaml) = pending.pop() {
        for (key, value) in mapping(&yaml) {
            match key.as_str() {
                "environment_variables" => out.extend(texts(&value)),
                _ => pending.push(value),
            }
        }
        pending.extend(sequence(&yaml));
    }
    out
}

/// Tasks, nested lists flattened. `on_cancel` is not the swap's business.
fn tasks(list: &Yaml, parameters: &BTreeMap<String, String>, out: &mut Vec<(Task, String)>) {
    let put = |text: String| {
        parameters
            .iter()
            .fold(text, |text, (name, value)| text.replace(&format!("#{{{name}}}"), value))
            .replace("##", "#")
    };
    for item in sequence(list) {
        if item.is_sequence() {
            tasks(&item, parameters, out);
            continue;
        }
        for (kind, body) in mapping(&item) {
            let directory = body["working_directory"].as_str().unwrap_or("").to_string();
            let task = match kind.as_str() {
                "script" => Task::Script(put(scalar(&body))),
                "exec" => {
                    let arguments = sequence(&body["arguments"]).into_iter().map(|word| put(scalar(&word)));
                    Task::Exec(std::iter::once(put(scalar(&body["command"]))).chain(arguments).collect())
                }
                _ => Task::Other,
            };
            out.push((task, directory));
        }
    }
}

fn scalar(yaml: &Yaml) -> String {
    match yaml {
        Yaml::String(text) => text.clone(),
        Yaml::Number(number) => number.to_string(),
        Yaml::Bool(flag) => flag.to_string(),
        _ => String::new(),
    }
}

fn mapping(yaml: &Yaml) -> Vec<(String, Yaml)> {
    yaml.as_mapping().map(|m| m.iter().map(|(k, v)| (scalar(k), v.clone())).collect()).unwrap_or_default()
}

fn sequence(yaml: &Yaml) -> Vec<Yaml> {
    yaml.as_sequence().cloned().unwrap_or_default()
}

fn texts(yaml: &Yaml) -> BTreeMap<String, String> {
    mapping(yaml).into_iter().map(|(name, value)| (name, scalar(&value))).collect()
}
