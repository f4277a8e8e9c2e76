//! What MIGRATION.md says of the pipelines that move: data only, the text is a template.

use serde::Serialize;

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
}
