use super::*;
use crate::finding::{Account, Severity};

/// Reads one text and returns what was found, one line per finding: place, rule, text.
fn findings(text: &str) -> String {
    let mut account = Account::default();
    let sources = Sources::from_texts(&[("a.gocd.yaml", text)], &mut account);
    let lines = account.findings.iter().map(|finding| {
        let at = sources.position(sources.locate(finding));
        let text = sources.slice(sources.locate(finding));
        format!("{}:{} {} {:?}: {}\n", at.line, at.column, finding.rule.name, text, finding.message)
    });
    lines.collect()
}

/// The tree as text, with the slot of each key and item, and `<` for what came through an alias.
fn drawn(text: &str) -> String {
    let mut account = Account::default();
    let sources = Sources::from_texts(&[("a.gocd.yaml", text)], &mut account);
    let Some(tree) = &sources.files[0].tree else { return format!("refused: {}", findings(text)) };
    tree.root.map_or("nothing".to_string(), |root| draw(&sources, tree, root))
}

fn draw(sources: &Sources, tree: &Tree, node: NodeId) -> String {
    let via = |via: Option<crate::span::Span>| {
        via.map_or(String::new(), |span| format!(" <{}>", sources.slice(span)))
    };
    match &tree.node(node).value {
        Value::Null => "null".to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(items) => {
            let items = items
                .iter()
                .map(|item| format!("{}{} {}", item.slot.0, via(item.via), draw(sources, tree, item.node)));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        Value::Map(entries) => {
            let entries = entries.iter().map(|entry| {
                format!(
                    "{}{} {}: {}",
                    entry.slot.0,
                    via(entry.via),
                    entry.key,
                    draw(sources, tree, entry.node)
                )
            });
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

fn shared(path: &str) -> Option<std::path::PathBuf> {
    let root = std::env::var("GOCD2ARGO_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_string());
    let path = std::path::Path::new(&root).join(path);
    if !path.exists() {
        eprintln!("skipped: {} is not here", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn scalars_keep_their_text() {
    assert_eq!(
        drawn("a: 1.10\nb: ~\nc:\nd: ''\ne: !!int \"5\"\nf:\n- x\n-\n- y: z\n"),
        r#"{0 a: "1.10", 1 b: "~", 2 c: null, 3 d: "", 4 e: "5", 5 f: [6 "x", 7 null, 8 {9 y: "z"}]}"#
    );
}

#[test]
fn every_executed_dialect_row_has_gocds_verdict() {
    let Some(path) = shared("spec/features.json") else { return };
    let rows: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for row in rows.as_array().unwrap() {
        let (id, expect) = (row["id"].as_str().unwrap(), row["expect"].as_str().unwrap());
        let Some(text) = row["test_yaml"].as_str() else { continue };
        let mut account = Account::default();
        Sources::from_texts(&[("a.gocd.yaml", text)], &mut account);
        let refused = account.findings.iter().any(|finding| finding.rule.severity == Severity::Error);
        // Only rows about the dialect must be refused here; no row that GoCD accepts may be.
        let must = matches!(expect, "plugin_error" | "repo_failure") && row["area"] == "dialect";
        // GoCD reads a text that begins with a back-tick, against the YAML specification; the parser does not.
        let known = id == "yaml-backtick-start";
        if !known && ((must && !refused) || (expect.starts_with("ok") && refused)) {
            wrong.push(format!("{id} {expect} {:?}", findings(text)));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_corpus_is_refused_where_gocd_refuses_it() {
    let Some(path) = shared("corpus/gocd-verdicts.json") else { return };
    let verdicts: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let (mut wrong, mut files) = (Vec::new(), 0);
    for (set, verdict) in verdicts.as_object().unwrap() {
        for (name, verdict) in verdict["files"].as_object().unwrap() {
            let path = path.with_file_name("gocd").join(set).join(name);
            let mut account = Account::default();
            let sources = Sources::read(&[path], &mut account).unwrap();
            files += 1;
            if sources.files[0].tree.is_none() != (verdict["layer"] == "yaml") {
                wrong.push(format!("{set}/{name}: {:?}", account.findings));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(files > 200, "{files} files");
}

/// Counts keys and items of a value that another reader made.
fn count(value: &serde_yaml::Value) -> usize {
    match value {
        serde_yaml::Value::Sequence(items) => items.len() + items.iter().map(count).sum::<usize>(),
        serde_yaml::Value::Mapping(map) => map.len() + map.values().map(count).sum::<usize>(),
        _ => 0,
    }
}

#[test]
fn slots_are_what_another_reader_counts() {
    let Some(path) = shared("corpus/gocd") else { return };
    let (mut compared, mut wrong) = (0, Vec::new());
    for entry in walkdir::WalkDir::new(path).into_iter().flatten().filter(|entry| entry.file_type().is_file())
    {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        // An alias makes the other reader repeat the text; it says nothing about where aliases are.
        let Ok(value) = serde_yaml::from_str::<serde_yaml::Value>(&text) else { continue };
        let mut account = Account::default();
        let sources = Sources::from_texts(&[("a", &text)], &mut account);
        let aliases = events::events(&text).flatten().any(|(e, _)| matches!(e, events::Event::Alias { .. }));
        if aliases {
            continue;
        }
        compared += 1;
        if sources.total_slots() != count(&value) {
            wrong.push(format!("{}: {} {}", entry.path().display(), sources.total_slots(), count(&value)));
        }
    }
    eprintln!("{compared} files compared");
    assert_eq!(wrong, Vec::<String>::new());
    assert!(compared > 150);
}
