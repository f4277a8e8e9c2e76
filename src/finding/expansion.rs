//! Texts that were not read as they were written: where a part of one stands in the source.

use std::ops::Range;

/// How a text as written became the text that rules see: the parts that were replaced, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expansion {
    replaced: Vec<Replaced>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Replaced {
    written: Range<usize>,
    read: Range<usize>,
}

impl Expansion {
    /// The next part: its bytes as written, and the bytes that took their place.
    pub fn push(&mut self, written: Range<usize>, read: Range<usize>) {
        self.replaced.push(Replaced { written, read });
    }

    /// The bytes as written of a part of the text as read. A replaced part is taken as a whole.
    ///
    /// ```
    /// let mut expansion = gocd2argo::finding::Expansion::default();
    /// expansion.push(0..2, 0..1); // `## a` became `# a`
    /// assert_eq!(expansion.written(2, 3), (3, 4));
    /// ```
    pub fn written(&self, start: usize, end: usize) -> (usize, usize) {
        let first = match self.replaced.iter().rev().find(|part| part.read.start <= start) {
            Some(part) if start < part.read.end => part.written.start,
            Some(part) => part.written.end + (start - part.read.end),
            None => start,
        };
        let last = match self.replaced.iter().rev().find(|part| part.read.start < end) {
            Some(part) if end <= part.read.end => part.written.end,
            Some(part) => part.written.end + (end - part.read.end),
            None => end,
        };
        (first, last.max(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_before_in_and_after_what_was_replaced() {
        // written `a#{name}b##c`, read `axyb#c`
        let mut expansion = Expansion::default();
        expansion.push(1..8, 1..3);
        expansion.push(9..11, 4..5);
        for (read, written) in [
            ((0, 1), (0, 1)),
            ((1, 3), (1, 8)),
            ((2, 4), (1, 9)),
            ((3, 4), (8, 9)),
            ((4, 5), (9, 11)),
            ((5, 6), (11, 12)),
            ((0, 6), (0, 12)),
        ] {
            assert_eq!(expansion.written(read.0, read.1), written, "{read:?}");
        }
    }
}
