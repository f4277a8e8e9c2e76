//! What a run came to, for people: how much, what became of it, what to do next and in which order.

use super::terminal::visible;
use super::{Report, count, locator, mask};
use crate::finding::{Finding, Severity};
use crate::output::Action;
use std::collections::BTreeMap;

/// The summary, ending with a line break.
pub fn summary(report: &Report<'_>) -> String {
    let mut text = numbers(report);
    text.push_str(&findings(report));
    text.push_str(&files(report));
    text.push_str(&next_steps(report));
    text
}

fn numbers(report: &Report<'_>) -> String {
    let numbers = &report.numbers;
    let counts = &report.counts;
    let mut text = format!(
        "{}, {}, {}, {}\n",
        count(numbers.pipelines, "pipeline"),
        count(numbers.stages, "stage"),
        count(numbers.jobs, "job"),
        count(numbers.tasks, "task")
    );
    let outcomes = [
        (counts.converted, "converted"),
        (counts.approximated, "approximated"),
        (counts.decision, "left for a person"),
        (counts.no_counterpart, "without counterpart"),
        (counts.refused, "refused"),
    ];
    text.push_str(&format!("{}{}\n", count(counts.total, "key"), list(&outcomes)));
    text
}

/// `: 1 this, 2 that`, without what is zero.
fn list(parts: &[(usize, &str)]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

fn findings(report: &Report<'_>) -> String {
    let with = |severity| report.findings.iter().filter(|finding| finding.rule.severity == severity).count();
    let parts = [
        (with(Severity::Error), "error"),
        (with(Severity::Decision), "decision"),
        (with(Severity::Warning), "warning"),
        (with(Severity::Info), "note"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| count(*number, noun)).collect();
    let total = count(report.findings.len(), "finding");
    if parts.is_empty() { "no findings\n".to_string() } else { format!("{total}: {}\n", parts.join(", ")) }
}

fn files(report: &Report<'_>) -> String {
    if report.files.is_empty() {
        return String::new();
    }
    let with = |action| report.files.iter().filter(|file| file.action == action).count();
    let parts = [
        (with(Action::Create), "to create"),
        (with(Action::Update), "to update"),
        (with(Action::Unchanged), "unchanged"),
        (with(Action::Remove), "to remove"),
        (with(Action::Conflict), "in conflict"),
    ];
    format!("{}{}\n", count(report.files.len(), "file"), list(&parts))
}

/// Errors, then conflicts, then decisions by rule, the most frequent first.
fn next_steps(report: &Report<'_>) -> String {
    let mut steps = by_rule(report, Severity::Error);
    let conflicts: Vec<&str> = report
        .files
        .iter()
        .filter(|file| file.action == Action::Conflict)
        .map(|file| file.path.as_str())
        .collect();
    if let Some(first) = conflicts.first() {
        let number = count(conflicts.len(), "file");
        steps.push(format!(
            "conflict: {number} edited by hand or not written by gocd2argo, first `{}`\n\
             \x20    take over what the diff shows, or overwrite with `--force`",
            visible(first)
        ));
    }
    steps.extend(by_rule(report, Severity::Decision));
    if steps.is_empty() {
        return String::new();
    }
    let mut text = "\nnext steps:\n".to_string();
    for (index, step) in steps.iter().enumerate() {
        text.push_str(&format!("{:3}. {step}\n", index + 1));
    }
    text
}

fn by_rule(report: &Report<'_>, severity: Severity) -> Vec<String> {
    let mut groups: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.rule.severity == severity) {
        groups.entry(finding.rule.name).or_default().push(finding);
    }
    let mut groups: Vec<(&str, Vec<&Finding>)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, findings)| std::cmp::Reverse(findings.len()));
    groups.iter().map(|(rule, findings)| step(report, rule, findings)).collect()
}

fn step(report: &Report<'_>, rule: &str, findings: &[&Finding]) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let clean = |text: &str| visible(&mask::mask_text(text));
    let mut text = format!("{rule} at {}: {}", locator(report.sources, first), clean(&first.message));
    if findings.len() > 1 {
        let more = findings.len() - 1;
        let places = if more == 1 { "place" } else { "places" };
        text.push_str(&format!(" (and {more} more {places})"));
    }
    if let Some(help) = &first.help {
        text.push_str(&format!("\n     {}", clean(help)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::Numbers;
    use super::super::fake::{ODD_IMAGE, ODD_NOTE, ODD_THING, finding, sources};
    use super::*;
    use crate::finding::Counts;
    use crate::output::FileChange;

    #[test]
    fn the_next_steps_are_in_order() {
        let sources = sources("a: 1\nb: 2\nc: 3\n");
        let mut image = finding(&sources, &ODD_IMAGE, "2", "image for `b` is not known");
        image.help("set `images.b`");
        let mut findings = vec![image, finding(&sources, &ODD_IMAGE, "3", "image for `c` is not known")];
        findings.push(finding(&sources, &ODD_THING, "1", "`a` is refused"));
        findings.push(finding(&sources, &ODD_NOTE, "a", "by the way"));
        let conflict = FileChange {
            path: "a.yaml".into(),
            action: Action::Conflict,
            old: Some("x".into()),
            new: Some("y".into()),
            pipelines: vec![],
        };
        let report = Report {
            findings: &findings,
            sources: &sources,
            counts: Counts { total: 3, converted: 1, decision: 2, ..Counts::default() },
            numbers: Numbers { pipelines: 1, stages: 2, jobs: 2, tasks: 0 },
            files: &[conflict],
        };
        insta::assert_snapshot!(summary(&report), @r"
        1 pipeline, 2 stages, 2 jobs, 0 tasks
        3 keys: 1 converted, 2 left for a person
        4 findings: 1 error, 2 decisions, 1 note
        1 file: 1 in conflict

        next steps:
          1. odd-thing at ci/app.gocd.yaml:1:4: `a` is refused
          2. conflict: 1 file edited by hand or not written by gocd2argo, first `a.yaml`
             take over what the diff shows, or overwrite with `--force`
          3. odd-image at ci/app.gocd.yaml:2:4: image for `b` is not known (and 1 more place)
             set `images.b`
        ");
    }
}
