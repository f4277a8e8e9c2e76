//! The objects `gocd-bridge`.

use anyhow::Context as _;
use minijinja::context;

use super::{Set, data};
use crate::plan::Plan;
use crate::plan::provider::exactly;

/// What a poke from GoCD says, with nothing in it but what names and numbers are made of.
const CAUSE: &str = r#"{"pipeline":"{{ regexReplaceAll "[^A-Za-z0-9._-]" (toString .Input.body.pipeline) "" }}","counter":"{{ regexReplaceAll "[^0-9]" (toString .Input.body.counter) "" }}","stage":"{{ regexReplaceAll "[^A-Za-z0-9._-]" (toString .Input.body.stage) "" }}"}"#;

/// Adds them where a part of the pipelines is still in GoCD and tied to those here.
pub(super) fn bridge(plan: &Plan, set: &mut Set) -> anyhow::Result<()> {
    let Some(bridge) = &plan.bridge else { return Ok(()) };
    let description = serde_json::to_string_pretty(&bridge.description).context("bridge.json")? + "\n";
    let value = context! {
        description => description,
        copies => bridge.copies(),
        tools_image => plan.tools_image.as_str(),
    };
    set.add("base/cron/gocd-bridge.yaml", "bridge.yaml.j2", value, Vec::new())?;
    let told = bridge.description.to_gocd.iter().flat_map(|target| {
        let of = |stage: &crate::plan::bridge::Stage| {
            let said = format!("{}/{}", target.pipeline, stage.name);
            (exactly(&target.pipeline), exactly(&stage.name), said)
        };
        target.stages.iter().map(of)
    });
    let told: Vec<(String, String, String)> = told.collect();
    let value = context! {
        from_gocd => bridge.is_poked(),
        to_gocd => data(&told),
        cause_template => CAUSE,
    };
    set.add("base/events/gocd-bridge.yaml", "bridge-events.yaml.j2", value, Vec::new())
}
