//! Workflow specs, wherever they stand: in WorkflowTemplates, CronWorkflows, and the triggers of Sensors.

use super::templates;
use super::value::{at, entries, items, names, path, text, visit};
use super::{Facts, Object, names as legal};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A workflow spec's names, for the check of its templates.
pub(super) struct Spec<'v> {
    /// Templates by name.
    pub templates: BTreeMap<&'v str, &'v Value>,
    /// `{{workflow.parameters.…}}`
    pub parameters: BTreeSet<&'v str>,
    /// `{{workflow.outputs.parameters.…}}`: what some template exports under a global name.
    pub globals: BTreeSet<&'v str>,
    /// Volumes that every template may mount.
    pub volumes: BTreeSet<&'v str>,
}

/// Checks the workflow specs in an object.
pub(super) fn check(object: &Object<'_>, facts: &mut Facts) {
    let spec = at(&object.value, "spec");
    match object.kind.as_str() {
        "WorkflowTemplate" | "Workflow" => check_spec(object, spec, facts),
        "CronWorkflow" => {
            check_spec(object, at(spec, "workflowSpec"), facts);
            schedules(object, spec, facts);
        }
        "Sensor" => {
            let mut embedded = Vec::new();
            visit(spec, &mut |key, value| {
                if key == "resource" && text(value, "kind") == Some("Workflow") {
                    embedded.push(value);
                }
            });
            for workflow in embedded {
                check_spec(object, at(workflow, "spec"), facts);
                let metadata = at(workflow, "metadata");
                legal::labels(object, metadata, facts);
                if text(metadata, "name").or(text(metadata, "generateName")).is_none() {
                    facts.problem(object, "a trigger's Workflow has neither `name` nor `generateName`");
                }
            }
        }
        _ => {}
    }
}

/// Five fields of what Argo's CRD allows.
fn schedules(object: &Object<'_>, spec: &Value, facts: &mut Facts) {
    if items(spec, "schedules").is_empty() {
        facts.problem(object, "the CronWorkflow has no `schedules`");
    }
    for schedule in items(spec, "schedules") {
        let field = |field: &str| {
            field.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '*' | ',' | '/' | '?' | '-'))
        };
        let fine = schedule.as_str().is_some_and(|schedule| {
            let mut fields = schedule.split(' ').filter(|field| !field.is_empty());
            schedule.trim() == schedule && fields.clone().count() == 5 && fields.all(field)
        });
        if !fine {
            facts.problem(
                object,
                format!("`{}` is not a schedule of five fields", schedule.as_str().unwrap_or_default()),
            );
        }
    }
}

fn check_spec(object: &Object<'_>, value: &Value, facts: &mut Facts) {
    let list = items(value, "templates");
    if !at(value, "workflowTemplateRef").is_null() {
        return;
    }
    if list.is_empty() {
        return facts.problem(object, "a workflow spec without templates");
    }
    let spec = read_spec(value);
    let mut faults = Vec::new();
    for (index, template) in list.iter().enumerate() {
        let name = text(template, "name").unwrap_or_default();
        if !legal::node(name) {
            faults.push(format!(
                "the template name `{name}` may have letters, digits and `-` only, at most 128"
            ));
        }
        if list[..index].iter().any(|other| text(other, "name") == Some(name)) {
            faults.push(format!("the template `{name}` is there twice"));
        }
        templates::check(name, template, &spec, &mut faults);
    }
    entry_points(value, &spec, &mut faults);
    faults.into_iter().for_each(|fault| facts.problem(object, fault));
}

fn read_spec(value: &Value) -> Spec<'_> {
    let templates = items(value, "templates");
    let outputs = |template| items(path(template, "outputs"), "parameters").iter();
    let global = |output| text(output, "globalName");
    let claims = items(value, "volumeClaimTemplates").iter();
    let claims = claims.filter_map(|claim| text(at(claim, "metadata"), "name"));
    Spec {
        templates: templates
            .iter()
            .filter_map(|template| Some((text(template, "name")?, template)))
            .collect(),
        parameters: names(at(value, "arguments"), "parameters").collect(),
        globals: templates.iter().flat_map(outputs).filter_map(global).collect(),
        volumes: names(value, "volumes").chain(claims).collect(),
    }
}

/// Where a run begins and ends.
fn entry_points(value: &Value, spec: &Spec<'_>, faults: &mut Vec<String>) {
    let hooks = entries(value, "hooks").filter_map(|(_, hook)| text(hook, "template"));
    let used = text(value, "entrypoint").into_iter().chain(text(value, "onExit")).chain(hooks);
    for name in used.filter(|name| !spec.templates.contains_key(name)) {
        faults.push(format!("the template `{name}` is used but not defined"));
    }
    let Some(template) = text(value, "entrypoint").and_then(|name| spec.templates.get(name)) else { return };
    for input in items(at(template, "inputs"), "parameters").iter().filter(|input| !templates::valued(input))
    {
        let name = text(input, "name").unwrap_or_default();
        // A workflow's argument of that name is passed to the entrypoint.
        if !spec.parameters.contains(name) {
            faults.push(format!("nobody gives the entrypoint's input `{name}` a value"));
        }
    }
}
