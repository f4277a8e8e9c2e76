//! Reads the path filters of a material.

use super::key_place;
use crate::finding::Outcome;
use crate::gocd::{Filter, Material};
use crate::source::{At, Keys};
use crate::span::Src;

crate::findings! {
    /// A path filter is written twice, under its new and its old name.
    ///
    /// ## Why it matters
    /// Only one counts: `ignore` before `blacklist`, but `whitelist` before `includes`. GoCD drops the other in silence.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git", ignore: [docs/**/*], blacklist: ["*.md"]}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Put all patterns into one list: `ignore` or `includes`.
    pub FILTER_WRITTEN_TWICE = "filter-written-twice", Correctness, Warning, NoCounterpart;
}

/// Reads both directions; a second one is for the server to refuse.
pub fn read(keys: &mut Keys<'_, '_>, material: &mut Material) {
    let ignore = filter(keys, "ignore", "blacklist", false);
    let includes = filter(keys, "whitelist", "includes", true);
    (material.filter, material.other_filter) = match (ignore, includes) {
        (Some(ignore), includes) => (Some(ignore), includes),
        (None, includes) => (includes, None),
    };
}

/// One direction of the path filter. When both names are written, the first one counts.
fn filter(
    keys: &mut Keys<'_, '_>,
    wins: &'static str,
    loses: &'static str,
    includes: bool,
) -> Option<Filter> {
    let (winner, loser) = (keys.take(wins), keys.take(loses));
    if let (Some(_), Some(at)) = (winner, loser) {
        let at = At { place: key_place(at), ..at };
        keys.reader
            .account
            .report(
                &FILTER_WRITTEN_TWICE,
                at.place,
                format!("`{loses}` has no effect beside `{wins}`; GoCD drops it"),
            )
            .help("put all patterns into one list");
        keys.reader.book_below(at, Outcome::NoCounterpart, FILTER_WRITTEN_TWICE.name);
    }
    let (key, at) = match (winner, loser) {
        (Some(at), _) => (wins, at),
        (None, Some(at)) => (loses, at),
        (None, None) => return None,
    };
    let mut patterns = Vec::new();
    for item in keys.reader.list(at, &format!("`{key}`"))? {
        if keys.reader.is_null(item) {
            patterns.push(Src::new(None, item.place));
        } else if let Some(text) = keys.reader.text(item, "a pattern") {
            patterns.push(Src::new(Some(text.value), text.place));
        }
    }
    Some(Filter { includes, key: Src::new(key.to_string(), key_place(at)), patterns })
}
