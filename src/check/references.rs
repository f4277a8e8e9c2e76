//! Every name that is used exists. Secrets are external: their values are never in a set.

use super::value::{at, entries, items, names, pairs, text, visit};
use super::{Defined, Facts, Object, Parts, Problem};
use serde_yaml::Value;
use std::collections::{BTreeMap, HashMap};

/// A name that has to be in the set.
pub(super) struct Reference {
    pub from: Problem,
    pub kind: &'static str,
    pub name: String,
    /// A name inside that object: an event, a template, a key.
    pub member: Option<String>,
    /// Names of the arguments passed to a WorkflowTemplate, whose parameters they must be, all that lack a value.
    pub arguments: Option<Vec<String>>,
}

impl Reference {
    /// A reference of an object to another.
    pub(super) fn new(object: &Object<'_>, kind: &'static str, name: &str) -> Self {
        let from = Problem {
            path: object.path.to_string(),
            document: object.document,
            kind: object.kind.clone(),
            name: object.name.clone(),
            message: String::new(),
        };
        Reference { from, kind, name: name.to_string(), member: None, arguments: None }
    }

    /// To something inside that object.
    pub(super) fn member(mut self, member: Option<&str>) -> Self {
        self.member = member.map(str::to_string);
        self
    }
}

/// The names inside an object that others may refer to.
pub(super) fn parts(object: &Object<'_>) -> Parts {
    let spec = at(&object.value, "spec");
    let mut parts = Parts::default();
    match object.kind.as_str() {
        "ConfigMap" => {
            let keys = ["data", "binaryData"].into_iter().flat_map(|key| entries(&object.value, key));
            parts.members.extend(keys.map(|(key, _)| key.to_string()));
        }
        "EventSource" => {
            let events = pairs(spec).flat_map(|(_, events)| pairs(events));
            parts
                .members
                .extend(events.filter(|(_, event)| event.is_mapping()).map(|(name, _)| name.to_string()));
        }
        "WorkflowTemplate" => {
            parts.members.extend(names(spec, "templates").map(str::to_string));
            parts.entrypoint = text(spec, "entrypoint").is_some();
            for parameter in items(at(spec, "arguments"), "parameters") {
                let valued = !at(parameter, "value").is_null() || !at(parameter, "valueFrom").is_null();
                parts.parameters.extend(text(parameter, "name").map(|name| (name.to_string(), valued)));
            }
        }
        _ => {}
    }
    parts
}

/// Collects what an object refers to, wherever in it the reference stands.
pub(super) fn collect(object: &Object<'_>, facts: &mut Facts) {
    let mut found = Vec::new();
    let mut add = |kind, name: Option<&str>, member: Option<&str>| {
        // A name with a tag in it is known only when a workflow runs.
        if let Some(name) = name.filter(|name| !name.contains("{{")) {
            found.push(
                Reference::new(object, kind, name).member(member.filter(|member| !member.contains("{{"))),
            );
        }
    };
    let optional = |value: &Value| at(value, "optional").as_bool() == Some(true);
    visit(&object.value, &mut |key, value| match key {
        "serviceAccountName" => add("ServiceAccount", value.as_str().filter(|name| *name != "default"), None),
        "templateRef" => add("WorkflowTemplate", text(value, "name"), text(value, "template")),
        "artifactRepositoryRef" => add("ConfigMap", text(value, "configMap"), text(value, "key")),
        "configMap" | "configMapRef" | "configMapKeyRef" if value.is_mapping() && !optional(value) => {
            add("ConfigMap", text(value, "name"), text(value, "key"));
            for item in items(value, "items") {
                add("ConfigMap", text(value, "name"), text(item, "key"));
            }
        }
        "persistentVolumeClaim" => add("PersistentVolumeClaim", text(value, "claimName"), None),
        _ => {}
    });
    workflow_template_refs(object, &object.value, &mut found);
    if object.kind == "RoleBinding" {
        role_binding(object, &mut found);
    }
    facts.references.extend(found);
}

fn role_binding(object: &Object<'_>, found: &mut Vec<Reference>) {
    let role = at(&object.value, "roleRef");
    if text(role, "kind") == Some("Role") {
        found.extend(text(role, "name").map(|name| Reference::new(object, "Role", name)));
    }
    for subject in items(&object.value, "subjects") {
        let name = text(subject, "name").filter(|_| text(subject, "kind") == Some("ServiceAccount"));
        found.extend(name.map(|name| Reference::new(object, "ServiceAccount", name)));
    }
}

/// `workflowTemplateRef` with the arguments that are passed beside it.
fn workflow_template_refs(object: &Object<'_>, value: &Value, found: &mut Vec<Reference>) {
    let reference = at(value, "workflowTemplateRef");
    if let Some(name) = text(reference, "name").filter(|name| !name.contains("{{")) {
        let arguments = names(at(value, "arguments"), "parameters").map(str::to_string).collect();
        let mut reference =
            Reference::new(object, "WorkflowTemplate", name).member(text(value, "entrypoint"));
        reference.arguments = Some(arguments);
        found.push(reference);
    }
    match value {
        Value::Mapping(mapping) => {
            mapping.values().for_each(|value| workflow_template_refs(object, value, found))
        }
        Value::Sequence(list) => list.iter().for_each(|value| workflow_template_refs(object, value, found)),
        _ => {}
    }
}

/// The references that lead nowhere.
pub(super) fn resolve(facts: &[&Facts]) -> Vec<Problem> {
    let mut defined: HashMap<(&str, &str), &Defined> = HashMap::new();
    for object in facts.iter().flat_map(|facts| &facts.defined) {
        defined.insert((&object.kind, &object.name), object);
    }
    let mut problems = Vec::new();
    for reference in facts.iter().flat_map(|facts| &facts.references) {
        let (kind, name) = (reference.kind, &reference.name);
        let mut problem = |message| problems.push(Problem { message, ..reference.from.clone() });
        let Some(object) = defined.get(&(kind, name.as_str())) else {
            problem(format!("{kind} `{name}` is used but not in the set"));
            continue;
        };
        if let Some(member) =
            reference.member.as_ref().filter(|member| !object.parts.members.contains(*member))
        {
            problem(format!("{kind} `{name}` has no `{member}`"));
        }
        if let Some(arguments) = &reference.arguments {
            if reference.member.is_none() && !object.parts.entrypoint {
                problem(format!("WorkflowTemplate `{name}` is run, but has no `entrypoint`"));
            }
            arguments_fit(arguments, &object.parts.parameters).into_iter().for_each(|fault| {
                problem(format!("WorkflowTemplate `{name}` {fault}"));
            });
        }
    }
    problems
}

/// Arguments that nobody declares, and parameters that nobody gives a value.
pub(super) fn arguments_fit(arguments: &[String], parameters: &BTreeMap<String, bool>) -> Vec<String> {
    let unknown = arguments.iter().filter(|argument| !parameters.contains_key(*argument));
    let unknown = unknown.map(|argument| format!("has no parameter `{argument}`"));
    let missing = parameters.iter().filter(|(name, valued)| !**valued && !arguments.contains(name));
    unknown.chain(missing.map(|(name, _)| format!("needs a value for the parameter `{name}`"))).collect()
}
