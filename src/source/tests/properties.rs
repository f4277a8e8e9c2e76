//! What holds for every text.

use super::count::{count, without_aliases};
use crate::finding::Account;
use crate::source::{Sources, Value};
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

/// Real files, for changing them a little.
fn real_files() -> Vec<String> {
    let Some(path) = super::corpus::shared("corpus/gocd") else { return vec!["a: 1\n".to_string()] };
    let files = walkdir::WalkDir::new(path).sort_by_file_name().into_iter().flatten();
    files
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .filter(|text| text.len() < 4000)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn real_files_with_a_slip_are_counted_like_another_reader_counts(
        file in prop::sample::select(real_files()),
        at in any::<prop::sample::Index>(),
        removed in 0..3usize,
        added in fragments().prop_map(|text| text.chars().take(6).collect::<String>()),
    ) {
        let bounds: Vec<usize> = (0..=file.len()).filter(|at| file.is_char_boundary(*at)).collect();
        let start = at.index(bounds.len());
        let end = (start + removed).min(bounds.len() - 1);
        let text = format!("{}{added}{}", &file[..bounds[start]], &file[bounds[end]..]);
        let mut account = Account::default();
        let sources = Sources::from_texts(&[("a", &text)], &mut account);
        let total = sources.total_slots();
        if sources.files[0].tree.is_none() {
            prop_assert_eq!(account.ledger.open(total), vec![]);
            prop_assert!(account.errors() > 0);
        } else if let Ok(value) = serde_yaml::from_str::<serde_yaml::Value>(&without_aliases(&text)) {
            // The readers differ in where a tag ends, and GoCD ignores tags.
            let excused = added.contains('!') || account.findings.iter().any(|finding| finding.rule.name == "ignored-document");
            prop_assert!(excused || total == count(&value), "{} {}", total, text);
        }
        for slot in 0..total as u32 {
            let span = sources.slot_span(crate::span::Slot(slot));
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

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

    #[test]
    fn a_narrowed_place_holds_what_was_asked_for(lines in prop::collection::vec("[a-c '\"\\\\ü]{0,6}[a-c]", 1..5), form in 0..4, pick in any::<(prop::sample::Index, prop::sample::Index)>()) {
        let text = match form {
            0 => lines.iter().map(|line| format!("   {line}\n")).fold("k: |3\n".to_string(), |all, line| all + &line),
            1 => format!("k: {}\n", quoted(&lines.concat())),
            2 => format!("k: '{}'\n", lines.join("\n  ").replace('\'', "''")),
            _ => lines.iter().map(|line| format!("   {line}\n")).fold("k: >3\n".to_string(), |all, line| all + &line),
        };
        let mut account = Account::default();
        let sources = Sources::from_texts(&[("a", &text)], &mut account);
        let tree = sources.files[0].tree.as_ref().unwrap();
        let node = tree.nodes.iter().find(|node| matches!(node.value, Value::Text(_))).unwrap();
        let Value::Text(value) = &node.value else { panic!("no text") };
        let bounds: Vec<usize> = (0..=value.len()).filter(|at| value.is_char_boundary(*at)).collect();
        let (a, b) = (bounds[pick.0.index(bounds.len())], bounds[pick.1.index(bounds.len())]);
        let (from, to) = (a.min(b), a.max(b));
        let place = crate::span::Place::unbooked(node.span);
        account.report(&crate::source::keys::UNKNOWN_KEY, place, "x").within(from, to);
        let found = sources.slice(sources.locate(&account.findings[0]));
        let wanted = &value[from..to];
        // Lines of a folded text that stand deeper than their neighbours are not followed: then all of it is meant.
        if form == 3 && found == sources.slice(node.span) {
            return Ok(());
        }
        // Without quotes, escapes and line ends, the place holds the very text.
        if wanted.chars().all(|c| matches!(c, 'a'..='c')) {
            prop_assert_eq!(found, wanted);
        } else {
            prop_assert!(found.len() >= wanted.trim().len(), "{:?} {:?}", found, wanted);
        }
    }
}
