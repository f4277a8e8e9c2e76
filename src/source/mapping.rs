//! A mapping while it is read: which keys are there, and which of them may be written again.

use std::collections::{BTreeSet, HashMap};

use super::problem::Problem;
use super::tree::{Entry, NodeId};
use crate::span::{Slot, Span};

crate::findings! {
    /// A key is written twice in one mapping.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader refuses the file, and with it the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     group: services
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Remove one of the two, or rename it.
    pub DUPLICATE_KEY = "duplicate-key", Refused, Error, Refused;

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

/// Mappings with more keys than this are searched by hash.
const SMALL_MAP: usize = 16;

/// A mapping that is being read.
#[derive(Default)]
pub(super) struct Mapping {
    pub(super) entries: Vec<Entry>,
    index: HashMap<String, usize>,
    /// Which entries came through `<<`.
    pub(super) merged: BTreeSet<usize>,
    pub(super) pending: Option<Key>,
}

/// A key whose value has not been met.
pub(super) struct Key {
    pub(super) text: String,
    pub(super) span: Span,
    pub(super) slot: Slot,
    pub(super) via: Option<Span>,
}

impl Mapping {
    pub(super) fn find(&mut self, key: &str) -> Option<usize> {
        if self.entries.len() <= SMALL_MAP {
            return self.entries.iter().position(|entry| entry.key == key);
        }
        if self.index.is_empty() {
            self.index = self.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
        }
        self.index.get(key).copied()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        if !self.index.is_empty() {
            self.index.insert(entry.key.clone(), self.entries.len());
        }
        self.entries.push(entry);
    }

    /// Adds a written key; returns the merged entry that it replaces, if it does.
    pub(super) fn insert(&mut self, entry: Entry, problems: &mut Vec<Problem>) -> Option<(Slot, NodeId)> {
        let Some(at) = self.find(&entry.key) else {
            self.push(entry);
            return None;
        };
        let first = &self.entries[at];
        if !self.merged.contains(&at) {
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
        self.merged.remove(&at);
        let replaced = (first.slot, first.node);
        self.entries[at] = entry;
        Some(replaced)
    }
}
