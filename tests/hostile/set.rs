//! A written set, read back.

use super::run::Folder;
use serde_yaml::Value;
use std::collections::BTreeMap;

pub struct Set(pub BTreeMap<String, Vec<Value>>);

impl Set {
    /// Reads every manifest below a folder.
    pub fn read(folder: &Folder, out: &str) -> Set {
        let mut files = BTreeMap::new();
        for (path, content) in folder.tree(out).into_iter().filter(|(path, _)| path.ends_with(".yaml")) {
            let text = String::from_utf8(content).unwrap();
            let documents = serde_yaml::Deserializer::from_str(&text);
            let documents = documents.map(|document| serde::Deserialize::deserialize(document).unwrap());
            files.insert(path, documents.collect());
        }
        Set(files)
    }

    pub fn objects(&self, kind: &str) -> Vec<&Value> {
        self.0.values().flatten().filter(|object| object["kind"] == kind).collect()
    }

    /// The WorkflowTemplates of pipelines.
    pub fn pipelines(&self) -> Vec<&Value> {
        let of_pipeline =
            |object: &&Value| !object["metadata"]["annotations"]["gocd2argo.io/pipeline-name"].is_null();
        self.objects("WorkflowTemplate").into_iter().filter(of_pipeline).collect()
    }

    /// Every text of every object, and every text of every JSON document among them.
    pub fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        self.0.values().flatten().for_each(|value| collect(value, &mut texts));
        texts
    }

    /// What is where, without the texts themselves.
    pub fn shape(&self) -> Vec<String> {
        let mut shape = Vec::new();
        for (path, documents) in &self.0 {
            for (number, document) in documents.iter().enumerate() {
                outline(document, &format!("{path}#{number}"), &mut shape);
            }
        }
        shape
    }
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            texts.push(text.clone());
            if let Ok(json @ (serde_json::Value::Object(_) | serde_json::Value::Array(_))) =
                serde_json::from_str(text)
            {
                collect(&serde_yaml::to_value(json).unwrap(), texts);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Mapping(pairs) => pairs.iter().for_each(|(key, value)| {
            collect(key, texts);
            collect(value, texts);
        }),
        _ => {}
    }
}

fn outline(value: &Value, at: &str, shape: &mut Vec<String>) {
    match value {
        Value::Sequence(items) => {
            // The helper for `{{`, which is there only where it is needed.
            let items = items.iter().filter(|item| item["name"] != "GOCD_BRACE");
            items.enumerate().for_each(|(index, item)| outline(item, &format!("{at}[{index}]"), shape));
        }
        Value::Mapping(pairs) => {
            pairs.iter().for_each(|(key, value)| {
                outline(value, &format!("{at}.{}", key.as_str().unwrap_or("?")), shape)
            });
        }
        Value::String(text) => {
            let json: Option<serde_json::Value> = serde_json::from_str(text).ok();
            match json.filter(|json| json.is_object() || json.is_array()) {
                Some(json) => outline(&serde_yaml::to_value(json).unwrap(), &format!("{at}{{}}"), shape),
                // Argo fills in specifications only.
                None if at.contains(".spec.") => shape.push(format!("{at}: {:?}", tags(text))),
                None => shape.push(at.to_string()),
            }
        }
        _ => shape.push(format!("{at}: {value:?}")),
    }
}

/// What Argo would fill in.
fn tags(text: &str) -> Vec<&str> {
    text.match_indices("{{")
        .map(|(at, _)| text[at..].split_inclusive("}}").next().unwrap_or_default())
        .collect()
}
