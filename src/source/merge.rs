//! The merge key `<<`, as GoCD's YAML reader treats it: entries are taken over where `<<` stands, and a key that is
//! already there is kept. Sources before later ones, keys written above `<<` before what it brings.

use super::build::{Builder, Frame, Kind};
use super::mapping::{Key, Mapping};
use super::problem::Problem;
use super::tree::{Entry, NodeId, Tree, Value};
use crate::finding::Outcome;
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
}

/// Mappings to merge, each with the alias it came through, and the slots of the list that names them.
type Sources = (Vec<(NodeId, Option<Span>)>, Vec<Slot>);

/// The mappings that the value of a `<<` stands for.
fn sources(tree: &Tree, key: &Key, node: NodeId, via: Option<Span>) -> Result<Sources, Problem> {
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
fn take_over(mapping: &mut Mapping, entries: &[Entry], via: Option<Span>) -> Vec<(Slot, NodeId)> {
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

impl Builder<'_> {
    /// Takes over what a `<<` names into the innermost open mapping.
    pub(super) fn merge(&mut self, key: &Key, node: NodeId, via: Option<Span>) {
        self.bookings.push((key.slot, Outcome::Converted, "merge-key"));
        let sources = match sources(&self.tree, key, node, via) {
            Ok((sources, items)) => {
                self.bookings.extend(items.into_iter().map(|slot| (slot, Outcome::Converted, "merge-key")));
                sources
            }
            Err(problem) => return self.problems.push(problem),
        };
        if self.bomb {
            return;
        }
        for (source, via) in sources {
            let Value::Map(entries) = &self.tree.nodes[source.0 as usize].value else { continue };
            let Some(Frame { kind: Kind::Map(mapping), .. }) = self.open.last_mut() else { return };
            self.hidden.extend(take_over(mapping, entries, via));
        }
    }
}
