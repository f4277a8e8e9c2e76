//! From events to a [`Tree`]: a slot per mapping key and list item as written, aliases shared, merge keys resolved.
//! Nothing here recurses, and every alias points to a node that is complete.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::dialect::{self, COMPLEX_KEY};
use super::events::{Event, Style};
use super::problem::Problem;
use super::tree::{Entry, Item, Node, NodeId, Tree, Value};
use crate::finding::{Outcome, suggest};
use crate::span::{FileId, Slot, Span};

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

    /// An alias (`*name`) names an anchor that is not defined before it in the same file.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader refuses the file. Anchors do not reach across files. A value that begins with `*`,
    /// such as a timer, is read as an alias unless it is quoted.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: *sources
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Define the anchor (`&name`) above, or quote the value.
    pub UNKNOWN_ALIAS = "unknown-alias", Refused, Error, Refused;

    /// An alias stands inside the text that it repeats.
    ///
    /// ## Why it matters
    /// The text would have no end; GoCD refuses the file.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// common: &all
    ///   again: *all
    /// ```
    ///
    /// ## Instead
    /// Move the anchor to the part that is meant to be repeated.
    pub ALIAS_INSIDE_ITSELF = "alias-inside-itself", Refused, Error, Refused;

    /// Aliases of aliases multiply a small text into an enormous one.
    ///
    /// ## Why it matters
    /// Whoever expands them, as a GoCD server does, runs out of memory. This file is not read further.
    ///
    /// ## Example
    /// Ten lists, each with nine aliases of the list before.
    ///
    /// ## Instead
    /// Write the file without aliases of lists of aliases.
    pub ALIAS_BOMB = "alias-bomb", Refused, Error, Refused;
}

/// How much more the expanded text may weigh than the written one: 2,000,000 nodes of up to 32 bytes.
const EXPANSION_LIMIT: u64 = 2_000_000;

/// Mappings with more keys than this are searched by hash.
const SMALL_MAP: usize = 16;

/// Reads the events of one document.
pub(super) struct Builder<'t> {
    text: &'t str,
    file: FileId,
    first_slot: u32,
    pub(super) tree: Tree,
    /// Per node: what it weighs when all aliases below are expanded.
    weights: Vec<u64>,
    written: u64,
    expanded: u64,
    open: Vec<Frame>,
    anchors: HashMap<usize, Anchor>,
    names: BTreeMap<String, usize>,
    /// Place of every slot of this document.
    pub(super) slots: Vec<Span>,
    pub(super) problems: Vec<Problem>,
    pub(super) bookings: Vec<(Slot, Outcome, &'static str)>,
    /// Entries that lost against another one when mappings were merged.
    hidden: BTreeMap<Slot, NodeId>,
    before: Before,
    bomb: bool,
}

/// The node that the parser reported last.
struct Before {
    end: u32,
    span: Span,
    anchor: Option<usize>,
    absent: bool,
}

struct Anchor {
    node: NodeId,
    span: Span,
}

/// A list or mapping whose end has not been met.
struct Frame {
    node: NodeId,
    role: Role,
    span: Span,
    flow: bool,
    weight: u64,
    kind: Kind,
}

enum Kind {
    List(Vec<Item>),
    Map(Box<Mapping>),
}

/// A mapping that is being read.
#[derive(Default)]
pub(super) struct Mapping {
    pub(super) entries: Vec<Entry>,
    index: HashMap<String, usize>,
    /// Which entries came through `<<`.
    pub(super) merged: BTreeSet<usize>,
    pending: Option<Key>,
}

/// A key whose value has not been met.
pub(super) struct Key {
    pub(super) text: String,
    pub(super) span: Span,
    pub(super) slot: Slot,
    via: Option<Span>,
}

/// What a node is to the collection it stands in.
#[derive(Clone, Copy)]
enum Role {
    Root,
    Item(Slot),
    Key(Slot),
    Value,
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
        let expanded = self.tree.root.map_or(0, |root| self.weights[root.0 as usize]);
        if expanded.saturating_sub(self.written) > EXPANSION_LIMIT {
            self.too_heavy(self.before.span);
        }
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
    fn node_begins(&mut self, span: Span, check_tab: bool) -> Role {
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

    fn node(&mut self, value: Value, span: Span, weight: u64) -> NodeId {
        let id = NodeId(self.tree.nodes.len() as u32);
        self.tree.nodes.push(Node { value, span });
        self.weights.push(weight);
        id
    }

    fn define(&mut self, anchor: Option<usize>, node: NodeId, span: Span) {
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, Anchor { node, span });
        }
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

    fn key(&mut self, key: Key, weight: u64) {
        if let Some(frame) = self.open.last_mut() {
            frame.weight = frame.weight.saturating_add(weight);
            widen(&mut frame.span, key.span);
            if let Kind::Map(mapping) = &mut frame.kind {
                mapping.pending = Some(key);
            }
        }
    }

    fn complex_key(&mut self, span: Span, slot: Slot) {
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
            Kind::List(items) => Value::List(items),
            Kind::Map(mapping) => Value::Map(mapping.entries),
        };
        self.weights[frame.node.0 as usize] = frame.weight;
        if let Role::Key(slot) = frame.role {
            self.key(Key { text: String::new(), span: frame.span, slot, via: None }, frame.weight);
        } else {
            self.attach(frame.role, frame.node, frame.span, None);
        }
    }

    /// Puts a complete node where it belongs.
    fn attach(&mut self, role: Role, node: NodeId, span: Span, via: Option<Span>) {
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
        let hidden = self.with_mapping(|mapping, problems| super::merge::insert(mapping, entry, problems));
        self.hidden.extend(hidden.flatten());
    }

    fn merge(&mut self, key: &Key, node: NodeId, via: Option<Span>) {
        self.bookings.push((key.slot, Outcome::Converted, "merge-key"));
        let sources = match super::merge::sources(&self.tree, key, node, via) {
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
            self.hidden.extend(super::merge::merge(mapping, entries, via));
        }
    }

    fn with_mapping<R>(&mut self, change: impl FnOnce(&mut Mapping, &mut Vec<Problem>) -> R) -> Option<R> {
        match &mut self.open.last_mut()?.kind {
            Kind::Map(mapping) => Some(change(mapping, &mut self.problems)),
            Kind::List(_) => None,
        }
    }

    fn anchor(&mut self, name: &str, span: Span) {
        self.problems.extend(dialect::anchor_name(name, span));
        if self.before.absent {
            self.problems.push(dialect::anchor_on_nothing(name, span));
        }
        if let Some(id) = self.before.anchor {
            self.names.insert(name.to_string(), id);
            if let Some(anchor) = self.anchors.get_mut(&id) {
                anchor.span = span;
            }
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) {
        let role = self.node_begins(span, true);
        self.before = Before { end: span.end, span, anchor: None, absent: false };
        self.written += 1;
        let Some(Anchor { node, span: defined }) = self.anchors.get(&anchor) else {
            return self.stand_in(role, span);
        };
        let (node, defined) = (*node, *defined);
        if self.open.iter().any(|frame| frame.node == node) {
            let name = &self.text[span.start as usize..span.end as usize];
            self.problems.push(
                Problem::new(
                    &ALIAS_INSIDE_ITSELF,
                    span,
                    format!("`{name}` stands inside the text that it repeats"),
                )
                .related(defined, "that text begins here"),
            );
            return self.stand_in(role, span);
        }
        self.expanded = self.expanded.saturating_add(self.weights[node.0 as usize]);
        if self.expanded > EXPANSION_LIMIT {
            self.too_heavy(span);
        }
        match (role, &self.tree.node(node).value) {
            (Role::Key(slot), Value::Text(text)) => {
                let key = Key { text: text.clone(), span, slot, via: Some(span) };
                self.key(key, self.weights[node.0 as usize]);
            }
            (Role::Key(slot), _) => {
                self.complex_key(span, slot);
                self.stand_in(role, span);
            }
            _ => self.attach(role, node, span, Some(span)),
        }
    }

    fn unknown_alias(&mut self, name: &str, span: Span) {
        let role = self.node_begins(span, true);
        self.before = Before { end: span.end, span, anchor: None, absent: false };
        let help = match suggest::nearest(name, self.names.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `*{near}`?"),
            None => {
                "define the anchor above in this file, or quote the value if no alias is meant".to_string()
            }
        };
        let message = format!("`*{name}` repeats an anchor that is not defined before it");
        self.problems.push(Problem::new(&UNKNOWN_ALIAS, span, message).help(help));
        self.stand_in(role, span);
    }

    /// Nothing, in place of an alias without a sound target.
    fn stand_in(&mut self, role: Role, span: Span) {
        if let Role::Key(slot) = role {
            return self.key(Key { text: String::new(), span, slot, via: Some(span) }, 1);
        }
        let node = self.node(Value::Null, span, 1);
        self.attach(role, node, span, Some(span));
    }

    fn too_heavy(&mut self, span: Span) {
        if !self.bomb {
            self.bomb = true;
            let message = "aliases multiply this file beyond 2000000 nodes";
            self.problems
                .push(Problem::new(&ALIAS_BOMB, span, message).help("GoCD would run out of memory too"));
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
