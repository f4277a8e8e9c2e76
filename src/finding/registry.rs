//! All rules by name, for `explain` and the pages in `docs/findings/`.

use super::Rule;

/// Every rule of the program, sorted by name.
pub fn rules() -> Vec<&'static Rule> {
    let mut rules: Vec<&'static Rule> =
        [crate::source::rules(), crate::gocd::rules(), crate::plan::rules()].into_iter().flatten().collect();
    rules.sort_by_key(|rule| rule.name);
    rules
}

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    rules().into_iter().find(|rule| rule.name == name)
}

/// The page of a rule in Markdown: title, facts, and the text of its declaration.
pub fn page(rule: &Rule) -> String {
    let text: Vec<&str> = rule.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    format!(
        "# {}\n\n*{:?}* · severity *{:?}* · booked as *{:?}*\n\n{}\n",
        rule.name,
        rule.category,
        rule.severity,
        rule.outcome,
        text.join("\n").trim_end()
    )
}

/// A rule in one line: name, severity, first sentence.
pub fn line(rule: &Rule) -> String {
    let first = rule.page.trim().lines().next().unwrap_or_default().trim();
    format!("{:<28} {:<9} {first}", rule.name, format!("{:?}", rule.severity).to_lowercase())
}
