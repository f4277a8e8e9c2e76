//! Typed taking of keys from a mapping. What nobody takes is reported when the mapping is closed, so that
//! forgetting a key is impossible.

use super::tree::{Entry, NodeId, Tree, Value};
use crate::finding::{Account, Outcome, suggest};
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

    /// A key that GoCD reads nowhere at this place.
    ///
    /// ## Why it matters
    /// GoCD ignores it in silence, so it has no effect today, whatever its author meant by it. A misspelt
    /// `lock_behavior` means that runs are not locked.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     lock_behaviour: unlockWhenFinished
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Correct the spelling if the message suggests a key, and check that the new effect is wanted; otherwise remove the key.
    pub UNKNOWN_KEY = "unknown-key", Correctness, Warning, NoCounterpart;

    /// A value whose form GoCD does not expect here, at a place where its plugin drops it in silence.
    ///
    /// ## Why it matters
    /// On tasks and materials a list or mapping where a text belongs is treated as if the key were absent.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git", branch: [main]}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write a text, here `branch: main`.
    pub IGNORED_VALUE = "ignored-value", Correctness, Warning, NoCounterpart;
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

/// The keys of one mapping that have not been taken yet.
pub struct Keys<'r, 'a> {
    /// The reader, for nested reading.
    pub reader: &'r mut Reader<'a>,
    entries: Vec<Entry>,
    known: Vec<&'static str>,
    what: &'static str,
    copies_unknown: Option<Vec<Src<(String, String)>>>,
}

impl<'a> Reader<'a> {
    /// Opens a mapping, lets `read` take its keys, and reports what is left as unknown.
    /// `what` names it in messages: "a pipeline", "a git material". `None` when it is no mapping (reported).
    pub fn map<R>(
        &mut self,
        at: At,
        what: &'static str,
        read: impl FnOnce(&mut Keys<'_, 'a>) -> R,
    ) -> Option<R> {
        let Value::Map(entries) = &self.tree.node(at.node).value else {
            self.wrong_form(at, what, "a mapping");
            return None;
        };
        let mut entries = entries.clone();
        for entry in &mut entries {
            // What an alias repeats came through that alias, however deep it stands.
            entry.via = at.place.via.or(entry.via);
        }
        let mut keys = Keys { reader: self, entries, known: Vec::new(), what, copies_unknown: None };
        let result = read(&mut keys);
        keys.close();
        Some(result)
    }

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
    pub fn text(&mut self, at: At, what: &'static str) -> Option<Src<String>> {
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

    fn flag(&mut self, at: At, key: &str) -> Option<Src<bool>> {
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

    fn number(&mut self, at: At, key: &str) -> Option<Src<i32>> {
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

impl<'a> Keys<'_, 'a> {
    /// Takes a key, whatever its value is.
    pub fn take(&mut self, key: &'static str) -> Option<At> {
        self.known.push(key);
        let index = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.remove(index))
    }

    /// Takes the first remaining key in source order, with its text. For names chosen by the author.
    pub fn take_any(&mut self) -> Option<(Src<String>, At)> {
        if self.entries.is_empty() {
            return None;
        }
        let (key, place) = (self.entries[0].key.clone(), self.entries[0].key_place());
        Some((Src::new(key, place), self.remove(0)))
    }

    /// The remaining keys, in source order.
    pub fn remaining(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }

    fn remove(&mut self, index: usize) -> At {
        let entry = self.entries.remove(index);
        let span = self.reader.tree.node(entry.node).span;
        let place = Place { span, slot: Some(entry.slot), via: entry.via };
        let at = At { node: entry.node, place, key_span: entry.key_span };
        if self.reader.is_null(at) { At { place: Place { span: entry.key_span, ..place }, ..at } } else { at }
    }

    /// A text; a list or mapping is refused, as GoCD does on pipelines, stages, jobs and environments.
    pub fn text(&mut self, key: &'static str) -> Option<Src<String>> {
        let at = self.take(key)?;
        let text = self.reader.text(at, key);
        self.book_null(at, key);
        text
    }

    /// A text; a list or mapping is dropped with a warning, as GoCD does on tasks and materials.
    pub fn loose_text(&mut self, key: &'static str) -> Option<Src<String>> {
        let at = self.take(key)?;
        self.loose(at, key)?;
        self.reader.text(at, key)
    }

    /// A yes-or-no value.
    pub fn flag(&mut self, key: &'static str) -> Option<Src<bool>> {
        let at = self.take(key)?;
        self.book_null(at, key);
        self.reader.flag(at, key)
    }

    /// A whole number of 32 bits. A list or mapping counts as absent, with a warning.
    pub fn number(&mut self, key: &'static str) -> Option<Src<i32>> {
        let at = self.take(key)?;
        self.loose(at, key)?;
        self.reader.number(at, key)
    }

    /// A list of texts, and the key's own place. Null items survive as `None`. Nothing written: no items.
    /// `None` when the key is absent.
    pub fn texts(&mut self, key: &'static str) -> Option<(Src<String>, Vec<Src<Option<String>>>)> {
        let at = self.take(key)?;
        let place = Place { span: at.key_span, ..at.place };
        let mut texts = Vec::new();
        if !self.reader.is_null(at) {
            for item in self.reader.list(at, key)? {
                if self.reader.is_null(item) {
                    texts.push(Src::new(None, item.place));
                } else if let Some(text) = self.reader.text(item, "an item of the list") {
                    texts.push(Src::new(Some(text.value), text.place));
                }
            }
        }
        Some((Src::new(key.to_string(), place), texts))
    }

    /// From here on, unknown keys with a text value are collected (and still reported): see [`Keys::copied`].
    pub fn copy_unknown(&mut self) {
        self.copies_unknown = Some(Vec::new());
    }

    /// Closes early and hands out the unknown keys with text values, which the plugin copies.
    pub fn copied(&mut self) -> Vec<Src<(String, String)>> {
        self.copy_unknown();
        self.close();
        self.copies_unknown.take().unwrap_or_default()
    }

    /// Reports that a key's list or mapping is dropped by GoCD; `None` in that case.
    fn loose(&mut self, at: At, key: &str) -> Option<()> {
        if matches!(self.reader.tree.node(at.node).value, Value::List(_) | Value::Map(_)) {
            self.reader.account.report(
                &IGNORED_VALUE,
                at.place,
                format!("`{key}` must be a text; GoCD treats this one as absent"),
            );
            self.reader.book_below(at, Outcome::NoCounterpart, IGNORED_VALUE.name);
            return None;
        }
        self.book_null(at, key);
        Some(())
    }

    /// A key without a value means the same as no key.
    fn book_null(&mut self, at: At, _key: &str) {
        if self.reader.is_null(at) {
            self.reader.account.convert("absent-value", at.place);
        }
    }

    /// Reports every key that nobody took.
    fn close(&mut self) {
        for entry in std::mem::take(&mut self.entries) {
            let mut finding = format!("`{}` is not a key of {}", entry.key, self.what);
            if let Value::Text(text) = &self.reader.tree.node(entry.node).value
                && let Some(copies) = &mut self.copies_unknown
            {
                copies.push(Src::new((entry.key.clone(), text.clone()), entry.key_place()));
                finding.push_str("; GoCD passes it on and ignores it");
            }
            let nearest = suggest::nearest(&entry.key, self.known.iter().copied());
            let help = match nearest {
                Some(key) => format!("did you mean `{key}`? GoCD ignores it as it is written"),
                None => "GoCD ignores it: remove it, or say what it was meant for elsewhere".to_string(),
            };
            self.reader.account.report(&UNKNOWN_KEY, entry.key_place(), finding).help(help);
            let slots = self.reader.tree.slots_below(entry.node);
            self.reader.account.book_slots(&slots, Outcome::NoCounterpart, UNKNOWN_KEY.name);
        }
    }
}
