//! Path filters in a Sensor: a push that lists all its files, none of which matters, starts no pod.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | `ignore`: skip if every changed file matches | the Sensor refuses a push whose list is complete and has such files only | the rest is for `prepare` |
//! | `includes`: skip if no changed file matches | the Sensor accepts a push with such a file, and any whose list may be incomplete | the rest is for `prepare` |
//!
//! A list may be incomplete: hosts cut it, a new branch or a forced push lists what they like, a commit may come without
//! files. Such pushes pass, so do names with escapes that a `*` would have to match. What one push lists is what became
//! new on the branch, so that pushes that are judged one by one add up to the range that GoCD judges; where a relevant one
//! found no run (a lock, a lost event), `gocd-reconcile` finds it.
//!
//! The event's lists are compared as JSON text, with regular expressions: Go's engine takes linear time whatever the text.

use serde::Serialize;

use super::pattern::path_in_json;
use crate::plan::description::Filter;

/// A data filter of a Sensor's dependency.
#[derive(Clone, Debug, Serialize)]
pub struct DataFilter {
    /// gjson path into the event.
    pub path: String,
    /// `!=`, or nothing: one of the values has to match, or one has not to.
    pub comparator: Option<&'static str>,
    /// Regular expressions.
    pub values: Vec<String>,
}

impl DataFilter {
    /// One path, one expression.
    pub fn new(path: impl Into<String>, value: impl Into<String>) -> DataFilter {
        DataFilter { path: path.into(), comparator: None, values: vec![value.into()] }
    }
}

/// Where a host's push says which files changed (`body.commits[].added`, `modified`, `removed`), and how it shows that
/// the list is complete.
pub struct FileList {
    /// Paths of three facts, separated by commas.
    facts: &'static str,
    /// The facts of a complete list, with a comma after each.
    complete: String,
    /// Those of a list that may be incomplete.
    incomplete: Vec<String>,
}

impl FileList {
    /// GitHub: it lists up to 2,048 commits, and says what is forced or new.
    pub fn github() -> FileList {
        FileList {
            facts: "body.forced,body.created,body.commits.#",
            complete: "false,false,[1-9][0-9]{0,2},".into(),
            incomplete: vec!["^\\[(?:false,)?true,".into(), ",[0-9]{4,},\\[".into()],
        }
    }

    /// Hosts that list the newest commits and say how many there are; a new branch has no commit before.
    pub fn counted(facts: &'static str, limit: usize) -> FileList {
        let whole: Vec<String> = (1..=limit).map(|count| format!("{count},{count}")).collect();
        let cut: Vec<String> = (1..=limit).map(|count| format!("{count},(?:{})", below(count))).collect();
        FileList {
            facts,
            complete: format!("\"[0-9a-f]*[1-9a-f][0-9a-f]*\",(?:{}),", whole.join("|")),
            incomplete: vec![
                "^\\[\"0*\",".into(),
                format!("\",(?:{}),\\[", cut.join("|")),
                format!("\",(?:{}),[0-9]+,\\[", above(limit)),
            ],
        }
    }

    /// The filter of a material; `None` when it has none.
    pub fn filter(&self, filter: Option<&Filter>) -> Option<DataFilter> {
        let filter = filter?;
        let patterns: Vec<String> = filter.patterns.iter().map(|pattern| path_in_json(pattern)).collect();
        let file = format!("\"(?:{})\"", patterns.join("|"));
        let path = format!("[{},body.commits.#.[added,modified,removed]]", self.facts);
        Some(match filter.kind {
            "ignore" => DataFilter { path, comparator: Some("!="), values: vec![self.only(&file)] },
            _ => DataFilter { path, comparator: None, values: self.some(&file) },
        })
    }

    /// A complete list: every commit has files, and all of them match.
    fn only(&self, file: &str) -> String {
        // `[[[files],[files],[files]],…]`: from one file to the next, over empty lists, and over the end of a commit.
        let next = "(?:,|\\](?:,\\[\\])?,\\[|\\](?:,\\[\\]){0,2}\\],\\[(?:\\[\\],){0,2}\\[)";
        let end = "\\](?:,\\[\\]){0,2}\\]\\]\\]$";
        format!("^\\[{}\\[\\[(?:\\[\\],){{0,2}}\\[(?:{file}(?:{next}|{end}))+$", self.complete)
    }

    fn some(&self, file: &str) -> Vec<String> {
        let mut values = vec![format!("[\\[,]{file}[\\],]")];
        values.extend(self.incomplete.iter().cloned());
        // An escape; no commits; a commit without files, or without lists; less than three facts; no list at all.
        let missing = [
            "\\\\",
            ",\\[\\]\\]$",
            "\\[\\[\\],\\[\\],\\[\\]\\]",
            "[0-9],\\[\\[\\][,\\]]|\\]\\],\\[\\][,\\]]",
            "^\\[(?:[^,\\[\\]]*,){0,2}\\[",
            "^\\[[^\\[]*$",
        ];
        values.push(missing.join("|"));
        values
    }
}

/// The numbers below `count`, which is at most 99.
fn below(count: usize) -> String {
    (0..count).map(|number| number.to_string()).collect::<Vec<_>>().join("|")
}

/// The numbers above `limit`, which has at most two digits.
fn above(limit: usize) -> String {
    let (tens, ones) = (limit / 10, limit % 10);
    let mut parts = vec!["[0-9]{3,}".to_string()];
    if tens < 9 {
        parts.push(format!("[{}-9][0-9]", (tens + 1).max(1)));
    }
    if ones < 9 {
        parts.push(format!("{}[{}-9]", if tens == 0 { String::new() } else { tens.to_string() }, ones + 1));
    }
    parts.join("|")
}
