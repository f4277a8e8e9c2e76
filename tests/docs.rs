//! Documents that are made from the code. `UPDATE_DOCS=1 cargo test --test docs` writes them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "docs/configuration.rs"]
mod configuration;
#[path = "docs/mapping.rs"]
mod mapping;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use gocd2argo::finding::{Category, Rule, registry};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const MADE: &str = "<!-- Made from the code: UPDATE_DOCS=1 cargo test --test docs -->\n\n";

fn docs() -> PathBuf {
    Path::new(ROOT).join("docs")
}

fn is_update() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// Compares a document with what it should be, or writes it.
fn hold(name: &str, expected: &str) {
    let path = docs().join(name);
    if is_update() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, expected).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let line = found.lines().zip(expected.lines()).take_while(|(a, b)| a == b).count() + 1;
    assert!(
        found == expected,
        "docs/{name} is not current from line {line} on: run `UPDATE_DOCS=1 cargo test --test docs`"
    );
}

/// The text of the `//!` lines at the head of a source file.
fn module_doc(path: &str) -> String {
    let text = std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
}

const CATEGORIES: [(Category, &str); 5] = [
    (Category::Refused, "GoCD refuses it"),
    (Category::Correctness, "It has no effect, or another one than it seems to"),
    (Category::Migration, "It differs, or is left to do, on Argo"),
    (Category::Guess, "A value was guessed; `gocd2argo.yaml` can say it"),
    (Category::Security, "Secrets, privileges and rights"),
];

fn index(rules: &[&Rule]) -> String {
    let mut text = format!(
        "{MADE}# Findings\n\nWhat gocd2argo can say about a source, {} rules in all. `gocd2argo explain <name>` prints \
         the same pages.\n\nSeverity: **error** = GoCD itself would refuse the repository; **decision** = a person has to \
         decide or supply something; **warning** = the result differs in a way that may matter; **info** = worth knowing.\n",
        rules.len()
    );
    for (category, title) in CATEGORIES {
        text.push_str(&format!("\n## {title}\n\n| finding | severity | what is the case |\n|---|---|---|\n"));
        for rule in rules.iter().filter(|rule| rule.category == category) {
            let severity = format!("{:?}", rule.severity).to_lowercase();
            let first: Vec<&str> =
                rule.page.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
            let said = first.join(" ").replace('|', "\\|");
            text.push_str(&format!("| [{name}]({name}.md) | {severity} | {said} |\n", name = rule.name));
        }
    }
    text
}

#[test]
fn every_finding_has_its_page() {
    let rules = registry::rules();
    hold("findings/README.md", &index(&rules));
    let mut expected: BTreeSet<String> = BTreeSet::from(["README.md".to_string()]);
    for rule in &rules {
        let name = format!("{}.md", rule.name);
        hold(&format!("findings/{name}"), &format!("{MADE}{}", registry::page(rule)));
        expected.insert(name);
    }
    for entry in std::fs::read_dir(docs().join("findings")).unwrap() {
        let entry = entry.unwrap();
        if !expected.contains(entry.file_name().to_str().unwrap()) {
            assert!(is_update(), "{} is the page of no finding", entry.path().display());
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    assert!(rules.iter().all(|rule| CATEGORIES.iter().any(|(category, _)| *category == rule.category)));
}

#[test]
fn the_mapping_is_what_the_rules_say() {
    hold("mapping.md", &mapping::text());
}

#[test]
fn the_configuration_is_what_the_settings_say() {
    hold("configuration.md", &configuration::text());
}

fn help(command: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_gocd2argo"))
        .args(command)
        .arg("--help")
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[test]
fn the_commands_are_what_help_says() {
    let overview = help(&[]);
    let commands = overview.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands: Vec<&str> = commands
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() >= 6, "{commands:?}");
    let mut text = format!("{MADE}# Commands\n\n```text\n{overview}```\n");
    let exit_codes: Vec<String> = module_doc("src/cli/mod.rs")
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(str::to_string)
        .collect();
    assert!(exit_codes.len() > 4);
    text.push_str(&format!("\n## Exit codes\n\n{}\n", exit_codes.join("\n")));
    text.push_str("\nThe product of a command goes to stdout, everything else to stderr.\n");
    for command in commands {
        text.push_str(&format!("\n## {command}\n\n```text\n{}```\n", help(&[command])));
    }
    hold("cli.md", &text);
}

#[test]
fn every_dependency_is_explained() {
    let manifest = std::fs::read_to_string(Path::new(ROOT).join("Cargo.toml")).unwrap();
    let page = std::fs::read_to_string(docs().join("dependencies.md")).unwrap();
    let mut section = "";
    let (mut declared, mut explained) = (BTreeSet::new(), BTreeSet::new());
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.ends_with("dependencies]")
            && let Some((name, _)) = line.split_once(" = ")
        {
            declared.insert(name.trim_start_matches("# ").to_string());
        }
    }
    for line in page.lines().take_while(|line| !line.starts_with("What runs in the cluster")) {
        let Some(name) = line.strip_prefix("| ").and_then(|rest| rest.split([' ', '|']).next()) else {
            continue;
        };
        if name != "crate" {
            explained.insert(name.to_string());
        }
    }
    assert_eq!(declared, explained);
}
