//! The text of a file, and the line and column of a byte.

use std::ops::Range;

/// A text and where its lines begin.
#[derive(Debug)]
pub struct Text {
    text: String,
    /// First byte of each line; the first is 0.
    lines: Vec<u32>,
    /// Whether bytes are characters, so that columns of very long lines need no counting.
    ascii: bool,
}

/// A range in lines and columns, all counted from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line behind the last character.
    pub end_line: usize,
    /// Column behind the last character.
    pub end_column: usize,
}

impl Default for Text {
    fn default() -> Self {
        Text::new(String::new())
    }
}

impl Text {
    /// Takes a text of at most 4 GiB.
    pub fn new(text: String) -> Self {
        let breaks = text.bytes().zip(1u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next);
        let lines = std::iter::once(0).chain(breaks).collect();
        let ascii = text.is_ascii();
        Text { text, lines, ascii }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many lines there are; a text that ends with a line break has an empty last line.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Bytes of a line (counted from 1) without its line break; empty when there is no such line.
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let Some(start) = line.checked_sub(1).and_then(|index| self.lines.get(index)) else {
            return self.text.len()..self.text.len();
        };
        let start = *start as usize;
        let end = self.lines.get(line).map_or(self.text.len(), |next| *next as usize);
        start..start + self.text[start..end].trim_end_matches(['\r', '\n']).len()
    }

    /// The line (counted from 1) that a byte is in.
    pub fn line_of(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start as usize <= byte)
    }

    /// Line and column of a range of bytes. Bytes inside a character or behind the text are moved to its start
    /// or to the end of the text.
    pub fn position(&self, range: Range<usize>) -> Position {
        let (line, column) = self.line_and_column(range.start);
        let (end_line, end_column) = self.line_and_column(range.end.max(range.start));
        Position { line, column, end_line, end_column }
    }

    fn line_and_column(&self, byte: usize) -> (usize, usize) {
        let byte = self.floor(byte);
        let line = self.line_of(byte);
        let start = self.lines[line - 1] as usize;
        let before = if self.ascii { byte - start } else { self.text[start..byte].chars().count() };
        (line, before + 1)
    }

    fn floor(&self, byte: usize) -> usize {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let text = Text::new("ä: ü\r\nb: c\n".to_string());
        assert_eq!(text.position(4..6), Position { line: 1, column: 4, end_line: 1, end_column: 5 });
        assert_eq!(text.position(8..9), Position { line: 2, column: 1, end_line: 2, end_column: 2 });
        assert_eq!(text.position(13..13), Position { line: 3, column: 1, end_line: 3, end_column: 1 });
        assert_eq!(text.position(99..99), text.position(13..13));
        assert_eq!(text.position(1..1).column, 1, "a byte inside a character counts as its start");
        assert_eq!(&text.as_str()[text.line_range(1)], "ä: ü");
        assert_eq!((text.line_count(), text.line_range(3), text.line_range(9)), (3, 13..13, 13..13));
    }
}
