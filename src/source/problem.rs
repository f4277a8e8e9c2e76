//! What GoCD's YAML reader refuses, collected while a file is read: slots are known only when all of it was read.

use crate::finding::{Account, Finding, Rule};
use crate::span::{Place, Slot, Span};

/// A finding before it is reported.
#[derive(Debug)]
pub(super) struct Problem {
    finding: Box<Finding>,
}

impl Problem {
    pub(super) fn new(rule: &'static Rule, span: Span, message: impl Into<String>) -> Self {
        let finding = Finding {
            rule,
            message: message.into(),
            place: Place::unbooked(span),
            within: None,
            label: None,
            related: Vec::new(),
            help: None,
        };
        Problem { finding: Box::new(finding) }
    }

    pub(super) fn slot(mut self, slot: Option<Slot>) -> Self {
        self.finding.place.slot = slot;
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.finding.help = Some(help.into());
        self
    }

    pub(super) fn related(mut self, span: Span, label: &str) -> Self {
        self.finding.related.push((span, label.to_string()));
        self
    }

    pub(super) fn rule(&self) -> &'static Rule {
        self.finding.rule
    }

    /// Reports it; without its slot when the file's slots are not counted.
    pub(super) fn report(self, account: &mut Account, counted: bool) {
        let Finding { rule, message, place, label, related, help, .. } = *self.finding;
        let slot = place.slot.filter(|_| counted);
        let finding = account.report(rule, Place { slot, ..place }, message);
        (finding.label, finding.related, finding.help) = (label, related, help);
    }
}
