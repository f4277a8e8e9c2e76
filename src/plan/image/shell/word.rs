//! Words: from the grammar's nodes to parts.

use super::{Part, Word};
use tree_sitter::Node;

/// The word of a node.
pub(super) fn read(node: Node<'_>, text: &str) -> Word {
    let mut parts = Vec::new();
    collect(node, text, &mut parts);
    Word { source: slice(node, text).to_string(), parts: joined(parts), range: node.byte_range() }
}

/// The bytes of a node.
pub(super) fn slice<'t>(node: Node<'_>, text: &'t str) -> &'t str {
    text.get(node.byte_range()).unwrap_or("")
}

/// Parts of a node. Concatenations and strings hold their parts directly, so one list of pending nodes is enough.
fn collect(node: Node<'_>, text: &str, parts: &mut Vec<Part>) {
    let mut pending = vec![node];
    while let Some(node) = pending.pop() {
        let source = slice(node, text);
        match node.kind() {
            "word" | "number" | "variable_name" | "test_operator" | "file_descriptor" => {
                parts.push(bare(source))
            }
            "raw_string" => {
                let inner = source.strip_prefix('\'').and_then(|s| s.strip_suffix('\'')).unwrap_or(source);
                parts.push(Part::Literal(inner.to_string()));
            }
            "string" if !node.has_error() => string(node, text, parts),
            "simple_expansion" => {
                let name = source.strip_prefix('$').unwrap_or(source).to_string();
                parts.push(Part::Variable { name, default: None });
            }
            "expansion" => parts.push(expansion(source)),
            "command_substitution" => parts.push(Part::Substitution(source.to_string())),
            // Behind `export`: one word made of the name and the value.
            "variable_assignment" if !node.has_error() => {
                let name = node.child_by_field_name("name").map_or("", |name| slice(name, text));
                parts.push(Part::Literal(format!("{name}=")));
                pending.extend(node.child_by_field_name("value"));
            }
            _ if !node.is_named() => plain(source, parts),
            "command_name" | "concatenation" if !node.has_error() => {
                let mut cursor = node.walk();
                let children: Vec<_> = node.children(&mut cursor).collect();
                pending.extend(children.into_iter().rev());
            }
            _ => parts.push(Part::Opaque(source.to_string())),
        }
    }
}

/// A double-quoted string: what lies between its expansions is literal, also where the grammar has no node for it.
fn string(node: Node<'_>, text: &str, parts: &mut Vec<Part>) {
    let mut at = node.start_byte() + 1;
    let end = node.end_byte().saturating_sub(1).max(at);
    let mut cursor = node.walk();
    for child in node.named_children(&mut cursor) {
        let kind = child.kind();
        if kind == "string_content" || kind == "ERROR" {
            continue;
        }
        literal(text.get(at..child.start_byte()).unwrap_or(""), parts);
        let source = slice(child, text);
        parts.push(match kind {
            "simple_expansion" => {
                Part::Variable { name: source.strip_prefix('$').unwrap_or(source).to_string(), default: None }
            }
            "expansion" => expansion(source),
            "command_substitution" => Part::Substitution(source.to_string()),
            _ => Part::Opaque(source.to_string()),
        });
        at = child.end_byte();
    }
    literal(text.get(at..end).unwrap_or(""), parts);
    // An empty string is a word all the same.
    parts.push(Part::Literal(String::new()));
}

/// Text inside double quotes: a backslash escapes only `$`, a backtick, `"`, `\` and the end of a line.
fn literal(text: &str, parts: &mut Vec<Part>) {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('\n')) => drop(chars.next()),
            ('\\', Some('$' | '`' | '"' | '\\')) => out.extend(chars.next()),
            _ => out.push(c),
        }
    }
    if !out.is_empty() {
        parts.push(Part::Literal(out));
    }
}

/// A piece without quotes. A `$` at its end belongs to the piece behind it: the grammar cuts `$1:$2` in front of the
/// last digit.
fn plain(source: &str, parts: &mut Vec<Part>) {
    match source.strip_suffix('$') {
        Some(before) if !source.ends_with("\\$") => {
            if !before.is_empty() {
                parts.push(bare(before));
            }
            parts.push(Part::Opaque("$".to_string()));
        }
        _ => parts.push(bare(source)),
    }
}

/// Two words without a blank between them are one.
pub(super) fn glue(first: &mut Word, second: Word) {
    first.source.push_str(&second.source);
    first.range.end = second.range.end;
    let mut parts = std::mem::take(&mut first.parts);
    parts.extend(second.parts);
    first.parts = joined(parts);
}

/// A word without quotes: backslashes resolved; what the shell would expand as a pattern stays opaque.
fn bare(source: &str) -> Part {
    let mut out = String::new();
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(next) => out.push(next),
            },
            '*' | '?' | '[' | '{' | '`' | '$' => return Part::Opaque(source.to_string()),
            _ => out.push(c),
        }
    }
    if source.starts_with('~') { Part::Opaque(source.to_string()) } else { Part::Literal(out) }
}

/// `${…}`: a plain name, or a name with a constant default; anything else is opaque.
fn expansion(source: &str) -> Part {
    let inner = source.strip_prefix("${").and_then(|s| s.strip_suffix('}')).unwrap_or("");
    let name_end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let (name, rest) = inner.split_at(name_end);
    if name.is_empty() {
        return Part::Opaque(source.to_string());
    }
    if rest.is_empty() {
        return Part::Variable { name: name.to_string(), default: None };
    }
    let default = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-'));
    match default {
        Some(text) if !text.contains(['$', '`', '"', '\'', '\\']) => {
            Part::Variable { name: name.to_string(), default: Some(text.to_string()) }
        }
        _ => Part::Opaque(source.to_string()),
    }
}

/// Neighbouring literals as one; empty ones only when nothing else is there.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    let some = parts.iter().any(|part| !matches!(part, Part::Literal(text) if text.is_empty()));
    for part in parts {
        match (out.last_mut(), part) {
            (Some(Part::Literal(before)), Part::Literal(text)) => before.push_str(&text),
            (Some(dollar), Part::Literal(text))
                if *dollar == Part::Opaque("$".to_string()) && name_length(&text) > 0 =>
            {
                let (name, rest) = text.split_at(name_length(&text));
                *dollar = Part::Variable { name: name.to_string(), default: None };
                if !rest.is_empty() {
                    out.push(Part::Literal(rest.to_string()));
                }
            }
            (_, Part::Literal(text)) if text.is_empty() && some => {}
            (_, part) => out.push(part),
        }
    }
    out
}

/// How much of the text behind a `$` is the name: one digit, or a name.
fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 1;
    }
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}
