//! How images are built, as `gocd2argo.yaml` says it.

use serde::Deserialize;

use super::Resources;

/// Image builds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Kaniko {
    /// Executor image with a shell (a `-debug` tag). Default: a pinned one, below; why that one:
    /// `docs/kaniko.md`.
    pub image: Option<String>,
    /// Image with `crane` and a busybox shell, for images that are copied from one registry to another. Default: a
    /// pinned one, below.
    pub copy_image: Option<String>,
    /// Repository for cached layers, for example `registry.example.com/cache`; `per-image` for one below each image's own
    /// repository (`registry.example.com/shop/api/cache`). Default: no cache.
    pub cache_repository: Option<String>,
    /// How Kaniko sees what a command of the Dockerfile has changed: `full` (by content), `redo` (by time and size,
    /// about twice as fast) or `time`. Default: Kaniko's own, `full`.
    pub snapshot_mode: Option<String>,
    /// Whether cached layers are compressed in memory. `false` takes less memory and more traffic. Default: Kaniko's own,
    /// true.
    pub compressed_caching: Option<bool>,
    /// Folders of the build's container that are no part of any image. Default: none besides Kaniko's own and the mounts.
    pub ignore_paths: Vec<String>,
    /// Further flags of the executor, for every build.
    pub flags: Vec<String>,
    /// `true` converts also what nobody can foresee: builds in loops over whatever files there are, commands that
    /// react to a failed build, and `docker run -d`. They keep their place in the script and ask the containers there.
    /// Default: each is left for a person.
    pub at_run_time: bool,
    /// Container resources of the executor.
    pub resources: Resources,
    /// Secret of type `kubernetes.io/dockerconfigjson` with the credentials for all registries.
    /// Default: `registry-credentials`. With `""`, none is mounted (ECR through the ServiceAccount's role).
    pub credentials_secret: Option<String>,
}

impl Kaniko {
    /// The flags that go into every build.
    pub fn all_flags(&self) -> Vec<String> {
        let mode = self.snapshot_mode.iter().map(|mode| format!("--snapshot-mode={mode}"));
        let compressed = self.compressed_caching.iter().map(|on| format!("--compressed-caching={on}"));
        let ignored = self.ignore_paths.iter().map(|path| format!("--ignore-path={path}"));
        mode.chain(compressed).chain(ignored).chain(self.flags.iter().cloned()).collect()
    }
}
