//! From a call to the text that it runs.

use super::{CallForm, Known, make, npm, program};
use crate::plan::image::docker::{self, Call, Use};
use crate::plan::image::folder::{self, Folder};
use crate::plan::image::shell::{Command, Script, Word, quote};
use crate::plan::image::value;

/// What a call runs.
#[derive(Debug)]
pub struct Body {
    /// The text.
    pub text: String,
    /// What stands before it where it is read: the arguments, the folder.
    pub prelude: String,
    /// How the new text is called.
    pub form: CallForm,
    /// The folder it runs in.
    pub folder: String,
    /// The file it comes from.
    pub file: String,
    /// For each line of the text, the line of the file.
    pub lines: Vec<usize>,
    /// What would be the same call again.
    pub identity: String,
    /// Is it a make target?
    pub make: bool,
}

impl Body {
    /// Of a text that stands in the call itself, and so in no file.
    pub(super) fn of_text(call: &Place<'_>, text: String, prelude: String, form: CallForm) -> Option<Body> {
        Some(Body {
            prelude,
            form,
            folder: call.from.path.clone()?,
            file: String::new(),
            lines: Vec::new(),
            identity: text.clone(),
            text,
            make: false,
        })
    }
}

/// The body of a call, when it is at hand and can be followed.
pub(super) fn body(
    (text, script): (&str, &Script),
    command: &Command,
    call: &Call,
    from: &Folder,
    known: &Known<'_>,
) -> Option<Body> {
    let words = command.words.get(call.prefix.length..)?;
    if command.strays.iter().any(|stray| !stray.is_empty()) || !kept_wrappers(call) {
        return None;
    }
    let call = Place { text, script, command, words, from, known };
    match docker::program(&words.first()?.constant().unwrap_or_default()) {
        "make" | "gmake" => make::body(&call),
        "npm" | "yarn" | "pnpm" => npm::body(&call),
        _ => program::body(&call),
    }
}

/// Wrappers that can stand in front of another process as well.
fn kept_wrappers(call: &Call) -> bool {
    let fine = ["sudo", "time", "timeout", "env", "exec", "nice", "ionice", "nohup", "command", "retry"];
    matches!(call.kind, Use::Script | Use::Nested)
        && call.prefix.names.iter().all(|name| fine.contains(&name.as_str()))
}

/// A call and where it stands.
pub(super) struct Place<'a> {
    pub(super) text: &'a str,
    pub(super) script: &'a Script,
    pub(super) command: &'a Command,
    /// Its words without wrappers.
    pub(super) words: &'a [Word],
    pub(super) from: &'a Folder,
    pub(super) known: &'a Known<'a>,
}

impl Place<'_> {
    /// The text of a file seen from the call's folder, and its path in the repository.
    pub(super) fn file(&self, name: &str) -> Option<(String, String)> {
        self.absolute(&folder::join(self.from.path.as_deref()?, name))
    }

    fn absolute(&self, path: &str) -> Option<(String, String)> {
        let below = folder::below(path)?.to_string();
        Some(((self.known.files)(&below)?, below))
    }

    /// The same for a word that names the file; and the path itself.
    pub(super) fn named(&self, word: &Word) -> Option<(String, String, String)> {
        let path = folder::path(self.script, word, self.command, self.from)?;
        let (text, file) = self.absolute(&path)?;
        Some((text, file, path))
    }

    /// The arguments as the called text sees them.
    pub(super) fn positional(&self, words: &[Word]) -> String {
        let known = |word: &Word| {
            let value = value::follow(self.script, word, self.command.range.start, self.command.frame);
            value.constant().map_or_else(|| word.source.clone(), |text| quote(&text))
        };
        let all: String = words.iter().map(|word| format!(" {}", known(word))).collect();
        format!("set --{all}\n")
    }

    /// What stands in front of the call: assignments and wrappers, with a blank behind.
    pub(super) fn front(&self) -> String {
        let first = self.words.first().map_or(self.command.range.start, |word| word.range.start);
        self.text.get(self.command.range.start..first).unwrap_or("").to_string()
    }

    /// Assignments in front of the call, for the text that is read.
    pub(super) fn assignments(&self) -> String {
        let first = self.words.first().map_or(0, |word| word.range.start);
        let own = self.command.assignments.iter().filter(|a| a.range.start < first);
        own.map(|a| format!("export {}\n", self.text.get(a.range.clone()).unwrap_or(""))).collect()
    }

    /// Does the variable stand in front of the call, or is it exported before it?
    pub(super) fn hands_on(&self, name: &str) -> bool {
        let exports = |command: &&Command| command.words.first().is_some_and(|word| word.head() == "export");
        let before = self.script.commands.iter().take_while(|c| c.range.start < self.command.range.start);
        let mut all = before.filter(exports).chain([self.command]).flat_map(|command| &command.assignments);
        all.any(|assignment| assignment.name == name && assignment.value.is_some())
    }

    /// The words as arguments, in the shell's spelling.
    pub(super) fn arguments(words: &[Word]) -> String {
        words.iter().map(|word| format!(" {}", word.source)).collect()
    }
}

/// Lines 1, 2, … for a text that is the file itself.
pub(super) fn counted(text: &str) -> Vec<usize> {
    (1..=text.lines().count().max(1)).collect()
}

/// A new process for a text of the repository.
pub(super) fn process(call: &Place<'_>, shell: Vec<String>, name: &str, arguments: &[Word]) -> CallForm {
    let behind = format!("{name}{}", Place::arguments(arguments));
    CallForm::Process { front: call.front(), shell, behind, argv: None }
}

/// Does the text end its process in a way that only a process of its own allows, or return to its caller?
pub(super) fn returns(text: &str) -> bool {
    let script = Script::read(text);
    script.commands.iter().any(|command| {
        let first = command.words.first().and_then(Word::constant);
        let function = script
            .around(command.frame)
            .any(|(_, frame)| matches!(frame.kind, crate::plan::image::shell::Kind::Function(_)));
        matches!(first.as_deref(), Some("return")) && !function
    })
}
