//! Kinds of cluster: what the same pipelines need on AWS, and with MinIO and a plain registry.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | one server, whose agents have their own credentials | `overlays/aws` (S3, ECR, a role per ServiceAccount) and `overlays/minio`, over one `base` | as far as the configuration says |
//! | – | `components/`: what not every cluster can take, switched on by `components` | |
//! | the server reads the configuration repository | `argo-cd/`: an Application and an AppProject, when `argo-cd.repository` is given | yes |
//!
//! What is the same everywhere stands in `base` once; an overlay is its own ConfigMap of the artifact store, and
//! patches. Kustomize: `resources`, `components`, `patches`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::placement::DEFAULT_ACCOUNT;
use crate::settings::{Component, Overlay, Settings};

/// What differs between kinds of cluster, besides the artifact store.
#[derive(Clone, Debug, Serialize)]
pub struct Overlays {
    /// Components that are switched on.
    pub components: Vec<Component>,
    /// Those that are not.
    pub others: Vec<Component>,
    /// In `aws`: ARN of the role by ServiceAccount.
    pub aws_roles: BTreeMap<String, String>,
    /// In `minio`: registry as pipelines name it, and as it is reached here.
    pub registries: BTreeMap<String, String>,
}

/// ServiceAccounts of this program whose pods use the artifact store, and their trust level. Sensors do not.
const ACCOUNTS: &[(&str, &str)] =
    &[(DEFAULT_ACCOUNT, "build"), ("gocd-prepare", "trigger"), ("gocd-reconcile", "trigger")];

/// The account as which the External Secrets operator reads values.
const SECRETS: (&str, &str) = ("gocd-secrets", "secrets");

/// Plans the overlays. `named` are the ServiceAccounts that the configuration names for jobs.
pub fn plan(settings: &Settings, named: &BTreeSet<String>) -> Overlays {
    let (on, off): (Vec<Component>, Vec<Component>) =
        Component::ALL.iter().partition(|component| settings.components.contains(component));
    let roles = &settings.identity.aws_roles;
    let named = named.iter().map(|name| (name.as_str(), "deploy"));
    let collector = settings.artifacts.delete_with_run.then_some(("gocd-artifact-gc", "build"));
    let secrets = on.contains(&Component::ExternalSecrets).then_some(SECRETS);
    let accounts = ACCOUNTS.iter().copied().chain(named).chain(collector).chain(secrets);
    Overlays {
        components: on,
        others: off,
        aws_roles: accounts
            .filter_map(|(account, level)| {
                Some((account.to_string(), roles.get(account).or_else(|| roles.get(level))?.clone()))
            })
            .collect(),
        registries: settings.local.registries.clone(),
    }
}

/// How Argo CD finds the manifests.
#[derive(Clone, Debug, Serialize)]
pub struct ArgoCd {
    /// Git URL.
    pub repository: String,
    /// Branch, tag or revision.
    pub revision: String,
    /// Folder of the overlay in the repository.
    pub path: String,
    /// Namespace of Argo CD.
    pub namespace: String,
    /// API server of the target cluster.
    pub cluster: String,
}

/// Plans what Argo CD is told; `None` without a repository.
pub fn argo_cd(settings: &Settings) -> Option<ArgoCd> {
    let argo_cd = &settings.argo_cd;
    let or = |value: &Option<String>, default: &str| value.clone().unwrap_or_else(|| default.to_string());
    let folder = or(&argo_cd.path, "argo");
    let overlay: Overlay = argo_cd.overlay.unwrap_or_default();
    let path = format!("{}/overlays/{}", folder.trim_end_matches('/'), overlay.name());
    Some(ArgoCd {
        repository: argo_cd.repository.clone()?,
        revision: or(&argo_cd.revision, "main"),
        path: path.trim_start_matches(['.', '/']).to_string(),
        namespace: or(&argo_cd.namespace, "argocd"),
        cluster: or(&argo_cd.cluster, "https://kubernetes.default.svc"),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_that_of_the_account_or_of_its_level() {
        let text = "identity: {aws-roles: {build: b, deploy: d, gocd-prepare: p, other: o}}";
        let named = BTreeSet::from(["other".to_string(), "shop".to_string()]);
        let roles = plan(&Settings::parse(text).unwrap(), &named).aws_roles;
        let roles: Vec<(&str, &str)> = roles.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(roles, [("gocd-prepare", "p"), ("gocd-runner", "b"), ("other", "o"), ("shop", "d")]);
    }

    #[test]
    fn the_path_of_the_application_is_an_overlay() {
        assert!(argo_cd(&Settings::default()).is_none());
        for (text, path) in [
            ("argo-cd: {repository: r}", "argo/overlays/aws"),
            ("argo-cd: {repository: r, path: ./, overlay: minio}", "overlays/minio"),
            ("argo-cd: {repository: r, path: ci/argo/}", "ci/argo/overlays/aws"),
        ] {
            assert_eq!(argo_cd(&Settings::parse(text).unwrap()).unwrap().path, path);
        }
    }
}
