//! Argo Events: what Sensors wait for and start, and what EventSources offer.

use super::names;
use super::references::Reference;
use super::value::{at, items, pairs, text};
use super::{Facts, Object};
use serde_yaml::Value;
use std::collections::BTreeSet;

/// Keys of an EventSource's `spec` that are no type of event.
const NOT_EVENTS: &[&str] = &["eventBusName", "replicas", "service", "template"];

/// Checks a Sensor or EventSource.
pub(super) fn check(object: &Object<'_>, facts: &mut Facts) {
    if !matches!(object.kind.as_str(), "Sensor" | "EventSource") {
        return;
    }
    let spec = at(&object.value, "spec");
    let bus = text(spec, "eventBusName").unwrap_or("default");
    facts.references.push(Reference::new(object, "EventBus", bus));
    match object.kind.as_str() {
        "Sensor" => sensor(object, facts),
        _ => event_source(object, facts),
    }
}

fn event_source(object: &Object<'_>, facts: &mut Facts) {
    let types = pairs(at(&object.value, "spec")).filter(|(key, _)| !NOT_EVENTS.contains(key));
    let mut seen = BTreeSet::new();
    for (kind, events) in types {
        for (name, event) in pairs(events) {
            if !names::condition(name) {
                facts.problem(
                    object,
                    format!("the event name `{name}` may have `a-z`, `0-9` and `-` only, at most 63"),
                );
            }
            if !seen.insert(name) {
                facts.problem(
                    object,
                    format!("the event `{name}` is there twice: names are shared by all types"),
                );
            }
            let webhook = if kind == "webhook" { event } else { at(event, "webhook") };
            let told = text(at(at(&object.value, "metadata"), "annotations"), "gocd2argo.io/unsigned");
            if !webhook.is_null() && told != Some("true") && !asks_for_proof(kind, event, webhook) {
                facts.problem(
                    object,
                    format!("strangers may post to the event `{name}`: nothing checks where it comes from"),
                );
            }
            if !webhook.is_null() && !at(webhook, "port").is_string() {
                facts.problem(object, format!("the port of the event `{name}` must be a text"));
            }
        }
    }
    if seen.is_empty() {
        facts.problem(object, "the EventSource has no events");
    }
}

/// Whether the endpoint checks a bearer token or a signature. GitLab's and Bitbucket Server's types check theirs only when
/// they register the hooks, which they do when they know the URL and have a token (seen on the rig and in Argo Events 1.9).
fn asks_for_proof(kind: &str, event: &Value, webhook: &Value) -> bool {
    let has = |key: &str| !at(event, key).is_null();
    let registers = has("accessToken") && !at(webhook, "url").is_null();
    let signed = match kind {
        "github" => has("webhookSecret"),
        "gitlab" => has("secretToken") && registers,
        "bitbucketserver" => has("webhookSecret") && registers,
        _ => false,
    };
    signed || !at(webhook, "authSecret").is_null()
}

fn sensor(object: &Object<'_>, facts: &mut Facts) {
    let spec = at(&object.value, "spec");
    let mut dependencies = BTreeSet::new();
    for dependency in items(spec, "dependencies") {
        let name = text(dependency, "name").unwrap_or_default();
        named_once(object, "dependency", name, &mut dependencies, facts);
        match (text(dependency, "eventSourceName"), text(dependency, "eventName")) {
            (Some(source), event @ Some(_)) => {
                facts.references.push(Reference::new(object, "EventSource", source).member(event));
            }
            _ => facts.problem(object, format!("the dependency `{name}` names no event")),
        }
    }
    let mut triggers = BTreeSet::new();
    for trigger in items(spec, "triggers") {
        let template = at(trigger, "template");
        let name = text(template, "name").unwrap_or_default();
        named_once(object, "trigger", name, &mut triggers, facts);
        let conditions = text(template, "conditions").unwrap_or_default();
        let words = conditions
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .filter(|word| !word.is_empty());
        let places = [at(template, "k8s"), at(template, "argoWorkflow"), trigger];
        let parameters = places.into_iter().flat_map(|place| items(place, "parameters"));
        let sources = parameters.filter_map(|parameter| text(at(parameter, "src"), "dependencyName"));
        for word in words.chain(sources).filter(|word| !dependencies.contains(word)) {
            facts.problem(object, format!("the trigger `{name}` waits for `{word}`, which is no dependency"));
        }
        // The validator takes texts as well, and the trigger fails when it fires (measured with Argo Events 1.9.11).
        for key in ["factor", "jitter"] {
            if at(at(trigger, "retryStrategy"), key).is_string() {
                facts.problem(object, format!("`{key}` in the retry strategy of `{name}` must be a number"));
            }
        }
        for action in ["k8s", "argoWorkflow"]
            .map(|key| at(template, key))
            .into_iter()
            .filter(|action| !action.is_null())
        {
            if at(action, "source").is_null() || at(action, "operation").is_null() {
                facts.problem(object, format!("the trigger `{name}` needs `source` and `operation`"));
            }
        }
    }
    if dependencies.is_empty() || triggers.is_empty() {
        facts.problem(object, "a Sensor needs dependencies and triggers");
    }
}

fn named_once<'v>(
    object: &Object<'_>,
    what: &str,
    name: &'v str,
    seen: &mut BTreeSet<&'v str>,
    facts: &mut Facts,
) {
    if !names::condition(name) {
        facts.problem(
            object,
            format!("the {what} name `{name}` may have `a-z`, `0-9` and `-` only, at most 63"),
        );
    }
    if !seen.insert(name) {
        facts.problem(object, format!("the {what} `{name}` is there twice"));
    }
}
