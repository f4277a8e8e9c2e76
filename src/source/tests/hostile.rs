//! Texts that are made to hurt, and texts that are merely large.

use crate::finding::Account;
use crate::source::{Sources, events};

/// Reads a text and returns the tree's nodes and the rules reported. What takes too long hangs the test.
fn read(text: &str) -> (usize, Vec<&'static str>) {
    let mut account = Account::default();
    let sources = Sources::from_texts(&[("a", text)], &mut account);
    let nodes = sources.files[0].tree.as_ref().map_or(0, |tree| tree.nodes.len());
    assert_eq!(account.ledger.counts(sources.total_slots()).total, sources.total_slots());
    (nodes, account.findings.iter().map(|finding| finding.rule.name).collect())
}

#[test]
fn alias_bombs_are_refused_at_once() {
    let mut text = "common:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_string();
    for level in 1..=11 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        text += &format!("  a{level}: &a{level} [{aliases}]\n");
    }
    let (_, rules) = read(&text);
    assert_eq!(rules, ["alias-bomb"]);
    // The same by merging: each mapping has all keys of all before.
    let mut text = "common:\n  m0: &m0 {k: v}\n".to_string();
    for level in 1..4000 {
        text += &format!("  m{level}: &m{level}\n    k{level}: v\n    <<: *m{}\n", level - 1);
    }
    let (_, rules) = read(&text);
    assert_eq!(rules, ["alias-bomb"]);
}

#[test]
fn many_aliases_of_a_modest_text_are_fine() {
    let mut text = "common:\n  j: &j {a: b, c: d}\npipelines:\n".to_string();
    for n in 0..10_000 {
        text += &format!("  p{n}:\n    <<: *j\n    x: *j\n");
    }
    assert_eq!(read(&text).1, Vec::<&str>::new());
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    let mut deep_map = String::new();
    for level in 0..1000 {
        deep_map += &format!("{}a:\n", " ".repeat(level));
    }
    let aliases: String = (1..100_000).map(|n| format!("- &a{n} [*a{}]\n", n - 1)).collect();
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), deep_map] {
        let (_, rules) = read(&text);
        assert_eq!(rules, ["yaml-syntax"]);
    }
    let (_, rules) = read(&format!("- &a0 x\n{aliases}"));
    assert_eq!(rules, ["alias-bomb"], "a chain of aliases is as deep as nesting");
}

/// A file with so many pipelines.
fn many_pipelines(count: usize) -> String {
    let mut text = "format_version: 10\npipelines:\n".to_string();
    for n in 0..count {
        text += &format!(
            "  pipeline-{n}:\n    group: group-{}\n    materials:\n      code:\n        git: https://git.example.com/acme/app-{n}.git\n        branch: main\n    stages:\n      - build:\n          jobs:\n            compile:\n              resources: [linux, docker]\n              tasks:\n                - exec:\n                    command: make\n                    arguments: [-C, src, all]\n                - script: |\n                    set -e\n                    docker build -t app:${{GO_PIPELINE_LABEL}} .\n                    docker push app:${{GO_PIPELINE_LABEL}}\n",
            n % 7
        );
    }
    text
}

#[test]
#[ignore = "takes long: cargo test --release -- --ignored --nocapture a_large_file"]
fn a_large_file_is_read() {
    for megabytes in [2, 100] {
        let one = many_pipelines(1000).len() / 1000;
        let text = many_pipelines(megabytes * 1_000_000 / one);
        let begin = std::time::Instant::now();
        let events = events::events(&text).count();
        eprintln!("{events} events alone: {:?}", begin.elapsed());
        let begin = std::time::Instant::now();
        let (nodes, rules) = read(&text);
        let time = begin.elapsed();
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let memory = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
        eprintln!("{} bytes: {time:?}, {nodes} nodes, {memory}", text.len());
        assert_eq!(rules, Vec::<&str>::new());
    }
}
