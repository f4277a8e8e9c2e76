//! Findings, ledger and comparison, as people and machines want to read them. Everything here returns text.

pub mod builds;
pub mod diff;
pub mod json;
pub mod mask;
pub mod outline;
pub mod summary;
pub mod terminal;
pub mod window;

use crate::finding::{Counts, Finding};
use crate::output::FileChange;
use crate::source::Sources;
use crate::span::FileId;

/// Everything there is to say about a run.
pub struct Report<'a> {
    /// What was found, in the order in which it is shown.
    pub findings: &'a [Finding],
    /// The files that the findings are about.
    pub sources: &'a Sources,
    /// What became of the keys and items of the source.
    pub counts: Counts,
    /// How much was read.
    pub numbers: Numbers,
    /// What is written; empty where nothing is converted.
    pub files: &'a [FileChange],
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Pipelines of all files.
    pub pipelines: usize,
    /// Stages of all pipelines.
    pub stages: usize,
    /// Jobs of all stages.
    pub jobs: usize,
    /// Tasks of all jobs.
    pub tasks: usize,
}

/// `file:line:column` of a finding.
fn locator(sources: &Sources, finding: &Finding) -> String {
    let span = sources.locate(finding);
    let position = sources.position(span);
    format!("{}:{}:{}", terminal::visible(name(sources, span.file)), position.line, position.column)
}

/// A file's name as the user knows it.
fn name(sources: &Sources, file: FileId) -> &str {
    sources.file(file).map_or("", |file| &file.name)
}

/// A number and its noun, in the singular where it is one.
fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
#[expect(dead_code, reason = "the macro declares a list of the rules as well")]
mod fake;
