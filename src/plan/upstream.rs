//! Dependency materials: a pipeline that is started by a stage of another one.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | the upstream *stage* has passed | `stage-passed`, beside the stage that follows, records the pass and posts it to the EventSource `gocd-stages`; a Sensor starts this pipeline | yes |
//! | later stages of the upstream run go on | they do | yes |
//! | any of several dependencies | one trigger each; `prepare` takes the newest passed runs of the others | yes |
//! | common ancestors (fan-in) | `prepare` takes a consistent set from the last 50 passes | yes, within these |
//! | `ignore_for_scheduling` | no trigger, unless it brings a repository of the pipeline's own its revision (`fan_in.rs`); the newest passed run is used | yes |
//!
//! GoCD: `../shared/spec/gocd-yaml.md` §3.1, §3.3. Argo: EventSource `webhook`, Sensor `filters.data`.

use super::description::Upstream;
use super::{Cx, fetch};
use crate::gocd::Material;

crate::findings! {
    /// A pipeline depends on one that is in none of the files.
    ///
    /// ## Why it matters
    /// Nothing here tells that the upstream stage has passed, so this pipeline is not started by it until the other pipeline
    /// is converted into the same namespace. What else starts it still does, but without a passed upstream run there is no go.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {up: {pipeline: elsewhere, stage: build}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Convert both repositories in one call: `gocd2argo convert repo-a repo-b`.
    pub UPSTREAM_NOT_IN_INPUT = "upstream-not-in-input", Migration, Decision, Decision;
}

/// The upstream stage that a dependency material names.
pub fn plan(material: &Material, cx: &mut Cx) -> Option<Upstream> {
    let pipeline = material.pipeline.as_ref()?;
    let stage = material.stage.as_ref()?;
    let known = cx.index.pipeline(&pipeline.value);
    let has_stages = known.is_some_and(|known| known.template.is_none());
    if !has_stages {
        let message = match known {
            None => format!("pipeline `{}` is in none of the files", pipeline.value),
            Some(_) => {
                format!("the stages of pipeline `{}` are in a template on the GoCD server", pipeline.value)
            }
        };
        cx.account.report(&UPSTREAM_NOT_IN_INPUT, pipeline, message).help(
            "convert the repository that defines it in the same call; until then it starts nothing here",
        );
    }
    Some(Upstream {
        pipeline: known.map_or_else(|| pipeline.value.clone(), |known| known.name.value.clone()),
        slug: cx.pipeline_slug(&pipeline.value),
        stage: known
            .and_then(|known| known.stage(&stage.value))
            .map_or_else(|| stage.value.clone(), |stage| stage.name.value.clone()),
        stage_slug: fetch::stage_slug(known, &stage.value),
        ignore_for_scheduling: material.ignore_for_scheduling.as_ref().is_some_and(|flag| flag.value),
        pins: false,
    })
}
