//! From GoCD to Argo: pipelines that stay, and what of them is needed here.

use std::collections::{BTreeMap, BTreeSet};

use super::{BRIDGED_UPSTREAM, Copied, Source, Stage, dependencies, fetches, stage_slugs};
use crate::plan::{Cx, fetch, names, pipeline};

/// What is needed of one pipeline.
#[derive(Default)]
struct Need {
    /// Stages by their names in lower case.
    stages: BTreeMap<String, String>,
    artifacts: BTreeSet<Copied>,
}

/// The pipelines in GoCD that those of the part depend on, also by way of others; upstream ones first.
pub fn plan(part: &BTreeSet<String>, cx: &mut Cx) -> Vec<Source> {
    let mut needs: BTreeMap<String, Need> = BTreeMap::new();
    let mut spelled: BTreeMap<String, String> = BTreeMap::new();
    let mut next: Vec<&crate::gocd::Pipeline> =
        cx.configuration.sound().filter(|pipeline| part.contains(&pipeline.name.value)).collect();
    let mut told = BTreeSet::new();
    while let Some(pipeline) = next.pop() {
        for (up, stage, place) in dependencies(pipeline) {
            let known = cx.index.pipeline(up);
            if known.is_some_and(|known| part.contains(&known.name.value)) {
                continue;
            }
            let key = up.to_lowercase();
            let is_new = !needs.contains_key(&key);
            needs.entry(key.clone()).or_default().stages.insert(stage.to_lowercase(), stage.to_string());
            let name = known.map_or(up, |known| known.name.as_str());
            spelled.insert(key, name.to_string());
            if part.contains(&pipeline.name.value)
                && told.insert((pipeline.name.value.clone(), up.to_lowercase()))
            {
                let message = format!("`{name}` is still in GoCD: its runs come over the bridge");
                cx.account.report(&BRIDGED_UPSTREAM, place, message);
            }
            if let (true, Some(known)) = (is_new, known) {
                next.push(known);
            }
        }
    }
    for pipeline in cx.configuration.sound().filter(|pipeline| part.contains(&pipeline.name.value)) {
        artifacts(pipeline, &mut needs, cx);
    }
    ordered(&needs, cx).into_iter().map(|key| source(&spelled[&key], &needs[&key], cx)).collect()
}

fn artifacts(pipeline: &crate::gocd::Pipeline, needs: &mut BTreeMap<String, Need>, cx: &Cx) {
    for task in fetches(pipeline) {
        let path = task.pipeline.as_ref().map_or("", |path| path.value.as_str());
        let producer = path.split('/').next().unwrap_or_default().to_lowercase();
        let Some(need) = needs.get_mut(&producer) else { continue };
        let stage = task.stage.as_ref().map_or("", |stage| stage.value.as_str());
        let job = task.job.as_ref().map_or("", |job| job.value.as_str());
        let (stage, job) = cx
            .index
            .pipeline(&producer)
            .map_or_else(|| (stage.to_string(), job.to_string()), |known| fetch::declared(known, stage, job));
        let source = task.source.as_ref().map_or("", |source| source.value.as_str()).trim_matches('/');
        if source.contains("{{") {
            continue;
        }
        need.stages.insert(stage.to_lowercase(), stage.clone());
        let is_file = task.is_file.as_ref().is_some_and(|flag| flag.value);
        need.artifacts.insert(Copied { stage, job, source: source.to_string(), is_file });
    }
}

/// The keys, each after those of its own upstream pipelines.
fn ordered(needs: &BTreeMap<String, Need>, cx: &Cx) -> Vec<String> {
    let upstream = |key: &str| -> BTreeSet<String> {
        let Some(pipeline) = cx.index.pipeline(key) else { return BTreeSet::new() };
        let names = dependencies(pipeline).map(|(up, _, _)| up.to_lowercase());
        names.filter(|up| needs.contains_key(up) && up != key).collect()
    };
    let mut waits: BTreeMap<&str, usize> = BTreeMap::new();
    let mut downstream: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for key in needs.keys() {
        let upstream = upstream(key);
        waits.insert(key, upstream.len());
        for up in upstream {
            downstream.entry(up).or_default().push(key);
        }
    }
    let mut ready: BTreeSet<&str> =
        waits.iter().filter(|(_, left)| **left == 0).map(|(key, _)| *key).collect();
    let mut order = Vec::new();
    while let Some(key) = ready.pop_first() {
        order.push(key.to_string());
        for down in downstream.get(key).into_iter().flatten() {
            if let Some(left) = waits.get_mut(down) {
                *left -= 1;
                if *left == 0 {
                    ready.insert(down);
                }
            }
        }
    }
    order
}

fn source(name: &str, need: &Need, cx: &mut Cx) -> Source {
    let known = cx.index.pipeline(name);
    let slugs = known.map(stage_slugs).unwrap_or_default();
    let stages = need.stages.values().map(|stage| {
        let declared = known.and_then(|known| known.stage(stage)).map_or(stage, |known| &known.name.value);
        let slug = slugs
            .get(declared)
            .map_or_else(|| names::single(declared, names::LONG), |slug| slug.text.clone());
        Stage { name: declared.clone(), slug }
    });
    let stages = stages.collect();
    // Only read here: what these repositories need to be cloned is not this part's business.
    let secrets = cx.secrets.clone();
    let materials = known.map(|known| pipeline::materials(known, cx)).unwrap_or_default();
    cx.secrets = secrets;
    Source {
        pipeline: name.to_string(),
        slug: cx.pipeline_slug(name),
        stages,
        materials,
        artifacts: need.artifacts.iter().cloned().collect(),
    }
}
