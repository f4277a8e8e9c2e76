//! Entries of free-named mappings, and list items that hold a single key.

use crate::finding::Outcome;
use crate::source::{At, Entry, Keys, Reader, Value};
use crate::span::{Place, Src};

crate::findings! {
    /// An item of `stages`, `tasks` or `artifacts` has a second key. GoCD looks at the first one only.
    ///
    /// ## Why it matters
    /// The commonest slip of indentation: a key that belongs *below* the first one stands *beside* it. GoCD drops it in
    /// silence, so a task loses its `run_if` or its `command`.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build:
    ///           tasks:
    ///             - exec: {command: make}
    ///               run_if: any
    /// ```
    ///
    /// ## Instead
    /// Indent the key below the first one, here `exec: {command: make, run_if: any}`, or make it an item of its own.
    pub IGNORED_SIBLING = "ignored-sibling", Correctness, Warning, NoCounterpart;

    /// An item of `stages` or `tasks`, or an `on_cancel`, is an empty mapping.
    ///
    /// ## Why it matters
    /// GoCD expects exactly one key there and refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build:
    ///           tasks:
    ///             - {}
    /// ```
    ///
    /// ## Instead
    /// Write what belongs there, for example `- exec: {command: make}`, or remove the item.
    pub EMPTY_ITEM = "empty-item", Refused, Error, Refused;

    /// A key that GoCD requires is missing or has no value.
    ///
    /// ## Why it matters
    /// GoCD's plugin refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     timer: {only_on_changes: true}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Add the key that the message names, here `spec`.
    pub MISSING_KEY = "missing-key", Refused, Error, Refused;
}

/// What a value that is missing below its key usually means.
pub const MISINDENTED: &str =
    "it is probably indented wrongly: its keys must be indented further than the name above them";

/// The entries of a mapping whose names the author chose, in source order; empty when nothing is written.
/// The caller has made sure that it is a mapping.
pub fn entries(reader: &Reader<'_>, at: At) -> Vec<(Src<String>, At)> {
    let Value::Map(entries) = &reader.tree.node(at.node).value else { return Vec::new() };
    entries
        .iter()
        .map(|entry| (Src::new(entry.key.clone(), entry.key_place()), value_of(reader, entry)))
        .collect()
}

/// The value of a mapping's entry, as [`crate::source::Keys::take`] gives it.
pub fn value_of(reader: &Reader<'_>, entry: &Entry) -> At {
    let node = reader.tree.node(entry.node);
    let span = if matches!(node.value, Value::Null) { entry.key_span } else { node.span };
    let place = Place { span, slot: Some(entry.slot), via: entry.via };
    At { node: entry.node, place, key_span: entry.key_span }
}

/// The first key of an item and its value. Further keys are dropped with a warning, as GoCD drops them.
/// `None`: no mapping, or an empty one (both reported).
pub fn single(reader: &mut Reader<'_>, at: At, what: &str) -> Option<(Src<String>, At)> {
    if !matches!(reader.tree.node(at.node).value, Value::Map(_)) {
        reader.wrong_form(at, what, "a mapping with one key");
        return None;
    }
    let mut entries = entries(reader, at).into_iter();
    let Some(first) = entries.next() else {
        reader
            .account
            .report(&EMPTY_ITEM, at.place, format!("{what} is empty, but GoCD expects one key in it"))
            .help("write what belongs there, or remove the item");
        return None;
    };
    for (name, value) in entries {
        report_sibling(reader, what, &first, &name, value);
    }
    Some(first)
}

fn report_sibling(
    reader: &mut Reader<'_>,
    what: &str,
    first: &(Src<String>, At),
    name: &Src<String>,
    value: At,
) {
    let hint = if reader.is_null(first.1) {
        format!("it is probably mis-indented: indent it further than `{}`", first.0.value)
    } else {
        format!(
            "it is probably mis-indented: put it below `{}`, or make it an item of its own",
            first.0.value
        )
    };
    reader
        .account
        .report(
            &IGNORED_SIBLING,
            name,
            format!("`{}` stands beside `{}` in {what}; GoCD drops it", name.value, first.0.value),
        )
        .related(first.0.place.span, "GoCD looks at this key only")
        .help(hint);
    reader.book_below(At { place: name.place, ..value }, Outcome::NoCounterpart, IGNORED_SIBLING.name);
}

/// Reports a required key that is missing.
pub fn missing(reader: &mut Reader<'_>, place: impl Into<Place>, what: &str, key: &str) {
    reader
        .account
        .report(&MISSING_KEY, place, format!("{what} needs `{key}`, but it is missing"))
        .help(format!("add `{key}`; GoCD refuses the repository without it"));
}

/// Adds a hint to the finding reported last.
pub fn hint(reader: &mut Reader<'_>, hint: &str) {
    if let Some(last) = reader.account.findings.last_mut() {
        last.help(hint);
    }
}

/// A text that must be there; reported at `place` when it is not.
pub fn required(keys: &mut Keys<'_, '_>, key: &'static str, place: Place, what: &str) -> Option<Src<String>> {
    let first = keys.reader.account.findings.len();
    let text = keys.text(key);
    if text.is_none() && keys.reader.account.findings.len() == first {
        missing(keys.reader, place, what, key);
    }
    text
}
