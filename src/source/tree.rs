//! The tree of one YAML document as GoCD sees it: every scalar is text, anchors are shared, merge keys are resolved.

use crate::span::{Place, Slot, Span};

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(pub u32);

/// One document. Nodes refer to each other by number, so that neither building nor dropping recurses.
#[derive(Debug, Default)]
pub struct Tree {
    /// All nodes.
    pub nodes: Vec<Node>,
    /// The document's root; `None` for an empty document.
    pub root: Option<NodeId>,
}

/// A node and where its text is.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// The whole text of the value; an absent value has an empty span behind its key.
    pub span: Span,
}

/// What a node is. GoCD's reader types nothing: `yes`, `1.10`, `~` are texts.
#[derive(Debug)]
pub enum Value {
    /// Nothing was written (`key:`).
    Null,
    /// A scalar's text.
    Text(String),
    /// A list.
    List(Vec<Item>),
    /// A mapping, merge keys resolved: what an explicit key hides is no longer in it.
    Map(Vec<Entry>),
}

/// An item of a list.
#[derive(Clone, Debug)]
pub struct Item {
    /// The ledger's slot of this item.
    pub slot: Slot,
    /// Its value.
    pub node: NodeId,
    /// The alias it is written as, if it is one.
    pub via: Option<Span>,
}

/// A key of a mapping and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The ledger's slot of this key.
    pub slot: Slot,
    /// The key's text.
    pub key: String,
    /// Where the key is written.
    pub key_span: Span,
    /// Its value.
    pub node: NodeId,
    /// The alias through which key or value came, if any.
    pub via: Option<Span>,
}

impl Tree {
    /// The node of that number.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Every slot below a node, aliases followed, each once, in ascending order. Does not recurse.
    pub fn slots_below(&self, id: NodeId) -> Vec<Slot> {
        let mut seen = std::collections::HashSet::new();
        let mut open = vec![id];
        let mut slots = Vec::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match &self.node(id).value {
                Value::Null | Value::Text(_) => {}
                Value::List(items) => {
                    slots.extend(items.iter().map(|item| item.slot));
                    open.extend(items.iter().map(|item| item.node));
                }
                Value::Map(entries) => {
                    slots.extend(entries.iter().map(|entry| entry.slot));
                    open.extend(entries.iter().map(|entry| entry.node));
                }
            }
        }
        slots.sort_unstable();
        slots.dedup();
        slots
    }
}

impl Entry {
    /// The key itself as a place.
    pub fn key_place(&self) -> Place {
        Place { span: self.key_span, slot: Some(self.slot), via: self.via }
    }
}
