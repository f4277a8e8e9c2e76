//! Which image a job runs in, and where: `elastic_profile_id`, `resources`.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | `elastic_profile_id: go-1.21` | image, node selector, tolerations, resources and ServiceAccount of `images.elastic-profiles.go-1.21` | as far as the configuration says |
//! | `resources: [docker, linux]` | those of the first resource that `images.resources` knows | as far as the configuration says |
//! | neither | `images.default` | GoCD takes any agent |
//!
//! What a profile or an agent contains is on the GoCD server and its agents, not in the YAML. Argo: `template.script.image`,
//! `nodeSelector`, `tolerations`, `serviceAccountName`.

use serde::Serialize;

use super::Cx;
use crate::gocd::Job;
use crate::settings::{Placement, Resources};
use crate::span::Place;

crate::findings! {
    /// The image that a job needs is not known: the elastic profile or the agents' resources say it on the GoCD
    /// server, not in the YAML.
    ///
    /// ## Why it matters
    /// The job runs in the default image, which may lack its tools.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {elastic_profile_id: go-1.21, tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Name the image in `gocd2argo.yaml`: `images: {elastic-profiles: {go-1.21: "golang:1.21"}}`.
    pub GUESSED_IMAGE = "guessed-image", Guess, Decision, Decision;
}

/// Image used for jobs that nothing is known about: it has bash, git, curl, make and compilers.
pub const DEFAULT_IMAGE: &str = "buildpack-deps:bookworm";
/// ServiceAccount of job pods that need no rights of their own.
pub const DEFAULT_ACCOUNT: &str = "gocd-runner";

/// Where and as what a job's pod runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Placed {
    /// Container image.
    pub image: String,
    /// Node labels.
    pub node_selector: std::collections::BTreeMap<String, String>,
    /// Tolerations.
    pub tolerations: Vec<std::collections::BTreeMap<String, String>>,
    /// Container resources.
    pub resources: Resources,
    /// ServiceAccount.
    pub service_account: String,
    /// Number of the user it may run as.
    pub user: Option<u32>,
}

/// Finds a job's placement.
pub fn plan(job: &Job, cx: &mut Cx) -> Placed {
    if let Some(profile) = &job.elastic_profile_id {
        cx.account.convert("elastic-profile", profile);
        let known = cx.settings.images.elastic_profiles.get(&profile.value).cloned();
        let subject = format!("elastic profile `{}`", profile.value);
        return placed(known, &subject, &["images", "elastic-profiles", &profile.value], profile.place, cx);
    }
    let resources: Vec<(&str, Place)> =
        job.resources.iter().filter_map(|item| Some((item.value.as_deref()?, item.place))).collect();
    for (_, place) in &resources {
        cx.account.convert("agent-resource", place);
    }
    let known = resources.iter().find_map(|(name, _)| resource(name, cx));
    match (known, resources.first()) {
        (Some(known), Some((name, place))) => {
            placed(Some(known), &format!("resource `{name}`"), &["images", "resources", name], *place, cx)
        }
        (_, Some((name, place))) => {
            let list: Vec<String> = resources.iter().map(|(name, _)| format!("`{name}`")).collect();
            let subject = format!("agents with {}", list.join(", "));
            placed(None, &subject, &["images", "resources", name], *place, cx)
        }
        (_, None) => {
            let known = cx.settings.images.default.clone();
            let place = Place::unbooked(job.name.place.span);
            placed(known, "jobs without elastic profile or resources", &["images", "default"], place, cx)
        }
    }
}

fn resource(name: &str, cx: &Cx) -> Option<Placement> {
    let resources = &cx.settings.images.resources;
    resources.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, placement)| placement.clone())
}

fn placed(known: Option<Placement>, subject: &str, key: &[&str], place: Place, cx: &mut Cx) -> Placed {
    let default = cx.settings.images.default.clone().unwrap_or_default();
    let default_image = default.image.clone().unwrap_or_else(|| DEFAULT_IMAGE.to_string());
    let placement = known.unwrap_or_default();
    let image = match placement.image.clone() {
        Some(image) => image,
        None => {
            let message = format!("image for {subject} is not known: using `{default_image}`");
            cx.guess(&GUESSED_IMAGE, key, &default_image, place, message);
            default_image
        }
    };
    Placed {
        image,
        node_selector: placement.node_selector,
        tolerations: placement.tolerations,
        resources: placement.resources,
        user: placement.user.or(cx.settings.security.job_user),
        service_account: placement.service_account.unwrap_or_else(|| DEFAULT_ACCOUNT.to_string()),
    }
}

/// ServiceAccounts that the configuration names for jobs, besides our own.
pub fn service_accounts(pipelines: &[super::pipeline::Pipeline]) -> std::collections::BTreeSet<String> {
    pipelines
        .iter()
        .flat_map(|pipeline| &pipeline.stages)
        .flat_map(|stage| &stage.jobs)
        .map(|job| job.placed.service_account.clone())
        .filter(|name| name != DEFAULT_ACCOUNT)
        .collect()
}
