//! The few source lines that a finding is drawn on, made safe to show.
//!
//! Cut out of the file because drawing costs time in the size of what it is given; control characters made
//! visible, secrets hidden, long lines shortened around what is marked.

use super::mask::{self, MASK};
use std::ops::Range;

/// Longest line that is shown whole, in characters.
const WIDTH: usize = 120;
/// What is shown before a mark in a longer line, in characters.
const BEFORE: usize = 40;

/// A piece of a file, ready to be drawn.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The lines, without the last line break.
    pub text: String,
    /// Where each mark is in `text`, in the order given.
    pub marks: Vec<Range<usize>>,
}

/// Cuts out the lines from the first mark to the last. A mark over several lines ends with its first line.
/// `secrets` are bytes that are hidden beside what [`mask::secrets`] finds.
pub fn window(text: &str, marks: &[Range<usize>], secrets: &[Range<usize>]) -> Window {
    let marks: Vec<Range<usize>> = marks.iter().map(|mark| clip(text, mark)).collect();
    let mut window = Window { text: String::new(), marks: vec![0..0; marks.len()] };
    let (Some(first), Some(last)) =
        (marks.iter().map(|m| m.start).min(), marks.iter().map(|m| m.start).max())
    else {
        return window;
    };
    let end = line_end(text, last);
    let mut start = line_start(text, first);
    loop {
        let line = start..line_end(text, start);
        draw_line(text, &line, &marks, secrets, &mut window);
        if line.end >= end {
            return window;
        }
        window.text.push('\n');
        start = line.end + 1;
    }
}

/// A mark within one line and between characters.
fn clip(text: &str, mark: &Range<usize>) -> Range<usize> {
    let start = floor(text, mark.start);
    start..floor(text, mark.end).clamp(start, line_end(text, start))
}

/// The start of the character that a byte is in.
fn floor(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The end of the character that a byte is in.
fn ceil(text: &str, byte: usize) -> usize {
    (byte..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

fn line_start(text: &str, byte: usize) -> usize {
    text[..byte].rfind('\n').map_or(0, |at| at + 1)
}

fn line_end(text: &str, byte: usize) -> usize {
    text[byte..].find('\n').map_or(text.len(), |at| byte + at)
}

/// Appends one line and notes where the marks that begin in it are.
fn draw_line(
    text: &str,
    line: &Range<usize>,
    marks: &[Range<usize>],
    secrets: &[Range<usize>],
    window: &mut Window,
) {
    let content = line.start..line.start + text[line.clone()].trim_end_matches('\r').len();
    let hidden = mask::secrets(text, content.clone());
    let given = secrets.iter().map(|secret| {
        let (start, end) = (floor(text, secret.start), ceil(text, secret.end));
        start.max(content.start)..end.min(content.end)
    });
    let hidden =
        mask::merge(hidden.into_iter().chain(given.filter(|range| range.start < range.end)).collect());
    let here: Vec<usize> =
        (0..marks.len()).filter(|index| (line.start..=line.end).contains(&marks[*index].start)).collect();
    let shown = shorten(text, &content, here.first().map(|index| marks[*index].start));
    let mut at = shown.start;
    if shown.start > content.start {
        window.text.push('…');
    }
    while at <= shown.end {
        let here_drawn = window.text.len();
        let next = match hidden.iter().find(|range| at < shown.end && range.contains(&at)) {
            Some(range) => {
                window.text.push_str(MASK);
                range.end.min(shown.end)
            }
            None => match text[at..shown.end].chars().next() {
                Some(c) => {
                    push_visible(c, &mut window.text);
                    at + c.len_utf8()
                }
                None => shown.end + 1,
            },
        };
        for index in &here {
            let mark = &marks[*index];
            if (at..next).contains(&mark.start) || (at == shown.start && mark.start < at) {
                window.marks[*index] = here_drawn..here_drawn;
            }
            if mark.start < next && at < mark.end {
                window.marks[*index].end = window.text.len();
            }
        }
        at = next;
    }
    if shown.end < content.end {
        window.text.push('…');
    }
    for index in here.iter().filter(|index| marks[**index].start > shown.end) {
        window.marks[*index] = window.text.len()..window.text.len();
    }
}

/// The part of a line that is shown: all of it, or a piece around a mark.
fn shorten(text: &str, line: &Range<usize>, mark: Option<usize>) -> Range<usize> {
    if text[line.clone()].chars().nth(WIDTH).is_none() {
        return line.clone();
    }
    let mark = mark.unwrap_or(line.start).min(line.end);
    let before = text[line.start..mark].char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let start = line.start + before;
    let end = text[start..line.end].char_indices().nth(WIDTH).map_or(line.end, |(at, _)| start + at);
    start..end
}

/// Appends a character so that it cannot act on the terminal or deceive the reader.
pub fn push_visible(c: char, text: &mut String) {
    match c {
        '\t' => text.push_str("    "),
        '\0'..='\u{1f}' => text.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
        '\u{7f}' => text.push('␡'),
        // C1 controls, marks of writing direction, invisible characters, line separators.
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => text.push_str(&format!("<U+{:04X}>", u32::from(c))),
        c => text.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(text: &str, mark: &str) -> (String, String) {
        let start = text.find(mark).unwrap();
        let window = window(text, std::slice::from_ref(&(start..start + mark.len())), &[]);
        let marked = window.text[window.marks[0].clone()].to_string();
        (window.text, marked)
    }

    #[test]
    fn a_long_secret_is_cut_off_like_any_other_text() {
        let line = format!("  TOKEN: {}", "x".repeat(500));
        let secret = line.len() - 500..line.len();
        let window = window(&line, std::slice::from_ref(&(2..7)), std::slice::from_ref(&secret));
        assert_eq!(window.text, format!("  TOKEN: {MASK}…"));
    }

    #[test]
    fn only_the_marked_line_is_cut_out() {
        assert_eq!(marked("a: 1\nb: 2\r\nc: 3\n", "2"), ("b: 2".into(), "2".into()));
        assert_eq!(marked("a: 1\nb: |\n  x\n  y\n", "|\n  x\n  y"), ("b: |".into(), "|".into()));
    }

    #[test]
    fn long_lines_are_shortened_around_the_mark() {
        let text = format!("{}NEEDLE{}", "ä".repeat(5000), "ü".repeat(5000));
        let (line, mark) = marked(&text, "NEEDLE");
        assert_eq!(mark, "NEEDLE");
        assert!(line.starts_with('…') && line.ends_with('…') && line.chars().count() == WIDTH + 2);
    }

    #[test]
    fn control_characters_are_visible_and_secrets_are_not() {
        let shown = marked("a: \u{1b}[2J\u{202e}x\tNEEDLE", "NEEDLE");
        assert_eq!(shown, ("a: ␛[2J<U+202E>x    NEEDLE".into(), "NEEDLE".into()));
        assert_eq!(marked("password: hunter2", "hunter2"), ("password: •••".into(), "•••".into()));
        let given = window("a: hunter2 b", &[3..10, 11..12], std::slice::from_ref(&(3..10)));
        assert_eq!((given.text.as_str(), &given.marks[..]), ("a: ••• b", &[3..12, 13..14][..]));
    }

    proptest! {
        #[test]
        fn no_text_and_no_mark_breaks_it(
            text in "[a:• \\-ä\r\n\t\u{1b}]{0,40}|(secure_variables:\n  A[a: \n]{0,9})",
            ranges in prop::collection::vec((0usize..60, 0usize..60), 0..4),
        ) {
            let ranges: Vec<_> = ranges.into_iter().map(|(start, length)| start..start + length).collect();
            let window = window(&text, &ranges, &ranges);
            for mark in window.marks {
                prop_assert!(window.text.get(mark).is_some());
            }
        }
    }
}
