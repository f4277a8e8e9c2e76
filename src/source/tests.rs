//! What reading makes of a text.

mod corpus;
#[path = "../../tests/reference/count.rs"]
mod count;
mod examples;
mod hostile;
mod merging;
mod properties;

use super::*;
use crate::finding::Account;

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

#[test]
fn scalars_keep_their_text() {
    assert_eq!(
        drawn("a: 1.10\nb: ~\nc:\nd: ''\ne: !!int \"5\"\nf:\n- x\n-\n- y: z\n"),
        r#"{0 a: "1.10", 1 b: "~", 2 c: null, 3 d: "", 4 e: "5", 5 f: [6 "x", 7 null, 8 {9 y: "z"}]}"#
    );
}

#[test]
fn the_parser_is_set_as_gocds_reader_behaves() {
    assert_eq!(drawn("a: |\n  x"), r#"{0 a: "x"}"#, "no line feed is added at the end of the file");
    assert_eq!(drawn("a: |\r\n  x\r\n  y\r\nb: 'c\r\n  d'\r\n"), r#"{0 a: "x\ny\n", 1 b: "c d"}"#);
    let comments = "  # commented out\n".repeat(500);
    assert_eq!(drawn(&format!("a:\n{comments}  b: c\n")), r#"{0 a: {1 b: "c"}}"#);
    assert_eq!(drawn("%TAG ! tag:example.com,2000:\n---\na: !b c\n"), r#"{0 a: "c"}"#);
    assert_eq!(drawn("a: &x b\n*x : *x\n"), r#"{0 a: "b", 1 <*x> b: "b"}"#);
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
