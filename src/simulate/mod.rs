//! What Argo will do with an event, decided from the manifests as rendered: EventSources, Sensors, the runs' first step,
//! CronWorkflows and `gocd-reconcile`. It knows neither plan nor configuration, so that it can find their mistakes.
//!
//! Of the languages in the manifests (gjson, Go's templates, cron, expressions) it knows what our templates use. What else a
//! template of the user's has makes the answer open, and the reason says so.

pub mod cron;
mod filter;
mod first_step;
mod guard;
pub mod host;
mod objects;
mod path;
pub mod report;
mod sensors;
mod template;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::reference::start::{Push, Verdict};
use crate::render::Manifest;
use cron::Cron;
use host::{Change, Event, Kind};
use objects::Objects;

/// What Argo does with a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Start {
    /// Whether a run starts, and why.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Its parameters; empty when none starts.
    pub parameters: BTreeMap<String, String>,
}

impl Start {
    /// No run starts.
    pub fn no(why: impl Into<String>) -> Start {
        Start { verdict: Verdict::no(why), parameters: BTreeMap::new() }
    }
}

/// The manifests, as a cluster would have them.
#[derive(Debug)]
pub struct Cluster(Objects);

impl Cluster {
    /// Reads the manifests.
    pub fn new(manifests: &[Manifest]) -> Cluster {
        Cluster(Objects::read(manifests))
    }

    /// The kinds of git host that an EventSource listens to for this change, with the event each of them would send.
    /// Without any, nothing is sent, but the change is there.
    pub fn events(&self, change: &Change) -> Vec<(&'static Kind, Event)> {
        let kinds = host::KINDS.iter().filter(|kind| {
            self.0.event_sources.values().any(|source| {
                let annotations = objects::below(source, "metadata.annotations");
                let host = objects::text(annotations, "gocd2argo.io/git-host");
                objects::text(annotations, "gocd2argo.io/git-provider") == Some(kind.name)
                    && host.is_none_or(|host| host == change.repository.0)
            })
        });
        kinds.map(|kind| (kind, (kind.read)(&(kind.write)(change)))).collect()
    }

    /// What becomes of a pipeline, by its original name, when these events come in for these pushes.
    pub fn pushed(&self, pipeline: &str, events: &[(&Kind, Event)], pushes: &[Push]) -> Start {
        let Some(slug) = self.0.slug(pipeline) else { return Start::no("it has no WorkflowTemplate") };
        let first_step = first_step::decides(&self.0.pipelines, slug, pushes);
        let mut refused: Option<(usize, String)> = None;
        for (kind, event) in events {
            let Some(poked) = sensors::poke(&self.0, kind, event).remove(slug) else { continue };
            if let Some(what) = poked.unknown {
                return Start::no(format!("not known: {what}, which gocd2argo does not understand"));
            }
            if let Some((trigger, parameters)) = poked.by {
                return self.poked(&trigger, parameters, first_step);
            }
            refused = refused.max(poked.refused);
        }
        if first_step.starts && self.reconciles() {
            let parameters = [("trigger", "reconcile"), ("cause", "{}"), ("force", "false")];
            let why = format!("no webhook tells, but gocd-reconcile finds it: {}", first_step.why);
            let parameters = parameters.map(|(name, value)| (name.to_string(), value.to_string())).into();
            return Start { verdict: Verdict::yes(why), parameters };
        }
        match refused {
            Some((far, why)) if far > 0 => Start::no(why),
            _ => Start::no(format!("no Sensor waits for this push; {}", first_step.why)),
        }
    }

    fn poked(&self, trigger: &str, parameters: BTreeMap<String, String>, first_step: Verdict) -> Start {
        match first_step.starts {
            true => Start { verdict: Verdict::yes(format!("{trigger}: {}", first_step.why)), parameters },
            false => Start::no(format!("{trigger} pokes it, and its first step says no: {}", first_step.why)),
        }
    }

    fn reconciles(&self) -> bool {
        let names =
            self.0.cron_workflows.iter().map(|object| objects::below(object, "metadata.name").as_str());
        names.flatten().any(|name| name == "gocd-reconcile")
    }

    /// The timer of a pipeline, by its original name.
    ///
    /// # Errors
    /// The CronWorkflow has something that is not known here.
    pub fn timer(&self, pipeline: &str) -> Result<Option<Cron>, String> {
        let Some(slug) = self.0.slug(pipeline) else { return Ok(None) };
        for object in &self.0.cron_workflows {
            if let Some(cron) = Cron::read(object)?.filter(|cron| cron.slug == slug) {
                return Ok(Some(cron));
            }
        }
        Ok(None)
    }

    /// What becomes of a pipeline at a moment: its timer fires in that minute or not.
    pub fn at(&self, pipeline: &str, minute: (Timestamp, Timestamp)) -> Start {
        match self.timer(pipeline) {
            Err(what) => Start::no(format!("not known: {what} is not understood by gocd2argo")),
            Ok(None) => Start::no("it has no CronWorkflow"),
            Ok(Some(cron)) => {
                match cron.firings(minute.0, minute.1, 1).is_some_and(|firings| !firings.is_empty()) {
                    true => {
                        Start { verdict: Verdict::yes("its CronWorkflow fires"), parameters: cron.parameters }
                    }
                    false => Start::no("its CronWorkflow does not fire then"),
                }
            }
        }
    }
}
