//! Typed taking of keys from a mapping. What nobody takes is reported when the mapping is closed, so that
//! forgetting a key is impossible.

use super::reader::{At, Reader};
use super::tree::{Entry, Value};
use crate::finding::{Outcome, suggest};
use crate::span::{Place, Src};

crate::findings! {
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

/// The items of a list of texts; `None` for an item without value.
pub type Texts = Vec<Src<Option<String>>>;

/// The keys of one mapping that have not been taken yet.
pub struct Keys<'r, 'a> {
    /// The reader, for nested reading.
    pub reader: &'r mut Reader<'a>,
    entries: Vec<Entry>,
    known: Vec<&'static str>,
    what: &'static str,
    copies_unknown: Option<Vec<Src<(String, String)>>>,
    advice: &'static [(&'static str, &'static str)],
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
        let mut keys =
            Keys { reader: self, entries, known: Vec::new(), what, copies_unknown: None, advice: &[] };
        let result = read(&mut keys);
        keys.close();
        Some(result)
    }
}

impl<'a> Keys<'_, 'a> {
    /// Takes a key, whatever its value is.
    pub fn take(&mut self, key: &'static str) -> Option<At> {
        self.known.push(key);
        let index = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.remove(index))
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
        let text = self.reader.text(at, &format!("`{key}`"));
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
    pub fn texts(&mut self, key: &'static str) -> Option<(Src<String>, Texts)> {
        let at = self.take(key)?;
        let place = Place { span: at.key_span, ..at.place };
        let mut texts = Vec::new();
        if !self.reader.is_null(at) {
            for item in self.reader.list(at, &format!("`{key}`"))? {
                if self.reader.is_null(item) {
                    texts.push(Src::new(None, item.place));
                } else if let Some(text) = self.reader.text(item, &format!("an item of `{key}`")) {
                    texts.push(Src::new(Some(text.value), text.place));
                } else if let (Value::Map(_), Some(last)) =
                    (&self.reader.tree.node(item.node).value, self.reader.account.findings.last_mut())
                {
                    last.help("quote it: `: ` in a text makes a mapping of it");
                }
            }
        }
        Some((Src::new(key.to_string(), place), texts))
    }

    /// What to say about unknown keys that people write often: the key, and what to do instead.
    pub fn advise(&mut self, advice: &'static [(&'static str, &'static str)]) {
        self.advice = advice;
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
                format!("`{key}` must be a single value; GoCD treats this one as absent"),
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
            let advice = self.advice.iter().find(|(key, _)| entry.key == *key);
            let nearest = suggest::nearest(&entry.key, self.known.iter().copied());
            let help = match (advice, nearest) {
                (Some((_, advice)), _) => (*advice).to_string(),
                (None, Some(key)) => format!("did you mean `{key}`? GoCD ignores it as it is written"),
                (None, None) => {
                    "GoCD ignores it: remove it, or say what it was meant for elsewhere".to_string()
                }
            };
            self.reader.account.report(&UNKNOWN_KEY, entry.key_place(), finding).help(help);
            let slots = self.reader.tree.slots_below(entry.node);
            self.reader.account.book_slots(&slots, Outcome::NoCounterpart, UNKNOWN_KEY.name);
        }
    }
}
