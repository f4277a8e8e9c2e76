//! Sources for the tests of this room: one text, positions counted naively.

use super::{Lines, Texts};
use crate::finding::{Finding, Rule};
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

/// One file, `ci/app.gocd.yaml`.
pub(crate) struct Fake(pub(crate) String);

impl Fake {
    /// The first place with that text.
    pub(crate) fn span(&self, text: &str) -> Span {
        let start = self.0.find(text).expect("the text is in the file");
        Span { file: FileId(0), start: start as u32, end: (start + text.len()) as u32 }
    }

    /// A finding at the first place with that text.
    pub(crate) fn finding(&self, rule: &'static Rule, text: &str, message: &str) -> Finding {
        Finding {
            rule,
            message: message.to_string(),
            place: Place::unbooked(self.span(text)),
            within: None,
            label: None,
            related: Vec::new(),
            help: None,
        }
    }

    fn line_and_column(&self, byte: u32) -> (usize, usize) {
        let before = &self.0[..byte as usize];
        let line = before.matches('\n').count() + 1;
        (line, before.chars().rev().take_while(|c| *c != '\n').count() + 1)
    }
}

impl Texts for Fake {
    fn name(&self, _: FileId) -> &str {
        "ci/app.gocd.yaml"
    }

    fn text(&self, _: FileId) -> &str {
        &self.0
    }

    fn lines(&self, span: Span) -> Lines {
        let ((line, column), (end_line, end_column)) =
            (self.line_and_column(span.start), self.line_and_column(span.end));
        Lines { line, column, end_line, end_column }
    }

    fn mark(&self, finding: &Finding) -> Span {
        finding.place.span
    }
}
