//! Triggers: what starts a run.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | a git material is polled | the host's webhook pokes the pipeline through an EventSource and a Sensor; `gocd-reconcile` looks every five minutes for what a webhook missed | faster |
//! | several commits between two runs are one run | `prepare` takes the newest revision, whatever the poke says | yes |
//! | path filters | `prepare` judges all files changed since the last run, with GoCD's own patterns; the Sensor refuses what it can already tell | yes |
//! | a push of a repository that lies behind a dependency too (fan-in) starts the pipelines upstream only | no trigger for it here | yes |
//! | an upstream stage has passed | its post to `gocd-stages` | yes |
//! | first stage `manual` | no trigger | yes |
//! | a new pipeline runs once | only with `runs.first-run: true` | everything would build and deploy on the first day |
//!
//! A trigger is a poke, not a build order: it may come twice, late, or for nothing. That is GoCD's own model, where a
//! webhook forces an early poll. GoCD: `../shared/spec/gocd-yaml.md` §3.1, §3.2. Argo: `Sensor`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::description::Material;
use super::provider::{EventSource, EventSources, Push, WEBHOOK_URL, exactly};
use super::{Cx, cause, names};
use crate::gocd::{self, Pipeline, Stage};

crate::findings! {
    /// A material follows something else than a branch.
    ///
    /// ## Why it matters
    /// Webhooks of pushes name branches. This one is looked at every five minutes only.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://github.com/acme/app.git", branch: "refs/pull/1/head:pr-1"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Nothing, if five minutes are soon enough.
    pub BRANCH_IS_REFSPEC = "branch-is-refspec", Migration, Warning, Approximated;
}

/// Most triggers in one Sensor.
const TRIGGERS: usize = 25;

/// Most bytes of the JSON of one Sensor: it travels in one environment variable, and has to stay below 96 KiB there.
const BYTES: usize = 64 * 1024;

/// About how many bytes of JSON a trigger has beside its filters.
const TRIGGER_BYTES: usize = 1500;

/// One Sensor object.
#[derive(Clone, Debug, Serialize)]
pub struct Sensor {
    /// Name.
    pub name: String,
    /// Slug of the group, for its label.
    pub group: String,
    /// What it waits for and starts.
    pub triggers: Vec<Trigger>,
}

/// One dependency of a Sensor and the trigger it fires.
#[derive(Clone, Debug, Serialize)]
pub struct Trigger {
    /// Name of both.
    pub name: String,
    /// Slug of the pipeline that is started.
    pub pipeline: String,
    /// Original name of the pipeline.
    pub pipeline_name: String,
    /// A push …
    pub push: Option<Push>,
    /// … or an upstream stage: anchored patterns of pipeline and stage.
    pub stage: Option<(String, String)>,
    /// The run's parameter `cause`: JSON that names the material.
    pub cause: String,
    /// The same with who pushed, as a template over the event. Only harmless characters of the name are taken: what a
    /// parameter holds is a template to Argo.
    pub cause_template: String,
}

/// Collects triggers while the pipelines are planned.
#[derive(Debug, Default)]
pub struct Triggers {
    sources: EventSources,
    by_group: BTreeMap<String, Vec<Trigger>>,
}

impl Triggers {
    /// Adds what starts a pipeline.
    pub fn add(&mut self, source: &Pipeline, slug: &str, group: &str, materials: &[Material], cx: &mut Cx) {
        if source.stages.first().is_some_and(Stage::is_manual) {
            return;
        }
        for (written, material) in source.materials.iter().zip(materials) {
            let mut trigger = Trigger {
                name: names::joined(slug, &material.key, names::LABEL),
                pipeline: slug.to_string(),
                pipeline_name: source.name.value.clone(),
                push: None,
                stage: None,
                cause: cause::fixed(material),
                cause_template: String::new(),
            };
            if let Some(upstream) = material.upstream.as_ref().filter(|upstream| upstream.starts_runs()) {
                trigger.stage = Some((exactly(&upstream.pipeline), exactly(&upstream.stage)));
            } else if material.type_name == "git" && material.auto_update && !material.pinned {
                trigger.push = self.push(written, material, cx);
                if let Some(push) = &trigger.push {
                    trigger.cause_template = cause::template(material, &push.facts);
                }
            }
            if trigger.push.is_some() || trigger.stage.is_some() {
                self.by_group.entry(group.to_string()).or_default().push(trigger);
            }
        }
    }

    /// How pushes of a git material look; `None` when nothing tells of them.
    fn push(&mut self, written: &gocd::Material, material: &Material, cx: &mut Cx) -> Option<Push> {
        if material.branch.contains(':') || material.branch.starts_with("refs/") {
            let place = written.branch.as_ref().map_or(written.name.place, |branch| branch.place);
            cx.account.report(
                &BRANCH_IS_REFSPEC,
                place,
                "this is no branch: it is looked at every five minutes",
            );
            return None;
        }
        let place = written.url.as_ref().map_or(written.name.place, |url| url.place);
        let push = self.sources.push(material, place, cx)?;
        report_webhook_url(place, cx);
        Some(push)
    }

    /// The objects.
    pub fn finish(self, cx: &mut Cx) -> (Vec<EventSource>, Vec<Sensor>) {
        let sources = self.sources.finish(cx);
        let mut sensors = Vec::new();
        for (group, triggers) in self.by_group {
            for (number, triggers) in parts(triggers).into_iter().enumerate() {
                let name = if number == 0 { group.clone() } else { format!("{group}-{}", number + 1) };
                sensors.push(Sensor { name, group: group.clone(), triggers });
            }
        }
        (sources, deduplicate_names(sensors))
    }
}

/// Triggers by the Sensor that they fit into.
fn parts(triggers: Vec<Trigger>) -> Vec<Vec<Trigger>> {
    let mut parts: Vec<Vec<Trigger>> = Vec::new();
    let mut bytes = 0;
    for trigger in triggers {
        let filters = trigger.push.iter().flat_map(|push| &push.facts.filters);
        let size = TRIGGER_BYTES + filters.flat_map(|filter| &filter.values).map(String::len).sum::<usize>();
        match parts.last_mut() {
            Some(part) if part.len() < TRIGGERS && bytes + size <= BYTES => {
                bytes += size;
                part.push(trigger);
            }
            _ => {
                bytes = size;
                parts.push(vec![trigger]);
            }
        }
    }
    parts
}

/// A group `a-2` beside a second Sensor of the group `a`: the latter gives way.
fn deduplicate_names(mut sensors: Vec<Sensor>) -> Vec<Sensor> {
    let groups: std::collections::BTreeSet<String> =
        sensors.iter().map(|sensor| sensor.group.clone()).collect();
    for sensor in &mut sensors {
        while sensor.name != sensor.group && groups.contains(&sensor.name) {
            sensor.name.push_str("-more");
        }
    }
    sensors
}

fn report_webhook_url(place: crate::span::Place, cx: &mut Cx) {
    if cx.settings.webhooks.url.is_some() {
        return;
    }
    let place = crate::span::Place::unbooked(place.span);
    let message =
        "the URL under which git hosts reach the cluster is not known: pushes are found every five minutes"
            .to_string();
    cx.guess(&WEBHOOK_URL, &["webhooks", "url"], "", place, message);
}
