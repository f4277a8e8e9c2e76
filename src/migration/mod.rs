//! The way from GoCD to Argo while both run: in which order pipelines move, and which of them one conversion covers.

pub mod pattern;
pub mod runbook;
pub mod select;
pub mod text;
pub mod waves;
pub mod weight;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::finding::{Finding, Severity};
use crate::gocd::Configuration;

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

/// Findings without those that are about other pipelines only. What GoCD would refuse stays.
pub fn about(configuration: &Configuration, findings: Vec<Finding>, part: &BTreeSet<String>) -> Vec<Finding> {
    let pipelines: Vec<_> = configuration.sound().collect();
    let owned = weight::positions_by_pipeline(&pipelines, &findings);
    let mut elsewhere = vec![false; findings.len()];
    // A finding of an anchor that several use stays when one of them is in the part.
    for is_in_part in [false, true] {
        let chosen = pipelines.iter().zip(&owned);
        let chosen = chosen.filter(|(pipeline, _)| part.contains(&pipeline.name.value) == is_in_part);
        chosen.flat_map(|(_, owned)| owned).for_each(|index| elsewhere[*index] = !is_in_part);
    }
    let mut unused = BTreeSet::new();
    for environment in &configuration.environments {
        if !part.iter().any(|pipeline| environment.has(pipeline)) {
            unused.extend(environment.variables.iter().filter_map(|variable| variable.name.place.slot));
        }
    }
    for (index, finding) in findings.iter().enumerate() {
        elsewhere[index] |= finding.place.slot.is_some_and(|slot| unused.contains(&slot));
    }
    let kept = findings.into_iter().zip(elsewhere);
    let kept = kept.filter(|(finding, elsewhere)| !elsewhere || finding.rule.severity == Severity::Error);
    kept.map(|(finding, _)| finding).collect()
}
