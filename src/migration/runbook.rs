//! The waves as MIGRATION.md needs them: with the names on Kubernetes.

use std::collections::BTreeSet;

use super::Waves;
use crate::plan::Plan;
use crate::plan::pipeline::Pipeline;
use crate::plan::runbook::{Step, Wave};
use crate::settings::Settings;

/// The steps of all waves; `slug` gives a pipeline's name on Kubernetes, also when it is not in this plan.
pub fn runbook(waves: &Waves, plan: &Plan, slug: &dyn Fn(&str) -> String, settings: &Settings) -> Vec<Wave> {
    let here: BTreeSet<&str> = plan.pipelines.iter().map(|pipeline| pipeline.name.as_str()).collect();
    let those = |fits: &dyn Fn(&Pipeline) -> bool| -> BTreeSet<&str> {
        plan.pipelines
            .iter()
            .filter(|pipeline| fits(pipeline))
            .map(|pipeline| pipeline.name.as_str())
            .collect()
    };
    let by_hand = those(&|pipeline| pipeline.description.first_stage_manual);
    let with_gates = those(&|pipeline| pipeline.description.stages.iter().skip(1).any(|stage| stage.manual));
    let step = |moved: &super::Move| {
        let timers = plan.timers.iter().filter(|timer| timer.pipeline_name == moved.pipeline);
        Step {
            name: moved.pipeline.clone(),
            slug: slug(&moved.pipeline),
            here: here.contains(moved.pipeline.as_str()),
            why: moved.why.join("; "),
            risk: moved.risk.word().to_string(),
            timers: timers.map(|timer| timer.name.clone()).collect(),
            counter: settings.runs.counters.get(&moved.pipeline).copied(),
            started_by_hand: by_hand.contains(moved.pipeline.as_str()),
            waits_for_approvals: with_gates.contains(moved.pipeline.as_str()),
        }
    };
    let waves = waves.waves.iter();
    waves
        .map(|wave| Wave { number: wave.number, pipelines: wave.pipelines.iter().map(step).collect() })
        .collect()
}
