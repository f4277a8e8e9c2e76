//! From the grammar's nodes to commands.

use super::redirect::{self, Attached};
use super::walk::{Walk, children};
use super::word::{self, slice};
use super::{Assignment, Command, FrameId, Word};
use std::ops::Range;
use tree_sitter::Node;

impl<'t> Walk<'_, 't> {
    pub(super) fn test(&mut self, node: Node<'t>, frame: FrameId, redirects: Vec<Attached>) {
        let range = node.byte_range();
        let mut command =
            Command { range: range.clone(), whole: range, frame, test: true, ..Default::default() };
        command.broken = node.has_error();
        for attached in redirects {
            command.take(attached);
        }
        self.reads(node, &mut command);
        self.script.commands.push(command);
        self.children(node, frame);
    }

    pub(super) fn assignment(&mut self, node: Node<'t>, frame: FrameId) {
        let range = node.byte_range();
        let assignments = assignment(node, self.text).into_iter().collect();
        let mut command =
            Command { range: range.clone(), whole: range, frame, assignments, ..Default::default() };
        command.broken = node.has_error();
        self.reads(node, &mut command);
        self.script.commands.push(command);
        self.children(node, frame);
    }

    pub(super) fn command(&mut self, node: Node<'t>, frame: FrameId, redirects: Vec<Attached>) {
        let mut command = Command { frame, broken: node.has_error(), ..Default::default() };
        let declares = node.kind() != "command";
        let mut interrupted = false;
        for child in children(node) {
            match child.kind() {
                "variable_assignment" => {
                    command.assignments.extend(assignment(child, self.text));
                    command.extend(child.byte_range(), false);
                    if declares {
                        command.words.push(word::read(child, self.text));
                    }
                }
                "variable_name" if declares => {
                    let name = slice(child, self.text).to_string();
                    command.assignments.push(Assignment {
                        name,
                        value: None,
                        items: None,
                        append: false,
                        range: child.byte_range(),
                    });
                    command.words.push(word::read(child, self.text));
                    command.extend(child.byte_range(), interrupted);
                }
                kind if kind.ends_with("_redirect") => {
                    interrupted |= !command.range.is_empty();
                    for attached in redirect::read(child, self.text) {
                        command.take(attached);
                    }
                }
                "comment" | "\n" => continue,
                _ => {
                    let word = word::read(child, self.text);
                    match command.words.last_mut().filter(|last| last.range.end == word.range.start) {
                        Some(last) => word::glue(last, word),
                        None => command.words.push(word),
                    }
                    command.extend(child.byte_range(), interrupted);
                }
            }
            if child.child_count() > 0 {
                // Only for what is substituted in it; an assignment is not a command of its own here.
                self.inner(child, frame);
            }
        }
        for attached in redirects {
            command.swallowed(self.text, &attached);
            command.take(attached);
        }
        if command.runs_on(self.text) {
            command.broken = true;
            self.script.skipped.push(command.whole.clone());
        }
        self.reads(node, &mut command);
        self.script.commands.push(command);
    }

    /// Looks for substitutions below a word or an assignment of a command.
    fn inner(&mut self, node: Node<'t>, frame: FrameId) {
        if matches!(node.kind(), "command_substitution" | "process_substitution" | "heredoc_redirect") {
            return self.push(node, frame);
        }
        let mut pending = children(node);
        while let Some(node) = pending.pop() {
            match node.kind() {
                "command_substitution" | "process_substitution" | "heredoc_redirect" => {
                    self.push(node, frame)
                }
                _ => pending.extend(children(node)),
            }
        }
    }

    fn reads(&mut self, node: Node<'t>, command: &mut Command) {
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            match node.kind() {
                // The grammar takes a `$` at the end of a line and the next line's first word for one variable.
                "simple_expansion" if slice(node, self.text).contains(char::is_whitespace) => {
                    command.broken = true;
                    self.script.skipped.push(command.whole.clone());
                }
                "simple_expansion" | "expansion" => {
                    let source = slice(node, self.text).trim_start_matches(['$', '{', '#', '!']);
                    let end =
                        source.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(source.len());
                    let name = if end == 0 { source.get(..1).unwrap_or("") } else { &source[..end] };
                    command.reads.insert(name.to_string());
                }
                // Their commands are visited on their own.
                "command_substitution" => continue,
                _ => {}
            }
            pending.extend(children(node));
        }
    }
}

impl Command {
    fn extend(&mut self, range: Range<usize>, stray: bool) {
        if self.range.is_empty() {
            self.range = range.clone();
            self.whole = range.clone();
        }
        if stray {
            self.strays.push(range.clone());
        } else {
            self.range.end = self.range.end.max(range.end);
        }
        self.whole = self.whole.start.min(range.start)..self.whole.end.max(range.end);
    }

    /// Where the grammar loses its way it takes words of the next lines for this command's.
    fn runs_on(&self, text: &str) -> bool {
        self.words.windows(2).any(|pair| {
            let between = text.get(pair[0].range.end..pair[1].range.start).unwrap_or("");
            between.replace("\\\n", "").contains('\n')
        })
    }

    /// In `docker build - <<EOF` the grammar has no node for the `-`.
    fn swallowed(&mut self, text: &str, next: &Attached) {
        let Attached::Redirect(redirect) = next else { return };
        let gap = text.get(self.range.end..redirect.range.start).unwrap_or("");
        if redirect.document.is_some() && gap.trim() == "-" {
            let start = self.range.end + gap.len() - gap.trim_start().len();
            let word = Word { range: start..start + 1, ..Word::literal("-") };
            self.extend(word.range.clone(), false);
            self.words.push(word);
        }
    }

    /// Takes a redirection, or a word that the grammar hung below one.
    fn take(&mut self, attached: Attached) {
        match attached {
            Attached::Word(word) => {
                self.extend(word.range.clone(), true);
                self.words.push(word);
            }
            Attached::Redirect(read) => {
                self.whole = self.whole.start.min(read.range.start)..self.whole.end.max(read.range.end);
                self.redirects.push(read);
            }
        }
    }
}

fn assignment(node: Node<'_>, text: &str) -> Option<Assignment> {
    let name = slice(node.child_by_field_name("name")?, text).to_string();
    let value = node.child_by_field_name("value").filter(|value| value.kind() != "array");
    let array = node.child_by_field_name("value").is_some() && value.is_none();
    let append = children(node).iter().any(|n| n.kind() == "+=");
    // `X=` is the empty text.
    let value = value.map(|value| word::read(value, text)).or_else(|| (!array).then(|| Word::literal("")));
    let items = node.child_by_field_name("value").filter(|_| array).map(|node| {
        children(node).into_iter().filter(|item| item.is_named()).map(|item| word::read(item, text)).collect()
    });
    Some(Assignment { name, value, items, append, range: node.byte_range() })
}
