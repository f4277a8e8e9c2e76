//! Context and Dockerfile: what the build reads.

use super::{Request, Text, default_file, inside};
use crate::plan::image::docker::Call;
use crate::plan::image::folder::{self, Folder};
use crate::plan::image::rules::build as rule;
use crate::plan::image::shell::{Command, Kind, Script, Word};
use crate::plan::image::unit::Unit;

/// Where the build's files come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Context {
    /// A folder: the text behind `dir://`.
    Folder(Text),
    /// A git repository.
    Git {
        /// As written.
        url: String,
        /// What stands behind `#`, before `:`.
        reference: Option<String>,
        /// What stands behind `:`.
        folder: Option<String>,
    },
    /// No files at all: the Dockerfile came through standard input.
    Empty,
    /// A tar archive or an address that Kaniko cannot take.
    Unknown(String),
}

/// Where the Dockerfile comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipe {
    /// A file: its path in the pod; for a git context below it.
    File(Text),
    /// Standard input of the command: the text if it stands in the script, the file it is read from.
    Input {
        /// The text of a here-document.
        text: Option<String>,
        /// The file behind `<`, below the working directory.
        file: Option<String>,
    },
}

/// Reads the operand of the build.
pub(super) fn context(unit: &Unit, at: usize, operand: Option<&Word>) -> Context {
    let Some(word) = operand else { return Context::Unknown(String::new()) };
    let command = &unit.script.commands[at];
    let shown = unit.value(command, word).text();
    if shown == "-" {
        return Context::Empty;
    }
    let scheme = ["https://", "http://", "git://", "ssh://", "git@", "github.com/"];
    if scheme.iter().any(|scheme| shown.starts_with(scheme)) {
        return remote(&shown);
    }
    Context::Folder(path(unit, at, word))
}

fn remote(shown: &str) -> Context {
    let (url, fragment) = shown.split_once('#').map_or((shown, ""), |(url, fragment)| (url, fragment));
    let git = url.ends_with(".git") || url.starts_with("git") || url.starts_with("ssh://");
    if !git || shown.contains('$') {
        return Context::Unknown(shown.to_string());
    }
    let (reference, folder) = fragment.split_once(':').map_or((fragment, ""), |(r, f)| (r, f));
    let some = |text: &str| (!text.is_empty()).then(|| text.to_string());
    Context::Git { url: shown.to_string(), reference: some(reference), folder: some(folder) }
}

/// A path word as Kaniko needs it: absolute. Where the script's own folder is not certain the shell completes it.
fn path(unit: &Unit, at: usize, word: &Word) -> Text {
    let command = &unit.script.commands[at];
    let from = &unit.folders[at];
    let likely = folder::path(&unit.script, word, command, from);
    let shown = match &likely {
        Some(path) => path.clone(),
        None => loose(unit, command, word, from),
    };
    let absolute = word.head().starts_with('/');
    if let Some(path) = likely.filter(|_| from.certain || absolute) {
        return Text { shell: crate::plan::image::shell::quote(&path), literal: Some(path), shown };
    }
    let shell = match word.source.as_str() {
        "." | "\"$PWD\"" | "$PWD" | "\"${PWD}\"" => "\"$PWD\"".to_string(),
        source if folder::relative(word) => format!("\"$PWD\"/{source}"),
        source if source.starts_with("\"$PWD") || source.starts_with("\"${PWD}") => source.to_string(),
        source => format!("\"$(readlink -f {source})\""),
    };
    Text { shell, literal: None, shown }
}

/// For readers: a path with variables in it, seen from the pipeline's working directory when that is likely.
fn loose(unit: &Unit, command: &Command, word: &Word, from: &Folder) -> String {
    let text = unit.value(command, word).text();
    let text = text.strip_prefix("${PWD}/").unwrap_or(&text).trim_end_matches('/');
    match from.path.as_ref().or(from.loose.as_ref()) {
        Some(base) => folder::join(base, text),
        None => text.to_string(),
    }
}

/// Finds the Dockerfile: `-f` is seen from the shell's folder, the default from the context.
pub(super) fn recipe(
    unit: &Unit,
    at: usize,
    call: &Call,
    file: Option<&Word>,
    context: &Context,
    files: &dyn Fn(&str) -> Option<String>,
) -> Recipe {
    let command = &unit.script.commands[at];
    let stdin = file.and_then(Word::constant).as_deref() == Some("-");
    if stdin || matches!(context, Context::Empty) {
        return input(unit, at, command);
    }
    match (context, file) {
        (Context::Git { .. } | Context::Unknown(_), Some(word)) => {
            Recipe::File(Text::word(word, &unit.value(command, word)))
        }
        (Context::Git { .. } | Context::Unknown(_), None) => Recipe::File(Text::of("Dockerfile")),
        (_, Some(word)) => Recipe::File(path(unit, at, word)),
        (Context::Folder(folder), None) => Recipe::File(beside(folder, default_name(folder, call, files))),
        (Context::Empty, None) => Recipe::File(Text::of("Dockerfile")),
    }
}

fn default_name(folder: &Text, call: &Call, files: &dyn Fn(&str) -> Option<String>) -> &'static str {
    let names = default_file(call);
    let there = |name: &&&str| {
        let below = folder.literal.as_deref().and_then(folder::below);
        below.is_some_and(|below| files(folder::join(below, name).trim_start_matches('/')).is_some())
    };
    names.iter().find(there).copied().unwrap_or("Dockerfile")
}

fn beside(folder: &Text, name: &str) -> Text {
    let literal = folder.literal.as_ref().map(|path| folder::join(path, name));
    let shell = match &literal {
        Some(path) => crate::plan::image::shell::quote(path),
        None => format!("{}/{name}", folder.shell),
    };
    Text { shell, literal, shown: format!("{}/{name}", folder.shown) }
}

/// What stands on standard input: a here-document, a file, or a pipe.
fn input(unit: &Unit, at: usize, command: &Command) -> Recipe {
    let document = command.redirects.iter().rev().find(|redirect| redirect.document.is_some());
    let text = document.and_then(|redirect| {
        let text = redirect.document.clone()?;
        let quoted = unit.slice(&redirect.range).contains(['\'', '"', '\\']);
        Some(if quoted { text } else { filled_in(unit, command, text) })
    });
    if text.is_none() && command.redirects.iter().all(|redirect| redirect.operator != "<") {
        return piped(unit, at, command);
    }
    let file = command
        .redirects
        .iter()
        .rev()
        .find(|redirect| redirect.operator == "<")
        .and_then(|r| r.target.as_ref());
    let file = file.and_then(|word| folder::path(&unit.script, word, command, &unit.folders[at]));
    Recipe::Input { text, file: file.and_then(|path| folder::below(&path).map(str::to_string)) }
}

/// A here-document as the shell hands it over, with the values of variables that are known.
fn filled_in(unit: &Unit, command: &Command, text: String) -> String {
    if !text.contains('$') || text.contains(['`', '\\']) {
        return text;
    }
    let read = Script::read(&format!(": \"{}\"", text.replace('"', "\\\"")));
    let word = read.commands.first().and_then(|command| command.words.get(1));
    word.map_or(text, |word| unit.value(command, word).text())
}

/// `cat FILE | docker build -`, `echo "FROM …" | docker build -`.
fn piped(unit: &Unit, at: usize, command: &Command) -> Recipe {
    let all = unit.script.around(command.frame).find_map(|(_, frame)| match &frame.kind {
        Kind::Pipe { all, .. } => Some(all),
        _ => None,
    });
    let first = all.and_then(|all| unit.script.commands.iter().position(|c| all.start <= c.range.start));
    let Some(first) = first.filter(|first| first + 1 == at) else {
        return Recipe::Input { text: None, file: None };
    };
    let fed = &unit.script.commands[first];
    let words: Option<Vec<String>> = fed.words.iter().map(|word| unit.value(fed, word).constant()).collect();
    let words = words.unwrap_or_default();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["cat", file] if !file.starts_with('-') => {
            let path = folder::path(&unit.script, &fed.words[1], fed, &unit.folders[first]);
            let file = path.and_then(|path| folder::below(&path).map(str::to_string));
            Recipe::Input { text: None, file }
        }
        ["echo", lines @ ..] if lines.first().is_some_and(|word| !word.starts_with('-')) => {
            Recipe::Input { text: Some(format!("{}\n", lines.join(" "))), file: None }
        }
        _ => Recipe::Input { text: None, file: None },
    }
}

/// What is to be said about context and Dockerfile.
pub(super) fn judge(request: &mut Request, unit: &Unit, at: usize) {
    match request.context.clone() {
        Context::Folder(text) if text.literal.as_deref().is_some_and(|path| !inside(path)) => {
            let path = text.shown;
            let message = format!(
                "the context `{path}` lies outside the pipeline's working directory, so it is not in the pod"
            );
            request.refuse(&rule::CONTEXT_OUTSIDE_REPO, message);
        }
        Context::Folder(text) if at_home(&text.shown) => {
            let path = text.shown;
            let message = format!("the context `{path}` lies in the home directory of the agent");
            request.refuse(&rule::CONTEXT_OUTSIDE_REPO, message);
        }
        Context::Git { url, .. } => {
            request.note(&rule::GIT_URL_CONTEXT, format!("Kaniko clones the context itself from `{url}`"));
        }
        Context::Empty => request.note(&rule::EMPTY_CONTEXT, "the build has a Dockerfile and no files"),
        Context::Unknown(shown) => {
            request.refuse(
                &rule::CONTEXT_NOT_UNDERSTOOD,
                format!("the context `{shown}` is neither a folder nor a git repository"),
            );
        }
        Context::Folder(_) => {}
    }
    match &request.recipe {
        Recipe::Input { text: Some(_), .. } => {
            request.note(
                &rule::DOCKERFILE_FROM_HEREDOC,
                "the Dockerfile stands in the script; it is written to a file first",
            );
        }
        Recipe::Input { text: None, .. } if !readable_input(unit, at) => request.refuse(
            &rule::CONTEXT_NOT_UNDERSTOOD,
            "what comes through standard input may be an archive, which Kaniko would need as a file",
        ),
        Recipe::File(text) if request.refused.is_none() && matches!(request.context, Context::Folder(_)) => {
            let Some(path) = text.literal.clone().filter(|path| !inside(path)) else { return };
            let message = format!("the Dockerfile `{path}` lies outside the pipeline's working directory");
            request.refuse(&rule::CONTEXT_OUTSIDE_REPO, message);
        }
        _ => {}
    }
}

/// Does the path lie in somebody's home directory?
fn at_home(shown: &str) -> bool {
    let path = shown.strip_prefix(folder::ROOT).unwrap_or(shown).trim_start_matches('/');
    path == "~" || path.starts_with("~/") || path.starts_with("${HOME}")
}

/// Is standard input a text: a file, a here-string, or the output of a command that writes text?
fn readable_input(unit: &Unit, at: usize) -> bool {
    let command = &unit.script.commands[at];
    if command.redirects.iter().any(|redirect| matches!(redirect.operator.as_str(), "<" | "<<<")) {
        return !command
            .redirects
            .iter()
            .any(|r| r.target.as_ref().is_some_and(|t| t.source.contains(".tar")));
    }
    unit.script.around(command.frame).any(|(_, frame)| match &frame.kind {
        Kind::Pipe { all, .. } => unit.script.within(all).next().is_some_and(|first| {
            let name = first.words.first().and_then(Word::constant);
            matches!(name.as_deref(), Some("cat" | "echo" | "printf" | "sed" | "envsubst"))
        }),
        _ => false,
    })
}
