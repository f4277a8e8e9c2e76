//! One run on the rig, in a namespace of its own, from the first object to what it has left.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::api::Api;
use crate::objects::objects;
use crate::rules::Rules;
use crate::unit::Unit;

/// What all runs share.
pub struct Rig {
    pub api: Api,
    pub rules: Rules,
    /// Where posts of `stage-passed` go.
    pub inbox: crate::inbox::Inbox,
    /// Folder of the rig's own scripts.
    pub home: PathBuf,
}

/// Asked of a run.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Patterns of commands that fail.
    pub fail: Vec<String>,
    /// Are open gates resumed?
    pub approve: bool,
    /// Parameters `trigger`, `cause` and `force`.
    pub parameters: [&'static str; 3],
    /// Seconds until the run has to be over.
    pub patience: u64,
}

impl Default for Asked {
    fn default() -> Self {
        let parameters = ["manual", r#"{"user":"eve"}"#, "true"];
        Asked { fail: Vec::new(), approve: true, parameters, patience: 300 }
    }
}

/// What a run has left.
#[derive(Debug)]
pub struct Left {
    /// The Workflow.
    pub workflow: Json,
    /// `trace.sh`'s lines.
    pub trace: Vec<Json>,
    /// Keys below `pipelines/`.
    pub keys: Vec<String>,
    /// Data of the pipeline's state.
    pub state: Json,
    /// Posts of passed stages.
    pub posts: Vec<Json>,
    /// When the run was asked for, in seconds of the day.
    pub asked_at: f64,
}

impl Left {
    /// The Workflow's phase.
    pub fn phase(&self) -> &str {
        self.workflow["status"]["phase"].as_str().unwrap_or("")
    }

    /// The nodes of the Workflow.
    pub fn nodes(&self) -> impl Iterator<Item = &Json> {
        nodes(&self.workflow)
    }

    /// Names of the gates that wait.
    pub fn waiting(&self) -> Vec<String> {
        waiting(&self.workflow)
    }
}

fn nodes(workflow: &Json) -> impl Iterator<Item = &Json> {
    workflow["status"]["nodes"].as_object().into_iter().flat_map(|nodes| nodes.values())
}

/// Names of the gates of a Workflow that wait.
pub fn waiting(workflow: &Json) -> Vec<String> {
    let open = nodes(workflow).filter(|node| node["type"] == "Suspend" && node["phase"] == "Running");
    open.filter_map(|node| node["displayName"].as_str().map(String::from)).collect()
}

/// Is it over?
pub fn is_over(workflow: &Json) -> bool {
    ["Succeeded", "Failed", "Error"].iter().any(|phase| workflow["status"]["phase"] == *phase)
}

/// Runs a unit once, in the namespace of that name, and looks.
pub fn run(rig: &Rig, unit: &Unit, namespace: &str, asked: &Asked) -> Result<Left, String> {
    set_up(rig, unit, namespace)?;
    let name = format!("{namespace}-run");
    rig.rules.add(&name, asked.fail.iter().map(|pattern| crate::rules::failing(pattern)).collect());
    let asked_at = crate::measure::now();
    submit(rig, unit, namespace, &name, asked)?;
    let ended = follow(rig, namespace, &name, asked);
    rig.rules.remove(&name);
    let workflow = ended?;
    let mut left = look(rig, unit, namespace, &name, workflow)?;
    left.asked_at = asked_at;
    Ok(left)
}

/// Frees the disk of a namespace's pods, each of which has a copy of Argo's executor that the rig never deletes.
pub fn free(rig: &Rig, namespace: &str) {
    let pods = PathBuf::from(std::env::var("RIG_STATE").unwrap()).join("pods");
    let found = rig.api.get(&format!("/api/v1/namespaces/{namespace}/pods"));
    for pod in found["items"].as_array().into_iter().flatten() {
        let uid = pod["metadata"]["uid"].as_str().unwrap_or("-");
        let _ = std::fs::remove_file(pods.join(uid).join("volumes/var-run-argo/argoexec"));
    }
}

/// Asks for a namespace to be deleted; does not wait.
pub fn drop_namespace(rig: &Rig, namespace: &str) {
    let _ = rig.api.request("DELETE", &format!("/api/v1/namespaces/{namespace}"), "application/json", "");
}

/// A namespace with what the unit needs.
pub fn set_up(rig: &Rig, unit: &Unit, namespace: &str) -> Result<(), String> {
    let api = &rig.api;
    api.create("", &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}))?;
    api.put(namespace, "", "");
    for key in &unit.seeds {
        api.put(namespace, key, key);
    }
    for object in objects(unit, namespace, &rig.inbox.url(namespace)) {
        api.create(namespace, &object)?;
    }
    // Argo's controller has to see them first: it looks into a cache.
    std::thread::sleep(Duration::from_secs(1));
    Ok(())
}

/// Starts a run.
pub fn submit(rig: &Rig, unit: &Unit, namespace: &str, name: &str, asked: &Asked) -> Result<(), String> {
    let [trigger, cause, force] = asked.parameters;
    rig.api.create(
        namespace,
        &json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": name},
            "spec": {"workflowTemplateRef": {"name": unit.slug}, "arguments": {"parameters": [
                {"name": "trigger", "value": trigger}, {"name": "cause", "value": cause}, {"name": "force", "value": force}]}}}),
    )
}

/// The Workflow as it stands.
pub fn workflow(rig: &Rig, namespace: &str, name: &str) -> Json {
    rig.api.get(&format!("/apis/argoproj.io/v1alpha1/namespaces/{namespace}/workflows/{name}"))
}

/// One of the rig's own scripts.
pub fn script(rig: &Rig, program: &str, arguments: &[&str]) {
    let _ = Command::new(rig.home.join(program)).args(arguments).output();
}

/// Waits for the end, or for a gate that nobody opens.
fn follow(rig: &Rig, namespace: &str, name: &str, asked: &Asked) -> Result<Json, String> {
    let begin = Instant::now();
    loop {
        std::thread::sleep(Duration::from_millis(1000));
        let found = workflow(rig, namespace, name);
        let open = waiting(&found);
        let works = nodes(&found)
            .any(|node| node["type"] == "Pod" && (node["phase"] == "Running" || node["phase"] == "Pending"));
        if is_over(&found) || (!open.is_empty() && !asked.approve && !works) {
            return Ok(found);
        }
        if !open.is_empty() && asked.approve {
            script(rig, "wf.sh", &["-n", namespace, "resume", name]);
        }
        if begin.elapsed() > Duration::from_secs(asked.patience) {
            return Err(format!(
                "after {} s: {} {}",
                asked.patience, found["status"]["phase"], found["status"]["message"]
            ));
        }
    }
}

/// What the run has left.
pub fn look(rig: &Rig, unit: &Unit, namespace: &str, name: &str, workflow: Json) -> Result<Left, String> {
    let trace = trace(rig, namespace, name)?;
    let state = rig.api.get(&format!("/api/v1/namespaces/{namespace}/configmaps/gocd-state-{}", unit.slug));
    let keys = rig.api.keys(namespace, "pipelines/");
    let keys = keys.into_iter().filter(|key| !unit.seeds.contains(key)).collect();
    let posts = rig.inbox.posts(namespace);
    Ok(Left { workflow, trace, keys, state: state["data"].clone(), posts, asked_at: 0.0 })
}

/// `trace.sh` for one Workflow. It is given this Workflow's events only, because it reads the whole file.
fn trace(rig: &Rig, namespace: &str, name: &str) -> Result<Vec<Json>, String> {
    let all = std::fs::read(PathBuf::from(std::env::var("RIG_STATE").unwrap()).join("trace.jsonl")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let needle = format!("\"wf\":\"{name}\"");
    let all = String::from_utf8_lossy(&all);
    let mine: Vec<&str> = all.lines().filter(|line| line.contains(&needle)).collect();
    std::fs::write(folder.path().join("trace.jsonl"), mine.join("\n")).unwrap();
    let output = Command::new(rig.home.join("trace.sh"))
        .args(["-n", namespace, name])
        .env("RIG_STATE", folder.path())
        .output()
        .unwrap();
    // Without a single container there is none.
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|error| error.to_string()))
        .collect()
}
