//! What the container that deploys is told: which images, from whose artifacts, into which file; which Application.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Job, without_effect};
use crate::plan::Cx;
use crate::plan::fetch::{self, FetchContext, FetchInput};
use crate::settings::{Delivered, Delivery, Gitops, Sync};

/// What `deliver.sh` is told.
#[derive(Serialize)]
struct Spec<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    gitops: Option<Commit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    argocd: Option<Application<'a>>,
}

#[derive(Serialize)]
struct Commit<'a> {
    repository: &'a str,
    branch: &'a str,
    credentials: &'a str,
    images: Vec<Image<'a>>,
}

#[derive(Serialize)]
struct Image<'a> {
    image: &'a str,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    /// Folder below `/gocd/fetch`.
    from: String,
}

#[derive(Serialize)]
struct Application<'a> {
    server: &'a str,
    application: &'a str,
    credentials: String,
    timeout: u64,
}

/// The description, as JSON; `None`, and told, when it cannot be carried out.
pub(super) fn plan(
    wanted: &Delivery,
    job: &Job,
    context: &FetchContext,
    inputs: &mut Vec<FetchInput>,
    cx: &mut Cx,
) -> Option<String> {
    let gitops = match &wanted.gitops {
        Some(gitops) => Some(commit(gitops, job, context, inputs, cx)?),
        None => None,
    };
    let argocd = wanted.argocd.as_ref().map(|sync| Application {
        server: sync.server.trim_end_matches('/'),
        application: &sync.application,
        credentials: sync_secret(sync),
        timeout: sync.timeout.unwrap_or(600),
    });
    if gitops.is_none() && argocd.is_none() {
        without_effect(&format!("`{}` has neither `gitops` nor `argocd`", job.path), job.place, cx);
        return None;
    }
    serde_json::to_string(&Spec { gitops, argocd }).ok()
}

/// Secret with the token for an Application.
pub(super) fn sync_secret(sync: &Sync) -> String {
    sync.credentials_secret.clone().unwrap_or_else(|| format!("argocd-{}", sync.application))
}

/// Secret for pushing.
pub(super) fn push_secret(gitops: &Gitops) -> &str {
    gitops.credentials_secret.as_deref().unwrap_or("gocd-delivery")
}

fn commit<'a>(
    gitops: &'a Gitops,
    job: &Job,
    context: &FetchContext,
    inputs: &mut Vec<FetchInput>,
    cx: &mut Cx,
) -> Option<Commit<'a>> {
    let mut images = Vec::new();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for (image, delivered) in &gitops.images {
        let Some(folder) = built_by(delivered, context, cx) else {
            let pipeline = delivered.pipeline.as_deref().unwrap_or_default();
            let message = format!(
                "`{image}` comes from `{pipeline}/{}/{}`, of which this pipeline knows no run",
                delivered.stage, delivered.job
            );
            without_effect(&message, job.place, cx);
            return None;
        };
        let number = known.len() + 1;
        let from = known.entry(folder.clone()).or_insert_with(|| {
            let name = format!("images-{number}");
            let key = format!("{folder}cruise-output/images");
            inputs.push(FetchInput { name: name.clone(), path: format!("{name}/images"), key });
            name
        });
        images.push(Image {
            image,
            file: &delivered.file,
            name: delivered.name.as_deref(),
            key: delivered.key.as_deref(),
            from: from.clone(),
        });
    }
    Some(Commit {
        repository: &gitops.repository,
        branch: gitops.branch.as_deref().unwrap_or("main"),
        credentials: push_secret(gitops),
        images,
    })
}

/// Folder of the building job's artifacts.
fn built_by(delivered: &Delivered, context: &FetchContext, cx: &Cx) -> Option<String> {
    let path = delivered.pipeline.as_deref().unwrap_or_default();
    fetch::folder(path, &delivered.stage, &delivered.job, context, cx)
}
