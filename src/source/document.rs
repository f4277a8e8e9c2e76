//! A file's text, read as YAML: the first document counts, as for GoCD.

use super::build::Builder;
use super::events::{Event, SyntaxError, SyntaxKind, events};
use super::mapping::KEY_BELOW_MERGE;
use super::problem::Problem;
use super::tree::{Tree, Value};
use crate::finding::{Account, Outcome};
use crate::span::{FileId, Slot, Span};

crate::findings! {
    /// The text is not YAML.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader refuses the file, and with it the whole repository. Nothing in it was converted.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: [apps
    /// ```
    ///
    /// ## Instead
    /// Correct the text at the place shown. The mistake is often on the line above: a missing quote or bracket,
    /// or another indentation than the neighbours have.
    pub YAML_SYNTAX = "yaml-syntax", Refused, Error, Refused;

    /// Nothing is in the file.
    ///
    /// ## Why it matters
    /// GoCD reports an empty file as an error and refuses the whole repository.
    ///
    /// ## Example
    /// A file `empty.gocd.yaml` of no bytes.
    ///
    /// ## Instead
    /// Remove the file, or write at least `format_version: 10`.
    pub EMPTY_FILE = "empty-file", Refused, Error, Refused;

    /// The file contains comments or document markers only.
    ///
    /// ## Why it matters
    /// GoCD fails on the missing mapping, and takes over no pipeline of any file of the repository.
    ///
    /// ## Example
    /// ```yaml
    /// # pipelines will follow
    /// ```
    ///
    /// ## Instead
    /// Remove the file, or write at least `format_version: 10`.
    pub NULL_ROOT = "null-root", Refused, Error, Refused;

    /// The file begins with a byte-order mark.
    ///
    /// ## Why it matters
    /// GoCD takes the mark as part of the first key, does not know that key, and takes over no pipeline of any
    /// file of the repository. Some editors write the mark unasked, and most do not show it.
    ///
    /// ## Example
    /// A file that begins with the bytes `EF BB BF`.
    ///
    /// ## Instead
    /// Save the file as UTF-8 without a byte-order mark ("BOM").
    pub BYTE_ORDER_MARK = "byte-order-mark", Refused, Error, Refused;

    /// A second document stands in the file.
    ///
    /// ## Why it matters
    /// GoCD reads the first document of a file and ignores whatever follows the next `---`.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// ---
    /// pipelines:
    ///   app:
    ///     group: apps
    /// ```
    ///
    /// ## Instead
    /// Remove the `---`, or move the document to a file of its own.
    pub IGNORED_DOCUMENT = "ignored-document", Correctness, Warning, NoCounterpart;
}

/// What was read from one file.
#[derive(Default)]
pub(super) struct Document {
    /// `None` when GoCD refuses the file.
    pub tree: Option<Tree>,
    /// Place of every slot, in order; they follow those of the files before.
    pub slots: Vec<Span>,
}

/// A document that was read to its end, and where it began.
struct Read<'t> {
    builder: Builder<'t>,
    begins: Span,
}

/// Reads a file and reports what GoCD refuses in it. `first_slot` is the number of its first slot.
pub(super) fn read(text: &str, file: FileId, first_slot: u32, account: &mut Account) -> Document {
    let whole = Span { file, start: 0, end: 0 };
    if text.is_empty() {
        Problem::new(&EMPTY_FILE, whole, "the file is empty").report(account, false);
        return Document::default();
    }
    let mut documents = Vec::new();
    let failure = read_documents(text, file, first_slot, &mut documents);
    let mut documents = documents.into_iter();
    let Some(first) = documents.next() else {
        match failure {
            Some(failure) => report_failure(failure, account),
            None => report_null_root(text, file, account),
        }
        return Document::default();
    };
    let mut document = take_first(first, text, file, account);
    for later in documents {
        ignore(later, first_slot + document.slots.len() as u32, &mut document, account);
    }
    document
}

/// What was found out before the parser gave up, and why it did.
type Failure = (Vec<Problem>, Problem);

/// Reads documents until the text ends or is no YAML; a failure behind the first document is no concern of GoCD.
fn read_documents<'t>(
    text: &'t str,
    file: FileId,
    first_slot: u32,
    documents: &mut Vec<Read<'t>>,
) -> Option<Failure> {
    let mut slot = first_slot;
    let mut current: Option<Read<'_>> = None;
    for event in events(text) {
        match event {
            Err(error) => {
                let problems = current.map(|read| read.builder.problems).unwrap_or_default();
                return documents.is_empty().then(|| (problems, syntax_problem(error, text, file)));
            }
            Ok((event, range)) => {
                let begins = Span { file, start: range.start, end: range.end };
                let ends = event == Event::DocumentEnd;
                let read =
                    current.get_or_insert_with(|| Read { builder: Builder::new(text, file, slot), begins });
                read.builder.event(event, range);
                if ends && let Some(read) = current.take() {
                    slot += read.builder.slots.len() as u32;
                    documents.push(read);
                }
            }
        }
    }
    None
}

fn syntax_problem(error: SyntaxError, text: &str, file: FileId) -> Problem {
    let start = error.at;
    let sign = text.get(start as usize..).and_then(|rest| rest.chars().next());
    let span = Span { file, start, end: start + sign.map_or(0, char::len_utf8) as u32 };
    let problem = Problem::new(&YAML_SYNTAX, span, error.message);
    match (error.kind, sign) {
        (SyntaxKind::Indicator, Some('`')) => problem.help("quote a text that begins with a back-tick"),
        (SyntaxKind::Indicator, Some(sign)) => {
            problem.help(format!("quote a text that begins with `{sign}`"))
        }
        (SyntaxKind::Tab, _) => problem.help("indent with blanks"),
        (SyntaxKind::Escape, _) => {
            problem.help("use single quotes, where a backslash is an ordinary character")
        }
        (SyntaxKind::Indentation, _) => problem
            .help("indent the line like its neighbours, or quote a text that contains a colon and a blank"),
        _ => problem,
    }
}

fn report_failure((problems, failure): Failure, account: &mut Account) {
    for problem in problems {
        problem.report(account, false);
    }
    failure.report(account, false);
}

fn report_null_root(text: &str, file: FileId, account: &mut Account) {
    let line = text.lines().next().unwrap_or_default();
    let span = Span { file, start: 0, end: line.len() as u32 };
    Problem::new(&NULL_ROOT, span, "the file contains no mapping")
        .help("remove the file, or write at least `format_version: 10`")
        .report(account, false);
}

fn take_first(read: Read<'_>, text: &str, file: FileId, account: &mut Account) -> Document {
    let mut builder = read.builder;
    let root = builder.tree.root.map(|root| &builder.tree.node(root).value);
    if matches!(root, None | Some(Value::Null)) && builder.problems.is_empty() {
        report_null_root(text, file, account);
        return Document::default();
    }
    if let Some(at) = mark_before_root(text, &builder.tree) {
        let span = Span { file, start: at as u32, end: at as u32 + 3 };
        let message = "a byte-order mark stands here, which GoCD takes as part of the first key";
        let problem = Problem::new(&BYTE_ORDER_MARK, span, message);
        builder.problems.insert(0, problem.help("save it as UTF-8 without a byte-order mark"));
    }
    for (slot, outcome, rule) in std::mem::take(&mut builder.bookings) {
        account.book_slots(&[slot], outcome, rule);
    }
    let refusal = builder.problems.iter().map(Problem::rule).find(|rule| **rule != KEY_BELOW_MERGE);
    for problem in std::mem::take(&mut builder.problems) {
        problem.report(account, true);
    }
    let tree = match refusal {
        None => Some(builder.tree),
        Some(rule) => {
            let slots: Vec<Slot> =
                (0..builder.slots.len() as u32).map(|n| Slot(builder.first_slot() + n)).collect();
            account.book_slots(&slots, Outcome::Refused, rule.name);
            None
        }
    };
    Document { tree, slots: builder.slots }
}

/// A byte-order mark that the parser passed over: at the beginning of a line above the root.
fn mark_before_root(text: &str, tree: &Tree) -> Option<usize> {
    let root = tree.root.map_or(0, |root| tree.node(root).span.start as usize);
    let above = text.get(..root).filter(|above| !above.is_empty())?;
    let lines = std::iter::once(0).chain(above.match_indices('\n').map(|(at, _)| at + 1));
    lines.into_iter().find(|start| above[*start..].starts_with('\u{feff}'))
}

/// Counts the keys of a later document, which has no effect.
fn ignore(read: Read<'_>, first: u32, document: &mut Document, account: &mut Account) {
    let count = read.builder.slots.len();
    if count == 0 {
        return;
    }
    let what = if count == 1 { "one key or item has" } else { &format!("{count} keys and items have") };
    let message = format!("GoCD ignores this document: {what} no effect");
    Problem::new(&IGNORED_DOCUMENT, read.begins, message)
        .help("GoCD reads only the first document of a file")
        .report(account, false);
    let slots: Vec<Slot> = (first..first + count as u32).map(Slot).collect();
    account.book_slots(&slots, IGNORED_DOCUMENT.outcome, IGNORED_DOCUMENT.name);
    document.slots.extend(read.builder.slots);
}
