//! Helpers for the tests of this room.

use super::{Configuration, Pipeline, complete, read};
use crate::finding::{Account, Severity};
use crate::source::Sources;

/// What one file gives.
pub struct Given {
    /// After [`read`] and [`complete`].
    pub configuration: Configuration,
    /// `line:column rule: message`, a line each; errors begin with `!`.
    pub findings: Vec<String>,
}

/// Reads and completes one file.
pub fn given(text: &str) -> Given {
    let mut account = Account::default();
    let sources = Sources::from_texts(&[("a.gocd.yaml", text)], &mut account);
    let mut configuration = read(&sources, &mut account);
    complete(&mut configuration, &mut account);
    account.settle();
    let findings = account.findings.iter().map(|finding| {
        let at = sources.position(sources.locate(finding));
        let mark = if finding.rule.severity == Severity::Error { "!" } else { "" };
        format!("{mark}{}:{} {}: {}", at.line, at.column, finding.rule.name, finding.message)
    });
    Given { findings: findings.collect(), configuration }
}

/// The text of a file with one pipeline `p` with these keys, from line 4 on; `materials` and `stages` are added when absent.
pub fn pipeline_text(keys: &str) -> String {
    let mut text = String::from("format_version: 10\npipelines:\n  p:\n");
    for line in keys.lines() {
        text.push_str(&format!("    {line}\n"));
    }
    for (key, value) in [
        ("group:", "g"),
        ("materials:", "{m: {git: 'https://git.example.com/a.git'}}"),
        ("stages:", "[s: {tasks: [exec: {command: make}]}]"),
    ] {
        if !keys.lines().any(|line| line.starts_with(key)) {
            text.push_str(&format!("    {key} {value}\n"));
        }
    }
    text
}

/// The pipeline of [`pipeline_text`]; nothing may be said about it.
pub fn pipeline(keys: &str) -> Pipeline {
    let given = given(&pipeline_text(keys));
    assert_eq!(given.findings, Vec::<String>::new());
    assert_eq!(given.configuration.pipelines.len(), 1);
    given.configuration.pipelines.into_iter().next().unwrap_or_else(|| unreachable!())
}

/// What is said about the pipeline of [`pipeline_text`].
pub fn findings(keys: &str) -> Vec<String> {
    given(&pipeline_text(keys)).findings
}
