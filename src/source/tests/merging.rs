//! Merge keys, later documents and refusals, with what the ledger holds of them.

use super::drawn;
use crate::finding::{Account, Outcome};
use crate::source::Sources;
use crate::span::Slot;

/// The ledger after reading: per slot its text, and what is booked.
fn booked(text: &str) -> String {
    let mut account = Account::default();
    let sources = Sources::from_texts(&[("a", text)], &mut account);
    let lines = (0..sources.total_slots() as u32).map(|slot| {
        let entry = account.ledger.entry(Slot(slot));
        let entry = entry.map_or("-".to_string(), |entry| format!("{:?} {}", entry.outcome, entry.rule));
        format!("{}: {entry}\n", sources.slice(sources.slot_span(Slot(slot))))
    });
    lines.collect()
}

#[test]
fn the_first_source_wins_and_nested_merges_are_followed() {
    let text = "v: &v {A: x}\nw: &w {A: z, C: q}\n";
    assert!(
        drawn(&format!("{text}e: {{<<: [*v, *w]}}")).ends_with(r#"5 e: {1 <*v> A: "x", 4 <*w> C: "q"}}"#)
    );
    assert!(
        drawn(&format!("{text}e:\n  <<: *v\n  \"<<\": *w\n"))
            .ends_with(r#"5 e: {1 <*v> A: "x", 4 <*w> C: "q"}}"#)
    );
    assert!(drawn(&format!("{text}e: {{A: own, <<: *w}}")).ends_with(r#"5 e: {6 A: "own", 4 <*w> C: "q"}}"#));
    assert!(
        drawn(&format!("{text}e: &e {{B: b, <<: *v}}\nf: {{<<: *e}}"))
            .ends_with(r#"8 f: {6 <*e> B: "b", 1 <*e> A: "x"}}"#)
    );
    assert!(
        drawn(&format!("{text}l: &l [*v, *w]\nf: {{<<: *l}}"))
            .ends_with(r#"8 f: {1 <*l> A: "x", 4 <*l> C: "q"}}"#)
    );
    assert_eq!(drawn("e: {<<: {A: x}, <<: [{B: y}], <<: []}"), r#"{0 e: {2 A: "x", 5 B: "y"}}"#);
}

#[test]
fn a_key_below_its_merge_wins_though_gocd_refuses_it() {
    let text = "v: &v {A: x, B: y}\ne:\n  <<: *v\n  A: own\n  C: z\n";
    assert!(drawn(text).ends_with(r#"3 e: {5 A: "own", 2 <*v> B: "y", 6 C: "z"}}"#));
    assert!(drawn("v: &v {A: x}\ne:\n  <<: *v\n  A: 1\n  A: 2\n").contains("duplicate-key"));
}

#[test]
fn merges_are_booked() {
    assert_eq!(
        booked("e:\n  A: own\n  <<: [{A: x, B: [y]}]\n"),
        "e: -\nA: -\n<<: Converted merge-key\n{A: x, B: [y]}: Converted merge-key\n\
         A: Converted merge-key-hidden\nB: -\ny: -\n"
    );
    assert_eq!(
        booked("v: &v {A: {B: x}}\ne:\n  <<: *v\n  A: y\n"),
        "v: -\nA: Converted merge-key-hidden\nB: Converted merge-key-hidden\ne: -\n\
         <<: Converted merge-key\nA: Refused key-below-merge\n"
    );
}

#[test]
fn large_mappings_are_merged_and_checked_too() {
    let keys: String = (0..50).map(|n| format!("  k{n}: v\n")).collect();
    let text = format!("v: &v\n{keys}e:\n  k7: own\n  <<: *v\n  k51: x\n");
    let mut account = Account::default();
    let sources = Sources::from_texts(&[("a", &text)], &mut account);
    assert!(account.findings.is_empty());
    assert_eq!(sources.total_slots(), 1 + 50 + 1 + 3);
    let twice = format!("{text}  k49: y\n  k51: z\n");
    let mut account = Account::default();
    Sources::from_texts(&[("a", &twice)], &mut account);
    let rules: Vec<_> = account.findings.iter().map(|finding| finding.rule.name).collect();
    assert_eq!(rules, ["key-below-merge", "duplicate-key"]);
}

#[test]
fn later_documents_are_counted_and_have_no_effect() {
    let text = "a: 1\n---\nb: &x [c]\nb: *y\n---\nd: [\n";
    assert_eq!(
        booked(text),
        "a: -\nb: NoCounterpart ignored-document\nc: NoCounterpart ignored-document\nb: NoCounterpart ignored-document\n"
    );
    assert_eq!(drawn(text), r#"{0 a: "1"}"#);
}

#[test]
fn refused_files_are_booked_as_refused_and_slots_go_on_behind_them() {
    let mut account = Account::default();
    let texts = [("a", "k: [1, 2]\nk: *x\n"), ("b", "k: [1\n"), ("c", "k: v\n")];
    let sources = Sources::from_texts(&texts, &mut account);
    let trees: Vec<bool> = sources.files.iter().map(|file| file.tree.is_some()).collect();
    assert_eq!((trees, sources.total_slots()), (vec![false, false, true], 5));
    let counts = account.ledger.counts(5);
    assert_eq!((counts.refused, account.ledger.open(5)), (4, vec![Slot(4)]));
    assert_eq!(account.ledger.entry(Slot(0)).map(|entry| entry.outcome), Some(Outcome::Refused));
    assert_eq!(sources.slot_span(Slot(4)).file, sources.files[2].id);
}

#[test]
fn a_byte_order_mark_does_not_move_positions() {
    let text = "\u{feff}ä: 1\nä: 2\n";
    assert_eq!(
        super::findings(text),
        "1:1 byte-order-mark \"\\u{feff}\": a byte-order mark stands here, which GoCD takes as part of the first key\n2:1 duplicate-key \"ä\": `ä` is written twice in the same mapping\n"
    );
}
