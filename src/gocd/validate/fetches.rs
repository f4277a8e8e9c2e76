//! What fetch tasks refer to: pipeline, stage and job.

use crate::finding::{Account, Rule};
use crate::gocd::complete::refuse_pipeline;
use crate::gocd::{Configuration, Fetch, Job, MaterialKind, Pipeline, RunInstances, Stage, TaskKind};
use crate::span::Src;
use std::collections::HashMap;

crate::findings! {
    /// A fetch refers to a stage or job that does not exist, or does not end before the fetch begins.
    ///
    /// ## Why it matters
    /// Within a pipeline an earlier stage must be named; of an upstream pipeline the stage depended on, or one before it.
    /// GoCD's server refuses the whole repository otherwise.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build: {artifacts: [build: {source: out}], tasks: [exec: {command: make}]}
    ///       - test: {tasks: [fetch: {stage: test, job: test, source: out}]}
    /// ```
    ///
    /// ## Instead
    /// Name a stage that has ended by then, here `build`.
    pub INVALID_FETCH = "invalid-fetch", Refused, Error, Refused;

    /// A fetch names a pipeline that the own one does not depend on.
    ///
    /// ## Why it matters
    /// Artifacts come from upstream runs only: the pipeline must be a dependency material, or `ancestor/…/parent` a chain of
    /// dependencies. GoCD's server refuses the whole repository otherwise.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [fetch: {pipeline: lib, stage: build, job: build, source: out}]}]
    /// ```
    ///
    /// ## Instead
    /// Add the material: `lib: {pipeline: lib, stage: build}`.
    pub FETCH_NOT_UPSTREAM = "fetch-not-upstream", Refused, Error, Refused;
}

/// What a fetch is wrong about: rule, message, place, help.
type Wrong = (&'static Rule, String, crate::span::Place, &'static str);

/// Checks every fetch task. What lies in pipelines that are not in the files is unknown, not wrong.
pub fn check(configuration: &mut Configuration, account: &mut Account) {
    let mut found: Vec<(usize, Wrong)> = Vec::new();
    {
        let pipelines = &configuration.pipelines;
        let mut index: HashMap<String, &Pipeline> = HashMap::new();
        for pipeline in pipelines {
            index.entry(pipeline.name.to_lowercase()).or_insert(pipeline);
        }
        for (number, pipeline) in pipelines.iter().enumerate() {
            for (at, stage) in pipeline.stages.iter().enumerate() {
                let tasks = stage.jobs.iter().flat_map(|job| &job.tasks);
                let tasks = tasks.flat_map(|task| std::iter::once(task).chain(task.on_cancel.as_deref()));
                for task in tasks {
                    if let TaskKind::Fetch(fetch) = &task.kind.value
                        && let Some(wrong) = judge(fetch, pipeline, at, &index)
                    {
                        found.push((number, wrong));
                    }
                }
            }
        }
    }
    for (number, (rule, message, place, help)) in found {
        account.report(rule, place, message).help(help);
        refuse_pipeline(&mut configuration.pipelines[number], rule, account);
    }
}

fn judge(fetch: &Fetch, own: &Pipeline, at: usize, index: &HashMap<String, &Pipeline>) -> Option<Wrong> {
    let stage = fetch.stage.as_ref().filter(|stage| !stage.trim().is_empty())?;
    let job = fetch.job.as_ref().filter(|job| !job.trim().is_empty())?;
    let path = fetch.pipeline.as_ref().filter(|path| !path.trim().is_empty());
    match path {
        Some(path) if !path.eq_ignore_ascii_case(&own.name) => upstream(path, stage, job, own, index),
        _ => {
            let earlier = own.stages.get(..at).unwrap_or_default();
            let help = "name a stage before the one that the task is in";
            within(own, earlier, stage, job, help)
        }
    }
}

/// A stage among those that have ended, and its job.
fn within(
    pipeline: &Pipeline,
    ended: &[Stage],
    stage: &Src<String>,
    job: &Src<String>,
    help: &'static str,
) -> Option<Wrong> {
    let Some(found) = pipeline.stage(stage) else {
        let message = format!("the pipeline `{}` has no stage `{}`", pipeline.name.value, stage.value);
        return Some((&INVALID_FETCH, message, stage.place, help));
    };
    if !ended.iter().any(|stage| stage.name.value == found.name.value) {
        let message = format!("the stage `{}` has not ended when this fetch begins", stage.value);
        return Some((&INVALID_FETCH, message, stage.place, help));
    }
    if found.jobs.iter().any(|candidate| is_job(candidate, job)) {
        return None;
    }
    let message = format!("the stage `{}` has no job `{}`", found.name.value, job.value);
    Some((&INVALID_FETCH, message, job.place, "name one of its jobs"))
}

/// Whether the text names the job, or one of its instances.
fn is_job(job: &Job, name: &str) -> bool {
    if job.name.eq_ignore_ascii_case(name) {
        return true;
    }
    let infix = match job.run_instances.as_ref().map(|count| &count.value) {
        Some(RunInstances::All) => "-runonall-",
        Some(RunInstances::Number(_)) => "-runinstance-",
        None => return false,
    };
    let (name, job) = (name.to_lowercase(), job.name.to_lowercase());
    name.strip_prefix(&job)
        .and_then(|rest| rest.strip_prefix(infix))
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Follows `ancestor/…/parent` from the parent up.
fn upstream(
    path: &Src<String>,
    stage: &Src<String>,
    job: &Src<String>,
    own: &Pipeline,
    index: &HashMap<String, &Pipeline>,
) -> Option<Wrong> {
    let mut pipeline = own;
    let mut until = None;
    for name in path.rsplit('/') {
        let dependency = pipeline.materials.iter().find(|material| {
            material.kind.value == MaterialKind::Dependency
                && material.pipeline.as_ref().is_some_and(|upstream| upstream.eq_ignore_ascii_case(name))
        });
        let Some(dependency) = dependency else {
            let message = format!("`{}` does not depend on `{name}`", pipeline.name.value);
            let help =
                "fetch from a pipeline that is a dependency material, or write the path `ancestor/…/parent`";
            return Some((&FETCH_NOT_UPSTREAM, message, path.place, help));
        };
        until = dependency.stage.as_ref();
        pipeline = index.get(&name.to_lowercase())?;
    }
    if pipeline.stages.is_empty() {
        return None;
    }
    let last =
        pipeline.stages.iter().position(|stage| stage.name.eq_ignore_ascii_case(until.map_or("", |s| s)))?;
    let ended = pipeline.stages.get(..=last).unwrap_or_default();
    within(pipeline, ended, stage, job, "name the stage that the dependency names, or one before it")
}
