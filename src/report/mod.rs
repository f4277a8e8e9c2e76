//! Findings, ledger and comparison, as people and machines want to read them. Everything here returns text.

pub mod diff;
pub mod json;
pub mod mask;
pub mod summary;
pub mod terminal;
pub mod window;

use crate::finding::{Counts, Finding};
use crate::output::FileChange;
use crate::span::{FileId, Span};

/// Everything there is to say about a run.
pub struct Report<'a> {
    /// What was found, in the order in which it is shown.
    pub findings: &'a [Finding],
    /// The files that the findings are about.
    pub sources: &'a dyn Texts,
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

/// Line and column of a span, all counted from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line behind the last character.
    pub end_line: usize,
    /// Column behind the last character.
    pub end_column: usize,
}

/// What a report asks of the sources.
pub trait Texts {
    /// A file's name as the user knows it.
    fn name(&self, file: FileId) -> &str;
    /// A file's whole text.
    fn text(&self, file: FileId) -> &str;
    /// Line and column of a span.
    fn lines(&self, span: Span) -> Lines;
    /// The bytes that a finding means: its place, or the part of it that it is narrowed to.
    fn mark(&self, finding: &Finding) -> Span;
}

/// `file:line:column` of a finding.
fn locator(sources: &dyn Texts, finding: &Finding) -> String {
    let span = sources.mark(finding);
    let lines = sources.lines(span);
    format!("{}:{}:{}", terminal::visible(sources.name(span.file)), lines.line, lines.column)
}

/// A number and its noun, in the singular where it is one.
fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
#[expect(dead_code, reason = "the macro declares a list of the rules as well")]
mod fake;
