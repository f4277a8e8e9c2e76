//! All files of a run: their texts, trees and slots.

use std::path::{Path, PathBuf};

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
    /// Its path below the folder that was given, or its file name: the same wherever that folder lies.
    pub below: String,
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
            if let Some(file) = sources.files.last_mut() {
                file.below = below(&path, paths);
            }
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
        self.files.push(SourceFile {
            id,
            below: name.clone(),
            name,
            text: Text::new(text),
            tree: document.tree,
        });
    }

    fn refuse(&mut self, name: String, text: String, at: usize, message: String, account: &mut Account) {
        let id = self.next_id();
        let length = text[at..].chars().next().map_or(0, char::len_utf8);
        let span = Span { file: id, start: at as u32, end: (at + length) as u32 };
        account.report(&NOT_UTF8, Place::unbooked(span), message).help("save the file as UTF-8");
        self.files.push(SourceFile { id, below: name.clone(), name, text: Text::new(text), tree: None });
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
        self.locate_part(finding.place.span, finding.within.map(|(start, end)| start..end))
    }

    /// The span narrowed to bytes of the value in it.
    pub fn locate_part(&self, span: Span, part: Option<std::ops::Range<usize>>) -> Span {
        match (part, self.file(span.file)) {
            (Some(part), Some(file)) => narrow(file, span, part),
            _ => span,
        }
    }
}

/// A path below the first of the given folders that holds it.
fn below(path: &Path, given: &[PathBuf]) -> String {
    let rest =
        given.iter().find_map(|folder| path.strip_prefix(folder).ok().filter(|rest| *rest != Path::new("")));
    let name = path.file_name().map(Path::new);
    rest.or(name).map_or_else(|| shown(path), shown)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &[u8])]) -> (Sources, Account) {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let mut account = Account::default();
        let sources = Sources::read(&[folder.path().to_path_buf()], &mut account).unwrap();
        (sources, account)
    }

    #[test]
    fn bytes_that_are_no_text_are_found() {
        let (sources, account) = read(&[
            ("a.gocd.yaml", b"a: 1\nb: \xffc\n"),
            ("b.gocd.yaml", b"\xff\xfea\0:\0"),
            ("c.gocd.yaml", b"a: 1\n"),
        ]);
        let found = account.findings.iter().map(|finding| {
            let at = sources.position(finding.place.span);
            format!("{}:{} {}", at.line, at.column, finding.message)
        });
        let found: Vec<String> = found.collect();
        assert_eq!(found, ["2:4 the byte 0xFF is not UTF-8", "1:1 the file is UTF-16, but GoCD reads UTF-8"]);
        assert_eq!(sources.files[1].below, "b.gocd.yaml");
        assert!(sources.files[1].tree.is_none() && sources.files[2].tree.is_some());
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let error = Sources::read(&["no/such.gocd.yaml".into()], &mut Account::default()).unwrap_err();
        assert!(format!("{error:#}").starts_with("cannot read `no/such.gocd.yaml`: "), "{error:#}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.gocd.yaml");
        std::fs::File::create(&path).unwrap().set_len(SIZE_LIMIT + 1).unwrap();
        let error = Sources::read(&[path], &mut Account::default()).unwrap_err().to_string();
        assert!(error.ends_with("large.gocd.yaml`: it is larger than 1 GiB"), "{error}");
    }

    #[test]
    fn places_of_other_runs_do_no_harm() {
        let (sources, _) = read(&[("a.gocd.yaml", b"a: 1\n")]);
        let span = Span { file: FileId(7), start: 3, end: 9 };
        assert_eq!((sources.position(span).line, sources.slice(span)), (1, ""));
        assert_eq!(sources.slot_span(Slot(99)).end, 0);
    }
}
