//! One template: its kind, its steps or tasks and what they call, its containers and what they mount.

use super::names;
use super::references::arguments_fit;
use super::tags::{self, Scope};
use super::value::{at, entries, items, names as named, text, texts};
use super::workflow::Spec;
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

const TYPES: &[&str] =
    &["container", "containerSet", "dag", "data", "http", "plugin", "resource", "script", "steps", "suspend"];
/// Where an input artifact may come from by itself.
const ARTIFACT_SOURCES: &[&str] =
    &["artifactory", "azure", "from", "gcs", "git", "hdfs", "http", "oss", "plugin", "raw", "s3"];
/// What a task may wait for of another.
const STATES: &[&str] =
    &["AllFailed", "AnySucceeded", "Daemoned", "Errored", "Failed", "Omitted", "Skipped", "Succeeded"];

/// A step or task, and those that have ended when it begins.
pub(super) struct Node<'v> {
    pub name: &'v str,
    pub value: &'v Value,
    pub before: BTreeSet<&'v str>,
}

/// Whether a parameter has a value without an argument.
pub(super) fn valued(parameter: &Value) -> bool {
    ["value", "default", "valueFrom"].iter().any(|key| !at(parameter, key).is_null())
}

/// Checks one template.
pub(super) fn check(name: &str, template: &Value, spec: &Spec<'_>, faults: &mut Vec<String>) {
    let types: Vec<&&str> = TYPES.iter().filter(|key| template.get(**key).is_some()).collect();
    if types.len() != 1 {
        faults.push(format!("the template `{name}` is of {} types, and must be of one", types.len()));
    }
    let mut here = Vec::new();
    let nodes = if template.get("dag").is_some() { tasks(template, &mut here) } else { steps(template) };
    nodes_named(&nodes, template.get("dag").is_some(), &mut here);
    for node in &nodes {
        call(node, spec, &mut here);
    }
    parameters(template, &mut here);
    containers(template, spec, &mut here);
    container_set(template, &mut here);
    tags::check(template, &Scope::new(template, spec, &nodes), &nodes, &mut here);
    faults.extend(here.into_iter().map(|fault| format!("template `{name}`: {fault}")));
}

/// The steps of a template; those of a group begin together.
fn steps(template: &Value) -> Vec<Node<'_>> {
    let mut nodes: Vec<Node<'_>> = Vec::new();
    let mut before = BTreeSet::new();
    for group in items(template, "steps") {
        let group: &[Value] = group.as_sequence().map_or(&[], Vec::as_slice);
        let first = nodes.len();
        for value in group {
            nodes.push(Node { name: text(value, "name").unwrap_or_default(), value, before: before.clone() });
        }
        before.extend(nodes[first..].iter().map(|node| node.name));
    }
    nodes
}

/// The tasks of a DAG, with everything each depends on, directly or not.
fn tasks<'v>(template: &'v Value, faults: &mut Vec<String>) -> Vec<Node<'v>> {
    let list = items(at(template, "dag"), "tasks");
    let direct: BTreeMap<&str, BTreeSet<&str>> = list
        .iter()
        .map(|task| (text(task, "name").unwrap_or_default(), dependencies(task, faults)))
        .collect();
    let mut nodes = Vec::new();
    for value in list {
        let name = text(value, "name").unwrap_or_default();
        let mut before = BTreeSet::new();
        let mut open: Vec<&str> = direct.get(name).into_iter().flatten().copied().collect();
        while let Some(next) = open.pop() {
            if before.insert(next) {
                open.extend(direct.get(next).into_iter().flatten());
            }
        }
        if before.contains(name) {
            faults.push(format!("the task `{name}` waits for itself"));
        }
        for unknown in direct.get(name).into_iter().flatten().filter(|other| !direct.contains_key(*other)) {
            faults.push(format!("the task `{name}` waits for `{unknown}`, which is no task"));
        }
        nodes.push(Node { name, value, before });
    }
    nodes
}

/// The tasks named in `depends` and `dependencies`.
fn dependencies<'v>(task: &'v Value, faults: &mut Vec<String>) -> BTreeSet<&'v str> {
    let mut found: BTreeSet<&str> = texts(task, "dependencies").collect();
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let depends = text(task, "depends").unwrap_or_default();
    for term in depends.split(|c| !word(c)).filter(|term| !term.is_empty()) {
        let (name, state) = term.split_once('.').unwrap_or((term, "Succeeded"));
        if !STATES.contains(&state) {
            faults.push(format!("`{term}` is no state of a task"));
        }
        found.insert(name);
    }
    found
}

fn nodes_named(nodes: &[Node<'_>], dag: bool, faults: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for node in nodes {
        if !names::node(node.name) || (dag && node.name.starts_with(|c: char| c.is_ascii_digit())) {
            faults.push(format!("`{}` is not a legal name of a step or task", node.name));
        }
        if !seen.insert(node.name) {
            faults.push(format!("the step or task `{}` is there twice", node.name));
        }
    }
}

/// What a step or task calls, and whether its arguments fit.
fn call(node: &Node<'_>, spec: &Spec<'_>, faults: &mut Vec<String>) {
    let hooks = entries(node.value, "hooks").filter_map(|(_, hook)| text(hook, "template"));
    let exit = text(node.value, "onExit");
    for name in hooks.chain(exit).filter(|name| !spec.templates.contains_key(name)) {
        faults.push(format!("the hook of `{}` calls the template `{name}`, which is not defined", node.name));
    }
    let Some(name) = text(node.value, "template") else {
        if at(node.value, "templateRef").is_null() && at(node.value, "inline").is_null() {
            faults.push(format!("`{}` calls no template", node.name));
        }
        return;
    };
    let Some(template) = spec.templates.get(name) else {
        faults.push(format!("`{}` calls the template `{name}`, which is not defined", node.name));
        return;
    };
    let inputs = at(template, "inputs");
    let parameters = items(inputs, "parameters").iter();
    let parameters =
        parameters.filter_map(|input| Some((text(input, "name")?.to_string(), valued(input)))).collect();
    let arguments: Vec<String> =
        named(at(node.value, "arguments"), "parameters").map(str::to_string).collect();
    faults.extend(
        arguments_fit(&arguments, &parameters)
            .iter()
            .map(|fault| format!("`{}`: template `{name}` {fault}", node.name)),
    );
    let given: BTreeSet<&str> = named(at(node.value, "arguments"), "artifacts").collect();
    for artifact in items(inputs, "artifacts") {
        let sourced = ARTIFACT_SOURCES.iter().any(|key| artifact.get(*key).is_some());
        let needed = !sourced && at(artifact, "optional").as_bool() != Some(true);
        let artifact = text(artifact, "name").unwrap_or_default();
        if needed && !given.contains(artifact) {
            faults.push(format!("`{}`: template `{name}` needs the artifact `{artifact}`", node.name));
        }
    }
}

fn parameters(template: &Value, faults: &mut Vec<String>) {
    for side in ["inputs", "outputs"] {
        for kind in ["parameters", "artifacts"] {
            let mut seen = BTreeSet::new();
            for name in
                items(at(template, side), kind).iter().map(|item| text(item, "name").unwrap_or_default())
            {
                if !names::parameter(name) || !seen.insert(name) {
                    faults.push(format!(
                        "`{name}` among the {kind} of `{side}` is not a legal name, or there twice"
                    ));
                }
            }
        }
    }
}

/// The containers of a template, with what each may be called in messages.
fn all_containers(template: &Value) -> impl Iterator<Item = &Value> {
    let single =
        ["container", "script"].into_iter().map(|key| at(template, key)).filter(|value| !value.is_null());
    let lists = ["initContainers", "sidecars"].into_iter().flat_map(|key| items(template, key));
    single.chain(lists).chain(items(at(template, "containerSet"), "containers"))
}

fn containers(template: &Value, spec: &Spec<'_>, faults: &mut Vec<String>) {
    let volumes: BTreeSet<&str> = named(template, "volumes").collect();
    let shared = items(at(template, "containerSet"), "volumeMounts");
    for container in all_containers(template) {
        if text(container, "image").is_none_or(str::is_empty) {
            faults.push("a container without an image".to_string());
        }
        let mut paths = BTreeSet::new();
        for mount in items(container, "volumeMounts").iter().chain(shared) {
            let name = text(mount, "name").unwrap_or_default();
            if !volumes.contains(name) && !spec.volumes.contains(name) {
                faults.push(format!("the volume `{name}` is mounted but not defined"));
            }
            let place = text(mount, "mountPath").unwrap_or_default();
            if !paths.insert(place) {
                faults.push(format!("two volumes are mounted at `{place}`"));
            }
        }
        let mut variables = BTreeSet::new();
        for name in items(container, "env").iter().map(|variable| text(variable, "name").unwrap_or_default())
        {
            if name.is_empty() || name.contains('=') || !variables.insert(name) {
                faults
                    .push(format!("the environment variable `{name}` has no legal name, or is there twice"));
            }
        }
        for variable in items(container, "env").iter().filter(|variable| variable.get("value").is_some()) {
            if !at(variable, "value").is_string() {
                let name = text(variable, "name").unwrap_or_default();
                faults.push(format!("the value of the environment variable `{name}` is not a text"));
            }
        }
    }
}

fn container_set(template: &Value, faults: &mut Vec<String>) {
    let set = at(template, "containerSet");
    if set.is_null() {
        return;
    }
    // Each may wait only for those before it in the list: the renderer writes them in order, which rules out cycles.
    let mut seen = BTreeSet::new();
    for container in items(set, "containers") {
        let name = text(container, "name").unwrap_or_default();
        for other in texts(container, "dependencies").filter(|other| !seen.contains(other)) {
            faults
                .push(format!("the container `{name}` waits for `{other}`, which does not stand before it"));
        }
        if !names::node(name) || !seen.insert(name) {
            faults.push(format!("`{name}` is not a legal name of a container, or there twice"));
        }
    }
    let transfers = ["inputs", "outputs"].iter().any(|side| !at(template, side).is_null());
    if transfers && !seen.contains("main") {
        faults.push("a containerSet with inputs or outputs needs a container `main`".to_string());
    }
}
