//! The pods that Argo makes of manifests, as far as Pod Security looks at them.

use serde_json::{Value as Json, json};

/// A pod before it is created.
pub struct Pod {
    pub name: String,
    pub spec: Json,
    /// It builds or unpacks an image.
    pub builds: bool,
    /// It has a container with rootless BuildKit.
    pub buildkit: bool,
}

/// The pods of a manifest's objects.
pub fn of(text: &str) -> Vec<Pod> {
    let documents = serde_yaml::Deserializer::from_str(text);
    let objects = documents.filter_map(|document| {
        use serde::Deserialize;
        let yaml = serde_yaml::Value::deserialize(document).unwrap();
        serde_json::to_value(yaml).ok()
    });
    objects.flat_map(|object: Json| pods(&object)).collect()
}

fn pods(object: &Json) -> Vec<Pod> {
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_string();
    let spec = &object["spec"];
    match object["kind"].as_str() {
        Some("WorkflowTemplate" | "Workflow") => workflow(spec),
        Some("CronWorkflow") => workflow(&spec["workflowSpec"]),
        Some("Sensor" | "EventSource") => {
            let template = &spec["template"];
            let mut main = template["container"].clone();
            main["name"] = json!("main");
            let spec = json!({"securityContext": template["securityContext"], "containers": [main]});
            vec![Pod { name, spec, builds: false, buildkit: false }]
        }
        Some("EventBus") => {
            let bus = &spec["jetstream"];
            let names = ["containerTemplate", "reloaderContainerTemplate", "metricsContainerTemplate"];
            let containers: Vec<Json> = names
                .iter()
                .map(|name| json!({"name": name, "securityContext": bus[name]["securityContext"]}))
                .collect();
            let spec = json!({"securityContext": bus["securityContext"], "containers": containers});
            vec![Pod { name, spec, builds: false, buildkit: false }]
        }
        _ => Vec::new(),
    }
}

/// As `workflow/controller/workflowpod.go` of Argo Workflows 4.0 puts a pod together.
fn workflow(spec: &Json) -> Vec<Pod> {
    let templates = spec["templates"].as_array().into_iter().flatten();
    let with_pod =
        templates.filter(|template| !template["script"].is_null() || !template["container"].is_null());
    with_pod.map(|template| pod(spec, template)).collect()
}

fn is_buildkit(container: &Json) -> bool {
    container["name"].as_str().is_some_and(|name| name.starts_with("buildkit-"))
}

fn pod(spec: &Json, template: &Json) -> Pod {
    let list = |json: &Json| json.as_array().cloned().unwrap_or_default();
    let mut main =
        if template["script"].is_null() { template["container"].clone() } else { template["script"].clone() };
    main["name"] = json!("main");
    let mut containers = vec![json!({"name": "wait"}), main];
    containers.extend(list(&template["sidecars"]));
    let mut inits = vec![json!({"name": "init"})];
    inits.extend(list(&template["initContainers"]));
    let own = |key: &str| if template[key].is_null() { spec[key].clone() } else { template[key].clone() };
    let unpacks = |container: &Json| {
        let name = container["name"].as_str().unwrap_or_default();
        name.starts_with("kaniko-")
            || is_buildkit(container)
            || name.starts_with("run-") && container["image"].as_str().unwrap_or_default().contains("crane")
    };
    let builds = containers.iter().any(unpacks);
    let buildkit = containers.iter().any(is_buildkit);
    let volumes = [
        list(&spec["volumes"]),
        list(&template["volumes"]),
        vec![json!({"name": "var-run-argo", "emptyDir": {}})],
    ];
    let mut pod = json!({
        "securityContext": own("securityContext"),
        "serviceAccountName": own("serviceAccountName"),
        "automountServiceAccountToken": own("automountServiceAccountToken"),
        "hostNetwork": spec["hostNetwork"],
        "containers": containers,
        "initContainers": inits,
        "volumes": volumes.concat(),
    });
    for patch in [&spec["podSpecPatch"], &template["podSpecPatch"]] {
        if let Some(text) = patch.as_str() {
            let patch: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
            merge(&mut pod, &serde_json::to_value(patch).unwrap());
        }
    }
    Pod { name: template["name"].as_str().unwrap().to_string(), spec: pod, builds, buildkit }
}

/// A strategic merge as far as pods need it: lists of things with names by these names.
fn merge(into: &mut Json, from: &Json) {
    match (into, from) {
        (Json::Object(into), Json::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Json::Null), value);
            }
        }
        (Json::Array(into), Json::Array(from)) if from.iter().all(|item| item["name"].is_string()) => {
            for item in from {
                match into.iter_mut().find(|there| there["name"] == item["name"]) {
                    Some(there) => merge(there, item),
                    None => into.push(item.clone()),
                }
            }
        }
        (into, from) => *into = from.clone(),
    }
}
