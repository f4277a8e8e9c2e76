//! Names, labels and keys that Kubernetes and Argo accept. Limits: Kubernetes' API conventions; Argo's validators.

use super::value::{entries, path};
use super::{Facts, Object};
use serde_yaml::Value;

/// Annotations of an object together, in bytes: a limit of Kubernetes.
const ANNOTATIONS: usize = 256 << 10;

/// Checks the object's own name, its labels and annotations, and the keys of a ConfigMap or Secret.
pub(super) fn check(object: &Object<'_>, facts: &mut Facts) {
    if let Err(why) = object_name(&object.kind, &object.name, &object.value) {
        facts.problem(object, format!("the name `{}` {why}", object.name));
    }
    labels(object, path(&object.value, "metadata"), facts);
    if object.kind == "ConfigMap" || object.kind == "Secret" {
        for key in ["data", "stringData", "binaryData"] {
            for (name, value) in entries(&object.value, key) {
                check_key(object, name, value, facts);
            }
        }
    }
}

fn check_key(object: &Object<'_>, name: &str, value: &Value, facts: &mut Facts) {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 253 || !name.chars().all(legal) || matches!(name, "." | "..") {
        facts.problem(
            object,
            format!("`{name}` is not a legal key: letters, digits, `-`, `_`, `.`, at most 253"),
        );
    }
    if !value.is_string() {
        facts.problem(object, format!("the value of the key `{name}` is not a text"));
    }
}

/// Checks labels and annotations of one `metadata`.
pub(super) fn labels(object: &Object<'_>, metadata: &Value, facts: &mut Facts) {
    for (key, value) in entries(metadata, "labels") {
        let legal =
            value.as_str().is_some_and(|value| value.is_empty() || value.contains("{{") || label_text(value));
        if !legal {
            facts.problem(object, format!("the label `{key}` has no legal value"));
        }
        if !qualified(key) {
            facts.problem(object, format!("`{key}` is not a legal label key"));
        }
    }
    let mut size = 0;
    for (key, value) in entries(metadata, "annotations") {
        size += key.len() + value.as_str().map_or(0, str::len);
        if !qualified(&key.to_ascii_lowercase()) || !value.is_string() {
            facts.problem(
                object,
                format!("the annotation `{key}` has no legal key, or its value is not a text"),
            );
        }
    }
    if size > ANNOTATIONS {
        facts.problem(
            object,
            format!("the annotations have {size} bytes, and at most {ANNOTATIONS} are allowed"),
        );
    }
}

/// Letters and digits at both ends, `-`, `_`, `.` between, at most 63.
fn label_text(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63
        && ends(text.chars().next())
        && ends(text.chars().next_back())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn qualified(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => dns(prefix, 253, true).is_ok() && label_text(name),
        None => label_text(key),
    }
}

fn object_name(kind: &str, name: &str, value: &Value) -> Result<(), String> {
    match kind {
        "WorkflowTemplate" | "Workflow" | "Namespace" => dns(name, 63, false),
        // Its runs are called after it, with the time behind the name.
        "CronWorkflow" => dns(name, 52, false),
        // JetStream's key-value bucket has the Sensor's name.
        "Sensor" => dns(name, 63, false),
        // Its Service is called `<name>-eventsource-svc`.
        "EventSource" if !path(value, "spec.service").is_null() => starts_with_letter(name, 47),
        "EventSource" | "EventBus" => dns(name, 63, false),
        "Service" => starts_with_letter(name, 63),
        _ => dns(name, 253, true),
    }
}

fn starts_with_letter(name: &str, limit: usize) -> Result<(), String> {
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("must begin with a letter".to_string());
    }
    dns(name, limit, false)
}

/// Lower-case letters, digits and `-`, letters and digits at both ends; with dots, several of them.
fn dns(name: &str, limit: usize, dots: bool) -> Result<(), String> {
    if name.len() > limit {
        return Err(format!("has {} characters, and at most {limit} are allowed", name.len()));
    }
    let part = |part: &str| {
        let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(end) && part.ends_with(end) && part.chars().all(|c| end(c) || c == '-')
    };
    let fine = if dots { name.split('.').all(part) } else { part(name) };
    if fine {
        Ok(())
    } else {
        Err("may have lower-case letters, digits and `-` only, no `-` at its ends".to_string())
    }
}

/// A name of a template, step or task: letters, digits and `-`, at most 128.
pub(super) fn node(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// A name of a parameter or artifact: letters, digits, `-` and `_`, no `-` in front.
pub(super) fn parameter(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// A name of an event, or of a Sensor's dependency or trigger: it may stand in a condition and become a label.
pub(super) fn condition(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
