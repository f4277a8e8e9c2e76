//! Sizes that Kubernetes, Argo or the kernel refuse.

use super::value::{at, items, path, visit};
use super::{Facts, Object};
use serde_yaml::Value;

/// Templates of a WorkflowTemplate, tasks of a DAG (Argo's CRDs).
const LIST: usize = 200;
/// Parameters of a list (Argo's CRDs).
const PARAMETERS: usize = 500;
/// A Sensor or EventSource travels Base64-encoded in one environment variable of its pod, which holds 128 KiB.
const EVENTS: usize = 96 << 10;
/// Objects in general (etcd), in bytes of JSON.
const OBJECT: usize = 1 << 20;
/// One argument or environment variable (kernel).
const STRING: usize = 128 << 10;

/// Checks sizes. `text` is the length of the manifest, in bytes: small ones need no counting.
pub(super) fn check(object: &Object<'_>, text: usize, facts: &mut Facts) {
    let mut faults = Vec::new();
    let limit = if matches!(object.kind.as_str(), "Sensor" | "EventSource") { EVENTS } else { OBJECT };
    // JSON is at most twice as long as the YAML it comes from: line breaks and quotes are escaped.
    if text > limit / 2 {
        let size = serde_json::to_vec(&object.value).map_or(usize::MAX, |json| json.len());
        if size > limit {
            faults.push(format!("the object has {size} bytes as JSON, and at most {limit} are allowed"));
        }
    }
    for spec in [path(&object.value, "spec"), path(&object.value, "spec.workflowSpec")] {
        lists(spec, &mut faults);
    }
    if text > STRING {
        visit(&object.value, &mut |key, value| {
            if matches!(key, "args" | "command") {
                let long = |item: &&Value| item.as_str().is_some_and(|text| text.len() >= STRING);
                faults.extend(value.as_sequence().into_iter().flatten().find(long).map(|_| {
                    format!("an item of `{key}` is longer than the {STRING} bytes that a kernel passes on")
                }));
            }
        });
    }
    faults.into_iter().for_each(|fault| facts.problem(object, fault));
}

fn lists(spec: &Value, faults: &mut Vec<String>) {
    let templates = items(spec, "templates");
    let mut over = |count: usize, limit: usize, what: &str| {
        if count > limit {
            faults.push(format!("{count} {what}, and at most {limit} are allowed"));
        }
    };
    over(templates.len(), LIST, "templates");
    over(items(at(spec, "arguments"), "parameters").len(), PARAMETERS, "parameters");
    for template in templates {
        over(items(at(template, "dag"), "tasks").len(), LIST, "tasks in a DAG");
        over(items(at(template, "inputs"), "parameters").len(), PARAMETERS, "input parameters");
        over(items(at(template, "outputs"), "parameters").len(), PARAMETERS, "output parameters");
    }
}
