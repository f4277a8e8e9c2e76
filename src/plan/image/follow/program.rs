//! Shell scripts of the repository, and texts behind `sh -c` within a script.

use super::CallForm;
use super::called::{Body, Place, counted, process, returns};
use crate::plan::image::docker;
use crate::plan::image::shell::Word;
use crate::plan::image::value;

/// Shells whose texts are followed.
pub(super) const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "ksh"];

/// The text that a script, `bash FILE`, `. FILE` or `bash -c TEXT` runs.
pub(super) fn body(call: &Place<'_>) -> Option<Body> {
    let first = call.words.first()?.constant().unwrap_or_default();
    let name = docker::program(&first);
    match name {
        "." | "source" => sourced(call),
        _ if SHELLS.contains(&name) => shell(call, name),
        "eval" => evaluated(call),
        _ => file(call, call.words.first()?, call.words.get(1..)?, None),
    }
}

/// `eval WORDS`, when the words are known.
fn evaluated(call: &Place<'_>) -> Option<Body> {
    let known = |word: &Word| {
        value::follow(call.script, word, call.command.range.start, call.command.frame).constant()
    };
    let words: Option<Vec<String>> = call.words.get(1..)?.iter().map(known).collect();
    let text = words?.join(" ");
    let plain = call.front().is_empty() && !text.is_empty();
    Body::of_text(call, text, String::new(), CallForm::Here).filter(|_| plain)
}

/// `. FILE`, without arguments of its own.
fn sourced(call: &Place<'_>) -> Option<Body> {
    let [_, path] = call.words else { return None };
    let (text, file, _) = call.named(path)?;
    // BASH_SOURCE is the sourced file only while it is sourced.
    if returns(&text) || !call.front().is_empty() || other_language(&text) || text.contains("BASH_SOURCE") {
        return None;
    }
    Some(Body {
        prelude: String::new(),
        form: CallForm::Here,
        folder: call.from.path.clone()?,
        lines: counted(&text),
        identity: format!(". {file}"),
        text,
        file,
        make: false,
    })
}

/// `bash -e FILE WORDS`, `bash -c TEXT WORDS`.
fn shell(call: &Place<'_>, name: &str) -> Option<Body> {
    let mut at = 1;
    let mut options = vec![name.to_string()];
    while let Some(option) =
        call.words.get(at).and_then(Word::constant).filter(|word| word.starts_with(['-', '+']))
    {
        at += 1;
        if !option.starts_with("--") && option.contains('c') {
            let rest = option.replace('c', "");
            if rest.len() > 1 {
                options.push(rest);
            }
            return command(call, options, at);
        }
        let takes = option.ends_with('o');
        options.push(option);
        if takes {
            options.push(call.words.get(at)?.constant()?);
            at += 1;
        }
    }
    match call.words.get(at) {
        Some(path) => file(call, path, call.words.get(at + 1..)?, Some(options)),
        None => input(call, options),
    }
}

/// `bash <<'EOF'`: the here-document is the script, when nothing in it is put in by the shell around it.
fn input(call: &Place<'_>, options: Vec<String>) -> Option<Body> {
    let document = call.command.redirects.iter().find(|redirect| redirect.document.is_some())?;
    let text = document.document.clone()?;
    let quoted = call.text.get(document.range.clone())?.contains(['\'', '"']);
    let constant = quoted || !text.contains(['$', '`', '\\']);
    let form = CallForm::Process { front: call.front(), shell: options, behind: String::new(), argv: None };
    let prelude = format!("{}set --\n", call.assignments());
    Body::of_text(call, text, prelude, form).filter(|_| constant)
}

fn command(call: &Place<'_>, options: Vec<String>, at: usize) -> Option<Body> {
    let word = call.words.get(at)?;
    let behind = call.words.get(at + 1..)?;
    let text = word.constant().filter(|text| !text.is_empty());
    let inner = word.source.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let (text, form) = match (text, inner) {
        (Some(text), _) => {
            let name = behind.first().map(|word| word.source.clone());
            let arguments = Place::arguments(behind.get(1..).unwrap_or(&[]));
            let behind = name.map(|name| format!("{name}{arguments}")).unwrap_or_default();
            (text, CallForm::Process { front: call.front(), shell: options, behind, argv: None })
        }
        // Only plain variables in it: the text is the same wherever they are expanded.
        (None, Some(inner))
            if call.front().is_empty()
                && !inner.contains(['\\', '`', '"', '\'', '('])
                && behind.is_empty() =>
        {
            (inner.to_string(), CallForm::Subshell)
        }
        _ => return None,
    };
    let prelude = match &form {
        CallForm::Process { .. } => call.positional(behind.get(1..).unwrap_or(&[])),
        _ => String::new(),
    };
    Body::of_text(call, text, format!("{}{prelude}", call.assignments()), form)
}

fn file(call: &Place<'_>, path: &Word, arguments: &[Word], shell: Option<Vec<String>>) -> Option<Body> {
    let (text, file, own) = call.named(path)?;
    let shell = shell.or_else(|| interpreter(&text))?;
    if other_language(&text) {
        return None;
    }
    // Behind `-c` there is no BASH_SOURCE; for a script that is run it is the same as $0.
    let text =
        text.replace("${BASH_SOURCE[0]}", "$0").replace("${BASH_SOURCE}", "$0").replace("$BASH_SOURCE", "$0");
    Some(Body {
        prelude: format!("{}{}GOCD_SCRIPT={own}\n", call.assignments(), call.positional(arguments)),
        form: process(call, shell, &path.source, arguments),
        folder: call.from.path.clone()?,
        lines: counted(&text),
        identity: format!("{file}{}", Place::arguments(arguments)),
        text,
        file,
        make: false,
    })
}

/// The shell of the first line; a script without one is run by the shell that calls it.
fn interpreter(text: &str) -> Option<Vec<String>> {
    let Some(line) = text.strip_prefix("#!").and_then(|rest| rest.lines().next()) else {
        return Some(vec!["bash".to_string()]);
    };
    let mut words = line.split_whitespace().filter(|word| !word.ends_with("/env") && *word != "-S");
    let name = docker::base(words.next()?).to_string();
    SHELLS.contains(&name.as_str()).then(|| std::iter::once(name).chain(words.map(str::to_string)).collect())
}

/// Does the first line name an interpreter that is no shell?
pub(super) fn other_language(text: &str) -> bool {
    interpreter(text).is_none()
}
