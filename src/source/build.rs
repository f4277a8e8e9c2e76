//! From events to a [`Tree`]: a slot per mapping key and list item as written, aliases shared, merge keys resolved.
//! Nothing here recurses, and every alias points to a node that is complete.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::alias::Anchor;
use super::dialect::{self, COMPLEX_KEY};
use super::events::{Event, Style};
use super::mapping::{Key, Mapping};
use super::problem::Problem;
use super::tree::{Entry, Item, Node, NodeId, Tree, Value};
use crate::finding::Outcome;
use crate::span::{FileId, Slot, Span};

/// Reads the events of one document.
pub(super) struct Builder<'t> {
    pub(super) text: &'t str,
    pub(super) file: FileId,
    pub(super) first_slot: u32,
    pub(super) tree: Tree,
    /// Per node: what it weighs when all aliases below are expanded.
    pub(super) weights: Vec<u64>,
    pub(super) written: u64,
    pub(super) expanded: u64,
    pub(super) open: Vec<Frame>,
    pub(super) anchors: HashMap<usize, Anchor>,
    pub(super) names: BTreeMap<String, usize>,
    /// Place of every slot of this document.
    pub(super) slots: Vec<Span>,
    pub(super) problems: Vec<Problem>,
    pub(super) bookings: Vec<(Slot, Outcome, &'static str)>,
    /// Entries that lost against another one when mappings were merged.
    pub(super) hidden: BTreeMap<Slot, NodeId>,
    pub(super) before: Before,
    pub(super) bomb: bool,
}

/// The node that the parser reported last.
pub(super) struct Before {
    pub(super) end: u32,
    pub(super) span: Span,
    pub(super) anchor: Option<usize>,
    pub(super) absent: bool,
}

/// A list or mapping whose end has not been met.
pub(super) struct Frame {
    pub(super) node: NodeId,
    pub(super) role: Role,
    pub(super) span: Span,
    pub(super) flow: bool,
    pub(super) weight: u64,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    List(Vec<Item>),
    Map(Box<Mapping>),
}

/// What a node is to the collection it stands in.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Root,
    Item(Slot),
    Key(Slot),
    Value,
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str, file: FileId, first_slot: u32) -> Self {
        let span = Span { file, start: 0, end: 0 };
        Builder {
            text,
            file,
            first_slot,
            tree: Tree::default(),
            weights: Vec::new(),
            written: 0,
            expanded: 0,
            open: Vec::new(),
            anchors: HashMap::new(),
            names: BTreeMap::new(),
            slots: Vec::new(),
            problems: Vec::new(),
            bookings: Vec::new(),
            hidden: BTreeMap::new(),
            before: Before { end: 0, span, anchor: None, absent: false },
            bomb: false,
        }
    }

    pub(super) fn first_slot(&self) -> u32 {
        self.first_slot
    }

    pub(super) fn event(&mut self, event: Event<'t>, range: Range<u32>) {
        let span = Span { file: self.file, start: range.start, end: range.end };
        match event {
            Event::Document { too_new } => self.document(too_new, span),
            Event::DocumentEnd => self.document_end(),
            Event::Scalar { text, style, absent, anchor } => {
                let role = self.node_begins(span, style != Style::Block && !absent);
                self.before = Before { end: span.end, span, anchor, absent };
                self.problems.extend(dialect::scalar(self.text, span, style, self.in_flow()));
                if absent {
                    self.absent(role, anchor, span)
                } else {
                    self.scalar(role, text.into_owned(), anchor, span)
                }
            }
            Event::List { flow, anchor } => self.begin(span, flow, anchor, Kind::List(Vec::new())),
            Event::Map { flow, anchor } => self.begin(span, flow, anchor, Kind::Map(Box::default())),
            Event::End => self.end(span),
            Event::Anchor { name } => self.anchor(&name, span),
            Event::Alias { anchor } => self.alias(anchor, span),
            Event::UnknownAlias { name } => self.unknown_alias(&name, span),
        }
    }

    fn document(&mut self, too_new: bool, span: Span) {
        self.before.end = span.end;
        if too_new {
            self.problems.push(dialect::too_new(span));
        }
    }

    fn document_end(&mut self) {
        self.weigh();
        for (slot, node) in std::mem::take(&mut self.hidden) {
            let below = self.tree.slots_below(node);
            let all = std::iter::once(slot).chain(below);
            self.bookings.extend(all.map(|slot| (slot, Outcome::Converted, "merge-key-hidden")));
        }
    }

    fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|frame| frame.flow)
    }

    /// Allots the slot of a key or item, and says what the next node is.
    pub(super) fn node_begins(&mut self, span: Span, check_tab: bool) -> Role {
        if check_tab {
            self.problems.extend(dialect::tab_before(self.text, span));
        }
        let next = Slot(self.first_slot.saturating_add(self.slots.len() as u32));
        let role = match self.open.last().map(|frame| &frame.kind) {
            None => return Role::Root,
            Some(Kind::Map(mapping)) if mapping.pending.is_some() => return Role::Value,
            Some(Kind::Map(_)) => Role::Key(next),
            Some(Kind::List(_)) => Role::Item(next),
        };
        self.slots.push(span);
        role
    }

    pub(super) fn node(&mut self, value: Value, span: Span, weight: u64) -> NodeId {
        let id = NodeId(self.tree.nodes.len() as u32);
        self.tree.nodes.push(Node { value, span });
        self.weights.push(weight);
        id
    }

    fn scalar(&mut self, role: Role, text: String, anchor: Option<usize>, span: Span) {
        let weight = 1 + text.len() as u64 / 32;
        self.written += weight;
        if let Role::Key(slot) = role {
            if anchor.is_some() {
                let node = self.node(Value::Text(text.clone()), span, weight);
                self.define(anchor, node, span);
            }
            self.problems.extend(dialect::question_mark(self.text, span, slot));
            self.key(Key { text, span, slot, via: None }, weight);
        } else {
            let node = self.node(Value::Text(text), span, weight);
            self.define(anchor, node, span);
            self.attach(role, node, span, None);
        }
    }

    fn absent(&mut self, role: Role, anchor: Option<usize>, span: Span) {
        self.written += 1;
        let mut span = span;
        if let Some(Frame { kind: Kind::Map(mapping), flow, .. }) = self.open.last()
            && let Some(key) = &mapping.pending
        {
            span = Span { start: key.span.end, end: key.span.end, ..span };
            if *flow {
                self.problems.extend(dialect::no_colon(self.text, key.span, key.slot));
            }
        }
        if let Role::Key(slot) = role {
            self.complex_key(span, slot);
            return self.key(Key { text: String::new(), span, slot, via: None }, 1);
        }
        let node = self.node(Value::Null, span, 1);
        self.define(anchor, node, span);
        self.attach(role, node, span, None);
    }

    pub(super) fn key(&mut self, key: Key, weight: u64) {
        if let Some(frame) = self.open.last_mut() {
            frame.weight = frame.weight.saturating_add(weight);
            widen(&mut frame.span, key.span);
            if let Kind::Map(mapping) = &mut frame.kind {
                mapping.pending = Some(key);
            }
        }
    }

    pub(super) fn complex_key(&mut self, span: Span, slot: Slot) {
        self.problems
            .push(Problem::new(&COMPLEX_KEY, span, "a key must be a text on one line").slot(Some(slot)));
    }

    fn begin(&mut self, span: Span, flow: bool, anchor: Option<usize>, kind: Kind) {
        let role = self.node_begins(span, flow);
        if let Role::Key(slot) = role {
            self.complex_key(span, slot);
        }
        self.written += 1;
        let node = self.node(Value::Null, span, 1);
        self.define(anchor, node, span);
        self.before = Before { end: span.end, span, anchor, absent: false };
        self.open.push(Frame { node, role, span, flow, weight: 1, kind });
    }

    fn end(&mut self, span: Span) {
        let Some(mut frame) = self.open.pop() else { return };
        if frame.flow {
            self.problems.extend(dialect::trailing_comma(self.text, self.before.end, span));
            widen(&mut frame.span, span);
            self.before.end = span.end;
        }
        let node = &mut self.tree.nodes[frame.node.0 as usize];
        node.span = frame.span;
        node.value = match frame.kind {
            // Most collections are small: room for growth would double the memory of a large file.
            Kind::List(mut items) => {
                items.shrink_to_fit();
                Value::List(items)
            }
            Kind::Map(mut mapping) => {
                mapping.entries.shrink_to_fit();
                Value::Map(mapping.entries)
            }
        };
        self.weights[frame.node.0 as usize] = frame.weight;
        if let Role::Key(slot) = frame.role {
            self.key(Key { text: String::new(), span: frame.span, slot, via: None }, frame.weight);
        } else {
            self.attach(frame.role, frame.node, frame.span, None);
        }
    }

    /// Puts a complete node where it belongs.
    pub(super) fn attach(&mut self, role: Role, node: NodeId, span: Span, via: Option<Span>) {
        let weight = self.weights[node.0 as usize];
        let Some(frame) = self.open.last_mut() else {
            self.tree.root = Some(node);
            return;
        };
        frame.weight = frame.weight.saturating_add(weight);
        widen(&mut frame.span, via.unwrap_or(span));
        match (&mut frame.kind, role) {
            (Kind::List(items), Role::Item(slot)) => {
                // What an item is drawn as: the whole value, which is known only now.
                self.slots[(slot.0 - self.first_slot) as usize] = via.unwrap_or(span);
                items.push(Item { slot, node, via });
            }
            (Kind::Map(mapping), _) => {
                if let Some(key) = mapping.pending.take() {
                    self.entry(key, node, via);
                }
            }
            (Kind::List(_), _) => {}
        }
    }

    fn entry(&mut self, key: Key, node: NodeId, via: Option<Span>) {
        if key.text == "<<" && !matches!(self.tree.node(node).value, Value::Null) {
            return self.merge(&key, node, via);
        }
        let entry = Entry { slot: key.slot, key: key.text, key_span: key.span, node, via: via.or(key.via) };
        if let Some(Frame { kind: Kind::Map(mapping), .. }) = self.open.last_mut() {
            self.hidden.extend(mapping.insert(entry, &mut self.problems));
        }
    }
}

/// Lets a collection's span reach over what stands in it. Where a block collection begins, the parser does not say.
fn widen(span: &mut Span, child: Span) {
    if span.start == span.end {
        span.start = child.start;
    }
    span.end = span.end.max(child.end);
}
