//! Reads the tasks of a job.

use super::{absent, artifact, item, key_place, variable};
use crate::gocd::{Fetch, Task, TaskKind};
use crate::source::{At, Keys, Reader, Value};
use crate::span::{Place, Src};

crate::findings! {
    /// `run_if` is none of `passed`, `failed` and `any`.
    ///
    /// ## Why it matters
    /// GoCD takes any other text as `passed`, in silence: a task with `run_if: always` does not run after a failure. The
    /// conversion does the same.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make, run_if: always}]}]
    /// ```
    ///
    /// ## Instead
    /// Write `any` to run always, `failed` to run after a failure.
    pub RUN_IF_UNKNOWN = "run-if-unknown", Correctness, Warning, Converted;

    /// `on_cancel` tasks are nested deeper than anybody writes.
    ///
    /// ## Why it matters
    /// GoCD's server allows no `on_cancel` inside an `on_cancel`, so it refuses the repository anyway.
    ///
    /// ## Example
    /// More than 16 `on_cancel` keys, one inside the other.
    ///
    /// ## Instead
    /// Keep one `on_cancel` per task.
    pub NESTED_TOO_DEEP = "nested-too-deep", Refused, Error, Refused;
}

const DEEPEST_ON_CANCEL: usize = 16;

/// Reads `tasks`. Lists inside it are flattened, at any depth; their items go to `containers`.
pub fn read_list(reader: &mut Reader<'_>, at: At, containers: &mut Vec<Place>) -> Vec<Task> {
    let mut tasks = Vec::new();
    let mut open: Vec<At> = reader.list(at, "`tasks`").unwrap_or_default();
    open.reverse();
    while let Some(item) = open.pop() {
        if matches!(reader.tree.node(item.node).value, Value::List(_)) {
            containers.push(item.place);
            let inner = reader.list(item, "tasks").unwrap_or_default();
            open.extend(inner.into_iter().rev());
        } else {
            tasks.extend(read(reader, item, 0));
        }
    }
    tasks
}

/// Reads a task, which is the only key of the mapping at that place.
fn read(reader: &mut Reader<'_>, at: At, depth: usize) -> Option<Task> {
    let what = if depth == 0 { "a task" } else { "`on_cancel`" };
    let (name, body) = item::single(reader, at, what)?;
    let is_script = name.eq_ignore_ascii_case("script");
    let kind_place = name.place;
    let item = if depth == 0 { at.place } else { key_place(at) };
    let bare = |kind: TaskKind| Task {
        item,
        kind: Src::new(kind, kind_place),
        run_if: None,
        on_cancel: None,
        working_directory: None,
        containers: Vec::new(),
        unknown: Vec::new(),
    };
    match &reader.tree.node(body.node).value {
        Value::Text(text) if is_script => {
            Some(bare(TaskKind::Script { text: Src::new(text.clone(), body.place) }))
        }
        Value::Map(_) => {
            reader.map(body, "a task", |keys| read_keys(keys, &name, bare(unknown(&name)), depth))
        }
        Value::Null => Some(bare(empty(&name))),
        Value::Text(_) | Value::List(_) => {
            reader.wrong_form(body, &format!("task `{}`", name.value), "a mapping");
            None
        }
    }
}

fn unknown(name: &Src<String>) -> TaskKind {
    TaskKind::Unknown { name: name.value.clone() }
}

/// The task without a body.
fn empty(name: &Src<String>) -> TaskKind {
    match name.as_str() {
        "exec" => TaskKind::Exec { command: None, arguments: Vec::new(), timeout: None },
        "fetch" => TaskKind::Fetch(Fetch::default()),
        "plugin" => {
            TaskKind::Plugin { id: None, version: None, options: Vec::new(), secure_options: Vec::new() }
        }
        other => match build_tool(other) {
            Some(tool) => TaskKind::Build { tool, build_file: None, target: None, nant_path: None },
            None => unknown(name),
        },
    }
}

fn build_tool(name: &str) -> Option<&'static str> {
    ["ant", "nant", "rake"].into_iter().find(|tool| *tool == name)
}

fn read_keys(keys: &mut Keys<'_, '_>, name: &Src<String>, mut task: Task, depth: usize) -> Task {
    task.run_if = run_if(keys);
    task.on_cancel = on_cancel(keys, depth).map(Box::new);
    task.kind.value = match name.as_str() {
        "exec" => exec(keys, &mut task),
        "fetch" => TaskKind::Fetch(fetch(keys, &mut task)),
        "plugin" => plugin(keys, &mut task),
        other => match build_tool(other) {
            Some(tool) => build(keys, tool, &mut task),
            None => unknown(name),
        },
    };
    let copied = keys.copied();
    task.unknown.extend(copied);
    task
}

fn run_if(keys: &mut Keys<'_, '_>) -> Option<Src<String>> {
    let text = keys.loose_text("run_if")?;
    if !["passed", "failed", "any"].contains(&text.as_str()) {
        let help = match text.to_lowercase().as_str() {
            "always" => "write `any` if it is to run always",
            "failed" | "any" => "write it in lower case if it is meant",
            _ => "write `passed`, `failed` or `any`",
        };
        keys.reader
            .account
            .report(
                &RUN_IF_UNKNOWN,
                &text,
                format!("GoCD does not know `run_if: {}` and takes it as `passed`", text.value),
            )
            .help(help);
    }
    Some(text)
}

fn on_cancel(keys: &mut Keys<'_, '_>, depth: usize) -> Option<Task> {
    let at = keys.take("on_cancel")?;
    if absent(keys.reader, at) {
        return None;
    }
    if depth >= DEEPEST_ON_CANCEL {
        keys.reader.account.report(
            &NESTED_TOO_DEEP,
            key_place(at),
            format!("`on_cancel` is nested more than {DEEPEST_ON_CANCEL} deep"),
        );
        return None;
    }
    read(keys.reader, at, depth + 1)
}

fn exec(keys: &mut Keys<'_, '_>, task: &mut Task) -> TaskKind {
    task.working_directory = keys.loose_text("working_directory");
    let command = keys.loose_text("command");
    let arguments = variable::texts(keys, "arguments", &mut task.containers);
    let timeout = keys.loose_text("timeout").and_then(|text| match text.parse::<i32>() {
        Ok(minutes) if minutes.to_string() == text.value => Some(text.with(minutes)),
        // Passed on as it is; the server says what it makes of it.
        _ => {
            task.unknown.push(text.with(("timeout".to_string(), text.value.clone())));
            None
        }
    });
    TaskKind::Exec { command, arguments, timeout }
}

fn build(keys: &mut Keys<'_, '_>, tool: &'static str, task: &mut Task) -> TaskKind {
    task.working_directory = keys.loose_text("working_directory");
    let build_file = keys.loose_text("build_file");
    let target = keys.loose_text("target");
    let nant_path = if tool == "nant" { keys.loose_text("nant_path") } else { None };
    TaskKind::Build { tool, build_file, target, nant_path }
}

fn fetch(keys: &mut Keys<'_, '_>, task: &mut Task) -> Fetch {
    let mut fetch = Fetch {
        artifact_origin: keys.loose_text("artifact_origin"),
        pipeline: keys.loose_text("pipeline"),
        stage: keys.loose_text("stage"),
        job: keys.loose_text("job"),
        source: keys.loose_text("source"),
        is_file: keys.flag("is_file"),
        destination: keys.loose_text("destination"),
        artifact_id: keys.loose_text("artifact_id"),
        ..Fetch::default()
    };
    let before = task.containers.len();
    if let Some((options, secure)) = artifact::configuration(keys, &mut task.containers) {
        fetch.options = options;
        fetch.secure_options = secure;
    }
    fetch.configuration = task.containers.get(before).copied();
    fetch
}

fn plugin(keys: &mut Keys<'_, '_>, task: &mut Task) -> TaskKind {
    let (id, version) = plugin_id(keys, "configuration", &mut task.containers);
    let options = variable::pairs(keys, "options", &mut task.containers);
    let secure_options = variable::pairs(keys, "secure_options", &mut task.containers);
    TaskKind::Plugin { id, version, options, secure_options }
}

/// A mapping of `id` and `version` that names a plugin.
pub fn plugin_id(
    keys: &mut Keys<'_, '_>,
    key: &'static str,
    containers: &mut Vec<Place>,
) -> (Option<Src<String>>, Option<Src<String>>) {
    let Some(at) = keys.take(key) else { return (None, None) };
    if absent(keys.reader, at) {
        return (None, None);
    }
    containers.push(key_place(at));
    let read = keys.reader.map(at, "a plugin configuration", |keys| (keys.text("id"), keys.text("version")));
    read.unwrap_or_default()
}
