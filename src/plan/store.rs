//! The artifact store: one bucket for all pipelines.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | the server's artifact folder | a bucket, named once in the ConfigMap `artifact-repositories`; the same layout below `pipelines/` | yes |
//!
//! Templates name keys only, so that they are the same for S3 and MinIO; the ConfigMap is the overlay's. Argo:
//! `artifactRepositoryRef`.

use serde::Serialize;

use super::{Cx, retention, secret};
use crate::gocd::Configuration;
use crate::settings::{self, Settings};
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

/// The same store in both kinds of cluster.
#[derive(Clone, Debug, Serialize)]
pub struct Stores {
    /// For the overlay `aws`.
    pub aws: Store,
    /// For the overlay `minio`.
    pub minio: Store,
    /// Lifecycle rules for the bucket, JSON.
    pub lifecycle: String,
}

/// Plans the stores.
pub fn plan(configuration: &Configuration, pipelines: &[super::pipeline::Pipeline], cx: &mut Cx) -> Stores {
    let bucket = cx.settings.artifacts.bucket.clone();
    let bucket = bucket.unwrap_or_else(|| "gocd-artifacts".to_string());
    let stores = Stores {
        aws: aws(cx.settings, &bucket),
        minio: minio(cx.settings, &bucket),
        lifecycle: retention::lifecycle(configuration, &cx.settings.artifacts),
    };
    for (store, overlay) in [(&stores.aws, "aws"), (&stores.minio, "minio")] {
        let Some(name) = &store.secret else { continue };
        for key in ["accesskey", "secretkey"] {
            let purpose = format!("the artifact store's credentials in the overlay `{overlay}`");
            secret::need(&mut cx.secrets, name, key, &purpose);
        }
    }
    let first = configuration.sound().next();
    if let (None, Some(first), false) = (&cx.settings.artifacts.bucket, first, pipelines.is_empty()) {
        let place = Place::unbooked(first.name.place.span);
        let message = format!("the bucket for artifacts is not known: using `{bucket}`");
        cx.guess(&GUESSED_BUCKET, &["artifacts", "bucket"], &bucket, place, message);
    }
    stores
}

/// `artifacts`, when it is about that kind of store.
fn meant(settings: &Settings, minio: bool) -> settings::Artifacts {
    let artifacts = &settings.artifacts;
    if (artifacts.store == Some(settings::Store::Minio)) == minio {
        artifacts.clone()
    } else {
        settings::Artifacts::default()
    }
}

fn aws(settings: &Settings, bucket: &str) -> Store {
    let own = meant(settings, false);
    Store {
        bucket: bucket.to_string(),
        endpoint: own.endpoint.unwrap_or_else(|| "s3.amazonaws.com".to_string()),
        region: own.region.unwrap_or_default(),
        insecure: false,
        secret: own.credentials_secret.filter(|name| !name.is_empty()),
    }
}

fn minio(settings: &Settings, bucket: &str) -> Store {
    let (own, local) = (meant(settings, true), &settings.local);
    let secret = local.credentials_secret.clone().or(own.credentials_secret);
    Store {
        bucket: local.bucket.clone().unwrap_or_else(|| bucket.to_string()),
        endpoint: local.endpoint.clone().or(own.endpoint).unwrap_or_else(|| "minio:9000".to_string()),
        region: own.region.unwrap_or_default(),
        insecure: true,
        secret: Some(secret.unwrap_or_else(|| "artifacts".to_string())).filter(|name| !name.is_empty()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn stores(text: &str) -> [(String, Option<String>, bool); 2] {
        let settings = Settings::parse(text).unwrap();
        let told =
            |store: Store| (format!("{}/{}", store.endpoint, store.bucket), store.secret, store.insecure);
        [told(aws(&settings, "b")), told(minio(&settings, "b"))]
    }

    #[test]
    fn the_keys_of_artifacts_are_those_of_one_overlay() {
        let some = |text: &str| Some(text.to_string());
        let role = ("s3.amazonaws.com/b".to_string(), None, false);
        let local = ("minio:9000/b".to_string(), some("artifacts"), true);
        assert_eq!(stores(""), [role.clone(), local.clone()]);
        let text = "artifacts: {endpoint: s3.eu, credentials-secret: keys}";
        assert_eq!(stores(text), [("s3.eu/b".to_string(), some("keys"), false), local]);
        let text = "artifacts: {store: minio, endpoint: 'm:1', credentials-secret: keys}";
        assert_eq!(stores(text), [role.clone(), ("m:1/b".to_string(), some("keys"), true)]);
        let text = "artifacts: {store: minio, endpoint: 'm:1'}\nlocal: {endpoint: 'l:1', bucket: c, credentials-secret: ''}";
        assert_eq!(stores(text), [role, ("l:1/c".to_string(), None, true)]);
    }
}
