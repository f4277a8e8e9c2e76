//! Tasks.

use super::{missing, require, text};
use crate::finding::{Account, suggest};
use crate::gocd::{Fetch, Task, TaskKind};
use crate::span::Place;

crate::findings! {
    /// A task of a kind that GoCD does not know.
    ///
    /// ## Why it matters
    /// GoCD's server cannot read the repository at all. Kinds are written in lower case; a `script` without text, or with a
    /// mapping below it, is unknown too.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [shell: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write one of `exec`, `script`, `fetch`, `plugin`, `ant`, `nant`, `rake`.
    pub UNKNOWN_TASK_KIND = "unknown-task-kind", Refused, Error, Refused;

    /// `on_cancel` stands in a task that is an `on_cancel` itself.
    ///
    /// ## Why it matters
    /// GoCD's server refuses the whole repository.
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
    ///             - exec:
    ///                 command: make
    ///                 on_cancel:
    ///                   exec:
    ///                     command: cleanup
    ///                     on_cancel: {exec: {command: cleanup}}
    /// ```
    ///
    /// ## Instead
    /// Remove the inner one.
    pub NESTED_ON_CANCEL = "nested-on-cancel", Refused, Error, Refused;

    /// `artifact_origin` is neither `gocd` nor `external`.
    ///
    /// ## Why it matters
    /// GoCD's server cannot read the repository at all.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build: {artifacts: [build: {source: out}], tasks: [exec: {command: make}]}
    ///       - test: {tasks: [fetch: {artifact_origin: s3, stage: build, job: build, source: out}]}
    /// ```
    ///
    /// ## Instead
    /// Write `gocd` for files that a job published, `external` for those of an artifact plugin.
    pub UNKNOWN_ARTIFACT_ORIGIN = "unknown-artifact-origin", Refused, Error, Refused;

    /// A fetch of an external artifact has a `configuration` without any option.
    ///
    /// ## Why it matters
    /// The plugin passes on an empty object where a list is due, and GoCD's server cannot read the repository at all.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build: {artifacts: [external: {id: image, store_id: hub}], tasks: [exec: {command: make}]}
    ///       - test:
    ///           tasks:
    ///             - fetch:
    ///                 {artifact_origin: external, stage: build, job: build, artifact_id: image, configuration: {options: {}}}
    /// ```
    ///
    /// ## Instead
    /// Remove `configuration`, or write an option into it.
    pub EMPTY_CONFIGURATION = "empty-configuration", Refused, Error, Refused;
}

const KINDS: [&str; 7] = ["exec", "script", "fetch", "plugin", "ant", "nant", "rake"];

/// Checks a task and its `on_cancel`.
pub fn check(task: &Task, account: &mut Account) {
    let mut next = Some(task);
    let mut depth = 0;
    while let Some(task) = next {
        if depth == 2 {
            account
                .report(&NESTED_ON_CANCEL, task.item, "an `on_cancel` task cannot have an `on_cancel` itself")
                .help("remove the inner one");
        }
        check_one(task, account);
        next = task.on_cancel.as_deref();
        depth += 1;
    }
}

fn check_one(task: &Task, account: &mut Account) {
    let place = task.kind.place;
    text::check_path(account, &task.working_directory, "the pipeline's working directory");
    match &task.kind.value {
        TaskKind::Exec { command, arguments, .. } => {
            require(account, command, place, "an `exec` task", "command");
            text::check_items(account, arguments, "arguments");
            for copied in task.unknown.iter().filter(|copied| copied.value.0 == "timeout") {
                if copied.value.1.trim().parse::<i64>().is_err() {
                    let message = format!("`timeout` must be a whole number, not `{}`", copied.value.1);
                    account.report(&crate::source::reader::INVALID_NUMBER, copied, message);
                }
            }
        }
        TaskKind::Fetch(fetch) => check_fetch(fetch, place, account),
        TaskKind::Unknown { name } => unknown(name, place, account),
        TaskKind::Build { .. } | TaskKind::Script { .. } | TaskKind::Plugin { .. } => {}
    }
}

fn unknown(name: &str, place: Place, account: &mut Account) {
    let (message, help) = if name.eq_ignore_ascii_case("script") {
        ("`script` needs a text".to_string(), "write the script's text behind `script:`".to_string())
    } else {
        let help = match suggest::nearest(name, KINDS) {
            Some(kind) => format!("did you mean `{kind}`?"),
            None => format!("GoCD knows {}", KINDS.map(|kind| format!("`{kind}`")).join(", ")),
        };
        (format!("`{name}` is not a kind of task"), help)
    };
    account.report(&UNKNOWN_TASK_KIND, place, message).help(help);
}

fn check_fetch(fetch: &Fetch, place: Place, account: &mut Account) {
    if let Some(origin) = &fetch.artifact_origin
        && !["gocd", "external"].contains(&origin.as_str())
    {
        account
            .report(&UNKNOWN_ARTIFACT_ORIGIN, origin, format!("`{}` is not an artifact origin", origin.value))
            .help("write `gocd` or `external`");
        return;
    }
    require(account, &fetch.stage, place, "a `fetch` task", "stage");
    require(account, &fetch.job, place, "a `fetch` task", "job");
    if !fetch.is_external() {
        require(account, &fetch.source, place, "a `fetch` task", "source");
        text::check_path(account, &fetch.source, "that job's artifacts");
        text::check_path(account, &fetch.destination, "the pipeline's working directory");
    } else if fetch.artifact_id.is_none() {
        missing(account, place, "a `fetch` task of an external artifact", "artifact_id");
    }
    if let Some(at) = fetch.configuration
        && fetch.options.is_empty()
        && fetch.secure_options.is_empty()
    {
        account
            .report(&EMPTY_CONFIGURATION, at, "`configuration` has no option; GoCD's server cannot read that")
            .help("remove it, or write an option into it");
    }
}
