//! From Argo to GoCD: what a pipeline that has moved leaves behind in GoCD for those that wait for it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{STAND_IN_NEEDED, Stage, dependencies, fetches, stage_slugs};
use crate::gocd::{Pipeline, RunInstances};
use crate::plan::{Cx, fetch};
use crate::span::Place;

/// A pipeline that needs a stand-in. All names in it are GoCD's: letters, digits, `_`, `-` and `.`.
#[derive(Clone, Debug, Serialize)]
pub struct StandIn {
    /// Original name.
    pub pipeline: String,
    /// Pipelines in GoCD that wait for it, sorted.
    pub awaited_by: Vec<String>,
    /// The stages that they wait for, in order.
    pub stages: Vec<StandInStage>,
}

/// A stage of it.
#[derive(Clone, Debug, Serialize)]
pub struct StandInStage {
    /// Its names.
    #[serde(flatten)]
    pub stage: Stage,
    /// Its jobs.
    pub jobs: Vec<StandInJob>,
}

/// A job of it.
#[derive(Clone, Debug, Serialize)]
pub struct StandInJob {
    /// Original name.
    pub name: String,
    /// Whether its artifacts are fetched in GoCD.
    pub fetched: bool,
    /// How many instances, when it has any.
    pub instances: Option<String>,
}

/// The pipelines of the part that some pipeline outside waits for.
pub fn plan(part: &BTreeSet<String>, cx: &mut Cx) -> Vec<StandIn> {
    let outside: Vec<&Pipeline> =
        cx.configuration.sound().filter(|pipeline| !part.contains(&pipeline.name.value)).collect();
    let mut stages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut waiting: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut fetched: BTreeSet<(String, String, String)> = BTreeSet::new();
    for pipeline in outside {
        for (up, stage, _) in dependencies(pipeline) {
            stages.entry(up.to_lowercase()).or_default().insert(stage.to_lowercase());
            waiting.entry(up.to_lowercase()).or_default().insert(pipeline.name.value.clone());
        }
        for task in fetches(pipeline) {
            let path = task.pipeline.as_ref().map_or("", |path| path.value.as_str());
            let producer = path.split('/').next().unwrap_or_default();
            let Some(known) = cx.index.pipeline(producer) else { continue };
            let stage = task.stage.as_ref().map_or("", |stage| stage.value.as_str());
            let job = task.job.as_ref().map_or("", |job| job.value.as_str());
            let (stage, job) = fetch::declared(known, stage, job);
            let base = job.split("-runInstance-").next().unwrap_or_default().to_string();
            stages.entry(producer.to_lowercase()).or_default().insert(stage.to_lowercase());
            fetched.insert((known.name.value.clone(), stage, base));
        }
    }
    let moved: Vec<&Pipeline> =
        cx.configuration.sound().filter(|pipeline| part.contains(&pipeline.name.value)).collect();
    let mut stand_ins = Vec::new();
    for pipeline in moved {
        let key = pipeline.name.to_lowercase();
        let (Some(stages), Some(waiting)) = (stages.get(&key), waiting.get(&key)) else { continue };
        let names: Vec<String> = waiting.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "{} in GoCD: a stand-in has to be put there",
            match names.as_slice() {
                [one] => format!("{one} waits for it"),
                _ => format!("{} wait for it", names.join(", ")),
            }
        );
        cx.account.report(&STAND_IN_NEEDED, Place::unbooked(pipeline.name.place.span), message);
        stand_ins.push(StandIn {
            pipeline: pipeline.name.value.clone(),
            awaited_by: waiting.iter().cloned().collect(),
            stages: planned(pipeline, stages, &fetched),
        });
    }
    stand_ins
}

fn planned(
    pipeline: &Pipeline,
    wanted: &BTreeSet<String>,
    fetched: &BTreeSet<(String, String, String)>,
) -> Vec<StandInStage> {
    let slugs = stage_slugs(pipeline);
    let stages = pipeline.stages.iter().filter(|stage| wanted.contains(&stage.name.to_lowercase()));
    stages
        .map(|stage| {
            let jobs = stage.jobs.iter().map(|job| StandInJob {
                name: job.name.value.clone(),
                fetched: fetched.contains(&(
                    pipeline.name.value.clone(),
                    stage.name.value.clone(),
                    job.name.value.clone(),
                )),
                instances: job.run_instances.as_ref().map(|number| match number.value {
                    RunInstances::All => "all".to_string(),
                    RunInstances::Number(number) => number.to_string(),
                }),
            });
            let slug = slugs.get(&stage.name.value).map_or_else(String::new, |slug| slug.text.clone());
            StandInStage { stage: Stage { name: stage.name.value.clone(), slug }, jobs: jobs.collect() }
        })
        .collect()
}
