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

#[test]
fn spans_cover_what_is_written() {
    let text =
        "a: &x\n  b: [1, {c: 2}]  # d\n\n  e:\n  - f: |\n      g\n      h\n\n  -\n  - 'i'\nj: *x\nk:\n";
    let mut account = Account::default();
    let sources = Sources::from_texts(&[("a", text)], &mut account);
    let tree = sources.files[0].tree.as_ref().unwrap();
    let nodes: Vec<String> = tree
        .nodes
        .iter()
        .map(|node| format!("{}..{} {:?}", node.span.start, node.span.end, sources.slice(node.span)))
        .collect();
    insta::assert_snapshot!(nodes.join("\n"));
    let slots: Vec<String> = (0..sources.total_slots() as u32)
        .map(|slot| format!("{:?}", sources.slice(sources.slot_span(crate::span::Slot(slot)))))
        .collect();
    insta::assert_snapshot!(slots.join("\n"));
}

#[test]
fn problems_are_placed() {
    let cases = [
        "",
        "# only\n",
        "---\n",
        "\u{feff}a: 1\n",
        "a: \0",
        "a: [1\n",
        "a: 1\n b: 2\n",
        "a:\n\t- 1\n",
        "a: `x`\n",
        "a: @x\n",
        "a: %x\n",
        "a: \"\\d\"\n",
        "a: 1\nb: 2\na: 3\n",
        "a: *x\n",
        "a: &job 1\nb: *jop\n",
        "a: */5 * * * *\n",
        "a: &x [*x]\n",
        "a: &x {b: *x}\n",
        "a: &x\nb: 1\n",
        "a: &x.y 1\nb: *x.y\n",
        "a:\t1\n",
        "- a\n-\tb\n",
        "a: [\tb]\n",
        "a: [b, ]\n",
        "a: [b # x, y\n ]\n",
        "a: {b: 1, # c\n }\n",
        "a: {b:1}\n",
        "a: {b, c}\n",
        "a: {b: C:/x}\n",
        "a: [what?]\n",
        "a: {b: }\n",
        "a: [b: c]\n",
        "a: \"x\\/y\"\n",
        "a: \"x\\\\/y\"\n",
        "? a\n: b\n",
        "? [a]\n: b\n",
        "{a: 1}: b\n",
        "[a]: b\n",
        ": b\n",
        "a: {? b : c}\n",
        "%YAML 1.2\n---\na: 1\n",
        "%YAML 1.1\n---\na: 1\n",
        "a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n",
        "a: {<<: b}\n",
        "a: {<<: [{b: 1}, c]}\n",
        "a: &x 1\nb: {<<: *x}\n",
        "<<:\n<<:\n",
        "a: 1\n---\nb: 2\n---\n- c\n- d\n",
        "a: 1\n---\n",
        "a: 1\n...\n",
        "a: 1\n---\nb: [\n",
        "a: 1\nb: *x\nc: [\n",
        "&a a: *a\n",
        "a: &k b\n*k : c\n",
        "a: what ?\nb: 1\n",
        "a: b: c\n",
        "a: {\"b\":1}\n",
        "a: {b: x, c: 'C:/'}\n",
        "a: x\t# c\n",
        "a:\t# c\n",
        "a: \t|\n  x\n",
        "a:\n  -\tb\n",
    ];
    let out: Vec<String> = cases.iter().map(|case| format!("{case:?}\n{}", findings(case))).collect();
    insta::assert_snapshot!(out.join(""));
}

/// Reads a text and returns how long that took, the tree's nodes, and the rules reported.
fn timed(text: &str) -> (std::time::Duration, usize, Vec<&'static str>) {
    let begin = std::time::Instant::now();
    let mut account = Account::default();
    let sources = Sources::from_texts(&[("a", text)], &mut account);
    let nodes = sources.files[0].tree.as_ref().map_or(0, |tree| tree.nodes.len());
    assert_eq!(account.ledger.counts(sources.total_slots()).total, sources.total_slots());
    (begin.elapsed(), nodes, account.findings.iter().map(|finding| finding.rule.name).collect())
}

#[test]
fn alias_bombs_are_refused_at_once() {
    let mut text = "common:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_string();
    for level in 1..=11 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        text += &format!("  a{level}: &a{level} [{aliases}]\n");
    }
    let (time, _, rules) = timed(&text);
    assert_eq!(rules, ["alias-bomb"]);
    assert!(time.as_secs() < 2, "{time:?}");
    // The same by merging: each mapping has all keys of all before.
    let mut text = "common:\n  m0: &m0 {k: v}\n".to_string();
    for level in 1..4000 {
        text += &format!("  m{level}: &m{level}\n    k{level}: v\n    <<: *m{}\n", level - 1);
    }
    let (time, _, rules) = timed(&text);
    assert_eq!(rules, ["alias-bomb"]);
    assert!(time.as_secs() < 5, "{time:?}");
}

#[test]
fn many_aliases_of_a_modest_text_are_fine() {
    let mut text = "common:\n  j: &j {a: b, c: d}\npipelines:\n".to_string();
    for n in 0..10_000 {
        text += &format!("  p{n}:\n    <<: *j\n    x: *j\n");
    }
    assert_eq!(timed(&text).2, Vec::<&str>::new());
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    let mut deep_map = String::new();
    for level in 0..1000 {
        deep_map += &format!("{}a:\n", " ".repeat(level));
    }
    let aliases: String = (1..100_000).map(|n| format!("- &a{n} [*a{}]\n", n - 1)).collect();
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), deep_map] {
        let (time, _, rules) = timed(&text);
        assert_eq!(rules, ["yaml-syntax"]);
        assert!(time.as_secs() < 2, "{time:?}");
    }
    let (time, _, rules) = timed(&format!("- &a0 x\n{aliases}"));
    assert_eq!(rules, ["alias-bomb"], "a chain of aliases is as deep as nesting");
    assert!(time.as_secs() < 5, "{time:?}");
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
        let (time, nodes, rules) = timed(&text);
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let memory = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
        eprintln!("{} bytes: {time:?}, {nodes} nodes, {memory}", text.len());
        assert_eq!(rules, Vec::<&str>::new());
    }
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    fn quoted(text: &str) -> String {
        let escaped = text.chars().map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            ' '..='~' => c.to_string(),
            _ => format!("\\U{:08x}", c as u32),
        });
        format!("\"{}\"", escaped.collect::<String>())
    }

    fn fragments() -> impl Strategy<Value = String> {
        let fragment = prop::sample::select(vec![
            "a",
            "b: ",
            "c:\n",
            "- ",
            "\n",
            "  ",
            "    ",
            "[",
            "]",
            "{",
            "}",
            ", ",
            "&x ",
            "*x",
            "<<: ",
            "? ",
            "|\n",
            ">-\n",
            "\"",
            "'",
            "\\/",
            "#",
            "\t",
            "---\n",
            "...\n",
            "ü",
            "\u{feff}",
            "%YAML 1.1\n",
            "!!str ",
            "~",
            "\r\n",
            "\0",
        ]);
        prop::collection::vec(fragment, 0..40).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_panics_and_every_finding_has_a_place(text in prop_oneof![fragments(), any::<String>()]) {
            let mut account = Account::default();
            let sources = Sources::from_texts(&[("a", &text), ("b", "k: v\n")], &mut account);
            for finding in &account.findings {
                let span = finding.place.span;
                prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{:?}", finding);
                prop_assert!(sources.position(span).line >= 1);
                prop_assert!(finding.place.slot.is_none_or(|slot| (slot.0 as usize) < sources.total_slots()));
            }
            let entries = match &sources.files[1].tree.as_ref().unwrap().nodes[0].value {
                Value::Map(entries) => entries.clone(),
                _ => Vec::new(),
            };
            prop_assert_eq!(entries[0].slot.0 as usize, sources.total_slots() - 1);
        }

        #[test]
        fn totals_are_those_of_another_reader(text in fragments()) {
            let mut account = Account::default();
            let sources = Sources::from_texts(&[("a", &text)], &mut account);
            let plain = account.findings.is_empty() && !text.contains(['*', '\u{feff}']);
            if let (true, Ok(value)) = (plain, serde_yaml::from_str::<serde_yaml::Value>(&text)) {
                prop_assert_eq!(sources.total_slots(), count(&value));
            }
        }

        #[test]
        fn a_quoted_text_comes_back(text in any::<String>(), key in any::<String>()) {
            prop_assume!(key.len() < 80 && key != "<<");
            let source = format!("{}: {}\n", quoted(&key), quoted(&text));
            let sources = Sources::from_texts(&[("a", &source)], &mut Account::default());
            let tree = sources.files[0].tree.as_ref().unwrap();
            let Value::Map(entries) = &tree.node(tree.root.unwrap()).value else { panic!("no mapping") };
            prop_assert_eq!(&entries[0].key, &key);
            let Value::Text(value) = &tree.node(entries[0].node).value else { panic!("no text") };
            prop_assert_eq!(value, &text);
        }
    }
}
