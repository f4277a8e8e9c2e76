//! What a pipeline must have.

use super::{missing, require};
use crate::finding::Account;
use crate::gocd::Pipeline;
use crate::gocd::read::stage::INVALID_APPROVAL;

crate::findings! {
    /// A pipeline without materials or stages, a stage without jobs, or (under format version 11) a job without tasks.
    ///
    /// ## Why it matters
    /// The plugin accepts the empty list, but GoCD's server refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: []
    /// ```
    ///
    /// ## Instead
    /// Write what belongs there, or remove the whole.
    pub NOTHING_INSIDE = "nothing-inside", Refused, Error, Refused;

    /// The link of a tracking tool is no URL with `${ID}`.
    ///
    /// ## Why it matters
    /// GoCD's server wants a link that begins with `http://` or `https://` and contains `${ID}`, and refuses others.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     tracking_tool: {link: "https://issues.example.com", regex: "##(\\d+)"}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write `${ID}` where the number belongs: `https://issues.example.com/${ID}`.
    pub INVALID_TRACKING_LINK = "invalid-tracking-link", Refused, Error, Refused;
}

/// Checks what a pipeline, its stages and jobs must have.
pub fn check(pipeline: &Pipeline, account: &mut Account) {
    if pipeline.group.is_none() {
        missing(account, &pipeline.name, "a pipeline", "group");
    }
    if pipeline.materials.is_empty() {
        nothing(account, pipeline.name.place, "the pipeline has no material");
    }
    let by_template = pipeline.template.as_ref().is_some_and(|name| !name.trim().is_empty());
    if !by_template && pipeline.stages.is_empty() {
        nothing(account, pipeline.name.place, "the pipeline has neither stages nor a template");
    }
    tracking_tool(pipeline, account);
    for stage in &pipeline.stages {
        if stage.jobs.is_empty() {
            nothing(account, stage.name.place, "the stage has no job");
        }
        for job in stage.jobs.iter().filter(|job| job.tasks.is_empty()) {
            nothing(account, job.name.place, "the job has no task");
        }
        if let Some(approval) = &stage.approval
            && !["success", "manual"].contains(&approval.kind.as_str())
        {
            account
                .report(
                    &INVALID_APPROVAL,
                    &approval.kind,
                    format!(
                        "`type` of an approval must be `success` or `manual`, not `{}`",
                        approval.kind.value
                    ),
                )
                .help("`auto` exists only in the short form, `approval: auto`");
        }
    }
}

fn nothing(account: &mut Account, place: crate::span::Place, message: &str) {
    account.report(&NOTHING_INSIDE, place, message).help("GoCD refuses the repository with it");
}

fn tracking_tool(pipeline: &Pipeline, account: &mut Account) {
    let Some(tool) = &pipeline.tracking_tool else { return };
    require(account, &tool.link, tool.place, "a tracking tool", "link");
    require(account, &tool.regex, tool.place, "a tracking tool", "regex");
    let Some(link) = tool.link.as_ref().filter(|link| !link.trim().is_empty()) else { return };
    let is_url = link.starts_with("http://") || link.starts_with("https://");
    if !is_url || !link.contains("${ID}") {
        account
            .report(&INVALID_TRACKING_LINK, link, "the link must be a URL that contains `${ID}`")
            .help("begin it with `https://` and write `${ID}` where the number belongs");
    }
}
