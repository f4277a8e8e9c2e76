//! Values of one tree by the form that GoCD expects of them. A value of another form is reported.

use super::tree::{NodeId, Tree, Value};
use crate::finding::{Account, Outcome};
use crate::span::{Place, Span, Src};

crate::findings! {
    /// A value has another form than GoCD expects here: a list where a text belongs, a text where a mapping belongs.
    ///
    /// ## Why it matters
    /// GoCD's plugin answers with a class-cast error and refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     timer: "0 0 6 ? * MON-FRI"
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write the form that the message names, here `timer: {spec: "0 0 6 ? * MON-FRI"}`.
    pub WRONG_FORM = "wrong-form", Refused, Error, Refused;

    /// A yes-or-no value is none of the words that GoCD reads as one.
    ///
    /// ## Why it matters
    /// GoCD accepts exactly `y`, `yes`, `true`, `on`, `n`, `no`, `false`, `off` (also capitalised or in capitals) and refuses
    /// the whole repository for anything else, `1` and `~` included.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git", shallow_clone: 1}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write `true` or `false`.
    pub INVALID_FLAG = "invalid-flag", Refused, Error, Refused;

    /// A number is not a whole number that fits 32 bits.
    ///
    /// ## Why it matters
    /// GoCD refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     display_order: first
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write a whole number, for example `display_order: 1`.
    pub INVALID_NUMBER = "invalid-number", Refused, Error, Refused;
}

/// A node with the place that answers for it: the value's span, and the slot of its key or item.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The node.
    pub node: NodeId,
    /// Span of the value (of the key, when nothing is written), slot of the key or item.
    pub place: Place,
    /// Span of the key, or of the item's value.
    pub key_span: Span,
}

/// Reads one tree and reports to one account.
pub struct Reader<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// Where findings and bookings go.
    pub account: &'a mut Account,
}

impl<'a> Reader<'a> {
    /// The items of a list; `None` when it is no list (reported). Nothing written counts as no list.
    pub fn list(&mut self, at: At, what: &str) -> Option<Vec<At>> {
        let Value::List(items) = &self.tree.node(at.node).value else {
            self.wrong_form(at, what, "a list");
            return None;
        };
        Some(
            items
                .iter()
                .map(|item| {
                    let span = self.tree.node(item.node).span;
                    At {
                        node: item.node,
                        place: Place { span, slot: Some(item.slot), via: at.place.via.or(item.via) },
                        key_span: span,
                    }
                })
                .collect(),
        )
    }

    /// The text at a place; `None` when nothing is written. A list or mapping is reported, and is `None` too.
    pub fn text(&mut self, at: At, what: &str) -> Option<Src<String>> {
        match &self.tree.node(at.node).value {
            Value::Text(text) => Some(Src::new(text.clone(), at.place)),
            Value::Null => None,
            Value::List(_) | Value::Map(_) => {
                self.wrong_form(at, what, "a text");
                None
            }
        }
    }

    /// Whether nothing is written there.
    pub fn is_null(&self, at: At) -> bool {
        matches!(self.tree.node(at.node).value, Value::Null)
    }

    /// Reports that a value has the wrong form, and books everything below it.
    pub fn wrong_form(&mut self, at: At, what: &str, expected: &str) {
        let found = match &self.tree.node(at.node).value {
            Value::Null => "nothing",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        };
        self.account.report(
            &WRONG_FORM,
            at.place,
            format!("{what} must be {expected}, but {found} is written"),
        );
        self.book_below(at, Outcome::Refused, WRONG_FORM.name);
    }

    /// Books the place and everything below it.
    pub fn book_below(&mut self, at: At, outcome: Outcome, rule: &'static str) {
        self.account.book(at.place, outcome, rule);
        let slots = self.tree.slots_below(at.node);
        self.account.book_slots(&slots, outcome, rule);
    }

    /// The yes-or-no value at a place; anything else is reported, and is `None`.
    pub(super) fn flag(&mut self, at: At, key: &str) -> Option<Src<bool>> {
        let text = self.text(at, "a yes-or-no value")?;
        let value = match text.value.as_str() {
            "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => true,
            "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => false,
            other => {
                self.account
                    .report(
                        &INVALID_FLAG,
                        &text,
                        format!("`{key}` must be `true` or `false`, but `{other}` is written"),
                    )
                    .help("GoCD reads y, yes, true, on, n, no, false, off (also Capitalised or in CAPITALS)");
                return None;
            }
        };
        Some(text.with(value))
    }

    /// The whole number of 32 bits at a place; anything else is reported, and is `None`.
    pub(super) fn number(&mut self, at: At, key: &str) -> Option<Src<i32>> {
        let text = self.text(at, "a number")?;
        match text.value.parse::<i32>() {
            Ok(value) => Some(text.with(value)),
            Err(_) => {
                self.account.report(
                    &INVALID_NUMBER,
                    &text,
                    format!("`{key}` must be a whole number, but `{}` is written", text.value),
                );
                None
            }
        }
    }
}
