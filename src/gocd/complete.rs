//! What GoCD's server does with a configuration: version migrations, parameters, validation.

use super::{Configuration, Environment, Job, Lock, Pipeline, Task, TaskKind, parameter, validate};
use crate::finding::{Account, Outcome, Rule, Severity};
use crate::span::{Slot, Src};

crate::findings! {
    /// The format version is not one that GoCD knows: 1 to 11.
    ///
    /// ## Why it matters
    /// GoCD's server refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 12
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write `format_version: 10` or `11`.
    pub UNKNOWN_FORMAT_VERSION = "unknown-format-version", Refused, Error, Refused;

    /// `locking` is written, but the format version is 2 or later.
    ///
    /// ## Why it matters
    /// Only format version 1 reads `locking`; later ones read `lock_behavior`. The pipeline is not locked.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     locking: on
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write `lock_behavior: lockOnFailure` if a lock is wanted; otherwise remove the key.
    pub LOCKING_IGNORED = "locking-ignored", Correctness, Warning, NoCounterpart;

    /// `lock_behavior` is none of `none`, `lockOnFailure` and `unlockWhenFinished`.
    ///
    /// ## Why it matters
    /// GoCD's server refuses the whole repository. Case matters.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     lock_behavior: lockonfailure
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write one of the three exactly.
    pub INVALID_LOCK_BEHAVIOR = "invalid-lock-behavior", Refused, Error, Refused;

    /// A job has `properties`, but the format version is 7 or later.
    ///
    /// ## Why it matters
    /// GoCD removed properties in format version 7 and drops them in silence.
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
    ///           properties: {coverage: {source: report.xml, xpath: //total}}
    ///           tasks: [exec: {command: make}]
    /// ```
    ///
    /// ## Instead
    /// Remove them; publish the report as a `test` artifact.
    pub PROPERTIES_IGNORED = "properties-ignored", Correctness, Warning, NoCounterpart;

    /// A positive path filter stands in a file without `format_version` 10, in a repository whose version is 10 or later.
    ///
    /// ## Why it matters
    /// The plugin reads the file as version 1 and passes the filter on under its old name, which the server no longer
    /// knows. The filter is lost in silence: every change starts the pipeline.
    ///
    /// ## Example
    /// One file with `format_version: 10`, another without `format_version` and with this material:
    /// `code: {git: "https://git.example.com/acme/app.git", includes: [src/**/*]}`.
    ///
    /// ## Instead
    /// Write the same `format_version` in every file.
    pub FILTER_LOST = "filter-lost", Correctness, Warning, NoCounterpart;

    /// A job's task list is empty, under format version 10 or earlier.
    ///
    /// ## Why it matters
    /// GoCD adds a task then: `echo` without arguments. Under version 11 it refuses the job.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: []}]
    /// ```
    ///
    /// ## Instead
    /// Write a task, or remove the job.
    pub EMPTY_TASK_LIST = "empty-task-list", Correctness, Info, Converted;
}

/// Completes and judges a configuration as GoCD's server does. What the server would refuse is an error finding, and the
/// pipeline or environment it concerns is marked `refused` and booked so.
///
/// References to pipelines that are not in the files are unknown, not wrong, and are left alone.
pub fn complete(configuration: &mut Configuration, account: &mut Account) {
    let version = configuration.format_version;
    check_version(configuration, account);
    for pipeline in &mut configuration.pipelines {
        let first = account.findings.len();
        migrate(pipeline, version, account);
        parameter::expand_pipeline(pipeline, account);
        validate::pipeline(pipeline, account);
        refuse_after(first, &mut pipeline.refused, &pipeline.slots, account);
    }
    for environment in &mut configuration.environments {
        let first = account.findings.len();
        validate::environment(environment, account);
        refuse_after(first, &mut environment.refused, &environment.slots, account);
    }
    validate::across(configuration, account);
}

/// Marks as refused what an error was reported for since the finding of that index.
fn refuse_after(first: usize, refused: &mut bool, slots: &[Slot], account: &mut Account) {
    let since = account.findings.get(first..).unwrap_or_default();
    let error = since.iter().find(|finding| finding.rule.severity == Severity::Error);
    if let Some(rule) = error.map(|finding| finding.rule) {
        refuse(refused, slots, rule, account);
    }
}

fn refuse(refused: &mut bool, slots: &[Slot], rule: &'static Rule, account: &mut Account) {
    *refused = true;
    account.book_slots(slots, Outcome::Refused, rule.name);
}

/// Marks a pipeline as refused and books its text.
pub fn refuse_pipeline(pipeline: &mut Pipeline, rule: &'static Rule, account: &mut Account) {
    refuse(&mut pipeline.refused, &pipeline.slots, rule, account);
}

/// Marks an environment as refused and books its text.
pub fn refuse_environment(environment: &mut Environment, rule: &'static Rule, account: &mut Account) {
    refuse(&mut environment.refused, &environment.slots, rule, account);
}

fn check_version(configuration: &mut Configuration, account: &mut Account) {
    let version = configuration.format_version;
    let Some(declared) = &configuration.declared_version else { return };
    if (1..=11).contains(&version) {
        return;
    }
    account
        .report(
            &UNKNOWN_FORMAT_VERSION,
            declared,
            format!("GoCD knows format versions 1 to 11, but {version} is declared"),
        )
        .help("write `format_version: 10` or `11`");
    for pipeline in &mut configuration.pipelines {
        refuse_pipeline(pipeline, &UNKNOWN_FORMAT_VERSION, account);
    }
    for environment in &mut configuration.environments {
        refuse_environment(environment, &UNKNOWN_FORMAT_VERSION, account);
    }
}

/// The migrations from the declared version to the server's own.
fn migrate(pipeline: &mut Pipeline, version: i32, account: &mut Account) {
    migrate_lock(pipeline, version, account);
    migrate_filters(pipeline, version, account);
    for stage in &mut pipeline.stages {
        for job in &mut stage.jobs {
            migrate_properties(job, version, account);
            migrate_tasks(job, version, account);
        }
    }
}

fn migrate_lock(pipeline: &mut Pipeline, version: i32, account: &mut Account) {
    if let Some(locking) = &pipeline.locking {
        if version == 1 {
            let lock = if locking.value { Lock::OnFailure } else { Lock::None };
            pipeline.lock = Some(locking.with(lock));
        } else {
            account
                .report(
                    &LOCKING_IGNORED,
                    locking,
                    format!("format version {version} has no `locking`: GoCD ignores it"),
                )
                .help("write `lock_behavior: lockOnFailure` if a lock is wanted");
        }
    }
    if let Some(behavior) = &pipeline.lock_behavior {
        match behavior.as_str() {
            "none" => pipeline.lock = Some(behavior.with(Lock::None)),
            "lockOnFailure" => pipeline.lock = Some(behavior.with(Lock::OnFailure)),
            "unlockWhenFinished" => pipeline.lock = Some(behavior.with(Lock::WhenFinished)),
            other => {
                account
                    .report(&INVALID_LOCK_BEHAVIOR, behavior, format!("`{other}` is not a lock behavior"))
                    .help("write `none`, `lockOnFailure` or `unlockWhenFinished`, exactly so");
            }
        }
    }
}

fn migrate_filters(pipeline: &mut Pipeline, version: i32, account: &mut Account) {
    if pipeline.file_version >= 10 || version < 10 {
        return;
    }
    for material in &mut pipeline.materials {
        for slot in [&mut material.filter, &mut material.other_filter] {
            let Some(filter) = slot.take_if(|filter| filter.includes) else { continue };
            account
                .report(
                    &FILTER_LOST,
                    &filter.key,
                    format!(
                        "`{}` is lost: this file declares no `format_version`, the repository's is {version}",
                        filter.key.value
                    ),
                )
                .help(format!("write `format_version: {version}` in this file too"));
            for pattern in &filter.patterns {
                account.book(pattern, Outcome::NoCounterpart, FILTER_LOST.name);
            }
        }
    }
}

fn migrate_properties(job: &mut Job, version: i32, account: &mut Account) {
    if version < 7 {
        return;
    }
    for property in &job.properties {
        account
            .report(
                &PROPERTIES_IGNORED,
                property,
                format!("GoCD has no properties since format version 7: `{}` is ignored", property.value.0),
            )
            .help("remove it");
    }
    for place in &job.property_keys {
        account.book(place, Outcome::NoCounterpart, PROPERTIES_IGNORED.name);
    }
}

fn migrate_tasks(job: &mut Job, version: i32, account: &mut Account) {
    if !job.tasks.is_empty() || version > 10 {
        return;
    }
    let place = job.name.place;
    account
        .report(&EMPTY_TASK_LIST, place, "this job has no task; GoCD gives it one, `echo`")
        .help("write a task, or remove the job");
    job.tasks.push(Task {
        item: place,
        kind: Src::new(
            TaskKind::Exec {
                command: Some(Src::new("echo".to_string(), place)),
                arguments: Vec::new(),
                timeout: None,
            },
            place,
        ),
        run_if: None,
        on_cancel: None,
        working_directory: None,
        containers: Vec::new(),
        unknown: Vec::new(),
    });
}
