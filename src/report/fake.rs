//! Sources for the tests of this room: one file, `ci/app.gocd.yaml`.

use crate::finding::{Account, Finding, Rule};
use crate::source::Sources;
use crate::span::{FileId, Place, Span};

crate::findings! {
    /// A key that nobody reads.
    pub ODD_KEY = "odd-key", Correctness, Warning, NoCounterpart;
    /// A value that nobody knows.
    pub ODD_IMAGE = "odd-image", Guess, Decision, Decision;
    /// A thing that is refused.
    pub ODD_THING = "odd-thing", Refused, Error, Refused;
    /// A thing to know.
    pub ODD_NOTE = "odd-note", Migration, Info, Approximated;
}

/// The sources with that text as their only file.
pub(crate) fn sources(text: &str) -> Sources {
    Sources::from_texts(&[("ci/app.gocd.yaml", text)], &mut Account::default())
}

/// The first place with that text.
pub(crate) fn span(sources: &Sources, text: &str) -> Span {
    let start = sources.files[0].text.as_str().find(text).expect("the text is in the file");
    Span { file: FileId(0), start: start as u32, end: (start + text.len()) as u32 }
}

/// A finding at the first place with that text.
pub(crate) fn finding(sources: &Sources, rule: &'static Rule, text: &str, message: &str) -> Finding {
    let mut account = Account::default();
    account.report(rule, Place::unbooked(span(sources, text)), message).clone()
}
