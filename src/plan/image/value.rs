//! Values followed through a script: what a word is, as far as it is known before anything runs.

use super::shell::{FrameId, Kind, Part, Script, Word};
use std::collections::BTreeMap;

mod call;
mod version;

pub use call::invocation;

/// How far assignments of assignments are followed, and how long a text may become on the way.
const DEEPEST: usize = 16;
const LONGEST: usize = 8192;

/// What a word is made of after following the script's assignments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Value {
    /// The pieces.
    pub pieces: Vec<Piece>,
}

/// A piece of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Known text.
    Text(String),
    /// A variable. `version` tells assignments of the same name apart: 0 is the environment of the task.
    Variable {
        /// The name.
        name: String,
        /// Which assignment it is (position in the script plus one), or which function's parameter.
        version: usize,
    },
    /// `$(…)` as written.
    Substitution(String),
    /// Other run-time text, as written.
    Opaque(String),
}

impl Value {
    /// The value of a text that is known.
    pub fn of(text: &str) -> Value {
        Value { pieces: vec![Piece::Text(text.to_string())] }
    }

    /// The text when nothing in it depends on run time.
    pub fn constant(&self) -> Option<String> {
        self.pieces
            .iter()
            .map(|piece| if let Piece::Text(text) = piece { Some(text.as_str()) } else { None })
            .collect()
    }

    /// For readers: variables as `${NAME}`.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) | Piece::Substitution(text) | Piece::Opaque(text) => out.push_str(text),
                Piece::Variable { name, .. } => out.push_str(&format!("${{{name}}}")),
            }
        }
        out
    }

    /// For comparing: equal keys are equal values wherever both words are evaluated.
    pub fn key(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) | Piece::Substitution(text) | Piece::Opaque(text) => out.push_str(text),
                Piece::Variable { name, version } => out.push_str(&format!("${{{name}@{version}}}")),
            }
        }
        out
    }

    /// The names of the variables in it that come from the task's environment.
    pub fn from_environment(&self) -> bool {
        self.pieces.iter().all(|p| matches!(p, Piece::Text(_) | Piece::Variable { version: 0, .. }))
    }

    /// Is a command run to know it?
    pub fn computed(&self) -> bool {
        self.pieces.iter().any(|piece| match piece {
            Piece::Text(_) => false,
            Piece::Variable { version, .. } => *version != 0,
            Piece::Substitution(_) | Piece::Opaque(_) => true,
        })
    }

    /// The text with the variables that are known at conversion put in; the rest as `${NAME}`.
    pub fn with(&self, known: &BTreeMap<String, String>) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Variable { name, version: 0 } if known.contains_key(name) => {
                    out.push_str(&known[name])
                }
                piece => out.push_str(&Value { pieces: vec![piece.clone()] }.text()),
            }
        }
        out
    }

    /// In the shell's spelling, double-quoted, when evaluating it elsewhere gives the same: constants, variables of
    /// the environment, and what git says about the checkout.
    pub fn portable(&self) -> Option<String> {
        if let Some(text) = self.constant() {
            return Some(super::shell::quote(&text));
        }
        let mut out = String::from("\"");
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => {
                    for c in text.chars() {
                        if matches!(c, '$' | '`' | '"' | '\\') {
                            out.push('\\');
                        }
                        out.push(c);
                    }
                }
                Piece::Variable { name, version: 0 } => out.push_str(&format!("${{{name}}}")),
                Piece::Substitution(text) if text.starts_with("$(git ") => out.push_str(text),
                Piece::Opaque(text) if default(text).is_some() => out.push_str(text),
                _ => return None,
            }
        }
        out.push('"');
        Some(out)
    }
}

/// `${NAME:-text}`, `${NAME-text}`: name and text.
pub fn default(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    let (name, default) = inner.split_once(":-").or_else(|| inner.split_once('-'))?;
    let plain = !is_positional(name)
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !default.contains(['"', '`', '$', '\\']);
    plain.then_some((name, default))
}

/// Follows `word` as the shell would evaluate it at byte `at` in `frame`.
pub fn follow(script: &Script, word: &Word, at: usize, frame: FrameId) -> Value {
    let mut value = Value::default();
    let mut left = LONGEST;
    expand(script, word, at, frame, DEEPEST, &mut left, &mut value.pieces);
    join(&mut value);
    value
}

fn expand(
    script: &Script,
    word: &Word,
    at: usize,
    frame: FrameId,
    depth: usize,
    left: &mut usize,
    out: &mut Vec<Piece>,
) {
    for part in &word.parts {
        let piece = match part {
            Part::Literal(text) => Piece::Text(text.clone()),
            Part::Substitution(text) => match call::own_folder(script, text, at, frame, depth) {
                Some(path) => Piece::Text(path),
                None => Piece::Substitution(text.clone()),
            },
            Part::Opaque(text) => Piece::Opaque(text.clone()),
            Part::Variable { name, default } => {
                if let Some((word, at, frame)) =
                    appended(script, name, at, frame).filter(|_| depth > 0 && *left > 0)
                {
                    let before = Word {
                        parts: vec![Part::Variable { name: name.clone(), default: None }],
                        ..Word::default()
                    };
                    expand(script, &before, at, frame, depth - 1, left, out);
                    expand(script, word, at, frame, depth - 1, left, out);
                    continue;
                }
                if let Some((value, at, frame)) =
                    assigned(script, name, at, frame).filter(|_| depth > 0 && *left > 0)
                {
                    let empty = value.constant().is_some_and(|text| text.is_empty());
                    match default.as_ref().filter(|_| empty) {
                        Some(default) => out.push(Piece::Text(default.clone())),
                        None => expand(script, value, at, frame, depth - 1, left, out),
                    }
                    continue;
                }
                match default {
                    Some(default) => Piece::Opaque(format!("${{{name}:-{default}}}")),
                    None => {
                        Piece::Variable { name: name.clone(), version: version::of(script, name, at, frame) }
                    }
                }
            }
        };
        if let Piece::Text(text) | Piece::Substitution(text) | Piece::Opaque(text) = &piece {
            *left = left.saturating_sub(text.len());
        }
        out.push(piece);
    }
}

fn is_positional(name: &str) -> bool {
    name == "#" || name.len() == 1 && name.starts_with(|c: char| c.is_ascii_digit())
}

fn join(value: &mut Value) {
    let mut out: Vec<Piece> = Vec::new();
    for piece in value.pieces.drain(..) {
        match (out.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (_, piece) => out.push(piece),
        }
    }
    value.pieces = out;
}

/// The last assignment before `at` that surely holds there: its value, where it is evaluated.
fn assigned<'s>(
    script: &'s Script,
    name: &str,
    at: usize,
    frame: FrameId,
) -> Option<(&'s Word, usize, FrameId)> {
    let (command, assignment) = last(script, name, at, frame)?;
    let value = assignment.value.as_ref().filter(|_| !assignment.append)?;
    surely(script, name, command, frame).then_some((value, command.range.start, command.frame))
}

/// The same for `NAME+=text`: the text that is put behind.
fn appended<'s>(
    script: &'s Script,
    name: &str,
    at: usize,
    frame: FrameId,
) -> Option<(&'s Word, usize, FrameId)> {
    let (command, assignment) = last(script, name, at, frame)?;
    let value = assignment.value.as_ref().filter(|_| assignment.append)?;
    surely(script, name, command, frame).then_some((value, command.range.start, command.frame))
}

/// Does the assignment hold wherever the frame is reached?
fn surely(script: &Script, name: &str, command: &super::shell::Command, frame: FrameId) -> bool {
    // A function has parameters of its own.
    let within = script.around(frame).find(|(_, around)| matches!(around.kind, Kind::Function(_)));
    if is_positional(name) && within.is_some_and(|(id, _)| !script.encloses(id, command.frame)) {
        return false;
    }
    script.around(command.frame).all(|(id, around)| match around.kind {
        Kind::Branch { .. }
        | Kind::Arm { .. }
        | Kind::Loop { .. }
        | Kind::And(_)
        | Kind::Or(_)
        | Kind::Function(_) => script.encloses(id, frame),
        _ => true,
    })
}

/// The last assignment before `at` that reaches the shell of `frame`.
fn last<'s>(
    script: &'s Script,
    name: &str,
    at: usize,
    frame: FrameId,
) -> Option<(&'s super::shell::Command, &'s super::shell::Assignment)> {
    if !script.assigned.contains(name) {
        return None;
    }
    let end = script.commands.partition_point(|command| command.range.start < at);
    script.commands[..end].iter().rev().find_map(|command| {
        let found =
            command.assignments.iter().rev().find(|a| a.name == name && (a.value.is_some() || a.append))?;
        let declares = command.words.first().is_none_or(|word| {
            matches!(
                word.constant().as_deref(),
                Some("export" | "declare" | "local" | "readonly" | "typeset" | "set" | "shift")
            )
        });
        let reaches = script.around(command.frame).all(|(id, around)| match around.kind {
            Kind::Subshell | Kind::Substitution | Kind::Pipe { .. } | Kind::Background => {
                script.encloses(id, frame)
            }
            _ => true,
        });
        (declares && reaches && command.range.end <= at).then_some((command, found))
    })
}
