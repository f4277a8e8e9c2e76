//! What Argo and Kubernetes make of a job's template before its script runs.

use std::collections::BTreeMap;
use std::path::Path;

use gocd2argo::gocd::Configuration;
use gocd2argo::gocd::variable::ValuePart;
use serde_json::{Value, json};

use crate::pod::Pod;

/// What runs in a pod, with all tags and references filled in.
pub struct Ready {
    pub source: String,
    pub env: BTreeMap<String, String>,
    /// Keys in the bucket, and the places below `/gocd` where Argo puts what is there.
    pub inputs: Vec<(String, String)>,
    /// Key of the artifacts.
    pub output: String,
}

/// All documents of the manifests.
pub fn documents(manifests: &[gocd2argo::render::Manifest]) -> Vec<Value> {
    let yaml = manifests.iter().filter(|manifest| manifest.path.ends_with(".yaml"));
    let texts = yaml.flat_map(|manifest| {
        use serde::Deserialize as _;
        serde_yaml::Deserializer::from_str(&manifest.text)
            .map(|document| Value::deserialize(document).unwrap())
    });
    texts.collect()
}

/// The values of Argo's tags in this run.
pub fn tag(name: &str, instance: Option<u32>) -> Option<String> {
    let output = name.strip_prefix("workflow.outputs.parameters.");
    Some(match (name, output) {
        (_, Some("counter")) => "7".into(),
        (_, Some("label")) => "label-7".into(),
        (_, Some("trigger-user")) => "changes".into(),
        (_, Some("dep-counter-up")) => "3".into(),
        (_, Some("dep-stage-counter-up")) => "1".into(),
        (_, Some(other)) => format!("<{other}>"),
        ("inputs.parameters.run-index", _) => instance?.to_string(),
        _ => return None,
    })
}

/// Argo: replaces tags; one that it does not know is an error.
fn argo(text: &str, instance: Option<u32>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or_else(|| format!("an open tag: {after:.40}"))?;
        out.push_str(before);
        out.push_str(&tag(name.trim(), instance).ok_or_else(|| format!("a foreign tag {name}"))?);
        rest = after;
    }
    Ok(out + rest)
}

/// Kubernetes: `$(NAME)` of known names, `$$` for `$`.
pub fn kubernetes(text: &str, known: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
            out.push_str(&known(name).unwrap_or_else(|| format!("$({name})")));
            rest = after;
        } else {
            out.push('$');
        }
    }
    out + rest
}

/// The template of a job, ready to run.
pub fn ready(
    documents: &[Value],
    name: &str,
    instance: Option<u32>,
    secrets: &[(String, String)],
) -> Result<Ready, String> {
    let of_kind = |kind: &str, name: &str| {
        let named =
            move |document: &&Value| document["kind"] == *kind && document["metadata"]["name"] == *name;
        documents.iter().find(named).cloned().unwrap_or(json!({}))
    };
    let templates = of_kind("WorkflowTemplate", "p")["spec"]["templates"].clone();
    let template = templates.as_array().unwrap().iter().find(|template| template["name"] == *name).unwrap();
    let script = &template["script"];
    let text = |value: &Value| argo(value.as_str().unwrap(), instance);
    // A script travels in an environment variable of a container whose own variables have names with capitals.
    let foreign = |name: &str| {
        let looks = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
        (looks && name.contains(|c: char| c.is_ascii_uppercase())).then(|| format!("foreign {name}"))
    };
    let mut env = BTreeMap::new();
    for source in script["envFrom"].as_array().into_iter().flatten() {
        if let Some(map) = source["configMapRef"]["name"].as_str() {
            for (name, value) in of_kind("ConfigMap", map)["data"].as_object().into_iter().flatten() {
                env.insert(name.clone(), value.as_str().unwrap().to_string());
            }
        }
        if source["secretRef"]["name"] == "env-prod-secrets" {
            env.extend(secrets.iter().cloned());
        }
    }
    for variable in script["env"].as_array().into_iter().flatten() {
        let name = variable["name"].as_str().unwrap().to_string();
        let value = match variable["valueFrom"]["secretKeyRef"]["key"].as_str() {
            Some(_) => SECRET.to_string(),
            None => kubernetes(&text(&variable["value"])?, |name| env.get(name).cloned()),
        };
        env.insert(name, value);
    }
    let inputs = template["inputs"]["artifacts"].as_array().into_iter().flatten();
    let inputs = inputs.map(|input| {
        let path = input["path"].as_str().unwrap().strip_prefix("/gocd/").unwrap().to_string();
        Ok((text(&input["s3"]["key"])?, path))
    });
    Ok(Ready {
        source: kubernetes(&text(&script["source"])?, foreign),
        inputs: inputs.collect::<Result<_, String>>()?,
        output: text(&template["outputs"]["artifacts"][0]["s3"]["key"])?,
        env,
    })
}

/// What every secret holds here.
pub const SECRET: &str = "s3cr3t";

/// What a person puts into the environment's Secret: the whole value of each variable that is or contains a secret.
pub fn environment_secrets(configuration: &Configuration) -> Vec<(String, String)> {
    let variables = configuration.environments.iter().flat_map(|environment| &environment.variables);
    let secrets = variables.filter_map(|variable| {
        let parts = variable.parts();
        let reference = parts.iter().any(|part| matches!(part, ValuePart::Secret { .. }));
        let value = match (variable.is_encrypted(), reference) {
            (true, _) => SECRET.to_string(),
            (false, true) => parts
                .into_iter()
                .map(|part| match part {
                    ValuePart::Text(text) => text,
                    ValuePart::Secret { .. } => SECRET.to_string(),
                })
                .collect(),
            (false, false) => return None,
        };
        Some((variable.name.value.clone(), value))
    });
    secrets.collect()
}

/// Copies a tree or a file of the bucket to its place in the pod, as Argo does; nothing there is fine.
pub fn load(pod: &Pod, key: &str, place: &str) {
    let from = format!("bucket/{}", key.trim_end_matches('/'));
    if Path::is_file(&pod.path(&from)) {
        pod.write(&format!("gocd/{place}"), pod.read(&from));
    }
    for file in pod.files(&from) {
        if !file.is_empty() {
            pod.write(&format!("gocd/{place}/{file}"), pod.read(&format!("{from}/{file}")));
        }
    }
}
