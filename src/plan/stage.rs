//! Stages: in order, each with its jobs at the same time.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | stages in order, the next one when all jobs passed | tasks of a DAG, `depends: <previous>.Succeeded` | yes |
//! | jobs at the same time, none stops its siblings | one group of steps, which is judged when all have ended | yes |
//! | no run starts while the first stage of the last one is active; the next takes the newest revisions | `prepare` waits for it, ten minutes at most; then `gocd-reconcile` starts the next within five | yes |
//! | a stage is never twice active | a mutex per stage; a later run waits | the newest waiting run goes first in GoCD, the oldest here |
//! | `approval: manual` | a `suspend` task before the stage | yes |
//! | … on the first stage | no trigger but people and timers | yes |
//! | … after a failed stage | not offered: the run ends | GoCD lets a person start it, unless `allow_only_on_success` |
//! | `users`, `roles` | an annotation on the approval | no: rights are Kubernetes' |
//!
//! GoCD: `../shared/spec/gocd-yaml.md` §3.5. Argo: `dag`, `suspend`, `synchronization.mutexes`.

use serde::Serialize;

use super::description::Material;
use super::digest::Digests;
use super::fetch::FetchContext;
use super::{Cx, checkout, job, names};
use crate::gocd::{self, Pipeline};

crate::findings! {
    /// A manual stage can be started in GoCD after the stage before it has failed.
    ///
    /// ## Why it matters
    /// Here the run ends with the failed stage, and nobody is asked.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build: {tasks: [exec: {command: make}]}
    ///       - release: {approval: manual, tasks: [exec: {command: make}]}
    /// ```
    ///
    /// ## Instead
    /// Write `approval: {type: manual, allow_only_on_success: true}` if that is what is wanted; `argo retry` repeats the
    /// failed stage and goes on from there.
    pub MANUAL_AFTER_FAILURE = "manual-after-failure", Migration, Warning, Approximated;

    /// An approval names who may give it.
    ///
    /// ## Why it matters
    /// Argo has no such list: whoever may update Workflows in the namespace may resume any of them. The names stand in an
    /// annotation, nothing enforces them.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build: {tasks: [exec: {command: make}]}
    ///       - release: {approval: {type: manual, users: [alice]}, tasks: [exec: {command: make}]}
    /// ```
    ///
    /// ## Instead
    /// Bind the right to update Workflows to these people only; with different approvers, use several namespaces.
    pub APPROVAL_ROLES = "approval-roles", Security, Decision, Decision;

    /// Artifacts of a stage are to be kept for ever.
    ///
    /// ## Why it matters
    /// How long artifacts live is a rule of the bucket here; nothing in the manifests deletes them.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {keep_artifacts: true, tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Exclude `pipelines/<pipeline>/` from the bucket's lifecycle rules.
    pub RETENTION_BY_BUCKET = "retention-by-bucket", Migration, Info, Approximated;
}

/// A stage.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// Slug.
    pub slug: String,
    /// Original name.
    pub name: String,
    /// Name of its DAG task, and the condition under which it starts.
    pub depends: String,
    /// The approval before it.
    pub gate: Option<Gate>,
    /// Its jobs.
    pub jobs: Vec<job::Job>,
    /// Whether it tells other pipelines that it has passed.
    pub announces: bool,
}

/// A node that waits for a person.
#[derive(Clone, Debug, Serialize)]
pub struct Gate {
    /// Name of the DAG task.
    pub name: String,
    /// The condition under which the run gets there.
    pub depends: String,
    /// Who may approve, as text; empty for everybody.
    pub approvers: String,
}

/// Plans the stages of a pipeline.
pub fn plan(
    pipeline: &Pipeline,
    slug: &str,
    materials: &[Material],
    fetch: &FetchContext,
    cx: &mut Cx,
) -> Vec<Stage> {
    let slugs = names::slugs(pipeline.stages.iter().map(|stage| stage.name.as_str()), names::LONG);
    let joins = job::work::joins(pipeline, cx);
    let mut stages: Vec<Stage> = Vec::new();
    let mut digests = Digests::default();
    for (index, (source, joins)) in pipeline.stages.iter().zip(&joins).enumerate() {
        let stage_slug = slugs.get(&source.name.value).map_or_else(String::new, |slug| slug.text.clone());
        cx.account.convert("stage", source.item);
        cx.account.convert("stage", &source.name);
        for place in &source.containers {
            cx.account.convert("stage", place);
        }
        let previous = stages.last().map(|stage| format!("{}.Succeeded", dag_task(&stage.slug)));
        let gate = approval(source, index == 0, &stage_slug, previous.as_deref(), cx);
        let depends = match &gate {
            Some(gate) => format!("{}.Succeeded", gate.name),
            None => previous.unwrap_or_default(),
        };
        keep(source, cx);
        let checkout = checkout::plan(source, materials, cx);
        let earlier = digests.known.clone();
        let context = job::Context {
            pipeline,
            pipeline_slug: slug,
            stage: source,
            stage_slug: &stage_slug,
            materials,
            fetch,
            digests: &earlier,
            checkout,
        };
        let job_slugs = names::slugs(source.jobs.iter().map(|job| job.name.as_str()), names::LONG);
        let is_last = index + 1 == pipeline.stages.len();
        let jobs: Vec<job::Job> = source
            .jobs
            .iter()
            .zip(joins)
            .map(|(job, joins)| {
                let slug = job_slugs.get(&job.name.value).map_or("", |slug| slug.text.as_str());
                let mut job = job::plan(job, joins, slug, &context, cx);
                job.digests = digests.name(&job.built, is_last, cx);
                job
            })
            .collect();
        digests.pass_on(jobs.iter().flat_map(|job| &job.digests));
        let announces = is_awaited(pipeline, source, cx);
        stages.push(Stage {
            name: source.name.value.clone(),
            depends,
            gate,
            jobs,
            announces,
            slug: stage_slug,
        });
    }
    stages
}

/// Name of a stage's DAG task. The prefix keeps it apart from approvals, whatever the stage is called.
pub fn dag_task(slug: &str) -> String {
    format!("stage-{slug}")
}

fn approval(
    stage: &gocd::Stage,
    is_first: bool,
    slug: &str,
    previous: Option<&str>,
    cx: &mut Cx,
) -> Option<Gate> {
    let approval = stage.approval.as_ref()?;
    for place in gocd::places::approval_places(approval) {
        cx.account.convert("approval", place);
    }
    let names: Vec<&str> =
        approval.users.iter().chain(&approval.roles).filter_map(|item| item.value.as_deref()).collect();
    if !names.is_empty() {
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        cx.account
            .report(
                &APPROVAL_ROLES,
                approval.place,
                format!("only {} may approve in GoCD", quoted.join(", ")),
            )
            .help("give the right to update Workflows in the namespace to nobody else");
    }
    if !stage.is_manual() || is_first {
        return None;
    }
    if !approval.allow_only_on_success.as_ref().is_some_and(|flag| flag.value) {
        cx.account
            .report(
                &MANUAL_AFTER_FAILURE,
                &approval.kind,
                "after a failed stage nobody is asked; GoCD would let a person go on",
            )
            .help("write `allow_only_on_success: true` if that is what is wanted");
    }
    Some(Gate {
        name: format!("gate-{slug}"),
        depends: previous.unwrap_or_default().to_string(),
        approvers: names.join(", "),
    })
}

fn keep(stage: &gocd::Stage, cx: &mut Cx) {
    let Some(flag) = &stage.keep_artifacts else { return };
    cx.account.convert("stage", flag);
    if flag.value {
        cx.account.report(&RETENTION_BY_BUCKET, flag, "how long artifacts are kept is a rule of the bucket");
    }
}

/// Whether some pipeline of the input is started by this stage, or takes artifacts by way of it.
fn is_awaited(pipeline: &Pipeline, stage: &gocd::Stage, cx: &Cx) -> bool {
    cx.index.is_awaited(&pipeline.name, &stage.name)
}
