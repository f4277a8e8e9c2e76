//! What can be said about a source: rules, findings, and the ledger they are booked in.

pub mod expansion;
pub mod ledger;
pub mod registry;
pub mod suggest;

pub use expansion::Expansion;
pub use ledger::{Counts, Ledger, Outcome};

use std::collections::BTreeMap;

use crate::span::{Place, Slot, Span};

/// How much a finding weighs. The order is the order of importance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing to do.
    Info,
    /// The result differs from GoCD in a way that may matter, or the source does not do what it seems to.
    Warning,
    /// A person has to decide or supply something before the result does its work.
    Decision,
    /// GoCD itself would refuse the repository.
    Error,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// GoCD's YAML plugin or server refuses this.
    Refused,
    /// The source has no effect, or another effect than it seems to.
    Correctness,
    /// What differs, or is left to do, on Argo.
    Migration,
    /// A value was guessed; the configuration can say it.
    Guess,
    /// Secrets, privileges and rights.
    Security,
}

/// A kind of finding: declared once, with [`findings!`](crate::findings), in the file that reports it.
#[derive(Debug)]
pub struct Rule {
    /// Stable kebab-case name; names the state found and reads well after "allow".
    pub name: &'static str,
    /// What it is about.
    pub category: Category,
    /// How much it weighs.
    pub severity: Severity,
    /// What the ledger books at the finding's place.
    pub outcome: Outcome,
    /// The page shown by `explain` and written to `docs/findings/`: the declaration's doc comment.
    pub page: &'static str,
}

impl Rule {
    /// What its page advises in the first sentence of `## Instead`, as a message; `None` when that is to do nothing.
    ///
    /// ```
    /// use gocd2argo::plan::task::PLUGIN_TASK;
    /// let advice = PLUGIN_TASK.advice().unwrap();
    /// assert!(advice.starts_with("replace it by") && !advice.ends_with('.'), "{advice}");
    /// ```
    pub fn advice(&self) -> Option<String> {
        let (_, rest) = self.page.split_once("## Instead")?;
        let lines = rest.lines().skip(1).map(str::trim).take_while(|line| !line.is_empty());
        let text = lines.collect::<Vec<_>>().join(" ");
        let sentence = text.split(". ").next()?.trim_end_matches('.');
        let (first, others) = sentence.split_at_checked(1)?;
        let is_prose = !sentence.starts_with("Nothing") && !sentence.contains("```");
        is_prose.then(|| first.to_lowercase() + others)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Rule) -> bool {
        self.name == other.name
    }
}

/// Declares rules. The doc comment of each is its page; the file's rules are collected in `RULES`.
///
/// ```
/// gocd2argo::findings! {
///     /// GoCD reads this key nowhere.
///     ///
///     /// ## Why it matters
///     /// Somebody meant something by it.
///     pub ODD_KEY = "odd-key", Correctness, Warning, NoCounterpart;
/// }
/// assert_eq!(RULES[0].name, "odd-key");
/// assert!(ODD_KEY.page.contains("## Why it matters"));
/// ```
#[macro_export]
macro_rules! findings {
    ($($(#[doc = $doc:literal])+ pub $id:ident = $name:literal, $category:ident, $severity:ident, $outcome:ident;)+) => {
        $(
            $(#[doc = $doc])+
            pub static $id: $crate::finding::Rule = $crate::finding::Rule {
                name: $name,
                category: $crate::finding::Category::$category,
                severity: $crate::finding::Severity::$severity,
                outcome: $crate::finding::Outcome::$outcome,
                page: concat!($($doc, "\n"),+),
            };
        )+
        /// The rules of this file.
        pub static RULES: &[&$crate::finding::Rule] = &[$(&$id),+];
    };
}

/// One statement about one place in the source.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which rule.
    pub rule: &'static Rule,
    /// What is the case, in present tense, without full stop.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Bytes of the *value* at `place` (a scalar's text after reading), when only a part of it is meant.
    pub within: Option<(usize, usize)>,
    /// What it means, drawn at the caret.
    pub label: Option<String>,
    /// Other places that belong to it, each with a label.
    pub related: Vec<(Span, String)>,
    /// What to do.
    pub help: Option<String>,
}

impl Finding {
    /// Says what to do about it.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Says what the marked text means.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = Some(label.into());
        self
    }

    /// Adds another place.
    pub fn related(&mut self, span: Span, label: impl Into<String>) -> &mut Self {
        self.related.push((span, label.into()));
        self
    }

    /// Narrows the place to bytes of the value.
    pub fn within(&mut self, start: usize, end: usize) -> &mut Self {
        self.within = Some((start, end));
        self
    }
}

/// The findings and the ledger of a run. Reporting is booking: nobody keeps two accounts.
#[derive(Debug, Default)]
pub struct Account {
    /// Everything reported so far.
    pub findings: Vec<Finding>,
    /// What became of each key and item.
    pub ledger: Ledger,
    /// Texts that rules see otherwise than they are written; `None` where two pipelines see different ones.
    expansions: BTreeMap<Span, Option<Expansion>>,
}

impl Account {
    /// Reports a finding and books its rule's outcome at the place.
    pub fn report(
        &mut self,
        rule: &'static Rule,
        place: impl Into<Place>,
        message: impl Into<String>,
    ) -> &mut Finding {
        let place = place.into();
        if let Some(slot) = place.slot {
            self.ledger.book(slot, rule.outcome, rule.name);
        }
        self.findings.push(Finding {
            rule,
            message: message.into(),
            place,
            within: None,
            label: None,
            related: Vec::new(),
            help: None,
        });
        // The element was pushed on the line before.
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Books a place as carried over exactly by the mapping rule of that name.
    pub fn convert(&mut self, rule: &'static str, place: impl Into<Place>) {
        self.book(place, Outcome::Converted, rule);
    }

    /// Books an outcome at a place without saying anything.
    pub fn book(&mut self, place: impl Into<Place>, outcome: Outcome, rule: &'static str) {
        if let Some(slot) = place.into().slot {
            self.ledger.book(slot, outcome, rule);
        }
    }

    /// Books many slots at once, for example everything below an unknown key.
    pub fn book_slots(&mut self, slots: &[Slot], outcome: Outcome, rule: &'static str) {
        for slot in slots {
            self.ledger.book(*slot, outcome, rule);
        }
    }

    /// Notes that the text at a place was expanded: findings about parts of it are about the expanded text.
    pub fn expanded(&mut self, span: Span, expansion: Expansion) {
        let known = self.expansions.entry(span).or_insert_with(|| Some(expansion.clone()));
        if known.as_ref() != Some(&expansion) {
            *known = None;
        }
    }

    /// Which bytes of the text as written are meant by bytes of the text as rules see it; `None` when that is not clear.
    pub fn written(&self, span: Span, range: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
        match self.expansions.get(&span) {
            Some(Some(expansion)) => {
                let (start, end) = expansion.written(range.start, range.end);
                Some(start..end)
            }
            Some(None) => None,
            None => Some(range),
        }
    }

    /// How many findings say that GoCD would refuse the repository.
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|f| f.rule.severity == Severity::Error).count()
    }

    /// Sorts by place and removes repetitions (a text reached through several aliases is judged several times). From
    /// here on, parts of expanded texts are parts of the text as written, and who has to decide gets the rule's advice
    /// where nothing more exact was said.
    pub fn settle(&mut self) {
        let expansions = std::mem::take(&mut self.expansions);
        for finding in &mut self.findings {
            if let (Some((start, end)), Some(expansion)) =
                (finding.within, expansions.get(&finding.place.span))
            {
                finding.within = expansion.as_ref().map(|expansion| expansion.written(start, end));
            }
            if finding.help.is_none() && finding.rule.severity == Severity::Decision {
                finding.help = finding.rule.advice();
            }
        }
        self.findings.sort_by(|a, b| {
            (a.place.span, a.within, a.rule.name, &a.message).cmp(&(
                b.place.span,
                b.within,
                b.rule.name,
                &b.message,
            ))
        });
        self.findings.dedup_by(|b, a| {
            a.rule == b.rule && a.place.span == b.place.span && a.within == b.within && a.message == b.message
        });
    }
}
