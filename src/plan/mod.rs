//! What Argo needs for a configuration: plain data, no text of manifests.
//!
//! One file per mapping rule. [`plan`] visits the configuration once and lets each rule deal with its part.

pub mod artifact;
pub mod bridge;
pub mod cause;
pub mod checkout;
pub mod delivery;
pub mod description;
pub mod digest;
pub mod environment;
pub mod exposure;
pub mod fan_in;
pub mod fetch;
pub mod go_variable;
pub mod image;
pub mod index;
pub mod inventory;
pub mod job;
pub mod label;
pub mod lock;
pub mod material;
pub mod names;
pub mod overlay;
pub mod pipeline;
pub mod placement;
pub mod platform;
pub mod provider;
pub mod retention;
pub mod runbook;
mod scm_plugin;
pub mod script;
pub mod secret;
pub mod size;
pub mod slo;
pub mod stage;
pub mod store;
pub mod task;
pub mod text;
pub mod timer;
pub mod trigger;
pub mod upstream;
pub mod variable;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::finding::{Account, Finding, Rule};
use crate::gocd::Configuration;
use crate::settings::Settings;
pub use crate::settings::{Component, Overlay};
use crate::span::Place;
pub use names::Names;

/// Everything that will be written, as data.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// Namespace of all objects.
    pub namespace: String,
    /// Image of the steps that this program adds.
    pub tools_image: String,
    /// Image of the containers that build images.
    pub kaniko_image: String,
    /// Image of the containers that copy images.
    pub copy_image: String,
    /// Container resources of those that build.
    pub kaniko_resources: crate::settings::Resources,
    /// What the containers are that build with BuildKit.
    pub buildkit: image::buildkit::Containers,
    /// Secret with registry credentials; empty when none is to be mounted.
    pub registry_secret: String,
    /// What surrounds the pipelines.
    pub platform: platform::Platform,
    /// One per sound pipeline, in order of the source.
    pub pipelines: Vec<pipeline::Pipeline>,
    /// One per GoCD environment.
    pub environments: Vec<environment::Environment>,
    /// One per git host and kind of webhook.
    pub event_sources: Vec<provider::EventSource>,
    /// How git hosts reach the EventSources.
    pub exposure: exposure::Exposure,
    /// Whether some stage tells others that it has passed, or some pipeline waits for one that may.
    pub has_stage_events: bool,
    /// One or more per pipeline group.
    pub sensors: Vec<trigger::Sensor>,
    /// One per pipeline with a timer.
    pub timers: Vec<timer::CronWorkflow>,
    /// ServiceAccounts that the configuration names for jobs, besides our own.
    pub service_accounts: BTreeSet<String>,
    /// Secrets that a person has to create, by name.
    pub secrets: BTreeMap<String, secret::SecretNeed>,
    /// What ties the pipelines to those that are still in GoCD.
    pub bridge: Option<bridge::Bridge>,
    /// What people do; its waves are filled in by whoever knows them.
    pub runbook: runbook::Runbook,
    /// What was guessed because the configuration does not say it.
    pub guesses: Vec<Guess>,
    /// What became of the jobs that touch images, for `gocd2argo builds`; nothing that is written depends on it.
    #[serde(skip)]
    pub images: Vec<image::outcome::JobOutcome>,
}

/// A value that the configuration (`gocd2argo.yaml`) could say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Guess {
    /// Path of the key that says it.
    pub key: Vec<String>,
    /// What stands in its place; empty for nothing.
    pub value: String,
    /// What is not known.
    pub message: String,
}

/// What every rule works with.
pub struct Cx<'a> {
    /// `gocd2argo.yaml`
    pub settings: &'a Settings,
    /// The whole configuration, for what refers to other parts of it.
    pub configuration: &'a Configuration,
    /// What refers to what.
    pub index: &'a index::Index<'a>,
    /// Legal names.
    pub names: &'a Names,
    /// Findings and ledger.
    pub account: &'a mut Account,
    /// Reads a file of the repository the pipelines are in, by path; `None` when it is not there.
    pub files: &'a dyn Fn(&str) -> Option<String>,
    /// Secrets needed so far.
    pub secrets: BTreeMap<String, secret::SecretNeed>,
    guesses: Vec<Guess>,
    images: Vec<image::outcome::JobOutcome>,
    reported: BTreeSet<(&'static str, String)>,
}

impl Cx<'_> {
    /// Reports a finding once per `subject`, at its first use; later uses are only booked.
    pub fn report_once(
        &mut self,
        rule: &'static Rule,
        subject: &str,
        place: Place,
        message: impl FnOnce() -> String,
    ) -> Option<&mut Finding> {
        if self.reported.insert((rule.name, subject.to_string())) {
            Some(self.account.report(rule, place, message()))
        } else {
            self.account.book(place, rule.outcome, rule.name);
            None
        }
    }

    /// Drops findings of a rule, from number `first` on, whose message was reported before: once per value is enough.
    /// What they booked stays booked.
    fn forget_repeated(&mut self, rule: &'static str, first: usize) {
        let new = self.account.findings.split_off(first.min(self.account.findings.len()));
        for finding in new {
            let repeats = finding.rule.name == rule && !self.reported.insert((rule, finding.message.clone()));
            if !repeats {
                self.account.findings.push(finding);
            }
        }
    }

    /// Reports once per key that a value of `gocd2argo.yaml` is missing, and what stands in its place.
    pub fn guess(&mut self, rule: &'static Rule, key: &[&str], value: &str, place: Place, message: String) {
        let (last, parents) = key.split_last().map_or(("", &[][..]), |(last, parents)| (*last, parents));
        // A host has dots: between others, it is quoted, so that the path stays clear.
        let quoted =
            |part: &&str| if part.contains('.') { format!("\"{part}\".") } else { format!("{part}.") };
        let path = parents.iter().map(quoted).collect::<String>() + last;
        if let Some(finding) = self.report_once(rule, &path, place, || message.clone()) {
            finding.help(format!("set `{path}` in gocd2argo.yaml"));
            let key = key.iter().map(|part| (*part).to_string()).collect();
            self.guesses.push(Guess { key, value: value.to_string(), message });
        }
    }

    /// Slug of a pipeline, whether it is in the configuration or elsewhere.
    pub fn pipeline_slug(&self, name: &str) -> String {
        match self.index.pipeline(name).and_then(|known| self.names.pipelines.get(&known.name.value)) {
            Some(slug) => slug.text.clone(),
            None => names::single(name, names::LONG),
        }
    }
}

/// Plans a whole configuration. `files` reads files of the repository, for Dockerfiles and the like.
pub fn plan(
    configuration: &Configuration,
    settings: &Settings,
    files: &dyn Fn(&str) -> Option<String>,
    account: &mut Account,
) -> Plan {
    plan_part(configuration, settings, files, account, None)
}

/// Plans the pipelines with these original names, with bridges to the others; `None` for all.
pub fn plan_part(
    configuration: &Configuration,
    settings: &Settings,
    files: &dyn Fn(&str) -> Option<String>,
    account: &mut Account,
    part: Option<&BTreeSet<String>>,
) -> Plan {
    let names = Names::of(configuration);
    let index = index::Index::of(configuration, settings);
    let mut cx = Cx {
        settings,
        configuration,
        index: &index,
        names: &names,
        account,
        files,
        secrets: BTreeMap::new(),
        guesses: Vec::new(),
        images: Vec::new(),
        reported: BTreeSet::new(),
    };
    let mut environments = environment::plan(&mut cx);
    let mut triggers = trigger::Triggers::default();
    let mut timers = Vec::new();
    let pipelines: Vec<pipeline::Pipeline> = configuration
        .sound()
        .filter(|source| part.is_none_or(|part| part.contains(&source.name.value)))
        .map(|source| {
            let planned = pipeline::plan(source, &mut triggers, &mut cx);
            timers.extend(timer::plan(source, &planned, &mut cx));
            planned
        })
        .collect();
    let bridge = part.and_then(|part| {
        bridge::keep(&pipelines, &mut environments, &mut cx.secrets);
        bridge::plan(part, &pipelines, &mut cx)
    });
    let platform = platform::plan(configuration, &pipelines, &mut cx);
    let (event_sources, sensors) = triggers.finish(&mut cx);
    let awaits = sensors.iter().flat_map(|sensor| &sensor.triggers).any(|trigger| trigger.stage.is_some());
    let has_stage_events = awaits || pipelines.iter().any(|pipeline| pipeline.announces());
    if has_stage_events {
        secret::need(&mut cx.secrets, "gocd-stages", "token", "lets stages tell others that they passed");
    }
    Plan {
        namespace: settings.namespace().to_string(),
        tools_image: settings.tools_image().to_string(),
        kaniko_image: settings.kaniko_image().to_string(),
        copy_image: settings.copy_image().to_string(),
        kaniko_resources: settings.kaniko.resources.clone(),
        buildkit: image::buildkit::Containers::of(settings),
        registry_secret: settings.registry_secret().to_string(),
        service_accounts: platform::service_accounts(&pipelines),
        pipelines,
        environments,
        exposure: exposure::plan(settings),
        event_sources,
        has_stage_events,
        sensors,
        timers,
        platform,
        secrets: cx.secrets,
        guesses: cx.guesses,
        bridge,
        runbook: runbook::plan(settings),
        images: cx.images,
    }
}

/// The rules of this room.
pub fn rules() -> Vec<&'static Rule> {
    let own = [
        artifact::RULES,
        bridge::RULES,
        checkout::RULES,
        delivery::RULES,
        digest::RULES,
        environment::RULES,
        fetch::RULES,
        go_variable::RULES,
        job::RULES,
        label::RULES,
        lock::RULES,
        material::RULES,
        pipeline::RULES,
        placement::RULES,
        provider::RULES,
        secret::RULES,
        size::RULES,
        stage::RULES,
        store::RULES,
        task::RULES,
        task::on_cancel::RULES,
        timer::RULES,
        trigger::RULES,
        upstream::RULES,
        variable::RULES,
    ];
    [own.concat(), image::rules()].concat()
}
