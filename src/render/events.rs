//! What starts runs: EventSources, Sensors, timers, the reconciler, and the way in for webhooks.

use minijinja::context;

use super::{Set, data, git_secrets};
use crate::plan::Plan;

/// What starts runs: EventSources, Sensors, timers, the reconciler.
pub(super) fn add(plan: &Plan, set: &mut Set) -> anyhow::Result<()> {
    for source in &plan.event_sources {
        let path = format!("base/events/eventsource-{}.yaml", source.name.trim_start_matches("gocd-"));
        set.add(path, "event-source.yaml.j2", context! { source => data(source) }, Vec::new())?;
    }
    if plan.has_stage_events {
        set.add("base/events/eventsource-stages.yaml", "stage-events.yaml.j2", context! {}, Vec::new())?;
    }
    for sensor in &plan.sensors {
        let mut pipelines: Vec<String> =
            sensor.triggers.iter().map(|trigger| trigger.pipeline_name.clone()).collect();
        pipelines.dedup();
        let path = format!("base/events/sensor-{}.yaml", sensor.name);
        set.add(path, "sensor.yaml.j2", context! { sensor => data(sensor) }, pipelines)?;
    }
    for timer in &plan.timers {
        let path = format!("base/cron/{}.yaml", timer.name);
        set.add(
            path,
            "cron-workflow.yaml.j2",
            context! { timer => data(timer) },
            vec![timer.pipeline_name.clone()],
        )?;
    }
    if !plan.pipelines.is_empty() {
        let value = context! {
            git_secrets => data(git_secrets(plan)),
            tools_image => plan.tools_image.as_str(),
            minutes => plan.exposure.reconcile_minutes,
        };
        set.add("base/cron/gocd-reconcile.yaml", "reconcile.yaml.j2", value, Vec::new())?;
    }
    exposure(plan, set)
}

/// The way in for webhooks, and what is to be done at the git hosts.
fn exposure(plan: &Plan, set: &mut Set) -> anyhow::Result<()> {
    if plan.event_sources.is_empty() {
        return Ok(());
    }
    let from_gocd = plan.is_poked_from_gocd();
    let value =
        || context! { exposure => data(&plan.exposure), sources => data(&plan.event_sources), from_gocd };
    if plan.exposure.ingress.is_some() {
        set.add("base/events/ingress.yaml", "ingress.yaml.j2", value(), Vec::new())?;
    }
    if plan.exposure.gateway.is_some() {
        set.add("base/events/http-route.yaml", "http-route.yaml.j2", value(), Vec::new())?;
    }
    set.add("WEBHOOKS.md", "webhooks.md.j2", value(), Vec::new())
}
