//! The artifact store: one bucket for all pipelines.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | the server's artifact folder | a bucket, named once in the ConfigMap `artifact-repositories`; the same layout below `pipelines/` | yes |
//!
//! Templates name keys only, so that they are the same for S3 and MinIO. Argo: `artifactRepositoryRef`.

use serde::Serialize;

use super::{Cx, secret};
use crate::gocd::Configuration;
use crate::settings;
use crate::span::Place;

crate::findings! {
    /// The bucket for artifacts is not known.
    ///
    /// ## Why it matters
    /// Jobs that publish or fetch artifacts end with an error until the bucket exists.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}], artifacts: [build: {source: out}]}]
    /// ```
    ///
    /// ## Instead
    /// Set `artifacts: {bucket: …}` in `gocd2argo.yaml`.
    pub GUESSED_BUCKET = "guessed-bucket", Guess, Decision, Decision;
}

/// Where artifacts are kept.
#[derive(Clone, Debug, Serialize)]
pub struct Store {
    /// Bucket.
    pub bucket: String,
    /// Host and port.
    pub endpoint: String,
    /// Region; empty when not given.
    pub region: String,
    /// Plain HTTP.
    pub insecure: bool,
    /// Secret with `accesskey` and `secretkey`; `None`: the ServiceAccount's role.
    pub secret: Option<String>,
}

/// Plans the store.
pub fn plan(configuration: &Configuration, pipelines: &[super::pipeline::Pipeline], cx: &mut Cx) -> Store {
    let artifacts = &cx.settings.artifacts;
    let is_minio = artifacts.store == Some(settings::Store::Minio);
    let endpoint = if is_minio { "minio:9000" } else { "s3.amazonaws.com" };
    let secret = artifacts.credentials_secret.clone().or_else(|| is_minio.then(|| "artifacts".to_string()));
    let store = Store {
        bucket: artifacts.bucket.clone().unwrap_or_else(|| "gocd-artifacts".to_string()),
        endpoint: artifacts.endpoint.clone().unwrap_or_else(|| endpoint.to_string()),
        region: artifacts.region.clone().unwrap_or_default(),
        insecure: is_minio,
        secret: secret.filter(|name| !name.is_empty()),
    };
    if let Some(name) = &store.secret {
        for key in ["accesskey", "secretkey"] {
            secret::need(&mut cx.secrets, name, key, "the artifact store's credentials");
        }
    }
    let first = configuration.sound().next();
    if let (None, Some(first), false) = (&cx.settings.artifacts.bucket, first, pipelines.is_empty()) {
        let place = Place::unbooked(first.name.place.span);
        cx.account
            .report(
                &GUESSED_BUCKET,
                place,
                format!("the bucket for artifacts is not known: using `{}`", store.bucket),
            )
            .help("set `artifacts.bucket` in gocd2argo.yaml");
    }
    store
}
