//! Argo's tags, `{{…}}`: what they name is declared, and known by the time it is used.
//!
//! Unknown words in braces are left as they are by Argo, and so here; expressions (`{{=…}}`) are not read.

use super::templates::Node;
use super::value::{at, names, pairs, text, visit_texts};
use super::workflow::Spec;
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// `{{workflow.…}}` that need no declaration.
const WORKFLOW: &[&str] = &[
    "name",
    "namespace",
    "mainEntrypoint",
    "serviceAccountName",
    "uid",
    "parameters",
    "parameters.json",
    "annotations",
    "annotations.json",
    "labels",
    "labels.json",
    "creationTimestamp",
    "priority",
    "duration",
    "scheduledTime",
    "status",
    "failures",
    "outputs",
];
/// `{{steps.NAME.…}}` that need no declaration.
const NODE: &[&str] = &["id", "ip", "status", "exitCode", "startedAt", "finishedAt", "hostNodeName", "name"];

/// The names that may be used in a template.
pub(super) struct Scope<'v> {
    spec: &'v Spec<'v>,
    parameters: BTreeSet<&'v str>,
    artifacts: BTreeSet<&'v str>,
    /// `steps` or `tasks`.
    siblings: &'static str,
    /// The template that each step or task calls; `None` where it is elsewhere.
    calls: BTreeMap<&'v str, Option<&'v Value>>,
}

impl<'v> Scope<'v> {
    /// The scope of one template.
    pub(super) fn new(template: &'v Value, spec: &'v Spec<'v>, nodes: &[Node<'v>]) -> Self {
        let target =
            |node: &Node<'v>| text(node.value, "template").and_then(|name| spec.templates.get(name).copied());
        Scope {
            spec,
            parameters: names(at(template, "inputs"), "parameters").collect(),
            artifacts: names(at(template, "inputs"), "artifacts").collect(),
            siblings: if at(template, "dag").is_null() { "steps" } else { "tasks" },
            calls: nodes.iter().map(|node| (node.name, target(node))).collect(),
        }
    }

    /// What is wrong with a tag. `before`: the steps or tasks that have ended; `None`: all of them have.
    fn fault(&self, tag: &str, before: Option<&BTreeSet<&str>>) -> Option<String> {
        let (head, rest) = tag.split_once('.')?;
        match head {
            "inputs" => {
                let known = match rest.split_once('.') {
                    Some(("parameters", name)) => self.parameters.contains(name),
                    Some(("artifacts", name)) => self.artifacts.contains(name.trim_end_matches(".path")),
                    _ => rest == "parameters",
                };
                (!known).then(|| format!("`{{{{{tag}}}}}` is not among the inputs"))
            }
            "workflow" => self.workflow_fault(tag, rest),
            "steps" | "tasks" if head == self.siblings => self.node_fault(tag, rest, before),
            "steps" | "tasks" => Some(format!("`{{{{{tag}}}}}` is used where there are no {head}")),
            _ => None,
        }
    }

    fn workflow_fault(&self, tag: &str, rest: &str) -> Option<String> {
        let known = if let Some(name) = rest.strip_prefix("outputs.parameters.") {
            self.spec.globals.contains(name)
        } else if let Some(name) = rest.strip_prefix("parameters.") {
            name == "json" || self.spec.parameters.contains(name)
        } else {
            rest.starts_with("outputs.artifacts.")
                || WORKFLOW.contains(&rest.split('.').next().unwrap_or_default())
        };
        (!known).then(|| format!("`{{{{{tag}}}}}` is not declared"))
    }

    fn node_fault(&self, tag: &str, rest: &str, before: Option<&BTreeSet<&str>>) -> Option<String> {
        let (name, field) = rest.split_once('.')?;
        let Some(call) = self.calls.get(name) else {
            return Some(format!("`{{{{{tag}}}}}` names no step or task"));
        };
        if before.is_some_and(|before| !before.contains(name)) {
            return Some(format!("`{{{{{tag}}}}}` is used before `{name}` has ended"));
        }
        let Some(template) = call else { return None };
        let outputs = at(template, "outputs");
        let known =
            match field.strip_prefix("outputs.").map(|field| field.split_once('.').unwrap_or((field, ""))) {
                Some(("parameters", "")) => true,
                Some(("parameters", name)) => names(outputs, "parameters").any(|other| other == name),
                Some(("artifacts", name)) => names(outputs, "artifacts").any(|other| other == name),
                Some(("result", _)) => ["container", "containerSet", "data", "http", "script"]
                    .iter()
                    .any(|key| template.get(*key).is_some()),
                _ => NODE.contains(&field),
            };
        (!known).then(|| format!("`{{{{{tag}}}}}` is no output of `{name}`"))
    }
}

/// Checks all tags of a template.
pub(super) fn check(template: &Value, scope: &Scope<'_>, nodes: &[Node<'_>], faults: &mut Vec<String>) {
    for node in nodes {
        for (key, value) in pairs(node.value) {
            if key == "hooks" {
                // A hook runs while its own step or task does, or after it.
                let before = node.before.iter().copied().chain([node.name]).collect();
                texts(value, scope, Some(&before), faults);
            } else {
                texts(value, scope, Some(&node.before), faults);
            }
        }
    }
    for (_, value) in pairs(template).filter(|(key, _)| !matches!(*key, "steps" | "dag")) {
        texts(value, scope, None, faults);
    }
}

fn texts(value: &Value, scope: &Scope<'_>, before: Option<&BTreeSet<&str>>, faults: &mut Vec<String>) {
    visit_texts(value, &mut |text| {
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let Some(length) = rest[start..].find("}}") else {
                faults.push(
                    "`{{` without `}}`: Argo takes everything up to the next `}}` of the template"
                        .to_string(),
                );
                return;
            };
            let tag = rest[start + 2..start + length].trim();
            faults.extend(scope.fault(tag, before).filter(|_| !tag.starts_with('=')));
            rest = &rest[start + length..];
        }
    });
}
