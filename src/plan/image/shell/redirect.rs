//! Redirections, and the words that the grammar hangs below them (`cmd > file more words`).

use super::word::{self, slice};
use super::{Redirect, Word};
use tree_sitter::Node;

/// What belongs to the command a redirection stands at.
#[derive(Clone)]
pub(super) enum Attached {
    /// The redirection itself.
    Redirect(Redirect),
    /// A further word of the command.
    Word(Word),
}

/// A `file_redirect`, `heredoc_redirect` or `herestring_redirect`.
pub(super) fn read(node: Node<'_>, text: &str) -> Vec<Attached> {
    match node.kind() {
        "heredoc_redirect" => document(node, text),
        _ => plain(node, text),
    }
}

fn plain(node: Node<'_>, text: &str) -> Vec<Attached> {
    let mut redirect = Redirect {
        operator: String::new(),
        descriptor: None,
        target: None,
        document: None,
        range: node.byte_range(),
    };
    let mut words = Vec::new();
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        match child.kind() {
            "file_descriptor" => redirect.descriptor = Some(slice(child, text).to_string()),
            _ if !child.is_named() => redirect.operator.push_str(slice(child, text)),
            _ if redirect.target.is_none() => {
                redirect.range.end = child.end_byte();
                redirect.target = Some(word::read(child, text));
            }
            _ => words.push(Attached::Word(word::read(child, text))),
        }
    }
    words.insert(0, Attached::Redirect(redirect));
    words
}

fn document(node: Node<'_>, text: &str) -> Vec<Attached> {
    let mut redirect = Redirect {
        operator: String::new(),
        descriptor: None,
        target: None,
        document: None,
        range: node.start_byte()..node.start_byte(),
    };
    let mut attached = Vec::new();
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        match child.kind() {
            // The grammar takes the `-` of `build - <<EOF` for one.
            "file_descriptor" if slice(child, text) == "-" => {
                attached.push(Attached::Word(word::read(child, text)))
            }
            "file_descriptor" => redirect.descriptor = Some(slice(child, text).to_string()),
            "<<" | "<<-" => redirect.operator.push_str(child.kind()),
            "heredoc_start" => redirect.range.end = child.end_byte(),
            "heredoc_body" => redirect.document = Some(slice(child, text).to_string()),
            "file_redirect" | "herestring_redirect" => attached.extend(plain(child, text)),
            "word"
            | "string"
            | "raw_string"
            | "concatenation"
            | "simple_expansion"
            | "expansion"
            | "command_substitution"
            | "number" => attached.push(Attached::Word(word::read(child, text))),
            _ => {}
        }
    }
    attached.insert(0, Attached::Redirect(redirect));
    attached
}
