//! The rendered manifests, as far as they decide what starts a run.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_yaml::Value;

use crate::render::Manifest;

static NOTHING: Value = Value::Null;

/// The value below a key; null when there is none.
pub fn at<'v>(value: &'v Value, key: &str) -> &'v Value {
    value.as_mapping().and_then(|mapping| mapping.get(key)).unwrap_or(&NOTHING)
}

/// The value below a path of keys separated by dots.
pub fn below<'v>(value: &'v Value, keys: &str) -> &'v Value {
    keys.split('.').fold(value, at)
}

/// The text below a key.
pub fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    at(value, key).as_str()
}

/// The items of the list below a key.
pub fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    at(value, key).as_sequence().map_or(&[], Vec::as_slice)
}

/// The keys of a mapping.
pub fn keys(value: &Value) -> impl Iterator<Item = &str> {
    value.as_mapping().into_iter().flatten().filter_map(|(key, _)| key.as_str())
}

/// What decides.
#[derive(Debug, Default)]
pub struct Objects {
    /// EventSources by name.
    pub event_sources: BTreeMap<String, Value>,
    /// Sensors, in order of the manifests.
    pub sensors: Vec<Value>,
    /// CronWorkflows.
    pub cron_workflows: Vec<Value>,
    /// Each pipeline's `pipeline.json`, by the name of its WorkflowTemplate.
    pub pipelines: BTreeMap<String, serde_json::Value>,
    /// Names of the WorkflowTemplates.
    pub workflow_templates: Vec<String>,
}

impl Objects {
    /// Reads the manifests. What is no YAML was refused by the check before.
    pub fn read(manifests: &[Manifest]) -> Objects {
        let mut objects = Objects::default();
        for manifest in manifests.iter().filter(|manifest| manifest.path.ends_with(".yaml")) {
            for document in serde_yaml::Deserializer::from_str(&manifest.text) {
                match Value::deserialize(document) {
                    Ok(object) => objects.take(object),
                    Err(_) => break,
                }
            }
        }
        objects
    }

    fn take(&mut self, object: Value) {
        let name = text(at(&object, "metadata"), "name").unwrap_or_default().to_string();
        match text(&object, "kind") {
            Some("EventSource") => {
                self.event_sources.insert(name, object);
            }
            Some("Sensor") => self.sensors.push(object),
            Some("CronWorkflow") => self.cron_workflows.push(object),
            Some("WorkflowTemplate") => self.workflow_templates.push(name),
            Some("ConfigMap") => {
                let description = text(at(&object, "data"), "pipeline.json");
                let Some(description) = description.and_then(|text| serde_json::from_str(text).ok()) else {
                    return;
                };
                let description: serde_json::Value = description;
                if let Some(slug) = description["slug"].as_str() {
                    self.pipelines.insert(slug.to_string(), description);
                }
            }
            _ => {}
        }
    }

    /// The WorkflowTemplate of the pipeline of that name.
    pub fn slug(&self, pipeline: &str) -> Option<&str> {
        let mut all = self.pipelines.iter();
        all.find(|(_, description)| description["pipeline"] == pipeline).map(|(slug, _)| slug.as_str())
    }
}
