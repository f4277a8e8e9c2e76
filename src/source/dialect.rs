//! Where GoCD's YAML reader (YAML 1.1, yamlbeans) is stricter than the parser: judged on the text around an event.

use super::events::Style;
use super::problem::Problem;
use crate::span::{Slot, Span};

crate::findings! {
    /// A mapping key is not a text on one line: a list, a mapping, nothing at all, or written with `? `.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader does not understand such keys and refuses the file.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   ? app
    ///   : group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write `key: value`.
    pub COMPLEX_KEY = "complex-key", Refused, Error, Refused;

    /// A tab stands between a key or a dash and its value.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader refuses the file, though other readers accept it.
    ///
    /// ## Example
    /// ```yaml
    /// format_version:	10
    /// ```
    ///
    /// ## Instead
    /// Write a blank.
    pub TAB_BEFORE_VALUE = "tab-before-value", Refused, Error, Refused;

    /// A list in brackets or a mapping in braces ends with a comma.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader refuses the file, though other readers accept it.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git",}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Remove the last comma.
    pub TRAILING_COMMA = "trailing-comma", Refused, Error, Refused;

    /// A `:` or `?` stands in an unquoted text within brackets or braces, or a key there has no value.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader takes the character as a sign of a mapping and refuses the file, though other readers
    /// accept it. Timers (`0 0 6 ? * MON-FRI`) and URLs are the usual victims.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     timer: {spec: 0 0 6 ? * MON-FRI}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Quote the text: `timer: {spec: "0 0 6 ? * MON-FRI"}`; write a blank behind the colon of a key.
    pub UNQUOTED_INDICATOR = "unquoted-indicator", Refused, Error, Refused;

    /// A text in double quotes contains an escape that YAML 1.1 does not have.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader refuses the file. `"\/"` came with YAML 1.2.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https:\/\/git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write the character itself, or use single quotes, where a backslash is an ordinary character.
    pub UNKNOWN_ESCAPE = "unknown-escape", Refused, Error, Refused;

    /// The name of an anchor or alias contains another character than a letter of a–z, a digit, `-` and `_`.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader refuses the file.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// common: &base.job {timeout: 10}
    /// ```
    ///
    /// ## Instead
    /// Use a plainer name, here `&base-job`.
    pub ANCHOR_NAME = "anchor-name", Refused, Error, Refused;

    /// An anchor stands where no value is written.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader refuses the file.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// common:
    ///   first: &first
    ///   second: text
    /// ```
    ///
    /// ## Instead
    /// Remove the anchor, or write the value.
    pub ANCHOR_ON_NOTHING = "anchor-on-nothing", Refused, Error, Refused;

    /// A `%YAML` directive asks for a newer version than 1.1.
    ///
    /// ## Why it matters
    /// GoCD's YAML reader knows 1.0 and 1.1, and refuses the file.
    ///
    /// ## Example
    /// ```yaml
    /// %YAML 1.2
    /// ---
    /// format_version: 10
    /// ```
    ///
    /// ## Instead
    /// Remove the line.
    pub YAML_VERSION = "yaml-version", Refused, Error, Refused;
}

/// What is wrong with a scalar's own text.
pub(super) fn scalar(text: &str, span: Span, style: Style, in_flow: bool) -> Option<Problem> {
    let raw = raw(text, span);
    match style {
        Style::Plain if in_flow => {
            let at = raw.find([':', '?'])?;
            let sign = &raw[at..=at];
            let message = format!("`{sign}` in an unquoted text within brackets or braces");
            Some(Problem::new(&UNQUOTED_INDICATOR, part(span, at, 1), message).help("quote the text"))
        }
        Style::DoubleQuoted => {
            let at = escape_of_1_2(raw)?;
            let message = "the escape `\\/` does not exist in YAML 1.1";
            Some(Problem::new(&UNKNOWN_ESCAPE, part(span, at, 2), message).help("write `/`"))
        }
        _ => None,
    }
}

/// Where `\/` stands, escaped backslashes left aside.
fn escape_of_1_2(raw: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = raw[from..].find('\\') {
        let at = from + found;
        let escaped = raw[at + 1..].chars().next()?;
        if escaped == '/' {
            return Some(at);
        }
        from = at + 1 + escaped.len_utf8();
    }
    None
}

/// A tab directly before a node, on its line.
pub(super) fn tab_before(text: &str, span: Span) -> Option<Problem> {
    let before = text.get(..span.start as usize)?;
    let blanks = before.len() - before.trim_end_matches([' ', '\t']).len();
    let tab = before[before.len() - blanks..].find('\t')?;
    let start = (before.len() - blanks + tab) as u32;
    let place = Span { start, end: start + 1, ..span };
    Some(Problem::new(&TAB_BEFORE_VALUE, place, "a tab stands before the value").help("write a blank"))
}

/// A comma between the last child and the closing bracket.
pub(super) fn trailing_comma(text: &str, from: u32, close: Span) -> Option<Problem> {
    let gap = text.get(from as usize..close.start as usize)?;
    let mut comment = false;
    let at = gap.bytes().position(|byte| {
        match byte {
            b'#' => comment = true,
            b'\n' => comment = false,
            _ => {}
        }
        byte == b',' && !comment
    })?;
    let start = from + at as u32;
    let place = Span { start, end: start + 1, ..close };
    Some(Problem::new(&TRAILING_COMMA, place, "no comma may stand before the closing bracket"))
}

/// A key within braces that no colon follows.
pub(super) fn no_colon(text: &str, key: Span, slot: Slot) -> Option<Problem> {
    let after = text.get(key.end as usize..)?.trim_start();
    // A colon inside the key is reported as such.
    if after.starts_with(':') || raw(text, key).contains([':', '?']) {
        return None;
    }
    let message = "a key within braces has no value";
    Some(
        Problem::new(&UNQUOTED_INDICATOR, key, message)
            .slot(Some(slot))
            .help("write a blank behind its colon, or quote the value if no mapping is meant"),
    )
}

/// A `?` before a key on its line.
pub(super) fn question_mark(text: &str, key: Span, slot: Slot) -> Option<Problem> {
    let before = text.get(..key.start as usize)?.trim_end_matches(' ');
    let opens = before.strip_suffix('?')?;
    let marks = opens.is_empty() || opens.ends_with([' ', '\n', '\t', '{', '[', ',']);
    marks.then(|| {
        Problem::new(&COMPLEX_KEY, key, "GoCD does not understand a key written with `?`")
            .slot(Some(slot))
            .help("write `key: value`")
    })
}

/// An anchor whose name GoCD does not read.
pub(super) fn anchor_name(name: &str, span: Span) -> Option<Problem> {
    let odd = name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))?;
    let message = format!("the anchor `&{name}` contains `{odd}`");
    Some(Problem::new(&ANCHOR_NAME, span, message).help("use letters, digits, `-` and `_`"))
}

/// An anchor without a node.
pub(super) fn anchor_on_nothing(name: &str, span: Span) -> Problem {
    Problem::new(&ANCHOR_ON_NOTHING, span, format!("the anchor `&{name}` has no value"))
}

/// A `%YAML 1.2` directive; the span is that of the document's start.
pub(super) fn too_new(span: Span) -> Problem {
    Problem::new(&YAML_VERSION, span, "GoCD reads YAML 1.1, but the directive asks for a newer version")
        .help("remove the `%YAML` line")
}

fn raw(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

fn part(span: Span, at: usize, length: u32) -> Span {
    let start = span.start + at as u32;
    Span { start, end: start + length, ..span }
}
