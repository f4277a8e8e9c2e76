//! Jobs: one pod each.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | a job: tasks in one directory on one agent | a `script` template: one container, one workspace volume | yes |
//! | image builds in it | a sidecar per build, which the script asks; see `docs/kaniko.md` | yes |
//! | `run_instances: 3` | `withSequence` 1..3 | yes |
//! | `run_instances: all` | one instance | no: there are no agents to count |
//! | `timeout: 10` (minutes without output) | `silence 10` in the script | yes |
//! | an agent is lost: the job starts over elsewhere | `retryStrategy` for infrastructure errors only | yes |
//!
//! GoCD: `../shared/spec/gocd-yaml.md` §3.6, §3.8. Argo: `template.script`, `sidecars`, `initContainers`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::checkout::Checkout;
use super::description::Material;
use super::fetch::{FetchContext, FetchInput};
use super::placement::{self, Placed};
use super::variable::{Env, EnvVar, constant};
use super::{Cx, artifact, delivery, go_variable, image, task};
use crate::finding::{Finding, Severity};
use crate::gocd::{self, Pipeline, RunInstances, Stage};

crate::findings! {
    /// A job runs once on every matching agent.
    ///
    /// ## Why it matters
    /// There are no agents to count here. The job runs once.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {run_instances: all, tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write a number, or use a DaemonSet for what has to happen on every node.
    pub RUN_ON_ALL_AGENTS = "run-on-all-agents", Migration, Decision, Decision;
}

/// A job's pod.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// Name of its template.
    pub template: String,
    /// Name of its step.
    pub step: String,
    /// Original name.
    pub name: String,
    /// How many instances, when GoCD counts them.
    pub instances: Option<u32>,
    /// Image and node.
    pub placed: Placed,
    /// Init container, if materials are checked out.
    pub checkout: Option<Checkout>,
    /// Artifacts loaded before the start.
    pub fetches: Vec<FetchInput>,
    /// Key of its artifacts in the bucket.
    pub artifact_key: String,
    /// ConfigMap and Secret taken in as a whole, of the pipeline's environment.
    pub env_config_map: Option<String>,
    /// See `env_config_map`.
    pub env_secret: Option<String>,
    /// Variables.
    pub env: Vec<EnvVar>,
    /// The shell script.
    pub script: String,
    /// The containers that build and copy images.
    pub builders: Vec<Builder>,
    /// The container that deploys.
    pub delivery: Option<delivery::Container>,
    /// Further host names of the pod, and their addresses.
    pub hosts: Vec<(String, String)>,
    /// Whether a task has something to do on cancel, which needs a longer grace period.
    pub has_on_cancel: bool,
}

/// A container beside the job's own, which runs what the job's script asks of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Builder {
    /// Name.
    pub name: String,
    /// Whether it copies images with crane; else it builds them with Kaniko.
    pub copies: bool,
    /// Memory limit; empty for none.
    pub memory: String,
}

/// What the jobs of a stage share.
pub struct Context<'a> {
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// Its slug.
    pub pipeline_slug: &'a str,
    /// The stage.
    pub stage: &'a Stage,
    /// Its slug.
    pub stage_slug: &'a str,
    /// The pipeline's materials.
    pub materials: &'a [Material],
    /// How fetches find other runs.
    pub fetch: &'a FetchContext<'a>,
    /// Checkout of the stage's jobs.
    pub checkout: Option<Checkout>,
}

/// Plans one job.
pub fn plan(job: &gocd::Job, slug: &str, context: &Context, cx: &mut Cx) -> Job {
    cx.account.convert("job", &job.name);
    for place in &job.containers {
        cx.account.convert("job", place);
    }
    let mut placed = placement::plan(job, cx);
    let instances = instances(job, cx);
    let env = env(job, slug, context, cx);
    let has_account = placed.service_account != placement::DEFAULT_ACCOUNT;
    let work = work(job, has_account, context, cx);
    if work.deploys && !has_account {
        placed.service_account = delivery::ACCOUNT.to_string();
    }
    let mut script = String::from(". /gocd-lib/lib.sh\n");
    if let Some(timeout) = &job.timeout {
        cx.account.convert("job", timeout);
        if timeout.value > 0 {
            script.push_str(&format!("silence {}\n", timeout.value));
        }
    }
    script.push_str(&work.tasks.script);
    script.push_str(&artifact::plan(job, cx));
    script.push_str("finish\n");
    let instance = if instances.is_some() { "-runInstance-{{inputs.parameters.run-index}}" } else { "" };
    let environment = cx.index.environment(&context.pipeline.name).first();
    let environment = environment.and_then(|known| cx.names.environments.get(&known.name.to_lowercase()));
    let config_map = environment.map(|slug| format!("env-{}", slug.text));
    Job {
        template: format!("job-{}-{slug}", context.stage_slug),
        step: slug.to_string(),
        name: job.name.value.clone(),
        instances,
        placed,
        checkout: context.checkout.clone(),
        fetches: work.tasks.fetches,
        artifact_key: format!(
            "pipelines/{}/{{{{workflow.outputs.parameters.counter}}}}/{}/1/{}{instance}/",
            context.pipeline.name.value, context.stage.name.value, job.name.value
        ),
        env_secret: config_map
            .as_ref()
            .map(|name| format!("{name}-secrets"))
            .filter(|name| cx.secrets.contains_key(name)),
        env_config_map: config_map,
        env,
        script,
        builders: work.builders,
        delivery: work.delivery,
        hosts: work.hosts,
        has_on_cancel: job.tasks.iter().any(|task| task.on_cancel.is_some()),
    }
}

fn instances(job: &gocd::Job, cx: &mut Cx) -> Option<u32> {
    let instances = job.run_instances.as_ref()?;
    cx.account.convert("job", instances);
    match &instances.value {
        // The server refuses fractions and numbers below one; what is left fits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        RunInstances::Number(number) => Some(number.clamp(1.0, 100_000.0) as u32),
        RunInstances::All => {
            cx.account
                .report(&RUN_ON_ALL_AGENTS, instances, "the job runs once: there are no agents to count")
                .help("write a number, or use a DaemonSet for what has to happen on every node");
            None
        }
    }
}

fn env(job: &gocd::Job, slug: &str, context: &Context, cx: &mut Cx) -> Vec<EnvVar> {
    let mut env = Env::default();
    let (pipeline, stage) = (context.pipeline, context.stage);
    go_variable::set(&mut env, pipeline, stage, job, context.materials, cx);
    let secrets = format!("{}-secrets", context.pipeline_slug);
    env.add(&pipeline.variables, &secrets, "", cx);
    env.add(&stage.variables, &secrets, &format!("{}.", context.stage_slug), cx);
    let shorthand =
        stage.variables.iter().map(|v| v.name.place).eq(job.variables.iter().map(|v| v.name.place));
    if !shorthand {
        env.add(&job.variables, &secrets, &format!("{}.{slug}.", context.stage_slug), cx);
    }
    env.finish()
}

/// A job's tasks, the containers it needs for images, and the hosts these need.
struct Work {
    tasks: task::Tasks,
    builders: Vec<Builder>,
    hosts: Vec<(String, String)>,
    delivery: Option<delivery::Container>,
    deploys: bool,
}

fn work(job: &gocd::Job, has_account: bool, context: &Context, cx: &mut Cx) -> Work {
    let argvs = task::texts(&job.tasks);
    let texts: Vec<image::TaskText> = argvs.iter().map(|(argv, source)| task::text(argv, source)).collect();
    go_variable::check(&texts, cx);
    let known = cx.account.findings.len();
    let mut images = images(&texts, job, context, cx);
    let deploying = delivery::Job::of(job, has_account, context);
    let delivery = delivery::plan(&deploying, &texts, &mut images.tasks, context.fetch, cx);
    let marks = marks(&texts, cx.account.findings.get(known..).unwrap_or_default());
    cx.forget_repeated(REGISTRY_CREDENTIALS, known);
    let mut tasks = task::plan(&job.tasks, &images.tasks, &marks, context.fetch, cx);
    tasks.fetches.extend(delivery.inputs);
    let mut builders: Vec<Builder> = images
        .builds
        .iter()
        .map(|build| Builder {
            name: build.container.clone(),
            copies: false,
            memory: build.memory.as_deref().map(quantity).unwrap_or_default(),
        })
        .collect();
    if !images.copies.is_empty() {
        builders.push(Builder { name: image::kaniko::COPIER.into(), copies: true, memory: String::new() });
    }
    let mut hosts: Vec<(String, String)> =
        images.builds.iter().flat_map(|build| build.hosts.clone()).collect();
    hosts.sort();
    hosts.dedup();
    Work { tasks, builders, hosts, delivery: delivery.container, deploys: delivery.deploys }
}

fn images(texts: &[image::TaskText], job: &gocd::Job, context: &Context, cx: &mut Cx) -> image::JobImages {
    let environment = cx.index.environment(&context.pipeline.name).iter().flat_map(|part| &part.variables);
    let levels = [&context.pipeline.variables, &context.stage.variables, &job.variables];
    let mut variables = BTreeMap::new();
    let mut secure = BTreeSet::new();
    for variable in environment.chain(levels.into_iter().flatten()) {
        let name = variable.name.value.clone();
        match constant(variable) {
            Some(value) => drop((secure.remove(&name), variables.insert(name, value))),
            None => drop((variables.remove(&name), secure.insert(name))),
        }
    }
    let options = image::Options {
        cache_repo: cx.settings.kaniko.cache_repository.as_deref(),
        variables: &variables,
        secure: &secure,
        files: cx.files,
        copies: true,
        registry_secret: cx.settings.registry_secret(),
        extra_flags: &cx.settings.kaniko.flags,
    };
    image::plan(texts, &options, cx.account)
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

/// Docker's `2g` as Kubernetes' `2Gi`.
fn quantity(memory: &str) -> String {
    let lower = memory.to_lowercase();
    let number = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if number.is_empty() || !number.chars().all(|c| c.is_ascii_digit()) {
        return String::new();
    }
    match lower.get(number.len()..) {
        Some("k" | "kb") => format!("{number}Ki"),
        Some("m" | "mb") => format!("{number}Mi"),
        Some("g" | "gb") => format!("{number}Gi"),
        _ => number.to_string(),
    }
}
