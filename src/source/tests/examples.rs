//! The example of each rule raises it.

use crate::finding::Account;
use crate::source::{self, Sources, keys, reader};

/// The YAML block of a page, if it has one.
fn example(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("## Example\n")?;
    let (_, rest) = rest.split_once("```yaml\n")?;
    let (block, _) = rest.split_once("```")?;
    Some(block.lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect())
}

#[test]
fn examples_raise_their_rules() {
    let mut tried = 0;
    for rule in source::rules() {
        assert!(rule.page.contains("## Why it matters") && rule.page.contains("## Instead"), "{}", rule.name);
        // The rules of keys are raised by who knows the keys.
        if [keys::RULES, reader::RULES].concat().contains(&rule) {
            continue;
        }
        let Some(text) = example(rule.page) else { continue };
        let mut account = Account::default();
        Sources::from_texts(&[("a.gocd.yaml", &text)], &mut account);
        let raised: Vec<&str> = account.findings.iter().map(|finding| finding.rule.name).collect();
        assert_eq!(raised, [rule.name], "{text}");
        tried += 1;
    }
    assert!(tried >= 15, "{tried}");
}
