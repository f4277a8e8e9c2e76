//! Shell text as commands with positions. The only user of the grammar (tree-sitter-bash): everybody else sees
//! the small types of this file, so that the grammar can be exchanged.
//!
//! Nothing is ever refused: what the grammar does not understand is marked `broken`, and the commands around it
//! are still found.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

mod command;
mod positional;
mod redirect;
mod walk;
mod word;

/// A script: its commands in textual order and what encloses them.
#[derive(Debug, Default)]
pub struct Script {
    /// Simple commands, assignments and tests, in the order of their first byte.
    pub commands: Vec<Command>,
    /// What encloses commands; number 0 is the script itself. Parents come before children.
    pub frames: Vec<Frame>,
    /// Bytes of statements: simple commands, lists, pipelines, compound commands; the outer ones before the inner ones.
    pub statements: Vec<Range<usize>>,
    /// Bytes that the grammar did not understand, or that lie too deep to be looked at.
    pub skipped: Vec<Range<usize>>,
    /// Is there anything in the text that the grammar did not understand?
    pub faulty: bool,
    /// Variables that are assigned somewhere.
    pub assigned: BTreeSet<String>,
    /// Variables that `read` and the like set, with the end of the first such command.
    pub set: BTreeMap<String, usize>,
}

/// Number of a [`Frame`] in its script.
pub type FrameId = usize;

/// One simple command, with its words and redirections.
#[derive(Debug, Default, Clone)]
pub struct Command {
    /// From the first assignment or word to the last word before a redirection.
    pub range: Range<usize>,
    /// The same with all redirections and words after them.
    pub whole: Range<usize>,
    /// Words that stand after a redirection, to be removed apart when the command is replaced.
    pub strays: Vec<Range<usize>>,
    /// `A=b` in front of the command, or the whole command, or behind `export`.
    pub assignments: Vec<Assignment>,
    /// The words; none for a pure assignment or a test.
    pub words: Vec<Word>,
    /// Redirections, those of the statement around it included.
    pub redirects: Vec<Redirect>,
    /// What encloses it.
    pub frame: FrameId,
    /// `[ … ]` or `[[ … ]]`.
    pub test: bool,
    /// The grammar did not understand it wholly.
    pub broken: bool,
    /// Names of variables read in it; `?`, `1` and the like included.
    pub reads: BTreeSet<String>,
}

/// `NAME=value`.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// The value; `None` for arrays and for `export NAME`.
    pub value: Option<Word>,
    /// The members of an array.
    pub items: Option<Vec<Word>>,
    /// `+=`.
    pub append: bool,
    /// The bytes.
    pub range: Range<usize>,
}

/// One redirection.
#[derive(Debug, Clone)]
pub struct Redirect {
    /// The operator: `>`, `>>`, `<`, `<<`, `<<-`, `<<<`, `&>`, `>&`, …
    pub operator: String,
    /// The descriptor as written, if any.
    pub descriptor: Option<String>,
    /// The word it goes to or comes from; `None` for here-documents.
    pub target: Option<Word>,
    /// The text of a here-document.
    pub document: Option<String>,
    /// The bytes; for a here-document only `<<EOF` itself.
    pub range: Range<usize>,
}

/// One word as written and as parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// The text in the shell's spelling, quotes included. Can stand in another place of the same script.
    pub source: String,
    /// What it is made of.
    pub parts: Vec<Part>,
    /// The bytes in the script (of the whole word, also after [`Word::without`]).
    pub range: Range<usize>,
}

/// A piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that the shell takes as it is, quotes resolved.
    Literal(String),
    /// `$NAME`, `${NAME}`, `${NAME:-default}` (default as text when it is constant).
    Variable {
        /// The name, or the digit or sign of a special parameter.
        name: String,
        /// The constant after `:-`.
        default: Option<String>,
    },
    /// `$(…)` or backticks, as written.
    Substitution(String),
    /// Anything else that is known only at run time: globs, `${X%…}`, arithmetic.
    Opaque(String),
}

/// What encloses a command.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The frame around it; `None` for the script itself.
    pub parent: Option<FrameId>,
    /// Which construct.
    pub kind: Kind,
    /// The bytes of the construct.
    pub range: Range<usize>,
}

/// The constructs that matter for what runs, when, and in which shell.
#[derive(Debug, Clone)]
pub enum Kind {
    /// The script.
    Root,
    /// `( … )`.
    Subshell,
    /// `{ …; }`.
    Group,
    /// `$( … )`, backticks, `<( … )`.
    Substitution,
    /// Member of a pipeline; `last` says whether its output is the pipeline's.
    Pipe {
        /// Is it the last member?
        last: bool,
        /// Bytes of the whole pipeline.
        all: Range<usize>,
    },
    /// Right of `&&`; the bytes of what is left of it.
    And(Range<usize>),
    /// Right of `||`; the bytes of what is left of it.
    Or(Range<usize>),
    /// Left of `||`: its failure is caught.
    Caught(Range<usize>),
    /// The condition of an `if`, `elif`, `while`.
    Condition,
    /// A branch of `if`: bytes of the conditions before it (the last one is its own unless `otherwise`).
    Branch {
        /// Conditions, in order.
        conditions: Vec<Range<usize>>,
        /// The `else` branch.
        otherwise: bool,
    },
    /// An arm of `case`: bytes of the subject, text of the patterns.
    Arm {
        /// The subject.
        subject: Range<usize>,
        /// The patterns as written, with `|` between them.
        patterns: String,
    },
    /// `for`, `while`, `until`, `select`.
    Loop {
        /// The variable of `for`.
        variable: Option<String>,
        /// The words it runs over; `None` when there are none to see.
        over: Option<Vec<Word>>,
    },
    /// Body of a function.
    Function(String),
    /// `!` in front.
    Negated,
    /// `&` behind.
    Background,
}

impl Script {
    /// Reads a text. Never fails and never recurses; what is not understood is marked.
    pub fn read(text: &str) -> Script {
        let mut script = walk::read(text);
        script.commands.iter_mut().for_each(positional::assign);
        for command in &script.commands {
            script.assigned.extend(command.assignments.iter().map(|assignment| assignment.name.clone()));
            let name = command.words.first().and_then(Word::constant);
            if matches!(name.as_deref(), Some("read" | "mapfile" | "printf" | "getopts")) {
                for word in command.words.iter().skip(1).filter_map(Word::constant) {
                    script.set.entry(word).or_insert(command.range.end);
                }
            }
        }
        script
    }

    /// The frames from the innermost to the script itself.
    pub fn around(&self, frame: FrameId) -> impl Iterator<Item = (FrameId, &Frame)> {
        let mut next = Some(frame);
        std::iter::from_fn(move || {
            let id = next?;
            let frame = self.frames.get(id)?;
            // Parents come first; anything else would never end.
            next = frame.parent.filter(|parent| *parent < id);
            Some((id, frame))
        })
    }

    /// Is `outer` the frame itself or around it?
    pub fn encloses(&self, outer: FrameId, inner: FrameId) -> bool {
        self.around(inner).any(|(id, _)| id == outer)
    }

    /// The commands that lie in the bytes.
    pub fn within(&self, range: &Range<usize>) -> impl Iterator<Item = &Command> {
        self.commands.iter().filter(move |c| range.start <= c.range.start && c.range.end <= range.end)
    }
}

impl Word {
    /// The text, when nothing in it depends on run time.
    pub fn constant(&self) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                _ => return None,
            }
        }
        Some(text)
    }

    /// The leading literal text.
    pub fn head(&self) -> &str {
        match self.parts.first() {
            Some(Part::Literal(text)) => text,
            _ => "",
        }
    }

    /// The word without `prefix`, which is plain text at its front: `--file=x` without `--file=`. `None` when the
    /// prefix is not written plainly (or inside one leading quote).
    pub fn without(&self, prefix: &str) -> Option<Word> {
        let rest = self.head().strip_prefix(prefix)?.to_string();
        let source = match self.source.strip_prefix(prefix) {
            Some(source) => source.to_string(),
            None => {
                let quote = self.source.chars().next().filter(|c| matches!(c, '"' | '\''))?;
                format!("{quote}{}", self.source.strip_prefix(quote)?.strip_prefix(prefix)?)
            }
        };
        let mut parts = self.parts.clone();
        if rest.is_empty() {
            parts.remove(0);
        } else if let Some(first) = parts.first_mut() {
            *first = Part::Literal(rest);
        }
        let source = if parts.is_empty() && source.is_empty() { "''".to_string() } else { source };
        Some(Word { source, parts, range: self.range.clone() })
    }

    /// A word for a text that is known, quoted where the shell needs it.
    pub fn literal(text: &str) -> Word {
        Word { source: quote(text), parts: vec![Part::Literal(text.to_string())], range: 0..0 }
    }
}

/// The text as one shell word: bare when nothing in it is special, single-quoted otherwise.
pub fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@,+%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_string();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
#[path = "shell/tests.rs"]
mod tests;
