//! Every finding of the room `gocd` is raised by the example on its own page, and by nothing in a sound file.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use gocd2argo::finding::{Account, Rule};
use gocd2argo::gocd;
use gocd2argo::source::Sources;

fn raised(files: &[(&str, &str)]) -> Vec<&'static str> {
    let mut account = Account::default();
    let sources = Sources::from_texts(files, &mut account);
    let mut configuration = gocd::read(&sources, &mut account);
    gocd::complete(&mut configuration, &mut account);
    account.findings.iter().map(|finding| finding.rule.name).collect()
}

/// The first block of YAML on a page, without the blank that begins each line of a doc comment.
fn example(rule: &Rule) -> Option<String> {
    let lines = rule.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    let block: Vec<&str> =
        lines.skip_while(|line| *line != "```yaml").skip(1).take_while(|line| *line != "```").collect();
    (!block.is_empty()).then(|| block.join("\n") + "\n")
}

#[test]
fn every_example_raises_its_finding() {
    let mut without = Vec::new();
    for rule in gocd::rules() {
        match example(rule) {
            Some(text) => {
                let raised = raised(&[("example.gocd.yaml", &text)]);
                assert!(raised.contains(&rule.name), "{}: {raised:?}\n{text}", rule.name);
            }
            None => without.push(rule.name),
        }
    }
    without.sort_unstable();
    assert_eq!(
        without,
        ["environment-variable-clash", "filter-lost", "format-version-clash", "nested-too-deep"]
    );
}

#[test]
fn findings_that_need_two_files() {
    let pipeline = |more: &str| {
        format!(
            "pipelines:\n  p:\n    group: g\n    materials: {{m: {{git: 'https://x.example.com/a.git'{more}}}}}\n    \
             stages: [s: {{tasks: [exec: {{command: make}}]}}]\n"
        )
    };
    let versioned = |version: i32| format!("format_version: {version}\n");
    let lost =
        raised(&[("a.gocd.yaml", &versioned(10)), ("b.gocd.yaml", &pipeline(", includes: [src/**/*]"))]);
    assert_eq!(lost, ["filter-lost"]);
    let clash = raised(&[("a.gocd.yaml", &versioned(9)), ("b.gocd.yaml", &versioned(10))]);
    assert_eq!(clash, ["format-version-clash"]);
    let region = |value: &str| {
        format!("format_version: 10\nenvironments: {{e: {{environment_variables: {{REGION: {value}}}}}}}\n")
    };
    let clash = raised(&[("a.gocd.yaml", &region("eu")), ("b.gocd.yaml", &region("us"))]);
    assert_eq!(clash, ["environment-variable-clash"]);
    assert!(raised(&[("a.gocd.yaml", &region("eu")), ("b.gocd.yaml", &region("eu"))]).is_empty());
}

#[test]
fn rules_have_complete_pages_and_different_names() {
    let mut names = Vec::new();
    for rule in gocd::rules() {
        for heading in ["## Why it matters", "## Example", "## Instead"] {
            assert!(rule.page.contains(heading), "{}: {heading}", rule.name);
        }
        names.push(rule.name);
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// `on_cancel` inside `on_cancel`, and lists inside lists, as deep as a hostile file likes.
#[test]
fn deep_nesting_ends_in_a_finding() {
    let head = "format_version: 10\npipelines:\n  p:\n    group: g\n    materials: {m: {git: 'https://x.example.com/a.git'}}\n    \
                stages: [s: {tasks: [";
    for depth in [20, 5_000] {
        let cancel =
            "exec: {command: a, on_cancel: {".repeat(depth) + "exec: {command: a}" + &"}}".repeat(depth);
        let found = raised(&[("a.gocd.yaml", &format!("{head}{{{cancel}}}]}}]\n"))]);
        assert!(!found.is_empty());
    }
    let lists = "[".repeat(200) + "exec: {command: a}" + &"]".repeat(200);
    assert_eq!(raised(&[("a.gocd.yaml", &format!("{head}{lists}]}}]\n"))]), Vec::<&str>::new());
}

#[test]
fn many_pipelines_are_read_in_time() {
    let mut text = String::from("format_version: 10\npipelines:\n");
    for number in 0..10_000 {
        let next = (number + 1) % 10_000;
        text.push_str(&format!(
            "  p{number}: {{group: g, materials: {{u: {{pipeline: p{next}, stage: s}}}}, \
             stages: [s: {{tasks: [exec: {{command: make}}]}}]}}\n"
        ));
    }
    let found = raised(&[("a.gocd.yaml", &text)]);
    assert_eq!(found.len(), 10_000);
    assert!(found.iter().all(|rule| *rule == "dependency-cycle"));
}
