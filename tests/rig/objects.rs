//! What is applied for one pipeline: its part of the output, the Secrets that a person would make, and passed stages upstream.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::cluster::{SECRET, environment_secrets};
use crate::unit::{BUCKET, UPSTREAM, Unit};

/// The objects of the output that one pipeline needs, and those that a person adds.
pub fn objects(unit: &Unit, namespace: &str, inbox: &str) -> Vec<Json> {
    let wanted = |object: &&Json| {
        let name = object["metadata"]["name"].as_str().unwrap_or("");
        match object["kind"].as_str().unwrap_or("") {
            "ServiceAccount" | "Role" | "RoleBinding" => true,
            // Of the overlays that of a store with keys.
            "ConfigMap" if name == "artifact-repositories" => {
                object["data"]["default"].as_str().unwrap().contains("accessKeySecret")
            }
            "ConfigMap" => {
                !name.starts_with("gocd-pipeline-") || name == format!("gocd-pipeline-{}", unit.slug)
            }
            "WorkflowTemplate" => name == unit.slug,
            _ => false,
        }
    };
    let mut objects: Vec<Json> = unit.set.documents.iter().filter(wanted).cloned().collect();
    for object in &mut objects {
        for subject in object["subjects"].as_array_mut().into_iter().flatten() {
            subject["namespace"] = json!(namespace);
        }
        if let Some(text) = object["data"]["default"].as_str() {
            object["data"]["default"] = json!(text.replace(BUCKET, namespace));
        }
        for template in object["spec"]["templates"].as_array_mut().into_iter().flatten() {
            if template["name"] == "stage-passed"
                && let Some(env) = template["script"]["env"].as_array_mut()
            {
                env.push(json!({"name": "GOCD_STAGES_URL", "value": inbox}));
            }
        }
    }
    objects.extend(secrets(unit));
    objects.extend(upstream_states(unit));
    objects
}

/// Every Secret that the templates name, with the same value everywhere.
fn secrets(unit: &Unit) -> Vec<Json> {
    let mut found = BTreeMap::<String, Json>::new();
    let mut add = |name: &str, key: &str, value: &str| {
        let secret = found.entry(name.to_string()).or_insert_with(
            || json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {}}),
        );
        secret["stringData"][key] = json!(value);
    };
    add("artifacts", "accesskey", "rig-access");
    add("artifacts", "secretkey", "rig-secret");
    let environment = environment_secrets(&unit.set.configuration);
    for template in unit.template()["spec"]["templates"].as_array().into_iter().flatten() {
        for variable in template["script"]["env"].as_array().into_iter().flatten() {
            let reference = &variable["valueFrom"]["secretKeyRef"];
            if let (Some(name), Some(key)) = (reference["name"].as_str(), reference["key"].as_str()) {
                add(name, key, SECRET);
            }
        }
        for source in template["script"]["envFrom"].as_array().into_iter().flatten() {
            if let Some(name) = source["secretRef"]["name"].as_str() {
                environment.iter().for_each(|(key, value)| add(name, key, value));
            }
        }
    }
    found.into_values().collect()
}

/// States of the pipelines upstream: the stages that this one waits for have passed once.
fn upstream_states(unit: &Unit) -> Vec<Json> {
    let materials = unit.description["materials"].as_array().into_iter().flatten();
    let mut found = BTreeMap::<String, Json>::new();
    let ancestors: Vec<&Json> = unit.description["ancestors"].as_array().into_iter().flatten().collect();
    for material in materials.filter(|material| material["type"] == "dependency") {
        let slug = material["slug"].as_str().unwrap();
        let mut edges = json!({});
        for ancestor in &ancestors {
            let path: Vec<&str> =
                ancestor["path"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
            for pair in path.windows(2) {
                edges[format!("{}@{UPSTREAM}>{}", pair[1], pair[0])] = json!(UPSTREAM);
            }
        }
        let label = format!("{}-label", material["pipeline"].as_str().unwrap());
        let pass = json!([{"counter": UPSTREAM, "label": label, "stageCounter": 1, "revisions": {}, "edges": edges}]);
        let state = found.entry(slug.to_string()).or_insert_with(|| {
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("gocd-state-{slug}")}, "data": {}})
        });
        state["data"][format!("passed.{}", material["stageSlug"].as_str().unwrap())] =
            json!(pass.to_string());
    }
    found.into_values().collect()
}
