//! Scripts, make targets and npm scripts that a task calls are read as if their text stood in the task.
//!
//! Before anything is linked, a call is replaced by what it runs, in a subshell of its own. What was planned for the
//! commands in it is written back as `bash -c 'TEXT' NAME ARGUMENTS`: a process of its own with the same arguments,
//! variables, options and exit status as the script had. A call in which nothing is converted stays as it is.

use super::docker::{self, Use};
use super::folder::{self, Folder};
use super::shell::{Command, Script, quote};
use std::collections::BTreeSet;
use std::ops::Range;

mod called;
mod make;
mod npm;
mod place;
mod program;

pub use called::Body;
pub use place::{Written, written};

/// How deep calls within calls are followed.
const DEEPEST: usize = 6;
/// Most calls of a task that are followed.
const MOST: usize = 60;
/// Longest text that becomes of a task, in bytes.
const LONGEST: usize = 400_000;
/// Longest text that a shell takes as one argument (Linux: 128 KiB), with room for its quotes.
const ARGUMENT: usize = 100_000;

/// A call that was followed.
#[derive(Debug, Clone)]
pub struct Region {
    /// The whole of it in the unit's text.
    pub range: Range<usize>,
    /// What is run, in the unit's text.
    pub body: Range<usize>,
    /// The call as written.
    pub call: String,
    /// Where the call stood in the text around it: its own start, in the task's text, for outermost calls.
    pub written: Range<usize>,
    /// How it is called.
    pub form: CallForm,
    /// The file that was read.
    pub file: String,
    /// For each line of the body, the line of the file.
    pub lines: Vec<usize>,
    /// Is it a make target?
    pub make: bool,
}

/// How the new text is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallForm {
    /// `FRONT SHELL… -c 'TEXT' BEHIND`.
    Process {
        /// Assignments and wrappers in front, in the shell's spelling, with a blank behind.
        front: String,
        /// The shell and its options.
        shell: Vec<String>,
        /// `$0` and the arguments, in the shell's spelling.
        behind: String,
        /// The words of an `exec`: wrappers in front, `$0` and arguments behind.
        argv: Option<(Vec<String>, Vec<String>)>,
    },
    /// `{ TEXT }`: in the same shell.
    Here,
    /// `( TEXT )`.
    Subshell,
}

/// What following needs to know.
pub struct Known<'a> {
    /// Text of repository files by path.
    pub files: &'a dyn Fn(&str) -> Option<String>,
    /// Is this variable set for the job?
    pub is_set: &'a dyn Fn(&str) -> bool,
}

/// A text with calls replaced by what they run.
#[derive(Debug, Default)]
pub struct Followed {
    /// The text.
    pub text: String,
    /// The calls, the outer ones before the inner ones.
    pub regions: Vec<Region>,
}

/// Replaces the calls in a shell text that lead to docker; `None` when there are none.
pub fn text(text: &str, start: &str, known: &Known<'_>) -> Option<Followed> {
    let mut left = MOST;
    let out = expand(("", text), start, known, &mut Vec::new(), &mut left);
    (!out.regions.is_empty() && out.text.len() <= LONGEST).then_some(out)
}

/// The same for the words of an `exec`.
pub fn words(argv: &[String], start: &str, known: &Known<'_>) -> Option<Followed> {
    let line: Vec<String> = argv.iter().map(|word| quote(word)).collect();
    let mut out = text(&line.join(" "), start, known)?;
    let script = Script::read(&line.join(" "));
    let command = script.commands.first()?;
    let [first, ..] = out.regions.as_mut_slice() else { return None };
    if first.range != (0..out.text.len()) {
        return None;
    }
    if let CallForm::Process { argv: words, behind, .. } = &mut first.form {
        let (prefix, _) = docker::prefix_of(&command.words);
        let behind: Vec<String> = Script::read(&format!(": {behind}")).commands.first()?.words[1..]
            .iter()
            .filter_map(|word| word.constant())
            .collect();
        *words = Some((argv.get(..prefix.length)?.to_vec(), behind));
    }
    Some(out)
}

/// `text` runs behind `before`, which only says what is known in it.
fn expand(
    (before, text): (&str, &str),
    start: &str,
    known: &Known<'_>,
    chain: &mut Vec<String>,
    left: &mut usize,
) -> Followed {
    let own = before.len();
    let all = format!("{before}{text}");
    let text = all.as_str();
    let script = Script::read(text);
    let folders = folder::folders(&script, start);
    let mut out = Followed::default();
    let mut at = own;
    for (index, command) in script.commands.iter().enumerate() {
        if command.range.start < at || command.broken || chain.len() >= DEEPEST || *left == 0 {
            continue;
        }
        let Some((region, inner)) = call(text, &script, command, &folders[index], known, chain, left) else {
            continue;
        };
        out.text.push_str(text.get(at..command.range.start).unwrap_or(""));
        let begin = out.text.len();
        out.text.push_str(&region.open);
        let body = out.text.len();
        out.text.push_str(&inner.text);
        let end = out.text.len();
        out.text.push_str(&region.close);
        out.regions.push(Region {
            range: begin..out.text.len(),
            body: body..end,
            call: text.get(command.range.clone()).unwrap_or("").to_string(),
            written: command.range.start - own..command.range.end - own,
            form: region.form,
            file: region.file,
            lines: region.lines,
            make: region.make,
        });
        out.regions.extend(inner.regions.into_iter().map(|mut inner| {
            inner.range = inner.range.start + body..inner.range.end + body;
            inner.body = inner.body.start + body..inner.body.end + body;
            inner
        }));
        at = command.range.end;
    }
    out.text.push_str(text.get(at..).unwrap_or(""));
    out
}

/// What stands around a followed text.
struct Frame {
    open: String,
    close: String,
    form: CallForm,
    file: String,
    lines: Vec<usize>,
    make: bool,
}

fn call(
    text: &str,
    script: &Script,
    command: &Command,
    from: &Folder,
    known: &Known<'_>,
    chain: &mut Vec<String>,
    left: &mut usize,
) -> Option<(Frame, Followed)> {
    let evaluates = || {
        let call = docker::recognise(&["eval", "docker build"].map(super::shell::Word::literal));
        let reads = command.redirects.iter().any(|redirect| redirect.document.is_some());
        let shell = |name: &str| reads && program::SHELLS.contains(&docker::program(name));
        call.filter(|_| command.words.first().is_some_and(|word| word.head() == "eval" || shell(word.head())))
    };
    let call = docker::recognise(&command.words)
        .or_else(evaluates)
        .filter(|call| matches!(call.kind, Use::Script | Use::Nested) && !call.prefix.asks)?;
    let body = called::body((text, script), command, &call, from, known)?;
    if body.text.len() > ARGUMENT || chain.contains(&body.identity) {
        return None;
    }
    // Each reading counts, also one that leads to nothing: else calls within calls multiply.
    *left = left.checked_sub(1)?;
    chain.push(body.identity.clone());
    let inner = expand((&body.prelude, &body.text), &body.folder, known, chain, left);
    chain.pop();
    let read = Script::read(&inner.text);
    let uses = read.commands.iter().any(|command| {
        let harmless = |kind: Use| matches!(kind, Use::Script | Use::Check | Use::Environment);
        docker::recognise(&command.words).is_some_and(|call| !harmless(call.kind))
    });
    // In the middle of another text a fault would spoil how the rest is read.
    let understood =
        !read.faulty && read.skipped.is_empty() && read.commands.iter().all(|command| !command.broken);
    // Variables of a sourced file may be used by what follows.
    let sets = body.form == CallForm::Here
        && !read.assigned.is_empty()
        && read
            .commands
            .iter()
            .all(|command| command.words.first().is_none_or(|word| word.head() == "export"));
    if !(uses || sets) || !understood || inner.text.len() > LONGEST {
        return None;
    }
    let mut open = String::new();
    match body.form {
        CallForm::Here => open.push_str("{\n"),
        _ => open.push_str("(\n"),
    }
    open.push_str(&body.prelude);
    if matches!(body.form, CallForm::Process { .. }) {
        let set = Script::read(&body.prelude).assigned;
        for name in hidden(script, known).difference(&set) {
            open.push_str(&format!("{name}=\n"));
        }
    }
    let close = if body.form == CallForm::Here { "\n}" } else { "\n)" };
    let Body { form, file, lines, make, .. } = body;
    Some((Frame { open, close: close.to_string(), form, file, lines, make }, inner))
}

/// Variables that the text assigns and does not hand on to the programs it calls.
fn hidden(script: &Script, known: &Known<'_>) -> BTreeSet<String> {
    let exports = |command: &Command| {
        let name = command.words.first().and_then(|word| word.constant());
        matches!(name.as_deref(), Some("export" | "declare" | "typeset"))
            || name.as_deref() == Some("set")
                && command.words.iter().any(|word| word.head().starts_with("-a"))
    };
    let exported: Vec<&Command> = script.commands.iter().filter(|command| exports(command)).collect();
    if exported.iter().any(|command| command.words.first().is_some_and(|word| word.head() == "set")) {
        return BTreeSet::new();
    }
    let plain = |name: &&String| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let handed = |name: &String| {
        (known.is_set)(name)
            || exported.iter().any(|command| {
                command.assignments.iter().any(|a| a.name == *name)
                    || command.words.iter().skip(1).any(|word| word.head() == name)
            })
    };
    script.assigned.iter().filter(plain).filter(|name| !handed(name)).cloned().collect()
}
