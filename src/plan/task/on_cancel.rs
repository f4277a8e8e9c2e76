//! What a task does when its job is cancelled.

use super::{Tasks, body, directory, function};
use crate::gocd::Task;
use crate::plan::Cx;
use crate::plan::fetch::FetchContext;
use crate::plan::image::NewForm;
use crate::plan::script::word;

crate::findings! {
    /// A task has something to do when its job is cancelled.
    ///
    /// ## Why it matters
    /// GoCD lets the running task finish beside it, however long both take. Here, too, the task is left alone; but a pod that
    /// is stopped has a grace period of two minutes, and then both are killed. A program that handles SIGTERM itself ends at once.
    /// Argo calls the run failed, and the pipeline's lock is free, before the two have ended.
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
    ///             - exec: {command: make, on_cancel: {exec: {command: make, arguments: [clean]}}}
    /// ```
    ///
    /// ## Instead
    /// Keep clean-up short, or make it part of the next run.
    pub ON_CANCEL_TIME_LIMIT = "on-cancel-time-limit", Migration, Warning, Approximated;
}

/// The function for a task's `on_cancel`, and the words that name it in the call of the task.
pub(super) fn plan(
    task: &Task,
    name: &str,
    form: &NewForm,
    context: &FetchContext,
    planned: &mut Tasks,
    cx: &mut Cx,
) -> String {
    let Some(on_cancel) = &task.on_cancel else { return String::new() };
    let Some(body) = body(on_cancel, form, context, &mut planned.fetches, cx) else { return String::new() };
    let message = "the task and its `on_cancel` have two minutes to end, in GoCD as long as they take";
    let finding = cx.account.report(&ON_CANCEL_TIME_LIMIT, on_cancel.item, message);
    finding.help("keep clean-up short, or make it part of the next run");
    planned.script.push_str(&function(&format!("{name}_cancel"), &body));
    format!(" {name}_cancel {}", word(directory(on_cancel)))
}
