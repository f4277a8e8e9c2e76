//! What a task does. GoCD: §3.7, §3.9.

use super::trace::Action;
use crate::gocd::{Fetch, Pipeline, Task, TaskKind};

/// The action of a task of this pipeline.
pub fn action(task: &Task, pipeline: &Pipeline) -> Action {
    match &task.kind.value {
        TaskKind::Exec { command, arguments, .. } => {
            let command = command.iter().map(|command| command.value.clone());
            let arguments = arguments.iter().filter_map(|argument| argument.value.clone());
            Action::Exec { words: command.chain(arguments).collect() }
        }
        TaskKind::Build { tool, build_file, target, nant_path } => {
            let text =
                |value: &Option<crate::span::Src<String>>| value.as_ref().map(|text| text.value.clone());
            Action::Exec { words: tool_words(tool, text(build_file), text(target), text(nant_path)) }
        }
        TaskKind::Script { text } => script(text, "bash"),
        TaskKind::Plugin { id, options, .. } => {
            let id = id.as_ref().map_or("", |id| id.value.as_str());
            let option = |name: &str| {
                let found = options.iter().find(|option| option.value.0 == name);
                found.and_then(|option| option.value.1.as_deref())
            };
            let shell = option("shtype").map_or("", str::trim);
            match option("script") {
                Some(text) if id == "script-executor" => {
                    script(text, if shell.is_empty() { "bash" } else { shell })
                }
                _ => Action::Plugin { id: id.to_string() },
            }
        }
        TaskKind::Fetch(source) => fetch(source, pipeline),
        // The server refuses it, so that no sound pipeline has one.
        TaskKind::Unknown { name } => Action::Plugin { id: name.clone() },
    }
}

/// The plugin makes a file of the text: a `#!` line in it wins over the shell.
fn script(text: &str, shell: &str) -> Action {
    let first = text.lines().next().unwrap_or_default();
    let interpreter = first.strip_prefix("#!").map_or(shell, str::trim);
    Action::Script { text: text.to_string(), interpreter: interpreter.to_string() }
}

fn tool_words(
    tool: &str,
    file: Option<String>,
    target: Option<String>,
    folder: Option<String>,
) -> Vec<String> {
    let mut words = Vec::new();
    match folder.filter(|folder| !folder.is_empty()) {
        Some(folder) => words.push(format!("{}/{tool}", folder.trim_end_matches('/'))),
        None => words.push(tool.to_string()),
    }
    match (tool, file) {
        (_, None) => {}
        ("nant", Some(file)) => words.push(format!("-buildfile:{file}")),
        (_, Some(file)) => words.extend(["-f".to_string(), file]),
    }
    words.extend(target.iter().flat_map(|target| split(target)));
    words
}

/// Words between blanks; what is in quotes stays together. A quote that nothing closes is a character.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for (at, c) in text.char_indices() {
        let closed = || text[at + c.len_utf8()..].contains(c);
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if (c == '"' || c == '\'') && closed() => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn fetch(fetch: &Fetch, pipeline: &Pipeline) -> Action {
    let text = |value: &Option<crate::span::Src<String>>| {
        value.as_ref().map_or(String::new(), |text| text.value.clone())
    };
    if fetch.is_external() {
        return Action::FetchExternal { id: text(&fetch.artifact_id) };
    }
    let path = text(&fetch.pipeline);
    let own = path.is_empty() || path.eq_ignore_ascii_case(&pipeline.name);
    let first = path.split('/').next().unwrap_or_default();
    let (from, run) = match (own, path.contains('/')) {
        (true, _) => (pipeline.name.value.clone(), "the same run".to_string()),
        (false, true) => (first.to_string(), format!("the run found along {path}")),
        (false, false) => (path.clone(), "the run that this one is built from".to_string()),
    };
    let source = text(&fetch.source);
    let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_string();
    let destination = text(&fetch.destination);
    let destination = destination.trim_end_matches('/');
    let arrives_at =
        if destination.is_empty() || destination == "." { name } else { format!("{destination}/{name}") };
    let is_file = fetch.is_file.as_ref().is_some_and(|flag| flag.value);
    Action::Fetch {
        pipeline: from,
        run,
        stage: text(&fetch.stage),
        job: text(&fetch.job),
        source,
        is_file,
        arrives_at,
    }
}

/// What [`super::Failure`] is compared with.
pub fn words(action: &Action) -> String {
    match action {
        Action::Exec { words } => words.join(" "),
        Action::Script { text, .. } => text.clone(),
        Action::Fetch { pipeline, stage, job, source, .. } => {
            format!("fetch {pipeline}/{stage}/{job}/{source}")
        }
        Action::FetchExternal { id } => format!("fetch {id}"),
        Action::Plugin { id } => format!("plugin {id}"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn targets_are_words_between_blanks_and_quotes_hold_them_together() {
        assert_eq!(super::split(" clean \"a  b\" -Dx='y z'  ''"), ["clean", "a  b", "-Dx=y z", ""]);
        assert_eq!(super::split("it's so"), ["it's", "so"]);
    }
}
