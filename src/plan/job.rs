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

use serde::Serialize;

use super::checkout::Checkout;
use super::description::Material;
use super::digest::{Built, Digest};
use super::fetch::{FetchContext, FetchInput};
use super::image::across::Joins;
use super::placement::{self, Placed};
use super::text::Text;
use super::variable::{Env, EnvVar};
use super::{Cx, artifact, delivery, go_variable};
use crate::gocd::{self, Pipeline, RunInstances, Stage};

pub mod work;

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
    /// Number of the user it runs as; none for the images' own.
    pub user: Option<u32>,
    /// The job sees the token of its ServiceAccount: somebody has chosen that account for it.
    pub needs_token: bool,
    /// The digests of what it builds.
    pub digests: Vec<Digest>,
    /// The same before they have names.
    #[serde(skip)]
    pub built: Vec<Built>,
    /// The containers that run images for the script.
    pub containers: Vec<super::image::run::RunContainer>,
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
    /// Whether it copies images with crane; else it builds them.
    pub copies: bool,
    /// What builds them.
    pub kind: super::image::build::Kind,
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
    /// Digests of images that earlier stages have built.
    pub digests: &'a [Digest],
    /// Checkout of the stage's jobs.
    pub checkout: Option<Checkout>,
}

/// Plans one job. `joins`: what other jobs have to do with its images.
pub fn plan(job: &gocd::Job, joins: &Joins, slug: &str, context: &Context, cx: &mut Cx) -> Job {
    cx.account.convert("job", &job.name);
    for place in &job.containers {
        cx.account.convert("job", place);
    }
    let mut placed = placement::plan(job, cx);
    let instances = instances(job, cx);
    let env = env(job, slug, context, cx);
    let has_account = placed.service_account != placement::DEFAULT_ACCOUNT;
    let work = work::plan(job, joins, has_account, context, cx);
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
        user: placed.user.filter(|_| work.may_be_restricted()),
        needs_token: has_account || work.deploys && work.delivery.is_none(),
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
        digests: Vec::new(),
        built: work.built,
        containers: work.containers,
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
    for digest in context.digests {
        env.set(EnvVar::text(&digest.variable, &Text::output(&digest.output)));
    }
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
