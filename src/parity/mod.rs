//! Whether pipelines run on Argo as well as they ran in GoCD: two run histories, compared.
//!
//! | | GoCD | Argo |
//! |---|---|---|
//! | a run | an entry of `pipelines/:name/history` | a Workflow with at least one stage; one whose `prepare` said no is a poke |
//! | passed, failed | all stages passed; one failed | phase `Succeeded`; `Failed` or `Error` |
//! | cancelled; open | a stage cancelled; a stage running or waiting for a person | `spec.shutdown`; any other phase |
//! | duration | sum of its stages' (`scheduled_at` to `last_transitioned_time`): waiting for people is not work | sum of its `stage-…` nodes'; without nodes, the Workflow's |
//! | start | `scheduled_date` to the first job's `Building` | creation to the start of the first job's pod |
//!
//! A measure holds when it meets the objective, or is no worse than GoCD's: success within half a percentage point, times
//! within a tenth. GoCD: APIs `pipelines/:name/history` v1, `stages/:p/:c/:s/:n` v3, `jobs/:p/:s/:j/history` v1. Argo: `Workflow`.

mod argo;
mod compare;
mod gocd;
mod read;
mod text;
mod time;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use serde::Serialize;

pub use text::text;

/// Objective: share of passed runs among passed and failed ones.
pub const SUCCESS: f64 = 0.995;
/// Objective: average duration, in seconds.
pub const DURATION: f64 = 300.0;
/// Objective: time from the trigger to the first job, in seconds; the average.
pub const START: f64 = 30.0;

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Cancelled,
    Open,
}

/// One run, of either system. Times in milliseconds.
#[derive(Clone, Debug, PartialEq)]
struct Run {
    pipeline: String,
    outcome: Outcome,
    duration: Option<i64>,
    start: Option<i64>,
}

/// The comparison: `docs/parity.schema.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Parity {
    /// Of the document.
    pub version: u32,
    /// Whether every pipeline holds.
    pub holds: bool,
    /// What is asked for.
    pub objectives: Objectives,
    /// Workflows that found nothing to do.
    pub pokes: usize,
    /// By name.
    pub pipelines: Vec<Pipeline>,
}

/// What is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Objectives {
    /// Share of passed runs.
    pub success: f64,
    /// Average, in seconds.
    pub duration_seconds: f64,
    /// Average, in seconds.
    pub start_seconds: f64,
    /// Finished runs that each side must have at least.
    pub runs: usize,
}

/// One pipeline on both sides.
#[derive(Clone, Debug, Serialize)]
pub struct Pipeline {
    /// Name in GoCD; for one that is only on Argo, its name there.
    pub pipeline: String,
    /// Whether Argo is as good as it has to be.
    pub holds: bool,
    /// Why not, a sentence each.
    pub reasons: Vec<String>,
    /// Its runs there.
    pub gocd: Option<Figures>,
    /// Its runs here.
    pub argo: Option<Figures>,
}

/// Figures of a pipeline's runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// All of them, open and cancelled ones too.
    pub runs: usize,
    /// Ended well.
    pub passed: usize,
    /// Ended badly.
    pub failed: usize,
    /// Ended by a person.
    pub cancelled: usize,
    /// Not ended.
    pub open: usize,
    /// Share of passed among passed and failed; `None` without any.
    pub success: Option<f64>,
    /// Average of passed and failed ones.
    pub duration_average_seconds: Option<f64>,
    /// 95 of 100 are no longer.
    pub duration_p95_seconds: Option<f64>,
    /// Average from the trigger to the first job.
    pub start_average_seconds: Option<f64>,
    /// 95 of 100 begin no later.
    pub start_p95_seconds: Option<f64>,
}

/// Reads the exports and compares them. Folders are searched for `*.json`.
///
/// # Errors
/// When a file cannot be read, is no JSON, or is not what it should be: with the file and the place in it.
pub fn parity(gocd: &[PathBuf], argo: &[PathBuf], least_runs: usize) -> anyhow::Result<Parity> {
    let there = gocd::runs(&read::documents(gocd)?)?;
    let (here, pokes) = argo::runs(&read::documents(argo)?)?;
    Ok(compare::compare(&there, &here, pokes, least_runs))
}
