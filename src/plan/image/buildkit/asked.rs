//! Options of a build that only BuildKit has.

use crate::finding::Rule;
use crate::plan::image::folder;
use crate::plan::image::request::{Request, Text};
use crate::plan::image::rules::build as rule;
use crate::plan::image::shell::Command;

/// What a build asks for that Kaniko lacks.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The rule that says so, for a build by Kaniko.
    pub lacking: Option<&'static Rule>,
    /// Values of `--secret`.
    pub secrets: Vec<Text>,
    /// Variables that secrets are taken from, and their value in the shell's spelling.
    pub variables: Vec<(String, String)>,
    /// Values of `--ssh` that name a key in the working directory.
    pub keys: Vec<Text>,
    /// Names in `--ssh` that stand for the agent.
    pub agents: Vec<String>,
    /// Why BuildKit cannot do it either.
    pub trouble: Option<String>,
}

impl Request {
    fn lacks(&mut self, rule: &'static Rule, message: impl Into<String>) {
        self.asked.lacking.get_or_insert(rule);
        self.note(rule, message);
    }
}

/// `--platform` with several.
pub fn platforms(request: &mut Request, text: Text) {
    let message = format!("`{}` asks for several platforms, and Kaniko builds one at a time", text.shown);
    request.lacks(&rule::MULTI_PLATFORM, message);
    request.platform = Some(match request.platform.take() {
        None => text,
        Some(before) => Text {
            shell: format!("{},{}", before.shell, text.shell),
            literal: before.literal.zip(text.literal).map(|(one, two)| format!("{one},{two}")),
            shown: format!("{},{}", before.shown, text.shown),
        },
    });
}

/// `--secret id=ID,src=FILE`, `--secret id=ID,env=NAME`; `--secret id=ID` is the variable of that name, else the file.
pub fn secret(request: &mut Request, command: &Command, text: Text) {
    let message = "`--secret` hands a secret to `RUN --mount=type=secret`, which Kaniko does not keep safe";
    request.lacks(&rule::BUILDKIT_SECRET, message);
    let (mut id, mut variable, mut file) = (None, None, None);
    for member in text.shown.split(',') {
        match member.split_once('=') {
            Some(("id", value)) => id = Some(value.to_string()),
            Some(("env", value)) => variable = Some(value.to_string()),
            Some(("src" | "source", value)) => file = Some(value.to_string()),
            Some(("type", "file" | "env")) => {}
            _ => return trouble(request, format!("`--secret {}` is not understood", text.shown)),
        }
    }
    match (id, variable, file) {
        (Some(_), None, Some(path)) if !reachable(&path) => {
            return trouble(
                request,
                format!("`{path}` of `--secret` is no file in the working directory, which BuildKit shares"),
            );
        }
        (Some(_), None, Some(_)) => {}
        (Some(_), Some(name), None) if is_name(&name) => variable_of(request, command, name),
        (Some(id), None, None) if is_name(&id) => variable_of(request, command, id),
        (Some(id), None, None) if !id.contains('$') => {}
        _ => return trouble(request, format!("`--secret {}` is not understood", text.shown)),
    }
    request.asked.secrets.push(text);
}

/// The variable is the job's; the container gets it with the request.
fn variable_of(request: &mut Request, command: &Command, name: String) {
    let set = command.assignments.iter().find(|assignment| assignment.name == name);
    let value = match set.and_then(|assignment| assignment.value.as_ref()) {
        Some(word) => format!("{name}={}", word.source),
        None => format!("${{{name}+{name}=\"${name}\"}}"),
    };
    request.asked.variables.push((name, value));
}

/// `--ssh default`, `--ssh ID=FILE`.
pub fn ssh(request: &mut Request, text: Text) {
    request.lacks(&rule::BUILDKIT_SSH, "`--ssh` forwards an agent, which Kaniko cannot do");
    let (id, path) = text.shown.split_once('=').unwrap_or((&text.shown, ""));
    if id.is_empty() || id.contains('$') {
        return trouble(request, format!("`--ssh {}` is not understood", text.shown));
    }
    // The agent's socket and the home of GoCD's agent are not in the pod: the Secret takes their place.
    match reachable(path) && !path.ends_with(".sock") {
        true => request.asked.keys.push(text),
        false => request.asked.agents.push(id.to_string()),
    }
}

fn trouble(request: &mut Request, why: String) {
    request.asked.trouble.get_or_insert(why);
}

/// Is the file in the working directory, which the containers share?
fn reachable(path: &str) -> bool {
    match path.strip_prefix("${PWD}/").unwrap_or(path) {
        path if path.starts_with('/') => folder::below(&folder::join("/", path)).is_some(),
        path => {
            !path.is_empty() && !path.starts_with(['$', '~', '`', '.'])
                || path.starts_with("./")
                || hidden(path)
        }
    }
}

/// `.npmrc`, but not `../npmrc`.
fn hidden(path: &str) -> bool {
    path.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit())
}
