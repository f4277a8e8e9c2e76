//! The artifact store.

use serde::Deserialize;

/// The artifact store.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Artifacts {
    /// Bucket. Default: `gocd-artifacts`, reported as a guess.
    pub bucket: Option<String>,
    /// Which overlay the next three keys are meant for: `s3` (default) for `overlays/aws`, `minio` for `overlays/minio`, where
    /// `local` wins.
    pub store: Option<Store>,
    /// Host and port. Default: `s3.amazonaws.com`, for MinIO `minio:9000`.
    pub endpoint: Option<String>,
    /// Region of the bucket.
    pub region: Option<String>,
    /// Secret with the keys `accesskey` and `secretkey`. Default: for S3 none (the ServiceAccount's role),
    /// for MinIO `artifacts`.
    pub credentials_secret: Option<String>,
    /// Days after which the proposed lifecycle rules let artifacts expire, except those of pipelines with `keep_artifacts`.
    /// Default: `90`.
    pub expire_days: Option<u32>,
    /// The same for the logs of pods. Default: `30`.
    pub log_expire_days: Option<u32>,
    /// Whether Argo deletes a run's artifacts with its Workflow, two weeks after its end. Then no later run can fetch them.
    /// Default: `false`.
    pub delete_with_run: bool,
}

/// Which kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Store {
    /// Amazon S3.
    S3,
    /// MinIO, or another server that speaks S3.
    Minio,
}
