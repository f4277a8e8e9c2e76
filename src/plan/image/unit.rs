//! A task of the job as something with commands: a script, the text behind `sh -c`, or the words of an `exec`.

use super::folder::{self, Folder};
use super::follow::{self, Known, Region, Written};
use super::shell::{Command, Frame, Kind, Script, Word};
use super::value::{self, Value};
use super::{Form, TaskText, docker};
use crate::finding::Rule;
use crate::span::Place;
use std::ops::Range;

/// What the text of a unit is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The text of a `script:` task.
    Script,
    /// Word number `at` of an `exec`, which a shell runs.
    Shell {
        /// The index in the argument vector.
        at: usize,
    },
    /// The words of an `exec`, run without a shell.
    Words,
    /// The words of an `exec` that call something that was followed.
    Followed,
    /// A task without a command.
    Other,
}

/// One task.
#[derive(Debug)]
pub struct Unit {
    /// What the text is.
    pub origin: Origin,
    /// The shell text; empty without a shell.
    pub text: String,
    /// Its commands. Without a shell: one command with literal words.
    pub script: Script,
    /// The folder of each command.
    pub folders: Vec<Folder>,
    /// Where findings point.
    pub place: Place,
    /// The words of an `exec`.
    pub argv: Vec<String>,
    /// Calls that were followed: their text stands in this one.
    pub regions: Vec<Region>,
}

/// Something to report about a place in a task.
#[derive(Debug, Clone)]
pub struct Note {
    /// Which rule.
    pub rule: &'static Rule,
    /// What is the case.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The task.
    pub unit: usize,
    /// Bytes of its text; empty for the whole task.
    pub range: Range<usize>,
}

impl Unit {
    /// Reads a task, and what it calls where that leads to docker.
    pub fn read(task: &TaskText<'_>, known: &Known<'_>) -> Unit {
        Self::reading(task, Some(known))
    }

    /// Reads a task as it stands.
    pub fn alone(task: &TaskText<'_>) -> Unit {
        Self::reading(task, None)
    }

    fn reading(task: &TaskText<'_>, known: Option<&Known<'_>>) -> Unit {
        let start = folder::join(folder::ROOT, task.directory);
        let (origin, text, argv) = match task.form {
            Form::Script(text) => (Origin::Script, text.to_string(), Vec::new()),
            Form::Exec(argv) => match shell_text(argv) {
                Some(at) => (Origin::Shell { at }, argv[at].clone(), argv.to_vec()),
                None => (Origin::Words, String::new(), argv.to_vec()),
            },
            Form::Other => (Origin::Other, String::new(), Vec::new()),
        };
        let followed = known.and_then(|known| match origin {
            Origin::Words => follow::words(&argv, &start, known),
            Origin::Script | Origin::Shell { .. } => follow::text(&text, &start, known),
            _ => None,
        });
        let origin = if origin == Origin::Words && followed.is_some() { Origin::Followed } else { origin };
        let (text, regions) =
            followed.map_or((text, Vec::new()), |followed| (followed.text, followed.regions));
        let script = match origin {
            Origin::Words => words(&argv),
            _ => Script::read(&text),
        };
        let folders = folder::folders(&script, &start);
        Unit { origin, text, script, folders, place: task.place, argv, regions }
    }

    /// Does a shell read the words, so that variables can be used?
    pub fn has_shell(&self) -> bool {
        matches!(self.origin, Origin::Script | Origin::Shell { .. } | Origin::Followed)
    }

    /// The value of a word of a command.
    pub fn value(&self, command: &Command, word: &Word) -> Value {
        value::follow(&self.script, word, command.range.start, command.frame)
    }

    /// `$0`, `$1`, … of the words behind `sh -c TEXT`; empty where there are none.
    pub fn positional(&self) -> Vec<(String, String)> {
        let Origin::Shell { at } = self.origin else { return Vec::new() };
        let words = self.argv.iter().skip(at + 1).enumerate();
        words.map(|(number, word)| (number.to_string(), word.clone())).collect()
    }

    /// The text in the bytes.
    pub fn slice(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or("")
    }

    /// Where bytes of the text were written.
    pub fn written(&self, range: &Range<usize>) -> Written {
        follow::written(&self.regions, &self.text, range)
    }

    /// Does the part stand in a text that a call brought in?
    pub fn is_followed(&self, range: &Range<usize>) -> bool {
        self.regions.iter().any(|region| region.body.start <= range.start && range.end <= region.body.end)
    }

    /// Words of an `exec` as text, or the text of the command.
    pub fn shown(&self, command: &Command) -> String {
        if self.has_shell() { self.slice(&command.range).to_string() } else { self.argv.join(" ") }
    }
}

/// The one command of an `exec` without a shell.
fn words(argv: &[String]) -> Script {
    let words = argv.iter().map(|word| Word::literal(word)).collect();
    let command = Command { words, ..Command::default() };
    Script {
        commands: vec![command],
        frames: vec![Frame { parent: None, kind: Kind::Root, range: 0..0 }],
        ..Script::default()
    }
}

/// Which word of an `exec` a shell runs: the one behind `-c` (also `-lc`, `-ec`, …).
fn shell_text(argv: &[String]) -> Option<usize> {
    let words: Vec<Word> = argv.iter().map(|word| Word::literal(word)).collect();
    let (prefix, rest) = docker::prefix_of(&words);
    let name = rest.first()?.constant()?;
    if !docker::is_shell(&name) {
        return None;
    }
    let mut at = prefix.length + 1;
    while let Some(option) = argv.get(at).filter(|word| word.starts_with(['-', '+'])) {
        at += 1;
        if option.starts_with("--") {
            continue;
        }
        if option.contains('c') {
            return (at < argv.len()).then_some(at);
        }
        // `-o pipefail` takes a word.
        at += usize::from(option.ends_with('o'));
    }
    None
}

/// A text for a message: its first line, not too long.
pub fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    let cut: String = line.chars().take(80).collect();
    if cut.len() < text.trim_end().len() { format!("{} …", cut.trim_end_matches([' ', '\\'])) } else { cut }
}
