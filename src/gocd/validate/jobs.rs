//! Jobs: instances, timeout, agents, artifacts.

use super::text;
use crate::finding::Account;
use crate::gocd::read::job::INVALID_RUN_INSTANCES;
use crate::gocd::{Job, RunInstances};

crate::findings! {
    /// A job has an elastic profile, and also `resources` or `run_instances: all`.
    ///
    /// ## Why it matters
    /// An elastic agent is made for the job; resources and "all agents" choose among agents that exist. GoCD's server
    /// refuses both together.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {elastic_profile_id: small, resources: [linux], tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Remove one of the two.
    pub ELASTIC_PROFILE_CLASH = "elastic-profile-clash", Refused, Error, Refused;

    /// A job's timeout is negative.
    ///
    /// ## Why it matters
    /// GoCD's server refuses the whole repository. 0 means the server's default; "never" cannot be written in YAML.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {timeout: -1, tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write the minutes, or remove the key.
    pub NEGATIVE_TIMEOUT = "negative-timeout", Refused, Error, Refused;
}

/// Checks a job, without its tasks.
pub fn check(job: &Job, account: &mut Account) {
    if let Some(timeout) = job.timeout.as_ref().filter(|timeout| timeout.value < 0) {
        account
            .report(
                &NEGATIVE_TIMEOUT,
                timeout,
                format!("the timeout is {}, but cannot be negative", timeout.value),
            )
            .help("write the minutes, or remove the key for the server's default");
    }
    run_instances(job, account);
    elastic_profile(job, account);
    for artifact in &job.artifacts {
        text::check_path(account, &artifact.destination, "the job's artifacts");
    }
}

fn run_instances(job: &Job, account: &mut Account) {
    let Some(count) = &job.run_instances else { return };
    let RunInstances::Number(number) = count.value else { return };
    if number < 1.0 || number.fract() != 0.0 {
        account
            .report(
                &INVALID_RUN_INSTANCES,
                count,
                format!("`run_instances` must be a whole number above 0, but {number} is written"),
            )
            .help("write a whole number, or `all`");
    }
}

fn elastic_profile(job: &Job, account: &mut Account) {
    let Some(profile) = job.elastic_profile_id.as_ref().filter(|profile| !profile.trim().is_empty()) else {
        return;
    };
    if let Some(resource) = job.resources.first() {
        account
            .report(
                &ELASTIC_PROFILE_CLASH,
                profile,
                "a job cannot have both an elastic profile and resources",
            )
            .related(resource.place.span, "resources are written here")
            .help("remove one of the two");
    }
    if let Some(all) = job.run_instances.as_ref().filter(|count| count.value == RunInstances::All) {
        account
            .report(&ELASTIC_PROFILE_CLASH, profile, "a job with an elastic profile cannot run on all agents")
            .related(all.place.span, "all agents are asked for here")
            .help("write a number of instances");
    }
}
