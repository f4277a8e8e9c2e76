//! The house: who may use whom, how long a file may be, and that every rule has its page.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod reference;

use std::collections::BTreeSet;
use std::path::Path;

use gocd2argo::finding::{Rule, registry};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Who may use whom; `docs/architecture.md` explains it. A room may always use itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("span", &[]),
    // The registry alone asks the rooms for their rules, so that `explain` knows all of them.
    ("finding", &["span"]),
    ("settings", &[]),
    ("source", &["finding", "span"]),
    ("gocd", &["source", "finding", "span"]),
    ("plan", &["gocd", "settings", "finding", "span"]),
    ("render", &["plan"]),
    ("check", &["render"]),
    ("output", &["render"]),
    // `gocd` for the outline of `show` only, `plan` for `builds`.
    ("report", &["finding", "span", "source", "output", "gocd", "plan"]),
    // What GoCD does, independent of what the conversion makes of it.
    ("reference", &["gocd", "span"]),
    // What Argo does with the manifests; `gocd` for URLs of repositories only.
    ("simulate", &["render", "reference", "gocd"]),
    // Which pipelines move when: judged from GoCD's side and from what was found about it.
    ("migration", &["gocd", "plan", "settings", "finding", "span"]),
    // Exported run histories; of the plan only how names are written.
    ("parity", &["plan"]),
    ("passes", EVERYTHING),
    ("cli", EVERYTHING),
    ("lib", EVERYTHING),
    ("main", EVERYTHING),
];

const EVERYTHING: &[&str] = &[
    "span",
    "finding",
    "settings",
    "source",
    "gocd",
    "plan",
    "render",
    "check",
    "output",
    "report",
    "reference",
    "simulate",
    "migration",
    "parity",
    "passes",
    "cli",
];

/// Files that may use a room which the rest of theirs may not.
const EXCEPTIONS: &[(&str, &[&str])] = &[
    ("src/finding/registry.rs", &["source", "gocd", "plan"]),
    // Findings come of a whole reading.
    ("src/migration/tests.rs", &["passes"]),
];

/// In rooms where only some files may use a room that the table allows.
const ONLY_IN: &[(&str, &str, &str)] =
    &[("report", "gocd", "src/report/outline.rs"), ("report", "plan", "src/report/builds")];

/// Crates with a data model of their own, and the files that may know them.
const CRATES: &[(&str, &str)] = &[
    ("granit_parser", "src/source/events.rs"),
    ("tree_sitter", "src/plan/image/shell"),
    ("tree_sitter_bash", "src/plan/image/shell"),
    ("minijinja", "src/render/"),
    ("annotate_snippets", "src/report/terminal.rs"),
    ("similar", "src/report/diff.rs"),
    ("ignore", "src/source/discover.rs"),
    ("strsim", "src/finding/suggest.rs"),
    ("rustix", "src/output/"),
    ("signal_hook", "src/cli/"),
    ("clap", "src/cli/"),
];

struct Source {
    path: String,
    room: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let files = walkdir::WalkDir::new(Path::new(ROOT).join("src")).sort_by_file_name();
    let files = files.into_iter().map(|entry| entry.unwrap().into_path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    let sources: Vec<Source> = files
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(ROOT).unwrap().to_str().unwrap().to_string();
            let room = path.split(['/', '.']).nth(1).unwrap().to_string();
            Source { path, room, text }
        })
        .collect();
    assert!(sources.len() > 100, "{}", sources.len());
    sources
}

/// What stands before each occurrence of a word and what follows it, outside comments.
fn uses<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut found = Vec::new();
    for line in lines {
        for (at, _) in line.match_indices(word) {
            let before = line[..at].chars().next_back();
            let rest = &line[at + word.len()..];
            let longer = |c: char| c.is_alphanumeric() || c == '_';
            let ends = word.ends_with(':') || !rest.starts_with(longer);
            if ends && !before.is_some_and(|c| longer(c) || c == '$') {
                found.push(rest);
            }
        }
    }
    found
}

/// Rooms that a text uses: `crate::room`, `crate::{a, b::c}`.
fn rooms_used(text: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for rest in uses(text, "crate::") {
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group.split(['}', ',']).map(str::trim).collect(),
            None => vec![rest],
        };
        for name in names {
            let end = name.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(name.len());
            rooms.insert(name[..end].to_string());
        }
    }
    rooms.retain(|name| EVERYTHING.contains(&name.as_str()));
    rooms
}

#[test]
fn every_room_uses_only_what_it_may_use() {
    let mut wrong = Vec::new();
    for source in sources() {
        let (_, allowed) = MAY_USE
            .iter()
            .find(|(room, _)| *room == source.room)
            .unwrap_or_else(|| panic!("{} is in no room of the table", source.path));
        let exceptions = EXCEPTIONS.iter().filter(|(path, _)| *path == source.path);
        let allowed: BTreeSet<&str> =
            exceptions.flat_map(|(_, rooms)| rooms.iter()).chain(allowed.iter()).copied().collect();
        for used in rooms_used(&source.text) {
            let elsewhere = ONLY_IN.iter().any(|(room, name, only)| {
                *room == source.room && *name == used && !source.path.starts_with(only)
            });
            if used != source.room && (!allowed.contains(used.as_str()) || elsewhere) {
                wrong.push(format!("{} uses `{used}`", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_no_cycle() {
    let rooms_of = |room: &str| MAY_USE.iter().find(|(name, _)| *name == room).unwrap().1;
    for (room, _) in MAY_USE.iter().filter(|(_, allowed)| allowed.len() < EVERYTHING.len()) {
        let (mut seen, mut next) = (BTreeSet::new(), rooms_of(room).to_vec());
        while let Some(used) = next.pop() {
            assert_ne!(used, *room, "{room} uses itself through others");
            if seen.insert(used) {
                next.extend(rooms_of(used));
            }
        }
    }
}

#[test]
fn crates_are_known_where_they_are_wrapped() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, home) in CRATES {
            let used = !uses(&source.text, &format!("{name}::")).is_empty();
            if used && !source.path.starts_with(home) {
                wrong.push(format!("{} uses {name}, which belongs to {home}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (name, home) in CRATES {
        let known = sources().iter().any(|source| {
            source.path.starts_with(home) && !uses(&source.text, &format!("{name}::")).is_empty()
        });
        assert!(known || *name == "tree_sitter_bash", "nobody uses {name}: remove it from the table");
    }
}

#[test]
fn files_have_at_most_300_lines() {
    let long: Vec<String> = sources()
        .iter()
        .map(|source| (source.text.lines().count(), &source.path))
        .filter(|(lines, _)| *lines > 300)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn files_are_named_after_what_they_are_about() {
    for source in sources() {
        for part in source.path.trim_end_matches(".rs").split('/') {
            assert!(
                !["utils", "util", "common", "misc", "types", "helpers", "manager"].contains(&part),
                "{part}"
            );
        }
        assert!(
            source.text.starts_with("//!") || source.path.ends_with("tests.rs"),
            "{} does not say what it is about",
            source.path
        );
    }
}

/// `pub NAME = "name", …` inside `findings!`: the name, and the constant.
fn declared() -> Vec<(String, String)> {
    let mut declared = Vec::new();
    for source in
        sources().iter().filter(|source| source.room != "finding" && !source.path.ends_with("fake.rs"))
    {
        for line in source.text.lines() {
            let Some(rest) = line.trim_start().strip_prefix("pub ") else { continue };
            let Some((id, rest)) = rest.split_once(" = \"") else { continue };
            if id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') {
                declared.push((rest.split('"').next().unwrap().to_string(), id.to_string()));
            }
        }
    }
    declared
}

#[test]
fn every_declared_rule_is_in_the_registry() {
    let known: BTreeSet<&str> = registry::rules().iter().map(|rule| rule.name).collect();
    let declared = declared();
    let missing: Vec<_> = declared.iter().filter(|(name, _)| !known.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "a room's rules() lacks {missing:?}");
    assert_eq!(declared.len(), registry::rules().len());
}

#[test]
fn every_declared_rule_is_used() {
    let text: String = sources().into_iter().map(|source| source.text).collect();
    let idle: Vec<_> = declared()
        .into_iter()
        .filter(|(_, id)| uses(&text, id).iter().all(|rest| rest.starts_with(" = ")))
        .collect();
    assert!(idle.is_empty(), "nobody reports {idle:?}");
}

#[test]
fn names_are_unique_and_in_kebab_case() {
    let rules = registry::rules();
    for pair in rules.windows(2) {
        assert_ne!(pair[0].name, pair[1].name);
    }
    for rule in rules {
        let letters = rule.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        let begins = rule.name.starts_with(|c: char| c.is_ascii_lowercase());
        assert!(letters && begins && !rule.name.ends_with('-') && !rule.name.contains("--"), "{}", rule.name);
    }
}

#[test]
fn every_page_says_why_and_what_instead() {
    let mut wrong = Vec::new();
    for rule in registry::rules() {
        let lines: Vec<&str> = rule.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        let first = lines.first().copied().unwrap_or_default();
        if first.is_empty() || first.starts_with('#') {
            wrong.push(format!("{} does not begin with what is the case", rule.name));
        }
        for heading in ["## Why it matters", "## Instead"] {
            let at = lines.iter().position(|line| *line == heading);
            let said = at.and_then(|at| lines.get(at + 1)).is_some_and(|line| !line.trim().is_empty());
            if !said {
                wrong.push(format!("{} lacks `{heading}`", rule.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Pages without an example that raises them when it is converted alone, and why.
const WITHOUT_EXAMPLE: &[(&str, &str)] = &[
    ("pipeline-too-large", "needs 200 jobs; tests/hostile/size.rs has them"),
    ("bridged-upstream", "needs a partial conversion; tests/cli/part.rs has it"),
    ("gocd-url", "needs a partial conversion"),
    ("stand-in-needed", "needs a partial conversion"),
    ("alias-bomb", "too large for a page"),
    ("buildkit-syntax", "needs a Dockerfile in the repository"),
    ("buildkit-unconfined", "needs gocd2argo.yaml"),
    ("buildkit-unsupported", "needs gocd2argo.yaml"),
    ("byte-order-mark", "the mark cannot be seen on a page"),
    ("delivery-without-effect", "needs gocd2argo.yaml"),
    ("docker-to-buildkit", "needs gocd2argo.yaml"),
    ("deploy-replaced", "needs gocd2argo.yaml"),
    ("empty-file", "a file without any text"),
    ("environment-variable-clash", "needs two files"),
    ("fetch-from-no-upstream", "GoCD's own refusal comes first where the pipelines are known"),
    ("filter-lost", "needs two files"),
    ("format-version-clash", "needs two files"),
    ("nested-too-deep", "too large for a page"),
    ("not-utf8", "cannot be written on a page"),
    ("make-followed", "needs the Makefile in the repository"),
    ("script-not-understood", "needs the program in the repository"),
    ("too-many-image-commands", "needs 500 of them; tests/hostile/size.rs has them"),
    ("wrapper-followed", "needs the script in the repository"),
    ("compose-followed", "needs the compose file in the repository"),
    ("port-clash", "needs the compose file in the repository"),
    ("compose-services", "needs the compose file in the repository"),
    ("wrapper-uses-docker", "needs the script in the repository"),
];

/// Findings that an example raises beside its own, because one cannot be written without the other.
const BESIDE: &[(&str, &[&str])] = &[
    ("approval-roles", &["manual-after-failure"]),
    ("background-container", &["container-step", "extract-from-image"]),
    ("context-not-understood", &["empty-context"]),
    ("digest-without-name", &["computed-tag"]),
    ("image-file-unclear", &["local-image-needs-registry"]),
    ("key-without-effect", &["upstream-not-in-input"]),
    ("local-image-needs-registry", &["container-step", "docker-run"]),
    ("loop-not-static", &["computed-tag"]),
    ("named-volume", &["container-step"]),
    ("properties-ignored", &["ui-metadata-dropped"]),
    ("pushed-before-test", &["container-step", "docker-run"]),
    ("secret-in-build-arg", &["secret-value-needed"]),
    ("several-material-kinds", &["key-without-effect", "upstream-not-in-input"]),
    ("stages-beside-template", &["template-unknown"]),
];

/// Findings that small files raise beside their own: without a configuration file every host and image is a guess,
/// and every docker build is told of.
const ALWAYS: &[&str] = &[
    "built-without-push",
    "docker-noop-removed",
    "docker-to-kaniko",
    "git-credentials",
    "git-host-unknown",
    "guessed-bucket",
    "guessed-image",
    "registry-credentials",
    "timer-timezone",
    "webhook-to-create",
    "webhook-url",
];

fn judge(rule: &Rule) -> Result<(), String> {
    let excused = WITHOUT_EXAMPLE.iter().any(|(name, _)| *name == rule.name);
    let Some(text) = reference::example(rule) else {
        return if excused { Ok(()) } else { Err(format!("{} has no example", rule.name)) };
    };
    let raised = reference::raised(&text);
    let beside = BESIDE.iter().find(|(name, _)| *name == rule.name).map_or(&[][..], |(_, others)| others);
    let expected = |name: &&str| *name == rule.name || ALWAYS.contains(name) || beside.contains(name);
    let others: BTreeSet<&str> = raised.iter().copied().filter(|name| !expected(name)).collect();
    match (raised.contains(&rule.name), excused) {
        (true, true) => Err(format!("{}: its example raises it; take it off the list", rule.name)),
        (false, true) => Ok(()),
        (false, false) => Err(format!("{}: its example raises {others:?}", rule.name)),
        (true, false) if others.is_empty() => Ok(()),
        (true, false) => Err(format!("{}: its example raises {others:?} as well", rule.name)),
    }
}

#[test]
fn every_example_raises_its_finding_and_no_other() {
    let wrong: Vec<String> = registry::rules().into_iter().filter_map(|rule| judge(rule).err()).collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), registry::rules().len(), wrong.join("\n"));
}
