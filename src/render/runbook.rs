//! MIGRATION.md: what people do, wave by wave.

use minijinja::context;

use super::{Set, data};
use crate::plan::Plan;
use crate::plan::bridge::StandIn;

/// Adds it.
pub(super) fn runbook(plan: &Plan, set: &mut Set) -> anyhow::Result<()> {
    let bridge = plan.bridge.as_ref();
    let url = plan.event_sources.iter().find_map(|source| source.url.as_deref());
    // Where the stand-ins load artifacts from. S3 itself needs no address.
    let runbook = &plan.runbook;
    let stores = &plan.platform.stores;
    let store = if runbook.overlay == "minio" { &stores.minio } else { &stores.aws };
    let endpoint = match store.endpoint.as_str() {
        endpoint if endpoint.ends_with(".amazonaws.com") => String::new(),
        endpoint => format!("http{}://{endpoint}", if store.insecure { "" } else { "s" }),
    };
    let value = context! {
        namespace => plan.namespace.as_str(),
        gocd_url => runbook.gocd_url.as_deref().unwrap_or("https://gocd.example.com/go"),
        knows_gocd => runbook.gocd_url.is_some(),
        overlay => runbook.overlay,
        other_overlay => runbook.other_overlay,
        argo_cd => data(&plan.platform.argo_cd),
        components => data(&plan.platform.overlays.components),
        first_run => plan.pipelines.iter().any(|pipeline| pipeline.description.first_run),
        reconcile_minutes => plan.exposure.reconcile_minutes,
        bridge_url => url.unwrap_or("https://ci.example.com"),
        event_sources => data(&plan.event_sources),
        waves => data(&runbook.waves),
        bridge => bridge.is_some(),
        from_gocd => data(bridge.map(|bridge| &bridge.description.from_gocd[..]).unwrap_or_default()),
        stand_ins => data(bridge.map(|bridge| &bridge.stand_ins[..]).unwrap_or_default()),
        stand_in_names => data(bridge.map(|bridge| names(&bridge.stand_ins)).unwrap_or_default()),
        store => data(store),
        endpoint => endpoint,
    };
    set.add("MIGRATION.md", "migration.md.j2", value, Vec::new())
}

fn names(stand_ins: &[StandIn]) -> Vec<&str> {
    stand_ins.iter().map(|stand_in| stand_in.pipeline.as_str()).collect()
}
