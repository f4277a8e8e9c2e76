//! The merge key `<<`, as GoCD's YAML reader treats it: entries are taken over where `<<` stands, and a key that is
//! already there is kept. Sources before later ones, keys written above `<<` before what it brings.

use super::build::{DUPLICATE_KEY, Key, Mapping};
use super::problem::Problem;
use super::tree::{Entry, NodeId, Tree, Value};
use crate::span::{Slot, Span};

crate::findings! {
    /// The merge key `<<` has a text as its value.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader refuses the file: only mappings can be merged.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     <<: defaults
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write the alias of a mapping (`<<: *defaults`), or a list of such aliases.
    pub MERGE_OF_NO_MAPPING = "merge-of-no-mapping", Refused, Error, Refused;

    /// A key stands below a `<<` that already brought a key of that name.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader calls it a duplicate key and refuses the file, unlike most other readers, where the
    /// written key wins. Above the `<<`, the same key is fine.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// common:
    ///   defaults: &defaults {group: apps, label_template: "1.${COUNT}"}
    /// pipelines:
    ///   app:
    ///     <<: *defaults
    ///     label_template: "2.${COUNT}"
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Move the key above the `<<`.
    pub KEY_BELOW_MERGE = "key-below-merge", Refused, Error, Refused;
}

/// Mappings to merge, each with the alias it came through, and the slots of the list that names them.
type Sources = (Vec<(NodeId, Option<Span>)>, Vec<Slot>);

/// The mappings that the value of a `<<` stands for.
pub(super) fn sources(tree: &Tree, key: &Key, node: NodeId, via: Option<Span>) -> Result<Sources, Problem> {
    let is_map = |node: NodeId| matches!(tree.node(node).value, Value::Map(_));
    let refuse = |span: Span| {
        Problem::new(&MERGE_OF_NO_MAPPING, span, "`<<` can only merge a mapping or a list of mappings")
            .slot(Some(key.slot))
    };
    match &tree.node(node).value {
        Value::Map(_) => Ok((vec![(node, via)], Vec::new())),
        Value::List(items) => match items.iter().find(|item| !is_map(item.node)) {
            Some(item) => Err(refuse(item.via.unwrap_or(tree.node(item.node).span))),
            None => Ok((
                items.iter().map(|item| (item.node, via.or(item.via))).collect(),
                items.iter().map(|item| item.slot).collect(),
            )),
        },
        Value::Text(_) | Value::Null => Err(refuse(via.unwrap_or(tree.node(node).span))),
    }
}

/// Takes over the entries that are not there yet; returns those that are hidden.
pub(super) fn merge(mapping: &mut Mapping, entries: &[Entry], via: Option<Span>) -> Vec<(Slot, NodeId)> {
    let mut hidden = Vec::new();
    for entry in entries {
        if mapping.find(&entry.key).is_some() {
            hidden.push((entry.slot, entry.node));
        } else {
            mapping.merged.insert(mapping.entries.len());
            mapping.push(Entry { via: via.or(entry.via), ..entry.clone() });
        }
    }
    hidden
}

/// Adds a written key; returns the merged entry that it replaces, if it does.
pub(super) fn insert(
    mapping: &mut Mapping,
    entry: Entry,
    problems: &mut Vec<Problem>,
) -> Option<(Slot, NodeId)> {
    let Some(at) = mapping.find(&entry.key) else {
        mapping.push(entry);
        return None;
    };
    let first = &mapping.entries[at];
    if !mapping.merged.contains(&at) {
        let message = format!("`{}` is written twice in the same mapping", entry.key);
        problems.push(
            Problem::new(&DUPLICATE_KEY, entry.key_span, message)
                .slot(Some(entry.slot))
                .related(first.key_span, "first written here"),
        );
        return None;
    }
    let message = format!("`{}` repeats a key that the `<<` above it brought", entry.key);
    let mut problem = Problem::new(&KEY_BELOW_MERGE, entry.key_span, message)
        .slot(Some(entry.slot))
        .related(first.key_span, "the merged key")
        .help(format!("move `{}` above the `<<`, where GoCD lets it win", entry.key));
    if let Some(via) = first.via {
        problem = problem.related(via, "merged here");
    }
    problems.push(problem);
    mapping.merged.remove(&at);
    let replaced = (first.slot, first.node);
    mapping.entries[at] = entry;
    Some(replaced)
}
