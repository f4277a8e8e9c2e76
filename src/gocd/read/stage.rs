//! Reads the stages of a pipeline.

use super::{absent, item, job, key_place, variable};
use crate::finding::Outcome;
use crate::gocd::{Approval, Job, Stage};
use crate::source::keys::UNKNOWN_KEY;
use crate::source::{At, Keys, Reader, Value};
use crate::span::{Place, Src};

crate::findings! {
    /// A stage has `jobs` and also keys that belong to a job.
    ///
    /// ## Why it matters
    /// Keys such as `tasks` and `resources` count on a stage only when it has no `jobs`. GoCD drops them in silence.
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
    ///           resources: [linux]
    ///           jobs: {compile: {tasks: [exec: {command: make}]}}
    /// ```
    ///
    /// ## Instead
    /// Move the key into each job that needs it.
    pub IGNORED_BESIDE_JOBS = "ignored-beside-jobs", Correctness, Warning, NoCounterpart;

    /// `approval` is neither a mapping nor `auto`, `success` or `manual`.
    ///
    /// ## Why it matters
    /// GoCD refuses the whole repository. Case matters: `Manual` is refused too.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [release: {approval: Manual, tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write `approval: manual` or `approval: success`.
    pub INVALID_APPROVAL = "invalid-approval", Refused, Error, Refused;
}

/// Reads `stages`. Lists inside it are flattened, one level deep.
pub fn read_list(reader: &mut Reader<'_>, at: At, containers: &mut Vec<Place>) -> Vec<Stage> {
    let mut stages = Vec::new();
    let Some(items) = reader.list(at, "`stages`") else { return stages };
    for item in items {
        if matches!(reader.tree.node(item.node).value, Value::List(_)) {
            containers.push(item.place);
            for inner in reader.list(item, "stages").unwrap_or_default() {
                stages.extend(read(reader, inner));
            }
        } else {
            stages.extend(read(reader, item));
        }
    }
    stages
}

fn read(reader: &mut Reader<'_>, at: At) -> Option<Stage> {
    let (name, body) = item::single(reader, at, "a stage")?;
    if reader.is_null(body) {
        reader.wrong_form(body, &format!("stage `{}`", name.value), "a mapping");
        item::hint(reader, item::MISINDENTED);
        return None;
    }
    reader.map(body, "a stage", |keys| read_keys(keys, name, at.place))?
}

fn read_keys(keys: &mut Keys<'_, '_>, name: Src<String>, item: Place) -> Option<Stage> {
    let mut stage = Stage {
        item,
        fetch_materials: keys.flag("fetch_materials"),
        keep_artifacts: keys.flag("keep_artifacts"),
        clean_workspace: keys.flag("clean_workspace"),
        approval: approval(keys),
        variables: Vec::new(),
        containers: Vec::new(),
        jobs: Vec::new(),
        name,
    };
    stage.variables = variable::variables(keys, &mut stage.containers);
    report_misplaced(keys);
    let jobs = keys.take("jobs").filter(|at| !absent(keys.reader, *at));
    if let Some(at) = jobs {
        stage.containers.push(key_place(at));
        stage.jobs = read_jobs(keys.reader, at)?;
        report_job_keys(keys);
    } else if keys.remaining().any(|key| key == "tasks") {
        stage.jobs.push(job::read_keys(keys, stage.name.clone(), Some(stage.variables.clone()))?);
    } else {
        item::missing(keys.reader, &stage.name, "a stage", "jobs` or `tasks");
        return None;
    }
    Some(stage)
}

/// `users` and `roles` beside `approval` instead of below it.
fn report_misplaced(keys: &mut Keys<'_, '_>) {
    for key in ["users", "roles"] {
        if !keys.remaining().any(|remaining| remaining == key) {
            continue;
        }
        let Some(at) = keys.take(key) else { continue };
        let at = At { place: key_place(at), ..at };
        keys.reader
            .account
            .report(&UNKNOWN_KEY, at.place, format!("`{key}` is not a key of a stage; GoCD ignores it"))
            .help(format!("put it below `approval`: `approval: {{type: manual, {key}: […]}}`"));
        keys.reader.book_below(at, Outcome::NoCounterpart, UNKNOWN_KEY.name);
    }
}

fn read_jobs(reader: &mut Reader<'_>, at: At) -> Option<Vec<Job>> {
    if !matches!(reader.tree.node(at.node).value, Value::Map(_)) {
        reader.wrong_form(at, "`jobs`", "a mapping of names to jobs");
        return None;
    }
    let mut jobs = Vec::new();
    for (name, body) in item::entries(reader, at) {
        jobs.extend(job::read(reader, name, body));
    }
    Some(jobs)
}

fn report_job_keys(keys: &mut Keys<'_, '_>) {
    for key in job::KEYS {
        if !keys.remaining().any(|remaining| remaining == *key) {
            continue;
        }
        let Some(at) = keys.take(key) else { continue };
        let at = At { place: key_place(at), ..at };
        keys.reader
            .account
            .report(
                &IGNORED_BESIDE_JOBS,
                at.place,
                format!("`{key}` on a stage has no effect beside `jobs`; GoCD drops it"),
            )
            .help(format!("move `{key}` into the jobs that need it"));
        keys.reader.book_below(at, Outcome::NoCounterpart, IGNORED_BESIDE_JOBS.name);
    }
}

fn approval(keys: &mut Keys<'_, '_>) -> Option<Approval> {
    let at = keys.take("approval")?;
    if absent(keys.reader, at) {
        return None;
    }
    let short = match &keys.reader.tree.node(at.node).value {
        Value::Text(text) => text.clone(),
        Value::Null | Value::List(_) | Value::Map(_) => return approval_map(keys.reader, at),
    };
    let kind = match short.as_str() {
        "auto" | "success" => "success",
        "manual" => "manual",
        _ => {
            keys.reader
                .account
                .report(
                    &INVALID_APPROVAL,
                    at.place,
                    format!("`approval` must be `auto`, `success` or `manual`, but `{short}` is written"),
                )
                .help("write it exactly so: case matters");
            return None;
        }
    };
    Some(Approval {
        place: key_place(at),
        kind: Src::new(kind.to_string(), at.place),
        allow_only_on_success: None,
        users: Vec::new(),
        roles: Vec::new(),
        containers: Vec::new(),
    })
}

fn approval_map(reader: &mut Reader<'_>, at: At) -> Option<Approval> {
    let place = key_place(at);
    reader.map(at, "an approval", |keys| {
        let mut containers = Vec::new();
        let kind = item::required(keys, "type", place, "an approval");
        let allow_only_on_success = keys.flag("allow_only_on_success");
        let users = variable::texts(keys, "users", &mut containers);
        let roles = variable::texts(keys, "roles", &mut containers);
        kind.map(|kind| Approval { place, kind, allow_only_on_success, users, roles, containers })
    })?
}
