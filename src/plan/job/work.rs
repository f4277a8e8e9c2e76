//! The tasks of a job and the images in them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builder, Context};
use crate::finding::{Finding, Rule, Severity};
use crate::gocd;
use crate::plan::digest::Built;
use crate::plan::image::across::{self, Joins, Member};
use crate::plan::image::outcome::JobOutcome;
use crate::plan::variable::constant;
use crate::plan::{Cx, delivery, go_variable, image, secret, task};

/// A job's tasks, the containers it needs for images, and the hosts these need.
pub(super) struct Work {
    pub(super) tasks: task::Tasks,
    pub(super) built: Vec<Built>,
    pub(super) builders: Vec<Builder>,
    pub(super) containers: Vec<image::run::RunContainer>,
    pub(super) hosts: Vec<(String, String)>,
    pub(super) delivery: Option<delivery::Container>,
    pub(super) deploys: bool,
}

impl Work {
    /// Building and unpacking an image needs root, and so does a container that asks for it.
    pub(super) fn may_be_restricted(&self) -> bool {
        let root = |container: &image::run::RunContainer| {
            container.image.is_empty() || container.user.is_some_and(|(user, _)| user == 0)
        };
        self.builders.iter().all(|builder| builder.copies) && !self.containers.iter().any(root)
    }
}

/// Plans them.
pub(super) fn plan(
    job: &gocd::Job,
    joins: &Joins,
    has_account: bool,
    context: &Context,
    cx: &mut Cx,
) -> Work {
    let argvs = task::texts(&job.tasks);
    let texts: Vec<image::TaskText> = argvs.iter().map(|(argv, source)| task::text(argv, source)).collect();
    go_variable::check(&texts, cx);
    let known = cx.account.findings.len();
    let mut images = images(&texts, job, joins, context, cx);
    // What is said about deliveries is not about images.
    let about_images = cx.account.findings.get(known..).unwrap_or_default();
    let outcome = outcome(job, context, &images, about_images);
    let deploying = delivery::Job::of(job, has_account, context);
    let delivery = delivery::plan(&deploying, &texts, &mut images.tasks, context.fetch, cx);
    let found = cx.account.findings.get(known..).unwrap_or_default();
    let marks = marks(&texts, found);
    cx.images.push(outcome);
    cx.forget_repeated(REGISTRY_CREDENTIALS, known);
    let mut tasks = task::plan(&job.tasks, &images.tasks, &marks, context.fetch, cx);
    tasks.fetches.extend(delivery.inputs);
    let mut builders: Vec<Builder> = images
        .builds
        .iter()
        .map(|build| Builder {
            name: build.container.clone(),
            copies: false,
            kind: build.kind,
            memory: build.memory.as_deref().map(image::run::quantity).unwrap_or_default(),
        })
        .collect();
    if !images.copies.is_empty() {
        builders.push(Builder {
            name: image::kaniko::COPIER.into(),
            copies: true,
            kind: image::build::Kind::Kaniko,
            memory: String::new(),
        });
    }
    let registry = cx.settings.registry_secret().to_string();
    let uses_images = !builders.is_empty() || !images.containers.is_empty();
    if uses_images && !registry.is_empty() {
        let purpose =
            "pulls and pushes images, in place of `docker login`; without it, by the ServiceAccount's role";
        secret::need(&mut cx.secrets, &registry, ".dockerconfigjson", purpose);
    }
    image::buildkit::secrets(&images.builds, cx.settings, &mut cx.secrets);
    let mut hosts: Vec<(String, String)> =
        images.builds.iter().flat_map(|build| build.hosts.clone()).chain(images.hosts).collect();
    hosts.sort();
    hosts.dedup();
    let mut containers = images.containers;
    for container in &mut containers {
        container.memory = image::run::quantity(&container.memory);
    }
    let built = Built::of(&images.builds);
    let (delivery, deploys) = (delivery.container, delivery.deploys);
    Work { tasks, built, builders, containers, hosts, delivery, deploys }
}

/// Looks across the jobs of a pipeline for images that one builds and another one pushes; one list per stage.
pub fn joins(pipeline: &gocd::Pipeline, cx: &Cx) -> Vec<Vec<Joins>> {
    let jobs: Vec<(usize, &gocd::Stage, &gocd::Job)> = pipeline
        .stages
        .iter()
        .enumerate()
        .flat_map(|(number, stage)| stage.jobs.iter().map(move |job| (number, stage, job)))
        .collect();
    let argvs: Vec<_> = jobs.iter().map(|(_, _, job)| task::texts(&job.tasks)).collect();
    let texts: Vec<Vec<image::TaskText>> = argvs
        .iter()
        .map(|argvs| argvs.iter().map(|(argv, source)| task::text(argv, source)).collect())
        .collect();
    let known: Vec<_> = jobs.iter().map(|(_, stage, job)| variables(pipeline, stage, job, cx)).collect();
    let members =
        jobs.iter().zip(&texts).zip(&known).map(|(((number, _, job), tasks), (variables, secure))| Member {
            stage: *number,
            name: job.name.value.clone(),
            tasks,
            variables,
            secure,
        });
    let members: Vec<Member> = members.collect();
    let manual = pipeline.stages.iter().enumerate().filter(|(_, stage)| stage.is_manual());
    let manual = manual.map(|(number, _)| number).collect();
    let mut joins = across::joins(&members, &manual, cx.files).into_iter();
    pipeline.stages.iter().map(|stage| joins.by_ref().take(stage.jobs.len()).collect()).collect()
}

/// Plain variables of a job with their values, and the names of its secure ones.
fn variables(
    pipeline: &gocd::Pipeline,
    stage: &gocd::Stage,
    job: &gocd::Job,
    cx: &Cx,
) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let environment = cx.index.environment(&pipeline.name).iter().flat_map(|part| &part.variables);
    let levels = [&pipeline.variables, &stage.variables, &job.variables];
    let mut variables = BTreeMap::new();
    let mut secure = BTreeSet::new();
    for variable in environment.chain(levels.into_iter().flatten()) {
        let name = variable.name.value.clone();
        match constant(variable) {
            Some(value) => drop((secure.remove(&name), variables.insert(name, value))),
            None => drop((variables.remove(&name), secure.insert(name))),
        }
    }
    (variables, secure)
}

fn images(
    texts: &[image::TaskText],
    job: &gocd::Job,
    joins: &Joins,
    context: &Context,
    cx: &mut Cx,
) -> image::JobImages {
    let (variables, secure) = variables(context.pipeline, context.stage, job, cx);
    let flags = cx.settings.kaniko.all_flags();
    let options = image::Options {
        cache_repo: cx.settings.kaniko.cache_repository.as_deref(),
        registry_secret: cx.settings.registry_secret(),
        at_run_time: cx.settings.kaniko.at_run_time,
        extra_flags: &flags,
        buildkit: Some(image::buildkit::Choice::of(cx.settings)),
        joins: Some(joins),
        ..image::Options::new(&variables, &secure, cx.files)
    };
    let images = image::plan(texts, &options, cx.account);
    if let (Some(instances), false) = (&job.run_instances, images.builds.is_empty()) {
        let message = "each instance of the job builds the image and pushes the same names";
        cx.account.report(&image::rules::build::RUN_INSTANCES_BUILD, instances.place, message);
    }
    images
}

/// What `gocd2argo builds` says about the job.
fn outcome(job: &gocd::Job, context: &Context, images: &image::JobImages, found: &[Finding]) -> JobOutcome {
    let mut findings: Vec<&'static Rule> = found.iter().map(|finding| finding.rule).collect();
    findings.sort_unstable_by_key(|rule| rule.name);
    findings.dedup();
    let on_cancel = job.tasks.iter().filter(|task| task.on_cancel.is_some()).map(|_| None);
    JobOutcome {
        pipeline: context.pipeline.name.value.clone(),
        stage: context.stage.name.value.clone(),
        job: job.name.value.clone(),
        place: job.name.place,
        builds: images.builds.clone(),
        steps: images.steps.clone(),
        copies: images.copies.clone(),
        events: images.events.clone(),
        run_if: job.tasks.iter().map(|task| Some(task::run_if(task))).chain(on_cancel).collect(),
        findings,
    }
}

/// One per registry and run of this program is enough, and it is about no command.
const REGISTRY_CREDENTIALS: &str = "registry-credentials";

/// For each task, the names of findings about it that a person has to decide.
fn marks(texts: &[image::TaskText], findings: &[Finding]) -> Vec<Vec<&'static str>> {
    let decisions = findings.iter().filter(|finding| finding.rule.severity == Severity::Decision);
    let decisions: Vec<&Finding> =
        decisions.filter(|finding| finding.rule.name != REGISTRY_CREDENTIALS).collect();
    texts
        .iter()
        .map(|text| {
            let here = |finding: &&&Finding| [text.place.slot, text.item.slot].contains(&finding.place.slot);
            let mut names: Vec<&str> =
                decisions.iter().filter(here).map(|finding| finding.rule.name).collect();
            names.sort_unstable();
            names.dedup();
            names
        })
        .collect()
}
