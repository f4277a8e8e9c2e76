//! The way from GoCD to Argo while both run: in which order pipelines move, and which of them one conversion covers.

pub mod pattern;
pub mod select;
pub mod text;
pub mod waves;
pub mod weight;

#[cfg(test)]
mod tests;

use serde::Serialize;

pub use select::Selection;
pub use waves::waves;
pub use weight::Risk;

/// All waves: the document of `gocd2argo plan --format json`, `docs/plan.schema.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Waves {
    /// Of the document.
    pub version: u32,
    /// In order.
    pub waves: Vec<Wave>,
}

/// Pipelines that move together.
#[derive(Clone, Debug, Serialize)]
pub struct Wave {
    /// From 1 on.
    pub number: usize,
    /// Sum of its pipelines'.
    pub effort: usize,
    /// In the order in which to move them.
    pub pipelines: Vec<Move>,
}

/// One pipeline that moves.
#[derive(Clone, Debug, Serialize)]
pub struct Move {
    /// Original name.
    pub pipeline: String,
    /// Its group in GoCD.
    pub group: String,
    /// What can go wrong.
    pub risk: Risk,
    /// Points.
    pub effort: usize,
    /// What makes risk and effort.
    pub counted: Vec<String>,
    /// Why in this wave.
    pub why: Vec<String>,
    /// Upstream pipelines that move later: the bridge brings their passes to Argo.
    pub waits_for_gocd: Vec<String>,
    /// Downstream pipelines that move later: the bridge starts a stand-in in GoCD.
    pub awaited_in_gocd: Vec<String>,
}
