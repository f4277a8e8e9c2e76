//! What the scripts in the cluster are told about a pipeline: `pipeline.json`.

use crate::gocd;
use crate::plan::description::{self, Ancestor, Description, Material};
use crate::plan::{Cx, fetch, label, lock, stage};

/// Describes a pipeline.
pub(super) fn describe(
    source: &gocd::Pipeline,
    slug: &str,
    group: &str,
    materials: Vec<Material>,
    stages: &[stage::Stage],
    ancestors: &[Vec<String>],
    cx: &mut Cx,
) -> Description {
    let key_of = |name: &str| {
        let known = materials.iter().find(|material| material.name.eq_ignore_ascii_case(name))?;
        Some(known.key.clone())
    };
    Description {
        pipeline: source.name.value.clone(),
        slug: slug.to_string(),
        group: group.to_string(),
        label: label::plan(source, key_of, cx),
        counter_start: cx.settings.runs.counters.get(&source.name.value).copied().unwrap_or(0),
        lock: lock::plan(source, slug, cx),
        first_stage_manual: source.stages.first().is_some_and(gocd::Stage::is_manual),
        first_run: cx.settings.runs.first_run,
        stages: source.stages.iter().zip(stages).map(describe_stage).collect(),
        ancestors: fetch::ancestor_slugs(ancestors, cx)
            .into_iter()
            .enumerate()
            .map(|(index, path)| Ancestor { key: (index + 1).to_string(), path })
            .collect(),
        materials,
    }
}

fn describe_stage((source, planned): (&gocd::Stage, &stage::Stage)) -> description::Stage {
    description::Stage {
        name: source.name.value.clone(),
        slug: planned.slug.clone(),
        manual: source.is_manual(),
    }
}
