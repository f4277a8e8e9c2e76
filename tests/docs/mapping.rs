//! `docs/mapping.md`: the module docs of the mapping rules.

use std::collections::BTreeSet;
use std::path::Path;

/// In the order in which the plan visits a configuration: file below `src/plan/`, depth of its heading.
const VISIT: &[(&str, usize)] = &[
    ("environment", 2),
    ("pipeline", 2),
    ("names", 3),
    ("label", 3),
    ("lock", 3),
    ("material", 2),
    ("scm_plugin", 3),
    ("checkout", 3),
    ("upstream", 3),
    ("fan_in", 3),
    ("trigger", 2),
    ("provider/mod", 3),
    ("provider/github", 4),
    ("provider/gitlab", 4),
    ("provider/bitbucket", 4),
    ("provider/bitbucket_server", 4),
    ("provider/gitea", 4),
    ("provider/azure_devops", 4),
    ("provider/codecommit", 4),
    ("provider/webhook", 4),
    ("provider/files", 3),
    ("cause", 3),
    ("exposure", 3),
    ("timer", 3),
    ("stage", 2),
    ("job", 2),
    ("digest", 3),
    ("placement", 3),
    ("variable", 3),
    ("go_variable", 3),
    ("secret", 3),
    ("size", 2),
    ("task", 2),
    ("script", 3),
    ("fetch", 3),
    ("artifact", 2),
    ("store", 3),
    ("bridge/mod", 2),
    ("retention", 3),
    ("overlay", 2),
    ("slo", 2),
    ("image/mod", 2),
    ("delivery", 2),
];

/// Files of the room that map nothing.
const NO_MAPPING: &[&str] = &[
    "description",
    "index",
    "inventory",
    "mod",
    "platform",
    "provider/pattern",
    "provider/sources",
    "runbook",
    "text",
];

pub fn text() -> String {
    complete();
    let mut text = format!(
        "{}# Mapping: GoCD to Argo\n\nWhat each part of a GoCD configuration becomes. One section per mapping rule, in the \
         order of the visit; each is the head of the file `src/plan/<rule>.rs` that does it. How the parts work together \
         at run time: [architecture.md](architecture.md). What differs from GoCD: [differences.md](differences.md).\n\n\
         `../shared/spec` is the reference material beside the project: `gocd-yaml.md` says what GoCD means by a key, with \
         the evidence.\n",
        super::MADE
    );
    for (file, depth) in VISIT {
        let doc = super::module_doc(&format!("src/plan/{file}.rs"));
        let (first, rest) = doc.split_once('\n').unwrap();
        let name = file.trim_end_matches("/mod").rsplit('/').next().unwrap().replace('_', " ");
        let hashes = "#".repeat(*depth);
        // A first sentence of one line is the heading; a longer one stands below the rule's name.
        match first.strip_suffix('.') {
            Some(title) if rest.is_empty() || rest.starts_with('\n') => {
                text.push_str(&format!("\n{hashes} {title}\n{rest}"));
            }
            _ => text.push_str(&format!("\n{hashes} {name}\n\n{doc}")),
        }
        text.push_str(&format!("\nRule: `src/plan/{file}.rs`\n"));
    }
    text
}

/// Every file of the room is a section or is known to map nothing.
fn complete() {
    let folder = Path::new(super::ROOT).join("src/plan");
    let listed: BTreeSet<&str> =
        VISIT.iter().map(|(file, _)| *file).chain(NO_MAPPING.iter().copied()).collect();
    for part in ["", "provider/"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let Some(stem) = name.strip_suffix(".rs") else { continue };
            let file = format!("{part}{stem}");
            assert!(listed.contains(file.as_str()), "tests/docs/mapping.rs does not know src/plan/{file}.rs");
        }
    }
}
