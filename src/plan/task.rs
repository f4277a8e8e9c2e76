//! Tasks: what a job does, as functions of one shell script.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | tasks in order, one working directory, a fresh process each | one pod; one function per task, run by `task` of `lib.sh` in a subshell | yes |
//! | `exec` | `exec` and every word in single quotes: no expansion, no globbing | yes |
//! | `script`, `plugin` with id `script-executor` | the text, verbatim, run by its `#!` line, the shell of `shtype`, or bash, without `-e` | yes |
//! | `ant`, `nant`, `rake` | their command lines; `BUILD FAILED` in ant's output fails the task | yes |
//! | `run_if` | first argument of `task`; the job's status is sticky | yes |
//! | `on_cancel` | run when the pod is told to stop while the task is in progress, which is left alone | no longer than the pod's grace period |
//! | another task plugin | a step that fails and names what is to be done | no |
//! | Windows commands | the same | no |
//!
//! GoCD: `../shared/spec/gocd-yaml.md` §3.7. Argo: `template.script`.

mod build_tool;
pub mod on_cancel;

use super::fetch::{self, FetchInput};
use super::image::{Form, NewForm, TaskText};
use super::script::{here_document, word, words};
use super::{Cx, fetch::FetchContext};
use crate::gocd::{RunIf, Task, TaskKind};
use crate::span::Place;

crate::findings! {
    /// A task of a GoCD plugin that has no counterpart here.
    ///
    /// ## Why it matters
    /// What the plugin does is in the plugin. The converted job stops there with a message until somebody replaces the step.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build:
    ///           tasks:
    ///             - plugin: {configuration: {id: slack.task, version: "1"}, options: {channel: ops}}
    /// ```
    ///
    /// ## Instead
    /// Replace it by an `exec` or `script` task that does the same with a command line tool.
    pub PLUGIN_TASK = "plugin-task", Migration, Decision, Decision;

    /// A task runs a Windows command.
    ///
    /// ## Why it matters
    /// The converted job is a shell script in a Linux container; the command does not exist there.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: cmd, arguments: [/c, build.bat]}]}]
    /// ```
    ///
    /// ## Instead
    /// Port the task to Linux, or keep this pipeline on GoCD until there is a Windows node pool with a template of its own.
    pub WINDOWS_COMMAND = "windows-command", Migration, Decision, Decision;
}

/// What a job's tasks became.
#[derive(Debug, Default)]
pub struct Tasks {
    /// Function definitions and calls, in order.
    pub script: String,
    /// Artifacts to load before the job starts.
    pub fetches: Vec<FetchInput>,
}

/// The tasks as the image planner reads them; behind them what they do on cancel.
pub fn texts(tasks: &[Task]) -> Vec<(Vec<String>, &Task)> {
    let on_cancel = tasks.iter().filter_map(|task| task.on_cancel.as_deref());
    tasks.iter().chain(on_cancel).map(|task| (argv(task), task)).collect()
}

/// One task as the image planner reads it.
pub fn text<'a>(argv: &'a [String], task: &'a Task) -> TaskText<'a> {
    let (form, place) = match (&task.kind.value, script_text(task)) {
        (_, Some((text, place))) => (Form::Script(text), place),
        (TaskKind::Exec { command: Some(command), .. }, None) => (Form::Exec(argv), command.place),
        _ => (Form::Other, task.kind.place),
    };
    let directory = task.working_directory.as_ref().map_or("", |directory| directory.value.as_str());
    TaskText { place, item: task.item, form, directory }
}

/// Writes the tasks; `forms` is what the image planner made of them, `marks` names what it leaves for a person.
pub fn plan(
    tasks: &[Task],
    forms: &[NewForm],
    marks: &[Vec<&str>],
    context: &FetchContext,
    cx: &mut Cx,
) -> Tasks {
    let mut planned = Tasks::default();
    let unchanged = NewForm::Unchanged;
    let mut cancel_forms = forms.iter().skip(tasks.len());
    for (index, task) in tasks.iter().enumerate() {
        book(task, cx);
        let cancel_form = task.on_cancel.as_ref().and_then(|_| cancel_forms.next()).unwrap_or(&unchanged);
        let form = forms.get(index).unwrap_or(&unchanged);
        let name = format!("t{}", index + 1);
        if let Some(on_cancel) = &task.on_cancel {
            book(on_cancel, cx);
        }
        let Some(body) = body(task, form, context, &mut planned.fetches, cx) else { continue };
        for mark in marks.get(index).into_iter().flatten() {
            planned.script.push_str(&format!("# left for a person: {mark}\n"));
        }
        planned.script.push_str(&function(&name, &body));
        let mut call = format!("task {} {} {name}", run_if(task), word(directory(task)));
        call.push_str(&on_cancel::plan(task, &name, cancel_form, context, &mut planned, cx));
        planned.script.push_str(&call);
        planned.script.push('\n');
    }
    planned
}

/// One line where possible, so that a reader sees a task per line.
fn function(name: &str, body: &str) -> String {
    if !body.contains('\n') {
        return format!("{name}() {{ {body}; }}\n");
    }
    format!("{name}() {{\n{}\n}}\n", body.strip_suffix('\n').unwrap_or(body))
}

/// When a task runs, as the first argument of `task` in `lib.sh`.
pub fn run_if(task: &Task) -> &'static str {
    match task.run_if() {
        RunIf::Passed => "passed",
        RunIf::Failed => "failed",
        RunIf::Any => "any",
    }
}

fn directory(task: &Task) -> &str {
    task.working_directory.as_ref().map_or(".", |directory| directory.value.as_str())
}

/// The shell text of a task; `None` when nothing is left of it.
fn body(
    task: &Task,
    form: &NewForm,
    context: &FetchContext,
    fetches: &mut Vec<FetchInput>,
    cx: &mut Cx,
) -> Option<String> {
    match form {
        NewForm::Nothing => return None,
        NewForm::Script(text) => return Some(here_document(text, shell(task))),
        NewForm::Exec(argv) => return Some(format!("exec {}", words(argv.iter().map(String::as_str)))),
        NewForm::Unchanged => {}
    }
    Some(match &task.kind.value {
        TaskKind::Script { text } => here_document(text, None),
        TaskKind::Exec { .. } => exec(task, cx),
        TaskKind::Build { .. } => build_tool::shell_text(task, cx),
        TaskKind::Fetch(source) => fetch::plan(source, task, context, fetches, cx),
        TaskKind::Plugin { id, .. } => match script_text(task) {
            Some((text, _)) => here_document(text, shell(task)),
            None => {
                let id = id.as_ref().map_or("", |id| id.value.as_str());
                cx.account
                    .report(&PLUGIN_TASK, task.kind.place, format!("task plugin `{id}` has no counterpart"))
                    .help("replace it by an `exec` or `script` task that does the same");
                placeholder(PLUGIN_TASK.name, &["plugin", id])
            }
        },
        TaskKind::Unknown { name } => placeholder(PLUGIN_TASK.name, &[name]),
    })
}

/// A command that fails and says which finding explains it.
pub fn placeholder(finding: &str, what: &[&str]) -> String {
    format!("exec /gocd-lib/needs-decision.sh {finding} {}", words(what.iter().copied()))
}

/// The script of a `script` task or of its long form, the plugin `script-executor`.
fn script_text(task: &Task) -> Option<(&str, Place)> {
    match &task.kind.value {
        TaskKind::Script { text } => Some((&text.value, text.place)),
        TaskKind::Plugin { id: Some(id), options, .. } if id.value == "script-executor" => {
            let option = options.iter().find(|option| option.value.0 == "script")?;
            Some((option.value.1.as_deref()?, option.place))
        }
        _ => None,
    }
}

/// The shell that the plugin `script-executor` is told to use, where it is not bash: its option `shtype`.
fn shell(task: &Task) -> Option<&str> {
    let TaskKind::Plugin { options, .. } = &task.kind.value else { return None };
    let option = options.iter().find(|option| option.value.0 == "shtype")?;
    let shell = option.value.1.as_deref().map(str::trim)?;
    let is_name = !shell.is_empty() && shell.chars().all(|c| c.is_ascii_alphanumeric());
    (is_name && shell != "bash").then_some(shell)
}

fn argv(task: &Task) -> Vec<String> {
    let TaskKind::Exec { command, arguments, .. } = &task.kind.value else { return Vec::new() };
    let command = command.iter().map(|command| command.value.clone());
    command.chain(arguments.iter().filter_map(|argument| argument.value.clone())).collect()
}

fn exec(task: &Task, cx: &mut Cx) -> String {
    let argv = argv(task);
    let command = argv.first().map_or("", String::as_str);
    if is_windows(command) {
        let place = match &task.kind.value {
            TaskKind::Exec { command: Some(command), .. } => command.place,
            _ => task.kind.place,
        };
        return windows(&argv, place, cx);
    }
    format!("exec {}", words(argv.iter().map(String::as_str)))
}

fn windows(argv: &[String], place: Place, cx: &mut Cx) -> String {
    let command = argv.first().map_or("", String::as_str);
    cx.account
        .report(&WINDOWS_COMMAND, place, format!("`{command}` is a Windows command"))
        .help("port the task to Linux, or keep this pipeline on GoCD");
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    placeholder(WINDOWS_COMMAND.name, &words)
}

fn is_windows(command: &str) -> bool {
    let lower = command.to_lowercase();
    let program = lower.rsplit(['\\', '/']).next().unwrap_or_default();
    matches!(program, "cmd" | "powershell" | "msbuild" | "xcopy" | "robocopy")
        || command.contains('\\')
        || [".exe", ".bat", ".cmd", ".ps1"].iter().any(|end| program.ends_with(end))
}

/// Books everything a task is written with. What its findings say is worse and wins.
fn book(task: &Task, cx: &mut Cx) {
    const RULE: &str = "task";
    for place in crate::gocd::places::task_places(task) {
        cx.account.convert(RULE, place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_of_a_script_is_named_where_it_is_not_bash() {
        let call = here_document("a $$", Some("zsh"));
        assert_eq!(call, "gocd_script @@ zsh <<'GOCD_EOF'\na $@@$\nGOCD_EOF\n");
        assert!(here_document("a", Some("sh")).starts_with("gocd_script '' sh <<"));
    }

    #[test]
    fn a_function_is_closed_on_a_line_of_its_own() {
        assert_eq!(function("t1", "exec 'a'"), "t1() { exec 'a'; }\n");
        assert_eq!(function("t1", "exec 'a\nb'"), "t1() {\nexec 'a\nb'\n}\n");
        assert_eq!(function("t1", "gocd_script <<'E'\nE\n"), "t1() {\ngocd_script <<'E'\nE\n}\n");
    }
}
