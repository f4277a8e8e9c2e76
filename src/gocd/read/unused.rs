//! `common`: where anchors are kept. What no alias reaches has no effect.

use super::{item, root::Root};
use crate::finding::{Account, Outcome};
use crate::source::{At, NodeId, Reader, Tree, Value};
use crate::span::{Place, Slot};
use std::collections::HashSet;

crate::findings! {
    /// Something below `common` that no pipeline and no environment uses.
    ///
    /// ## Why it matters
    /// GoCD never looks below `common`; only what is repeated through an alias or a merge key has an effect. What nothing
    /// repeats is probably left over.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// common:
    ///   old-tasks: &old-tasks
    ///     - exec: {command: make}
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Remove it, or use it.
    pub UNUSED_ANCHOR = "unused-anchor", Correctness, Info, NoCounterpart;
}

/// What pipelines and environments reach.
struct Reached {
    nodes: HashSet<NodeId>,
    slots: HashSet<Slot>,
}

/// Books what lies below `common` and is not somebody else's to book.
pub fn report(tree: &Tree, root: &Root, account: &mut Account) {
    if root.common.is_empty() {
        return;
    }
    let reached = reached(tree, root.pipelines.iter().chain(&root.environments));
    let used = used(tree, &reached);
    let mut open: Vec<At> = root.common.clone();
    let mut seen = HashSet::new();
    let mut reader = Reader { tree, account };
    while let Some(at) = open.pop() {
        if !seen.insert(at.node) {
            continue;
        }
        for (name, child) in children(&mut reader, at) {
            let slot_used = child.place.slot.is_some_and(|slot| reached.slots.contains(&slot));
            if slot_used || used.contains(&child.node) {
                if !slot_used {
                    reader.account.convert("common", child.place);
                }
                open.push(child);
            } else {
                report_unused(&mut reader, name, child, &reached);
            }
        }
    }
}

fn reached<'a>(tree: &Tree, from: impl Iterator<Item = &'a At>) -> Reached {
    let mut reached = Reached { nodes: HashSet::new(), slots: HashSet::new() };
    let mut open: Vec<NodeId> = from.map(|at| at.node).collect();
    while let Some(id) = open.pop() {
        if !reached.nodes.insert(id) {
            continue;
        }
        for (slot, node) in below(tree, id) {
            reached.slots.insert(slot);
            open.push(node);
        }
    }
    reached
}

/// The nodes that are reached or hold something that is.
fn used(tree: &Tree, reached: &Reached) -> HashSet<NodeId> {
    let mut parents: Vec<Vec<NodeId>> = vec![Vec::new(); tree.nodes.len()];
    let mut open: Vec<NodeId> = reached.nodes.iter().copied().collect();
    for (index, _) in tree.nodes.iter().enumerate() {
        let id = NodeId(u32::try_from(index).unwrap_or(u32::MAX));
        for (slot, child) in below(tree, id) {
            parents[child.0 as usize].push(id);
            if reached.slots.contains(&slot) {
                open.push(id);
            }
        }
    }
    let mut used = HashSet::new();
    while let Some(id) = open.pop() {
        if used.insert(id) {
            open.extend(&parents[id.0 as usize]);
        }
    }
    used
}

fn below(tree: &Tree, id: NodeId) -> Vec<(Slot, NodeId)> {
    match &tree.node(id).value {
        Value::Null | Value::Text(_) => Vec::new(),
        Value::List(items) => items.iter().map(|item| (item.slot, item.node)).collect(),
        Value::Map(entries) => entries.iter().map(|entry| (entry.slot, entry.node)).collect(),
    }
}

/// The entries or items directly below, each with the name it is called by and its key as its place.
fn children(reader: &mut Reader<'_>, at: At) -> Vec<(String, At)> {
    match &reader.tree.node(at.node).value {
        Value::Null | Value::Text(_) => Vec::new(),
        Value::Map(_) => item::entries(reader, at)
            .into_iter()
            .map(|(name, value)| (format!("`{}`", name.value), At { place: name.place, ..value }))
            .collect(),
        Value::List(items) => items
            .iter()
            .map(|item| {
                let span = reader.tree.node(item.node).span;
                let place = Place { span, slot: Some(item.slot), via: item.via };
                ("this item".to_string(), At { node: item.node, place, key_span: span })
            })
            .collect(),
    }
}

fn report_unused(reader: &mut Reader<'_>, name: String, at: At, reached: &Reached) {
    reader
        .account
        .report(&UNUSED_ANCHOR, at.place, format!("{name} below `common` is used nowhere"))
        .help("remove it, or repeat it with an alias where it is meant");
    for slot in reader.tree.slots_below(at.node) {
        if !reached.slots.contains(&slot) {
            reader.account.ledger.book(slot, Outcome::NoCounterpart, UNUSED_ANCHOR.name);
        }
    }
}
