//! What becomes of deployments: `docs/delivery.md`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What becomes of one job's deployment. With both, the commit comes first, and Argo CD is asked for it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Delivery {
    /// The images' digests are committed to a configuration repository.
    pub gitops: Option<Gitops>,
    /// Argo CD is asked to sync, and waited for.
    pub argocd: Option<Sync>,
}

/// A commit to a configuration repository.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Gitops {
    /// Git URL.
    pub repository: String,
    /// Branch. Default: `main`.
    #[serde(default)]
    pub branch: Option<String>,
    /// Secret for pushing: keys `username` and `password`, or `ssh-privatekey` and `known_hosts`. Default: `gocd-delivery`.
    #[serde(default)]
    pub credentials_secret: Option<String>,
    /// What is written, by the image's repository as the pipelines name it.
    pub images: BTreeMap<String, Delivered>,
}

/// Where an image's digest comes from and goes to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Delivered {
    /// Pipeline of the job that builds it, as in a `fetch`: an upstream, or a path `ancestor/upstream`. Default: this one.
    #[serde(default)]
    pub pipeline: Option<String>,
    /// Its stage.
    pub stage: String,
    /// Its job.
    pub job: String,
    /// File in the configuration repository.
    pub file: String,
    /// In a `kustomization.yaml`: name of the entry of `images`. Default: the image's repository.
    #[serde(default)]
    pub name: Option<String>,
    /// In any other file: the key that gets `repository@digest`, for example `web.image`.
    #[serde(default)]
    pub key: Option<String>,
}

/// A sync of one Application.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sync {
    /// URL of Argo CD, for example `https://argocd-server.argocd`.
    pub server: String,
    /// Name of the Application.
    pub application: String,
    /// Secret with the key `token`, and `ca.crt` where the certificate is not public. Default: `argocd-` and the
    /// Application's name.
    #[serde(default)]
    pub credentials_secret: Option<String>,
    /// Seconds until it must be synced and healthy. Default: `600`.
    #[serde(default)]
    pub timeout: Option<u64>,
}
