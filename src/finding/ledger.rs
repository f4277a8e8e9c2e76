//! The account of every mapping key and list item: nothing is dropped in silence.

use crate::span::Slot;

/// What became of a key or item. Ordered from best to worst: a text used in several places ends with its worst fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Carried over: the result does what the source says.
    Converted,
    /// Carried over with a stated difference.
    Approximated,
    /// A person has to decide or supply something.
    Decision,
    /// Argo has no place for it, or GoCD gives it no effect either.
    NoCounterpart,
    /// GoCD refuses it, so it was not converted.
    Refused,
}

/// How many keys and items ended with which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// All mapping keys and list items, as written.
    pub total: usize,
    /// [`Outcome::Converted`]
    pub converted: usize,
    /// [`Outcome::Approximated`]
    pub approximated: usize,
    /// [`Outcome::Decision`]
    pub decision: usize,
    /// [`Outcome::NoCounterpart`]
    pub no_counterpart: usize,
    /// [`Outcome::Refused`]
    pub refused: usize,
}

/// One line of the account: an outcome and the rule that said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What became of it.
    pub outcome: Outcome,
    /// The mapping rule or finding that says so.
    pub rule: &'static str,
}

/// One entry per [`Slot`]; `None` until something is booked.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Option<Entry>>,
}

impl Ledger {
    /// Books an outcome. The worst outcome wins; between equals the alphabetically first rule,
    /// so that the result does not depend on the order of booking.
    pub fn book(&mut self, slot: Slot, outcome: Outcome, rule: &'static str) {
        let index = slot.0 as usize;
        if index >= self.entries.len() {
            self.entries.resize(index + 1, None);
        }
        let entry = &mut self.entries[index];
        let better = match entry {
            None => true,
            Some(old) => outcome > old.outcome || (outcome == old.outcome && rule < old.rule),
        };
        if better {
            *entry = Some(Entry { outcome, rule });
        }
    }

    /// The entry of a slot, if anything was booked.
    pub fn entry(&self, slot: Slot) -> Option<Entry> {
        self.entries.get(slot.0 as usize).copied().flatten()
    }

    /// The slots below `total` that nothing was booked for. A slot left open is a defect of this program.
    pub fn open(&self, total: usize) -> Vec<Slot> {
        let slots = u32::try_from(total).unwrap_or(u32::MAX);
        (0..slots).map(Slot).filter(|slot| self.entry(*slot).is_none()).collect()
    }

    /// The sums, over `total` slots.
    pub fn counts(&self, total: usize) -> Counts {
        let mut counts = Counts { total, ..Counts::default() };
        for entry in self.entries.iter().take(total).flatten() {
            match entry.outcome {
                Outcome::Converted => counts.converted += 1,
                Outcome::Approximated => counts.approximated += 1,
                Outcome::Decision => counts.decision += 1,
                Outcome::NoCounterpart => counts.no_counterpart += 1,
                Outcome::Refused => counts.refused += 1,
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_outcome_wins_in_any_order() {
        let bookings = [(Outcome::Converted, "lock"), (Outcome::Decision, "b"), (Outcome::Decision, "a")];
        let mut forward = Ledger::default();
        let mut backward = Ledger::default();
        for (outcome, rule) in bookings {
            forward.book(Slot(0), outcome, rule);
        }
        for (outcome, rule) in bookings.into_iter().rev() {
            backward.book(Slot(0), outcome, rule);
        }
        assert_eq!(forward.entry(Slot(0)), Some(Entry { outcome: Outcome::Decision, rule: "a" }));
        assert_eq!(forward.entry(Slot(0)), backward.entry(Slot(0)));
    }

    #[test]
    fn open_slots_are_listed() {
        let mut ledger = Ledger::default();
        ledger.book(Slot(1), Outcome::Converted, "lock");
        assert_eq!(ledger.open(3), vec![Slot(0), Slot(2)]);
        assert_eq!(ledger.counts(3).converted, 1);
    }
}
