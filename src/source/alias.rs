//! Anchors and aliases: an alias shares the node of its anchor, and what that costs when it is expanded is kept in view.

use super::build::{Before, Builder, Role};
use super::dialect;
use super::mapping::Key;
use super::problem::Problem;
use super::tree::{NodeId, Value};
use crate::finding::suggest;
use crate::span::Span;

crate::findings! {
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

/// How many anchors are compared with an unknown name, so that a hostile file costs no quadratic time.
const SUGGESTION_LIMIT: usize = 500;

/// An anchored node, and where it is written.
pub(super) struct Anchor {
    pub(super) node: NodeId,
    pub(super) span: Span,
}

impl Builder<'_> {
    pub(super) fn define(&mut self, anchor: Option<usize>, node: NodeId, span: Span) {
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, Anchor { node, span });
        }
    }

    pub(super) fn anchor(&mut self, name: &str, span: Span) {
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

    pub(super) fn alias(&mut self, anchor: usize, span: Span) {
        let role = self.node_begins(span, true);
        self.before = Before { end: span.end, span, anchor: None, absent: false };
        self.written += 1;
        let Some(Anchor { node, span: defined }) = self.anchors.get(&anchor) else {
            return self.stand_in(role, span);
        };
        let (node, defined) = (*node, *defined);
        if self.open.iter().any(|frame| frame.node == node) {
            let name = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
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

    pub(super) fn unknown_alias(&mut self, name: &str, span: Span) {
        let role = self.node_begins(span, true);
        self.before = Before { end: span.end, span, anchor: None, absent: false };
        let known = self.names.keys().map(String::as_str).take(SUGGESTION_LIMIT);
        let help = match suggest::nearest(name, known) {
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

    /// Compares the whole document with what is written of it.
    pub(super) fn weigh(&mut self) {
        let expanded = self.tree.root.map_or(0, |root| self.weights[root.0 as usize]);
        if expanded.saturating_sub(self.written) > EXPANSION_LIMIT {
            self.too_heavy(self.before.span);
        }
    }

    fn too_heavy(&mut self, span: Span) {
        if !self.bomb {
            self.bomb = true;
            let message = "aliases multiply this file by more than 2000000 keys and texts";
            self.problems
                .push(Problem::new(&ALIAS_BOMB, span, message).help("GoCD would run out of memory too"));
        }
    }
}
