//! From a part of a scalar's value to its place in the file: quotes, escapes, indentation and folding are undone
//! step by step, and each step is compared with the value, so that a caret is either right or coarse.

use std::borrow::Cow;
use std::ops::Range;

use super::read::SourceFile;
use super::tree::{Tree, Value};
use crate::span::Span;

/// The place of the bytes `part` of the value written at `span`; the whole span where that cannot be verified.
pub(super) fn narrow(file: &SourceFile, span: Span, part: Range<usize>) -> Span {
    let text = file.text.as_str();
    let Some(raw) = text.get(span.start as usize..span.end as usize) else { return span };
    let line = file.text.line_range(file.text.line_of(span.start as usize)).start;
    let indent = span.start as usize - line;
    let found = match file.tree.as_ref().and_then(|tree| value_at(tree, span)) {
        Some(value) => place_in(raw, value, indent, &part).or_else(|| only_occurrence(raw, value.get(part)?)),
        None => place_in_key(raw, part),
    };
    match found {
        Some(part) => {
            Span { start: span.start + part.start as u32, end: span.start + part.end as u32, ..span }
        }
        None => span,
    }
}

/// The text that is written at a place, if it is a value. Nodes are numbered in the order in which they begin.
fn value_at(tree: &Tree, span: Span) -> Option<&str> {
    let first = tree.nodes.partition_point(|node| node.span.start < span.start);
    let here = tree.nodes[first..].iter().take_while(|node| node.span.start == span.start);
    here.filter(|node| node.span == span).find_map(|node| match &node.value {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

/// Keys have no node. Those without escapes are their own value.
fn place_in_key(raw: &str, part: Range<usize>) -> Option<Range<usize>> {
    let inner = ['"', '\''].iter().find_map(|quote| raw.strip_prefix(*quote)?.strip_suffix(*quote));
    let (value, shift) = inner.map_or((raw, 0), |inner| (inner, 1));
    if value.contains(['\\', '\'', '\n']) || value.get(part.clone()).is_none() {
        return None;
    }
    Some(part.start + shift..part.end + shift)
}

fn place_in(raw: &str, value: &str, indent: usize, part: &Range<usize>) -> Option<Range<usize>> {
    value.get(part.clone())?;
    if raw == value {
        return Some(part.clone());
    }
    let inner = |quote| raw.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(inner) = inner('"') {
        let steps = Steps { raw: inner, at: 0, form: Form::Double };
        if let Some(found) = follow(steps, value, part) {
            return Some(found.start + 1..found.end + 1);
        }
    }
    if let Some(inner) = inner('\'') {
        let steps = Steps { raw: inner, at: 0, form: Form::Single };
        if let Some(found) = follow(steps, value, part) {
            return Some(found.start + 1..found.end + 1);
        }
    }
    [Form::Literal { indent }, Form::Folded]
        .into_iter()
        .find_map(|form| follow(Steps { raw, at: 0, form }, value, part))
}

/// How a scalar's text becomes its value.
#[derive(Clone, Copy)]
enum Form {
    /// Escapes; line breaks are folded.
    Double,
    /// `''`; line breaks are folded.
    Single,
    /// Line breaks are folded: plain, or `>`.
    Folded,
    /// Line breaks stay, indentation goes: `|`, or a text on one line.
    Literal { indent: usize },
}

/// A range of the raw text and what it becomes.
struct Step<'t> {
    range: Range<usize>,
    value: Cow<'t, str>,
}

/// Steps through a raw text. Ends early at what is not understood.
struct Steps<'t> {
    raw: &'t str,
    at: usize,
    form: Form,
}

impl<'t> Iterator for Steps<'t> {
    type Item = Step<'t>;

    fn next(&mut self) -> Option<Step<'t>> {
        let rest = &self.raw[self.at..];
        let first = rest.chars().next()?;
        let special: &[char] = match self.form {
            Form::Literal { .. } => &['\r', '\n'],
            Form::Folded => &[' ', '\t', '\r', '\n'],
            Form::Single => &[' ', '\t', '\r', '\n', '\''],
            Form::Double => &[' ', '\t', '\r', '\n', '\\'],
        };
        let (length, value) = match rest.find(special).unwrap_or(rest.len()) {
            0 => match (self.form, first) {
                (Form::Literal { indent }, _) => line_break(rest, indent)?,
                (Form::Double, '\\') => escape(&rest[1..])?,
                (Form::Single, '\'') if rest.starts_with("''") => (2, Cow::Borrowed("'")),
                _ => fold(rest).unwrap_or((first.len_utf8(), Cow::Borrowed(&rest[..first.len_utf8()]))),
            },
            run => (run, Cow::Borrowed(&rest[..run])),
        };
        let start = self.at;
        self.at += length;
        Some(Step { range: start..self.at, value })
    }
}

/// A line break with the indentation of the next line; a lone carriage return is a line break too.
fn line_break(rest: &str, indent: usize) -> Option<(usize, Cow<'_, str>)> {
    let length = if rest.starts_with("\r\n") { 2 } else { 1 };
    let blanks = rest[length..].bytes().take(indent).take_while(|byte| *byte == b' ').count();
    Some((length + blanks, Cow::Borrowed("\n")))
}

/// Blanks around line breaks: one break becomes a blank, more become one less.
fn fold(rest: &str) -> Option<(usize, Cow<'_, str>)> {
    let gap = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    match rest[..gap].matches('\n').count() {
        0 => None,
        1 => Some((gap, Cow::Borrowed(" "))),
        more => Some((gap, Cow::Owned("\n".repeat(more - 1)))),
    }
}

/// A backslash and what stands behind it; the text begins behind the backslash.
fn escape(rest: &str) -> Option<(usize, Cow<'_, str>)> {
    let first = rest.chars().next()?;
    let digits = match first {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        'n' => return Some((2, Cow::Borrowed("\n"))),
        't' => return Some((2, Cow::Borrowed("\t"))),
        'r' => return Some((2, Cow::Borrowed("\r"))),
        '"' | '\\' | '/' | ' ' => return Some((2, Cow::Borrowed(&rest[..1]))),
        _ => return None,
    };
    let code = u32::from_str_radix(rest.get(1..=digits)?, 16).ok()?;
    Some((2 + digits, Cow::Owned(char::from_u32(code)?.to_string())))
}

/// Follows the steps as long as they give the value, up to the end of `part`.
fn follow(steps: Steps<'_>, value: &str, part: &Range<usize>) -> Option<Range<usize>> {
    // A block scalar's place begins behind its leading empty lines.
    let skipped = match steps.form {
        Form::Literal { .. } | Form::Folded => value.len() - value.trim_start_matches('\n').len(),
        Form::Double | Form::Single => 0,
    };
    let (mut reached, mut start, mut end) = (skipped, None, 0);
    for Step { range, value: gives } in steps {
        if reached >= part.end && start.is_some() {
            break;
        }
        if !value[reached..].starts_with(gives.as_ref()) {
            return None;
        }
        let after = reached + gives.len();
        // Within a run of ordinary characters, both texts go in step.
        let inside = |to: usize| match gives {
            Cow::Borrowed(_) if gives.len() == range.len() => range.start + to.saturating_sub(reached),
            _ if to >= after => range.end,
            _ => range.start,
        };
        if start.is_none() && after > part.start {
            start = Some(inside(part.start));
        }
        end = if part.end < after { inside(part.end).max(start.unwrap_or(0)) } else { range.end };
        reached = after;
    }
    let start = start.unwrap_or(end);
    (reached >= part.end).then_some(start..end.max(start))
}

/// Where a text stands in another, if only once.
fn only_occurrence(raw: &str, wanted: &str) -> Option<Range<usize>> {
    let mut found = raw.match_indices(wanted).map(|(at, _)| at..at + wanted.len());
    let first = found.next().filter(|found| !found.is_empty())?;
    found.next().is_none().then_some(first)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::finding::Account;
    use crate::source::Sources;

    /// Marks every occurrence of `part` in the value of the only key, and returns line, column and text of each.
    fn places(text: &str, part: &str) -> Vec<(usize, usize, String)> {
        let sources = Sources::from_texts(&[("a", text)], &mut Account::default());
        let file = &sources.files[0];
        let tree = file.tree.as_ref().unwrap();
        let node = tree.nodes.iter().find(|node| matches!(node.value, Value::Text(_))).unwrap();
        let Value::Text(value) = &node.value else { return Vec::new() };
        let parts = value.match_indices(part).map(|(at, _)| narrow(file, node.span, at..at + part.len()));
        let places = parts.map(|span| {
            let at = sources.position(span);
            (at.line, at.column, sources.slice(span).to_string())
        });
        places.collect()
    }

    fn place(line: usize, column: usize, text: &str) -> (usize, usize, String) {
        (line, column, text.to_string())
    }

    #[test]
    fn one_line_and_quotes() {
        assert_eq!(places("a: x ${B} ${B}\n", "${B}"), [place(1, 6, "${B}"), place(1, 11, "${B}")]);
        assert_eq!(places("a: '''ü'' b'\n", "b"), [place(1, 11, "b")]);
        assert_eq!(places("a: \"\\u00fc\\n\\\\ b\"\n", "b"), [place(1, 16, "b")]);
        assert_eq!(places("a: \"x\\ty\"\n", "\ty"), [place(1, 6, "\\ty")]);
    }

    #[test]
    fn literal_blocks() {
        let text = "a:\n  |2\n\n   one\n\n    docker build .\n  docker build .\n";
        let both = [place(6, 5, "docker build ."), place(7, 3, "docker build .")];
        assert_eq!(places(text, "docker build ."), both);
        assert_eq!(places(&text.replace('\n', "\r\n"), "docker build ."), both);
        assert_eq!(places("a: |-\n  x\n  yx", "yx"), [place(3, 3, "yx")]);
        assert_eq!(places("a: |\n  \"x\"\n  \"x\"\n", "\"x\"")[1], place(3, 3, "\"x\""));
        assert_eq!(places("a: |\n  one\n  two\n", "one\ntwo"), [place(2, 3, "one\n  two")]);
    }

    #[test]
    fn folded_texts() {
        assert_eq!(places("a: one\n   two two\n", "two")[1], place(2, 8, "two"));
        assert_eq!(places("a: >\n  one two\n  two\n\n  three\n", "two")[1], place(3, 3, "two"));
        assert_eq!(places("a: \"one\n  two\"\n", "two"), [place(2, 3, "two")]);
    }

    #[test]
    fn what_cannot_be_verified_is_the_whole_scalar() {
        assert_eq!(places("a: \"\\e x x\"\n", "x")[0], place(1, 4, "\"\\e x x\""));
        assert_eq!(places("a: \"\\e x\"\n", "x")[0], place(1, 8, "x"));
    }
}
