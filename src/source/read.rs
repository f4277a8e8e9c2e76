//! All files of a run: their texts, trees and slots.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::discover::{discover, shown};
use super::document;
use super::narrow::narrow;
use super::text::{Position, Text};
use super::tree::Tree;
use crate::finding::{Account, Finding};
use crate::span::{FileId, Place, Slot, Span};

crate::findings! {
    /// The file is not text in UTF-8.
    ///
    /// ## Why it matters
    /// GoCD reads files as UTF-8. Other bytes become replacement characters, and a zero byte ends the text, so the
    /// server sees something else than was written.
    ///
    /// ## Example
    /// A file saved as UTF-16 or Latin-1.
    ///
    /// ## Instead
    /// Save the file as UTF-8.
    pub NOT_UTF8 = "not-utf8", Refused, Error, Refused;
}

/// The largest file that is read, in bytes.
const SIZE_LIMIT: u64 = 1 << 30;

/// The files of a run. Slots are numbered over all of them, in order.
#[derive(Debug, Default)]
pub struct Sources {
    /// In the order of their numbers.
    pub files: Vec<SourceFile>,
    slots: Vec<Span>,
}

/// One file.
#[derive(Debug)]
pub struct SourceFile {
    /// Its number.
    pub id: FileId,
    /// Its path as given, or below the folder that was given, with `/`.
    pub name: String,
    /// Its text. Bytes that are not UTF-8 are replaced by U+FFFD.
    pub text: Text,
    /// Its first document; `None` when GoCD's YAML reader refuses it (reported).
    pub tree: Option<Tree>,
}

impl Sources {
    /// Finds and reads files (see [`discover`]) and reports what GoCD's YAML reader refuses.
    ///
    /// # Errors
    /// Nothing is found, or something cannot be read or is larger than 1 GiB.
    pub fn read(paths: &[PathBuf], account: &mut Account) -> Result<Sources> {
        let mut sources = Sources::default();
        for path in discover(paths)? {
            let name = shown(&path);
            let size = std::fs::metadata(&path).with_context(|| format!("cannot read `{name}`"))?.len();
            if size > SIZE_LIMIT {
                bail!("cannot read `{name}`: it is larger than 1 GiB");
            }
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read `{name}`"))?;
            sources.add_bytes(name, bytes, account);
        }
        Ok(sources)
    }

    /// Reads texts in the order given, as if they were files of these names.
    pub fn from_texts(texts: &[(&str, &str)], account: &mut Account) -> Sources {
        let mut sources = Sources::default();
        for (name, text) in texts {
            sources.add((*name).to_string(), (*text).to_string(), account);
        }
        sources
    }

    fn add_bytes(&mut self, name: String, bytes: Vec<u8>, account: &mut Account) {
        match String::from_utf8(bytes) {
            Ok(text) => self.add(name, text, account),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let bytes = error.as_bytes();
                let byte = bytes.get(at).copied().unwrap_or_default();
                let message = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
                    "the file is UTF-16, but GoCD reads UTF-8".to_string()
                } else {
                    format!("the byte 0x{byte:02X} is not UTF-8")
                };
                let text = String::from_utf8_lossy(bytes).into_owned();
                self.refuse(name, text, at, message, account);
            }
        }
    }

    fn add(&mut self, name: String, text: String, account: &mut Account) {
        if let Some(at) = text.bytes().position(|byte| byte == 0) {
            return self.refuse(name, text, at, "a zero byte stands in the file".to_string(), account);
        }
        let id = self.next_id();
        let first_slot = self.slots.len() as u32;
        let document = document::read(&text, id, first_slot, account);
        self.slots.extend(document.slots);
        self.files.push(SourceFile { id, name, text: Text::new(text), tree: document.tree });
    }

    fn refuse(&mut self, name: String, text: String, at: usize, message: String, account: &mut Account) {
        let id = self.next_id();
        let length = text[at..].chars().next().map_or(0, char::len_utf8);
        let span = Span { file: id, start: at as u32, end: (at + length) as u32 };
        account.report(&NOT_UTF8, Place::unbooked(span), message).help("save the file as UTF-8");
        self.files.push(SourceFile { id, name, text: Text::new(text), tree: None });
    }

    fn next_id(&self) -> FileId {
        FileId(self.files.len() as u32)
    }

    /// The file of that number; `None` when it is not of this run.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// How many mapping keys and list items are written in all files that can be parsed.
    pub fn total_slots(&self) -> usize {
        self.slots.len()
    }

    /// Where a slot is written: the key, or the item's value.
    pub fn slot_span(&self, slot: Slot) -> Span {
        let nowhere = Span { file: FileId(0), start: 0, end: 0 };
        self.slots.get(slot.0 as usize).copied().unwrap_or(nowhere)
    }

    /// Line and column of a place, counted from 1.
    pub fn position(&self, span: Span) -> Position {
        let range = span.start as usize..span.end as usize;
        match self.file(span.file) {
            Some(file) => file.text.position(range),
            None => Text::default().position(0..0),
        }
    }

    /// The text of a place; empty when it is not of this run.
    pub fn slice(&self, span: Span) -> &str {
        self.file(span.file)
            .and_then(|file| file.text.as_str().get(span.start as usize..span.end as usize))
            .unwrap_or_default()
    }

    /// What a finding points at: its place, narrowed to the part of the value that is meant.
    pub fn locate(&self, finding: &Finding) -> Span {
        let span = finding.place.span;
        match (finding.within, self.file(span.file)) {
            (Some((start, end)), Some(file)) => narrow(file, span, start..end),
            _ => span,
        }
    }
}
