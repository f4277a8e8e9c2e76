//! What surrounds the pipelines, planned when they are: stores, overlays, Argo CD, monitoring.

use std::collections::BTreeSet;

use serde::Serialize;

use super::pipeline::Pipeline;
use super::{Cx, inventory, overlay, placement, slo, store};
use crate::gocd::Configuration;

/// What surrounds the pipelines.
#[derive(Debug, Serialize)]
pub struct Platform {
    /// Where artifacts are kept, by overlay.
    pub stores: store::Stores,
    /// What differs between kinds of cluster.
    pub overlays: overlay::Overlays,
    /// How Argo CD finds the manifests; `None` when nobody said so.
    pub argo_cd: Option<overlay::ArgoCd>,
    /// Where AWS keeps secret values.
    pub aws: inventory::Aws,
    /// Rules and alerts of the component `monitoring`.
    pub monitoring: slo::Monitoring,
}

/// Plans it.
pub fn plan(configuration: &Configuration, pipelines: &[Pipeline], cx: &mut Cx) -> Platform {
    let stores = store::plan(configuration, pipelines, cx);
    let settings = cx.settings;
    Platform {
        stores,
        overlays: overlay::plan(settings, &service_accounts(pipelines)),
        argo_cd: overlay::argo_cd(settings),
        aws: inventory::aws(settings),
        monitoring: slo::plan(settings, pipelines),
    }
}

/// ServiceAccounts of jobs, besides that of jobs that need no rights.
pub fn service_accounts(pipelines: &[Pipeline]) -> BTreeSet<String> {
    pipelines
        .iter()
        .flat_map(|pipeline| &pipeline.stages)
        .flat_map(|stage| &stage.jobs)
        .map(|job| job.placed.service_account.clone())
        .filter(|name| name != placement::DEFAULT_ACCOUNT)
        .collect()
}
