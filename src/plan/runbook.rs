//! What MIGRATION.md says of the pipelines that move: data only, the text is a template.

use serde::Serialize;

use crate::settings::{Overlay, Settings};

/// The whole page.
#[derive(Clone, Debug, Serialize)]
pub struct Runbook {
    /// Base URL of the GoCD server, `…/go`, where the configuration says it.
    pub gocd_url: Option<String>,
    /// Folder of the overlay that is applied.
    pub overlay: &'static str,
    /// The other one.
    pub other_overlay: &'static str,
    /// In the order in which they move.
    pub waves: Vec<Wave>,
}

/// What the configuration says; the waves come later.
pub fn plan(settings: &Settings) -> Runbook {
    let url = settings.migration.gocd_url.as_deref();
    let overlay = settings.argo_cd.overlay.unwrap_or_default();
    let other = if overlay == Overlay::Aws { Overlay::Minio } else { Overlay::Aws };
    Runbook {
        gocd_url: url.map(|url| url.trim_end_matches('/').to_string()),
        overlay: overlay.name(),
        other_overlay: other.name(),
        waves: Vec::new(),
    }
}

/// Pipelines that move together.
#[derive(Clone, Debug, Serialize)]
pub struct Wave {
    /// From 1 on.
    pub number: usize,
    /// In the order in which to move them.
    pub pipelines: Vec<Step>,
}

/// One pipeline of a wave.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Original name.
    pub name: String,
    /// Name of its WorkflowTemplate.
    pub slug: String,
    /// Whether it is in this output.
    pub here: bool,
    /// Why in this wave, in words.
    pub why: String,
    /// Its risk, in words.
    pub risk: String,
    /// Names of its CronWorkflows.
    pub timers: Vec<String>,
    /// Its last counter in GoCD, where the configuration says it.
    pub counter: Option<u64>,
    /// Whether only people and timers start it.
    pub started_by_hand: bool,
    /// Whether a run waits for approvals on its way.
    pub waits_for_approvals: bool,
}
