//! Bridges: chains of pipelines of which a part is still in GoCD.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | an upstream pipeline that has not moved | `gocd-bridge` reads its history every minute, copies the artifacts that are fetched into the bucket, records the pass with GoCD's counter, label and revisions, and posts it to `gocd-stages` | yes, within the last 10 runs at first contact |
//! | ancestors of it | the same; their revisions count in fan-in | yes |
//! | a downstream pipeline that has not moved | a *stand-in*: the moved pipeline stays defined in GoCD with the stages that are waited for, and `gocd-bridge` starts it with Argo's counter, label and revisions | a second counter: GoCD's own |
//! | artifacts that it fetches | the stand-in's jobs load them from the bucket and publish them again | yes |
//! | pipelines of which nothing is known here (`upstream-not-in-input`) | passes only; fan-in does not see their revisions | no |
//!
//! The bridge polls, because GoCD calls nobody; a webhook from a task of GoCD only makes it look earlier. It looks at both
//! directions every time, so whatever was lost is found a minute later. GoCD: API `pipelines/:name/history` v1,
//! `pipelines/:name/schedule` v1, `stages/…/run` v2, `/files/…`. Argo: CronWorkflow, `withParam`, `outputs.artifacts[].s3.key`.

mod part;
mod source;
mod stand_in;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::description::Material;
use super::pipeline::Pipeline;
use super::{Cx, secret};
use crate::gocd;
use crate::span::Place;

pub use part::keep;
pub use stand_in::StandIn;

crate::findings! {
    /// The address of the GoCD server is not known, and a part of the pipelines is converted that is tied to others.
    ///
    /// ## Why it matters
    /// The bridge asks GoCD which stages have passed. Until it knows whom to ask, converted pipelines get no runs of what is
    /// still in GoCD, and the other way round.
    ///
    /// ## Instead
    /// Set `migration: {gocd-url: "https://gocd.example.com/go"}` in gocd2argo.yaml.
    pub GOCD_URL = "gocd-url", Guess, Decision, Decision;

    /// A pipeline that stays in GoCD waits for one that moves.
    ///
    /// ## Why it matters
    /// GoCD starts it after a run of the upstream pipeline in GoCD only. So the moved pipeline needs a stand-in there, which
    /// the bridge starts after each pass.
    ///
    /// ## Instead
    /// Move the waiting pipeline in the same wave or before, or put the stand-in into the GoCD file: MIGRATION.md in the output has its text.
    pub STAND_IN_NEEDED = "stand-in-needed", Migration, Decision, Decision;

    /// A pipeline that moves waits for one that stays in GoCD.
    ///
    /// ## Why it matters
    /// Its runs come over the bridge: the Secret `gocd-server` has to hold a token that may read the pipeline.
    ///
    /// ## Instead
    /// Nothing; when the other pipeline moves, the bridge goes.
    pub BRIDGED_UPSTREAM = "bridged-upstream", Migration, Info, Converted;
}

/// The objects `gocd-bridge`.
#[derive(Clone, Debug, Serialize)]
pub struct Bridge {
    /// `bridge.json`
    pub description: Description,
    /// Pipelines that need a stand-in in GoCD.
    pub stand_ins: Vec<StandIn>,
}

impl super::Plan {
    /// Whether tasks in GoCD may poke the bridge of this plan.
    pub fn is_poked_from_gocd(&self) -> bool {
        self.bridge.as_ref().is_some_and(Bridge::is_poked)
    }
}

impl Bridge {
    /// Whether tasks in GoCD may poke it: it has an EventSource of its own.
    pub fn is_poked(&self) -> bool {
        !self.description.from_gocd.is_empty()
    }

    /// Whether artifacts of GoCD are copied.
    pub fn copies(&self) -> bool {
        self.description.from_gocd.iter().any(|source| !source.artifacts.is_empty())
    }
}

/// What `bridge.sh` knows. Field names are the script's.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// Base URL of the server, `…/go`.
    pub server: String,
    /// Pipelines in GoCD whose runs are brought here, upstream ones first.
    pub from_gocd: Vec<Source>,
    /// Pipelines here whose passes are told to GoCD.
    pub to_gocd: Vec<Target>,
}

/// A pipeline in GoCD.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// Original name.
    pub pipeline: String,
    /// Slug.
    pub slug: String,
    /// Stages whose passes are recorded.
    pub stages: Vec<Stage>,
    /// Its materials.
    pub materials: Vec<Material>,
    /// What is fetched from it.
    pub artifacts: Vec<Copied>,
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Stage {
    /// Original name.
    pub name: String,
    /// Slug.
    pub slug: String,
}

/// An artifact that a converted pipeline fetches from GoCD's server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Copied {
    /// Original name of the stage.
    pub stage: String,
    /// Original name of the job, or of its instance.
    pub job: String,
    /// Path below the job's artifacts; empty for all of them.
    pub source: String,
    /// Whether it is a file.
    pub is_file: bool,
}

/// A pipeline here that GoCD waits for.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    /// Original name, also of the stand-in.
    pub pipeline: String,
    /// Slug.
    pub slug: String,
    /// Stages that are waited for, in order.
    pub stages: Vec<Stage>,
    /// Its repositories, so that the stand-in gets the same revisions.
    pub materials: Vec<Material>,
}

/// Plans the bridge of a part; `None` when nothing crosses its border. `pipelines` are the planned ones of the part.
pub fn plan(part: &BTreeSet<String>, pipelines: &[Pipeline], cx: &mut Cx) -> Option<Bridge> {
    let from_gocd = source::plan(part, cx);
    let stand_ins = stand_in::plan(part, cx);
    if from_gocd.is_empty() && stand_ins.is_empty() {
        return None;
    }
    let to_gocd = stand_ins.iter().map(|stand_in| target(stand_in, pipelines)).collect();
    let server = cx.settings.migration.gocd_url.clone();
    if server.is_none() {
        let first = cx.configuration.sound().next().map(|pipeline| pipeline.name.place.span)?;
        let message = "the address of the GoCD server is not known: the bridge cannot ask it".to_string();
        cx.guess(&GOCD_URL, &["migration", "gocd-url"], "", Place::unbooked(first), message);
    }
    secret::need(&mut cx.secrets, "gocd-server", "token", "access token of a GoCD user, for the bridge");
    if !from_gocd.is_empty() {
        let purpose = "lets tasks in GoCD say that a stage is about to pass, see MIGRATION.md";
        secret::need(&mut cx.secrets, "gocd-bridge", "token", purpose);
    }
    let server = server.unwrap_or_else(|| "https://gocd.invalid/go".into()).trim_end_matches('/').to_string();
    Some(Bridge { description: Description { server, from_gocd, to_gocd }, stand_ins })
}

fn target(stand_in: &StandIn, pipelines: &[Pipeline]) -> Target {
    let planned = pipelines.iter().find(|pipeline| pipeline.name == stand_in.pipeline);
    let materials = planned.map_or(&[][..], |planned| &planned.description.materials);
    Target {
        pipeline: stand_in.pipeline.clone(),
        slug: planned.map_or_else(String::new, |planned| planned.slug.clone()),
        stages: stand_in.stages.iter().map(|stage| stage.stage.clone()).collect(),
        materials: materials.iter().filter(|material| material.is_checked_out()).cloned().collect(),
    }
}

/// Upstream stages of a pipeline, as it names them.
fn dependencies(pipeline: &gocd::Pipeline) -> impl Iterator<Item = (&str, &str, Place)> {
    pipeline.materials.iter().filter_map(|material| {
        let (up, stage) = (material.pipeline.as_ref()?, material.stage.as_ref()?);
        let is_dependency = material.kind.value == gocd::MaterialKind::Dependency;
        is_dependency.then_some((up.value.as_str(), stage.value.as_str(), Place::unbooked(up.place.span)))
    })
}

/// Fetch tasks of a pipeline from GoCD's own store.
fn fetches(pipeline: &gocd::Pipeline) -> impl Iterator<Item = &gocd::Fetch> {
    let tasks = pipeline.stages.iter().flat_map(|stage| &stage.jobs).flat_map(|job| &job.tasks);
    tasks.filter_map(|task| match &task.kind.value {
        gocd::TaskKind::Fetch(fetch) if !fetch.is_external() => Some(fetch),
        _ => None,
    })
}

/// Slugs of the stages of a pipeline, by original name.
fn stage_slugs(pipeline: &gocd::Pipeline) -> BTreeMap<String, super::names::Slug> {
    super::names::slugs(pipeline.stages.iter().map(|stage| stage.name.as_str()), super::names::LONG)
}
