//! What the Sensors do with an event: which pipelines they poke, and with which parameters.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use serde_yaml::Value;

use super::filter::{self, Says};
use super::host::{Event, Kind};
use super::objects::{Objects, at, below, items, text};
use super::template;
use crate::reference::start::Push;

/// What the Sensors do with a pipeline.
#[derive(Clone, Debug, Default)]
pub struct Poked {
    /// The trigger that fires first, and the run's parameters.
    pub by: Option<(String, BTreeMap<String, String>)>,
    /// Why others do not: how far the event got, and the reason.
    pub refused: Option<(usize, String)>,
    /// What is not known here, so that the answer is open.
    pub unknown: Option<String>,
}

/// Lets the event pass all Sensors; by the WorkflowTemplate.
pub fn poke(objects: &Objects, kind: &Kind, event: &Event) -> BTreeMap<String, Poked> {
    let mut poked: BTreeMap<String, Poked> = BTreeMap::new();
    for sensor in &objects.sensors {
        for trigger in items(at(sensor, "spec"), "triggers") {
            let template = at(trigger, "template");
            let resource = below(template, "k8s.source.resource");
            let Some(slug) = text(below(resource, "spec.workflowTemplateRef"), "name") else { continue };
            let conditions = text(template, "conditions").unwrap_or_default();
            let dependency = items(at(sensor, "spec"), "dependencies")
                .iter()
                .find(|dependency| text(dependency, "name") == Some(conditions));
            let Some(dependency) = dependency else { continue };
            let hears = text(dependency, "eventSourceName")
                .and_then(|name| objects.event_sources.get(name))
                .is_some_and(|source| receives(source, kind, &event.pushes));
            if hears {
                let name = text(template, "name").unwrap_or_default();
                let entry = poked.entry(slug.to_string()).or_default();
                let k8s = at(template, "k8s");
                entry.try_bodies(&format!("trigger `{name}`"), dependency, (resource, k8s), &event.bodies);
            }
        }
    }
    poked
}

/// Whether the git host posts to this EventSource: by its annotations.
fn receives(source: &Value, kind: &Kind, pushes: &[Push]) -> bool {
    let annotations = below(source, "metadata.annotations");
    if text(annotations, "gocd2argo.io/git-provider") != Some(kind.name) {
        return false;
    }
    let Some(host) = text(annotations, "gocd2argo.io/git-host") else { return true };
    let mut urls = pushes.iter().flat_map(|push| &push.urls).peekable();
    // A payload without URLs: its kind has to do.
    urls.peek().is_none()
        || urls.filter_map(|url| crate::gocd::GitUrl::parse(url)).any(|url| url.repository().0 == host)
}

impl Poked {
    fn try_bodies(&mut self, name: &str, dependency: &Value, parts: (&Value, &Value), bodies: &[Json]) {
        let filters = at(dependency, "filters");
        for body in bodies {
            let event = json!({"body": body});
            match filter::ask(filters, &event) {
                Says::Pass if self.by.is_none() => {
                    self.by = Some((name.to_string(), parameters(parts.0, parts.1, &event)));
                }
                Says::Pass => {}
                Says::Refused(path) => {
                    let all = items(filters, "data");
                    let far = all.iter().position(|filter| text(filter, "path") == Some(&path)).unwrap_or(0);
                    let why = if path.contains("added,modified,removed") {
                        format!("{name} refuses the push: by its files")
                    } else {
                        format!("{name} refuses the push: `{path}` is another")
                    };
                    if self.refused.as_ref().is_none_or(|(before, _)| far > *before) {
                        self.refused = Some((far, why));
                    }
                }
                Says::Unknown(what) => self.unknown = Some(format!("{name} has {what}")),
            }
        }
    }
}

/// The arguments of the Workflow, with the trigger's parameters filled in.
fn parameters(resource: &Value, k8s: &Value, event: &Json) -> BTreeMap<String, String> {
    let mut list: Vec<(String, String)> = items(below(resource, "spec.arguments"), "parameters")
        .iter()
        .map(|parameter| {
            let value = text(parameter, "value").unwrap_or_default();
            (text(parameter, "name").unwrap_or_default().to_string(), value.to_string())
        })
        .collect();
    for parameter in items(k8s, "parameters") {
        let index = text(parameter, "dest")
            .and_then(|dest| dest.strip_prefix("spec.arguments.parameters."))
            .and_then(|rest| rest.strip_suffix(".value"))
            .and_then(|index| index.parse::<usize>().ok());
        let source = at(parameter, "src");
        let filled = text(source, "dataTemplate").and_then(|template| template::fill(template, event));
        let value = filled.or_else(|| text(source, "value").map(str::to_string));
        if let (Some((_, old)), Some(value)) = (index.and_then(|index| list.get_mut(index)), value) {
            *old = value;
        }
    }
    list.into_iter().collect()
}
