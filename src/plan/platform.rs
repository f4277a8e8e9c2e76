//! What surrounds the pipelines, planned when they are: stores, overlays, Argo CD, monitoring.

use serde::Serialize;

use super::pipeline::Pipeline;
use super::{Cx, inventory, overlay, slo, store};
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
        overlays: overlay::plan(settings, &super::service_accounts(pipelines)),
        argo_cd: overlay::argo_cd(settings),
        aws: inventory::aws(settings),
        monitoring: slo::plan(settings, pipelines),
    }
}
