//! Version migrations: from the format version that the files declare to the server's own, 11.

use super::{Job, Lock, Pipeline, Task, TaskKind};
use crate::finding::{Account, Outcome};
use crate::span::Src;

crate::findings! {
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

/// The migrations from the declared version to the server's own.
pub fn pipeline(pipeline: &mut Pipeline, version: i32, account: &mut Account) {
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

#[cfg(test)]
mod tests {
    use crate::gocd::testing::{findings, given, pipeline_text};
    use crate::gocd::{Lock, TaskKind};

    fn versioned(version: i32, keys: &str) -> crate::gocd::testing::Given {
        given(&pipeline_text(keys).replacen("10", &version.to_string(), 1))
    }

    #[test]
    fn locks_are_migrated_by_version() {
        let lock = |version: i32, keys: &str| {
            versioned(version, keys).configuration.pipelines[0].lock.as_ref().map(|lock| lock.value)
        };
        assert_eq!(lock(1, "locking: on"), Some(Lock::OnFailure));
        assert_eq!(lock(1, "locking: off"), Some(Lock::None));
        assert_eq!(lock(2, "locking: on"), None);
        assert_eq!(lock(2, "lock_behavior: unlockWhenFinished"), Some(Lock::WhenFinished));
        assert_eq!(
            versioned(2, "locking: on").findings,
            ["4:14 locking-ignored: format version 2 has no `locking`: GoCD ignores it"]
        );
    }

    #[test]
    fn an_empty_task_list_gets_an_echo_until_version_10() {
        let given = versioned(10, "stages: [s: {tasks: []}]");
        let tasks = &given.configuration.pipelines[0].stages[0].jobs[0].tasks;
        assert!(matches!(&tasks[0].kind.value, TaskKind::Exec { command: Some(c), .. } if c.value == "echo"));
        let given = versioned(11, "stages: [s: {tasks: []}]");
        assert_eq!(given.findings, ["!4:14 nothing-inside: the job has no task"]);
        assert!(given.configuration.pipelines[0].refused);
    }

    #[test]
    fn an_unknown_version_refuses_everything() {
        let given = versioned(12, "group: g");
        assert_eq!(
            given.findings,
            ["!1:17 unknown-format-version: GoCD knows format versions 1 to 11, but 12 is declared"]
        );
        assert_eq!(given.configuration.sound().count(), 0);
    }

    #[test]
    fn parameters_are_expanded_where_gocd_expands_them() {
        let given = given(&pipeline_text(
            "parameters: {x: main}\nmaterials: {m: {git: a, branch: '#{x}', password: 'a#b'}}\n\
             environment_variables: {A: '##{x} #{x}'}",
        ));
        assert_eq!(given.findings, Vec::<String>::new());
        let read = &given.configuration.pipelines[0];
        assert_eq!(read.materials[0].branch(), "main");
        assert_eq!(read.variables[0].parts().len(), 1);
        assert_eq!(read.variables[0].value, crate::gocd::VariableValue::Plain("#{x} main".to_string()));
        assert_eq!(
            findings("label_template: '${COUNT} #'"),
            ["!4:31 unescaped-hash: `#` begins a parameter in GoCD, but no `{name}` follows"]
        );
    }
}
