//! Deployments: jobs that change what runs in a cluster.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | `kubectl apply`, `set image`, `rollout restart`, `helm upgrade`, `kustomize edit set image`, `argocd app sync`, and scripts of the repository that do these | stay what they are; the job runs as `gocd-deployer` unless `images` names another account | yes; the rights are for a person to give |
//! | the same, with `delivery.<job>.gitops` | the first of them becomes a commit of the images' digests to a configuration repository, the others nothing | the cluster follows the repository |
//! | the same, with `delivery.<job>.argocd` | a sync of one Application, with a token for it alone, and a wait until it is healthy | yes |
//! | `helm rollback`, `kubectl rollout undo` in such a job | the commit of this run is reverted | yes |
//!
//! A container beside the job's own does it (`deliver.sh`), so that its credentials are not in reach of the tasks.
//! Digests come from the artifacts of the jobs that built the images: `cruise-output/images/`.

use serde::Serialize;

use super::fetch::{FetchContext, FetchInput};
use super::image::rewrite::Edits;
use super::image::unit::{Origin, Unit, short};
use super::image::{Form, NewForm, TaskText};
use super::job::Context;
use super::text::Text;
use super::variable::{Env, EnvVar};
use super::{Cx, secret};
use crate::gocd;
use crate::settings::Delivery;
use crate::span::Place;

mod recognise;
mod rewrite;
mod spec;

use recognise::Kind;

crate::findings! {
    /// A job deploys, and with which rights is not in the YAML: GoCD's agents had them.
    ///
    /// ## Why it matters
    /// The job runs as the ServiceAccount `gocd-deployer`, which may do nothing in the cluster until somebody says what.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [deploy: {tasks: [exec: {command: kubectl, arguments: [apply, -f, k8s]}]}]
    /// ```
    ///
    /// ## Instead
    /// Let Argo CD deploy: `delivery` in `gocd2argo.yaml`, see `docs/delivery.md`. Or bind a Role with the verbs that the
    /// commands use to `gocd-deployer`, or name an account of your own in `images`.
    pub DEPLOY_RIGHTS = "deploy-rights", Security, Decision, Decision;

    /// `delivery` in `gocd2argo.yaml` names a job that is not there, or that deploys nothing, or a build of which the
    /// pipeline knows no run.
    ///
    /// ## Why it matters
    /// The entry has no effect: the job stays as it is.
    ///
    /// ## Instead
    /// Write `pipeline/stage/job` as in the GoCD files; for `images`, a stage and job of the same pipeline, or of an
    /// upstream pipeline as a `fetch` would name it.
    pub DELIVERY_WITHOUT_EFFECT = "delivery-without-effect", Migration, Decision, Decision;

    /// A command that deploys is replaced, as `delivery` in `gocd2argo.yaml` asks.
    ///
    /// ## Why it matters
    /// The cluster is changed by Argo CD, and no longer by this command. What else a replaced script did is not done.
    ///
    /// ## Instead
    /// Nothing, if that is what is wanted. Remove the job from `delivery` otherwise.
    pub DEPLOY_REPLACED = "deploy-replaced", Migration, Info, Approximated;
}

/// ServiceAccount of jobs that deploy.
pub const ACCOUNT: &str = "gocd-deployer";

/// The container of a pod that deploys.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Container {
    /// Its variables.
    pub env: Vec<EnvVar>,
    /// Secrets it mounts.
    pub secrets: Vec<String>,
}

/// Which job it is.
pub struct Job<'a> {
    /// `pipeline/stage/job`.
    pub path: String,
    /// Whether `images` names a ServiceAccount for it.
    pub has_account: bool,
    /// Where findings about the whole job point.
    pub place: Place,
    /// Folders that materials are checked out into.
    pub destinations: Vec<&'a str>,
}

impl<'a> Job<'a> {
    /// A job of a stage.
    pub fn of(job: &gocd::Job, has_account: bool, context: &Context<'a>) -> Self {
        Job {
            path: format!("{}/{}/{}", context.pipeline.name.value, context.stage.name.value, job.name.value),
            has_account,
            place: Place::unbooked(job.name.place.span),
            destinations: context.materials.iter().map(|material| material.destination.as_str()).collect(),
        }
    }
}

/// What a deploying job becomes.
#[derive(Default)]
pub struct Planned {
    /// The container, if the deployment is replaced.
    pub container: Option<Container>,
    /// Artifacts it needs.
    pub inputs: Vec<FetchInput>,
    /// Whether the job deploys at all.
    pub deploys: bool,
}

/// What deploys in a job, and what becomes of it. Changes `forms`, which is what the tasks have become so far.
pub fn plan(
    job: &Job,
    texts: &[TaskText],
    forms: &mut Vec<NewForm>,
    context: &FetchContext,
    cx: &mut Cx,
) -> Planned {
    let units = rewrite::units(texts, forms);
    let sites = rewrite::sites(&units, &job.destinations, cx.files);
    let wanted = cx.settings.delivery.get(&job.path).cloned();
    let Some(first) = sites.iter().find(|site| site.kind == Kind::Deploy) else {
        if wanted.is_some() {
            without_effect(&format!("`{}` deploys nothing", job.path), job.place, cx);
        }
        return Planned::default();
    };
    let Some(wanted) = wanted else {
        if !job.has_account {
            let command = short(&units[first.unit].shown(&units[first.unit].script.commands[first.command]));
            let message = format!("`{command}` deploys as `{ACCOUNT}`, which has no rights in the cluster");
            let finding = cx.account.report(&DEPLOY_RIGHTS, units[first.unit].place, message);
            finding.help(format!("see `delivery` for `{}`, or bind a Role to the account", job.path));
        }
        return Planned { deploys: true, ..Planned::default() };
    };
    let mut planned = Planned { deploys: true, ..Planned::default() };
    let Some(spec) = spec::plan(&wanted, job, context, &mut planned.inputs, cx) else { return planned };
    for site in &sites {
        let unit = &units[site.unit];
        if matches!(site.kind, Kind::Deploy | Kind::Rollback) {
            let command = short(&unit.shown(&unit.script.commands[site.command]));
            cx.account.report(
                &DEPLOY_REPLACED,
                unit.place,
                format!("`{command}` is replaced, as `delivery` asks"),
            );
        }
    }
    rewrite::apply(&units, &sites, forms);
    planned.container = Some(container(&wanted, &spec, cx));
    planned
}

/// Secrets that only these containers of a pipeline mount, besides those in `others`.
pub fn secrets(stages: &[super::stage::Stage], others: &[String]) -> Vec<String> {
    let jobs = stages.iter().flat_map(|stage| &stage.jobs);
    let all = jobs.filter_map(|job| job.delivery.as_ref()).flat_map(|container| &container.secrets);
    let own: std::collections::BTreeSet<&String> = all.filter(|name| !others.contains(name)).collect();
    own.into_iter().cloned().collect()
}

/// Reports an entry of `delivery` that changes nothing.
pub fn without_effect(message: &str, place: Place, cx: &mut Cx) {
    let finding = cx.account.report(&DELIVERY_WITHOUT_EFFECT, Place::unbooked(place.span), message);
    finding.help("correct `delivery` in gocd2argo.yaml");
}

fn container(wanted: &Delivery, spec: &str, cx: &mut Cx) -> Container {
    let mut env = Env::default();
    env.set(EnvVar::text("DELIVERY", &Text::literal(spec)));
    env.set(EnvVar::text("LABEL", &Text::output("label")));
    env.set(EnvVar::text("WORKFLOW_NAME", &Text::tag("workflow.name")));
    let mut secrets = Vec::new();
    if let Some(gitops) = &wanted.gitops {
        let name = spec::push_secret(gitops).to_string();
        // By the form of the URL: a name and a token, or a key for ssh.
        let is_http = gitops.repository.starts_with("http");
        for key in if is_http { ["username", "password"] } else { ["ssh-privatekey", "known_hosts"] } {
            let purpose = "pushes deployments to the configuration repository";
            secret::need(&mut cx.secrets, &name, key, purpose);
        }
        secrets.push(name);
    }
    if let Some(sync) = &wanted.argocd {
        let name = spec::sync_secret(sync);
        secret::need(&mut cx.secrets, &name, "token", "syncs one Application of Argo CD");
        secrets.push(name);
    }
    secrets.dedup();
    Container { env: env.finish(), secrets }
}
