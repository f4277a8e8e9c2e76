//! From the grammar's tree to commands and frames, with a list of pending nodes in place of recursion.

use super::redirect::{self, Attached};
use super::word::{self, slice};
use super::{Frame, FrameId, Kind, Script, Word};
use std::cmp::Ordering;
use std::ops::Range;
use tree_sitter::{Node, Parser};

/// A node to look at: in which frame, and the redirections of the statement around it.
type Pending<'t> = (Node<'t>, FrameId, Vec<Attached>);

/// Constructs within constructs that are followed. Each level repeats the text of its substitutions, so that the
/// work grows with the square of the depth; nobody writes a hundred.
const DEEPEST: usize = 200;

/// Reads a text; an empty script when the grammar cannot be loaded or the text is too long for it.
pub(super) fn read(text: &str) -> Script {
    let mut script = Script::default();
    script.frames.push(Frame { parent: None, kind: Kind::Root, range: 0..text.len() });
    let mut parser = Parser::new();
    if parser.set_language(&tree_sitter_bash::LANGUAGE.into()).is_err() {
        return script;
    }
    let Some(tree) = parser.parse(ascii(text), None) else {
        return script;
    };
    script.faulty = tree.root_node().has_error();
    let mut pending: Vec<Pending<'_>> = vec![(tree.root_node(), 0, Vec::new())];
    let mut depths = vec![0];
    while let Some((node, frame, redirects)) = pending.pop() {
        if depths.get(frame).is_some_and(|depth| *depth > DEEPEST) {
            script.skipped.push(node.byte_range());
            continue;
        }
        let mut walk = Walk { text, script: &mut script, pending: &mut pending, depths: &mut depths };
        walk.visit(node, frame, redirects);
    }
    script.commands.sort_by_key(|command| (command.range.start, command.range.end));
    script.statements.sort_by(|a, b| (a.start, b.end).cmp(&(b.start, a.end)));
    script.statements.dedup();
    script
}

/// The text with a letter for each byte that is not ASCII, so that all places stay the same. To a shell such bytes are
/// part of a word, as letters are. The grammar's scanner (tree-sitter-bash 0.25.1) asks C's `isdigit` about whole
/// characters, which reads outside of its table for them and has crashed the process.
fn ascii(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| if byte.is_ascii() { byte } else { b'x' }).collect()
}

fn is_statement(kind: &str) -> bool {
    kind.ends_with("_statement")
        || kind.ends_with("command") && kind != "command_name"
        || matches!(
            kind,
            "list" | "pipeline" | "subshell" | "function_definition" | "variable_assignment" | "ERROR"
        )
}

/// The state of a reading.
pub(super) struct Walk<'a, 't> {
    pub(super) text: &'a str,
    pub(super) script: &'a mut Script,
    pending: &'a mut Vec<Pending<'t>>,
    depths: &'a mut Vec<usize>,
}

impl<'t> Walk<'_, 't> {
    fn visit(&mut self, node: Node<'t>, frame: FrameId, redirects: Vec<Attached>) {
        if is_statement(node.kind()) {
            self.script.statements.push(node.byte_range());
        }
        match node.kind() {
            "command" | "declaration_command" | "unset_command" => self.command(node, frame, redirects),
            "test_command" => self.test(node, frame, redirects),
            "variable_assignment" => self.assignment(node, frame),
            "redirected_statement" => self.redirected(node, frame, redirects),
            "heredoc_redirect" => self.after_heredoc(node, frame),
            "list" => self.list(node, frame, redirects),
            "pipeline" => self.pipeline(node, frame, redirects),
            "if_statement" => self.conditional(node, frame, Vec::new()),
            "while_statement" | "for_statement" | "c_style_for_statement" => self.repetition(node, frame),
            "case_statement" => self.choice(node, frame),
            "subshell" => self.enclose(node, frame, Kind::Subshell),
            "command_substitution" | "process_substitution" => self.enclose(node, frame, Kind::Substitution),
            "compound_statement" => self.enclose(node, frame, Kind::Group),
            "ERROR" => {
                self.script.skipped.push(node.byte_range());
                self.children(node, frame);
            }
            "negated_command" => self.enclose(node, frame, Kind::Negated),
            "function_definition" => {
                let name = node.child_by_field_name("name").map(|n| slice(n, self.text).to_string());
                self.enclose(node, frame, Kind::Function(name.unwrap_or_default()));
            }
            _ => self.children(node, frame),
        }
    }

    fn frame(&mut self, parent: FrameId, kind: Kind, range: Range<usize>) -> FrameId {
        self.depths.push(self.depths.get(parent).map_or(0, |depth| depth + 1));
        self.script.frames.push(Frame { parent: Some(parent), kind, range });
        self.script.frames.len() - 1
    }

    fn enclose(&mut self, node: Node<'t>, parent: FrameId, kind: Kind) {
        let frame = self.frame(parent, kind, node.byte_range());
        self.children(node, frame);
    }

    pub(super) fn push(&mut self, node: Node<'t>, frame: FrameId) {
        self.pending.push((node, frame, Vec::new()));
    }

    /// Children in one frame; what stands before `&` runs in the background.
    pub(super) fn children(&mut self, node: Node<'t>, frame: FrameId) {
        let nodes = children(node);
        for (index, child) in nodes.iter().enumerate() {
            if nodes.get(index + 1).is_some_and(|next| next.kind() == "&") {
                let behind = self.frame(frame, Kind::Background, child.byte_range());
                self.push(*child, behind);
            } else if child.child_count() > 0 {
                self.push(*child, frame);
            }
        }
    }

    /// `a && b > file`: the grammar hangs the redirection on the list, the shell on the last command.
    fn list(&mut self, node: Node<'t>, frame: FrameId, redirects: Vec<Attached>) {
        let nodes = children(node);
        let operator = nodes.iter().position(|n| matches!(n.kind(), "&&" | "||"));
        let (Some(at), Some(left)) = (operator, nodes.first()) else {
            return self.children(node, frame);
        };
        let before = left.start_byte()..nodes[at].start_byte();
        let and = nodes[at].kind() == "&&";
        let kind = if and { Kind::And(before.clone()) } else { Kind::Or(before.clone()) };
        let right = self.frame(frame, kind, node.byte_range());
        let caught = if and { frame } else { self.frame(frame, Kind::Caught(node.byte_range()), before) };
        for (index, child) in nodes.into_iter().enumerate() {
            match index.cmp(&at) {
                Ordering::Less => self.push(child, caught),
                Ordering::Equal => {}
                Ordering::Greater => self.pending.push((child, right, redirects.clone())),
            }
        }
    }

    fn pipeline(&mut self, node: Node<'t>, frame: FrameId, mut redirects: Vec<Attached>) {
        let nodes: Vec<_> = children(node).into_iter().filter(|n| n.is_named()).collect();
        let all = node.byte_range();
        for (index, child) in nodes.iter().enumerate() {
            let kind = Kind::Pipe { last: index + 1 == nodes.len(), all: all.clone() };
            let member = self.frame(frame, kind, child.byte_range());
            let last = index + 1 == nodes.len();
            self.pending.push((
                *child,
                member,
                if last { std::mem::take(&mut redirects) } else { Vec::new() },
            ));
        }
    }

    /// `if` and `elif`: conditions so far go down to the branches behind them.
    fn conditional(&mut self, node: Node<'t>, frame: FrameId, mut conditions: Vec<Range<usize>>) {
        let nodes = children(node);
        let then = nodes.iter().position(|n| n.kind() == "then").unwrap_or(0);
        let first = nodes.get(1).map_or(node.start_byte(), |n| n.start_byte());
        let last = nodes.get(then.saturating_sub(1)).map_or(first, |n| n.end_byte());
        let condition = self.frame(frame, Kind::Condition, first..last.max(first));
        conditions.push(first..last.max(first));
        // Deep chains of elif would make the lists quadratic; nobody reads the first of a thousand conditions.
        if conditions.len() > 100 {
            conditions.remove(0);
        }
        let branch = Kind::Branch { conditions: conditions.clone(), otherwise: false };
        let body = self.frame(frame, branch, node.byte_range());
        for (index, child) in nodes.into_iter().enumerate() {
            match child.kind() {
                // Siblings in the grammar, so this goes one level down at most.
                "elif_clause" => {
                    self.conditional(child, frame, conditions.clone());
                    let own = children(child);
                    conditions.push(own.get(1).map_or(0..0, |n| n.byte_range()));
                }
                "else_clause" => {
                    let kind = Kind::Branch { conditions: conditions.clone(), otherwise: true };
                    self.enclose(child, frame, kind);
                }
                _ => self.push(child, if index < then { condition } else { body }),
            }
        }
    }

    fn repetition(&mut self, node: Node<'t>, frame: FrameId) {
        let variable = node.child_by_field_name("variable").map(|n| slice(n, self.text).to_string());
        let mut cursor = node.walk();
        let over: Vec<Word> =
            node.children_by_field_name("value", &mut cursor).map(|n| word::read(n, self.text)).collect();
        let over = (variable.is_some() && !over.is_empty()).then_some(over);
        self.enclose(node, frame, Kind::Loop { variable, over });
    }

    fn choice(&mut self, node: Node<'t>, frame: FrameId) {
        let subject = node.child_by_field_name("value").map_or(0..0, |n| n.byte_range());
        for child in children(node) {
            if child.kind() != "case_item" {
                self.push(child, frame);
                continue;
            }
            let mut cursor = child.walk();
            let patterns: Vec<&str> =
                child.children_by_field_name("value", &mut cursor).map(|n| slice(n, self.text)).collect();
            let kind = Kind::Arm { subject: subject.clone(), patterns: patterns.join("|") };
            self.enclose(child, frame, kind);
        }
    }

    fn redirected(&mut self, node: Node<'t>, frame: FrameId, mut redirects: Vec<Attached>) {
        let mut body = None;
        for child in children(node) {
            if child.kind().ends_with("_redirect") {
                redirects.extend(redirect::read(child, self.text));
                self.push(child, frame);
            } else if body.is_none() {
                body = Some(child);
            } else {
                self.push(child, frame);
            }
        }
        if let Some(body) = body {
            // Redirections of a loop or a group are not those of the commands in it.
            self.pending.push((body, frame, redirects));
        }
    }

    /// `cat <<EOF | next`, `build <<EOF && push`: what follows on the line hangs below the redirection.
    fn after_heredoc(&mut self, node: Node<'t>, frame: FrameId) {
        for child in children(node) {
            match child.kind() {
                "pipeline" => {
                    let kind = Kind::Pipe { last: true, all: node.start_byte()..child.end_byte() };
                    let member = self.frame(frame, kind, child.byte_range());
                    self.push(child, member);
                }
                "list" => {
                    let before = node.start_byte().saturating_sub(1)..node.start_byte();
                    let member = self.frame(frame, Kind::And(before), child.byte_range());
                    self.push(child, member);
                }
                _ if child.child_count() > 0 => self.push(child, frame),
                _ => {}
            }
        }
    }
}

/// All children of a node.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).collect()
}
