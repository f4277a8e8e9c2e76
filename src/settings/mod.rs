//! `gocd2argo.yaml`: what the source does not say and this program would otherwise have to guess.
//!
//! Every key has a documented default. Unknown keys are errors. `gocd2argo init` writes a commented file.

mod artifacts;
mod builds;
mod delivery;
mod git;
mod kaniko;
mod migration;
mod monitoring;
mod placement;
mod platform;
mod runs;
mod secrets;
mod webhooks;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;

pub use artifacts::{Artifacts, Store};
pub use builds::{Build, BuildKit, Builder, builder};
pub use delivery::{Delivered, Delivery, Gitops, Sync};
pub use git::{Git, GitHost, Provider};
pub use kaniko::Kaniko;
pub use migration::Migration;
pub use monitoring::{Monitoring, Slo};
pub use placement::{Placement, Resources};
pub use platform::{ArgoCd, Component, Components, Identity, Local, Overlay};
pub use runs::{Runs, Security, Timers};
pub use secrets::{Secrets, Service};
pub use webhooks::{Gateway, Ingress, Webhooks};

/// Name of the file that is looked for upwards from the source.
pub const FILE_NAME: &str = "gocd2argo.yaml";

/// The whole configuration of a conversion.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    /// Namespace of everything that is written. Default: `ci`.
    pub namespace: Option<String>,
    /// Which image (and node, resources, account) a job gets.
    pub images: Images,
    /// How images are built.
    pub kaniko: Kaniko,
    /// Images with another builder than Kaniko, by repository without tag; `*` stands for any characters, the longest name that
    /// fits decides. Default: none.
    pub builds: BTreeMap<String, Build>,
    /// How images are built by BuildKit.
    pub buildkit: BuildKit,
    /// Git hosts: which webhooks they send, which Secrets hold their credentials.
    pub git: Git,
    /// How the git hosts reach the cluster.
    pub webhooks: Webhooks,
    /// Where artifacts are kept.
    pub artifacts: Artifacts,
    /// The repository that the GoCD files themselves are in, for `configrepo` materials.
    pub config_repository: Option<ConfigRepository>,
    /// Timers.
    pub timers: Timers,
    /// Runs and their state.
    pub runs: Runs,
    /// The way from GoCD to Argo, in waves.
    pub migration: Migration,
    /// What pods may do.
    pub security: Security,
    /// The overlay `minio`: a cluster without AWS.
    pub local: Local,
    /// Who pods are, outside the cluster.
    pub identity: Identity,
    /// Components (folders of `components/`) that the overlays switch on. Default: none.
    pub components: Components,
    /// How Argo CD finds the manifests.
    pub argo_cd: ArgoCd,
    /// The component `monitoring`.
    pub monitoring: Monitoring,
    /// Targets of every pipeline.
    pub slo: Slo,
    /// Secret values outside the cluster.
    pub secrets: Secrets,
    /// What becomes of deployments, by `pipeline/stage/job`. Default: they stay what they are.
    pub delivery: BTreeMap<String, Delivery>,
}

/// Images and placement of jobs, looked up in this order: the job's elastic profile, its resources (in the
/// order the job lists them), the default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Images {
    /// For jobs that nothing else fits. Default: `buildpack-deps:bookworm`, reported as a guess.
    pub default: Option<Placement>,
    /// By elastic profile id.
    pub elastic_profiles: BTreeMap<String, Placement>,
    /// By agent resource.
    pub resources: BTreeMap<String, Placement>,
    /// Image of the steps that this program adds; it needs sh, git, ssh, jq, curl and kubectl.
    /// Default: a pinned one, below.
    pub tools: Option<String>,
}

/// Where the GoCD files themselves come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConfigRepository {
    /// Git URL.
    pub url: String,
    /// Branch. Default: `master`, as GoCD.
    #[serde(default)]
    pub branch: Option<String>,
}

impl Settings {
    /// Reads the file at `path`, or the first [`FILE_NAME`] found in `start` or a folder above it; without any,
    /// the defaults. Also says which file it was.
    ///
    /// # Errors
    /// When the file cannot be read, is no YAML, or has an unknown key: with file, line and column.
    pub fn load(path: Option<&Path>, start: &Path) -> anyhow::Result<(Settings, Option<PathBuf>)> {
        let path = match path {
            Some(path) => Some(path.to_path_buf()),
            None => find_upwards(start),
        };
        let Some(path) = path else { return Ok((Settings::default(), None)) };
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let settings = Settings::parse(&text)
            .with_context(|| format!("`{}` is no valid configuration", path.display()))?;
        Ok((settings, Some(path)))
    }

    /// Reads a configuration from its text. A text without any key is the default.
    ///
    /// # Errors
    /// When it is no YAML, or has an unknown key.
    pub fn parse(text: &str) -> anyhow::Result<Settings> {
        let settings: Option<Settings> = serde_yaml::from_str(text)?;
        Ok(settings.unwrap_or_default())
    }

    /// The namespace of everything that is written.
    pub fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or("ci")
    }

    /// The image of the steps that this program adds.
    pub fn tools_image(&self) -> &str {
        self.images.tools.as_deref().unwrap_or(DEFAULT_TOOLS_IMAGE)
    }

    /// The image for copying images.
    pub fn copy_image(&self) -> &str {
        self.kaniko.copy_image.as_deref().unwrap_or(DEFAULT_COPY_IMAGE)
    }

    /// The Secret with the credentials for all registries; empty when none is to be mounted.
    pub fn registry_secret(&self) -> &str {
        self.kaniko.credentials_secret.as_deref().unwrap_or("registry-credentials")
    }

    /// The executor image for image builds.
    pub fn kaniko_image(&self) -> &str {
        self.kaniko.image.as_deref().unwrap_or(DEFAULT_KANIKO_IMAGE)
    }

    /// The image for builds by BuildKit.
    pub fn buildkit_image(&self) -> &str {
        self.buildkit.image.as_deref().unwrap_or(DEFAULT_BUILDKIT_IMAGE)
    }
}

/// Has crane and a busybox shell.
pub const DEFAULT_COPY_IMAGE: &str = "gcr.io/go-containerregistry/crane/debug:v0.20.6";

/// Has sh, git, ssh, jq, curl and kubectl; no svn, no hg. Alpine 3.22 with kubectl 1.34, for amd64 and arm64, by its
/// Dockerfile at that tag.
pub const DEFAULT_TOOLS_IMAGE: &str = "ghcr.io/helmfile/helmfile:v1.7.4";

/// The maintained fork of the archived project; see `docs/kaniko.md`.
pub const DEFAULT_KANIKO_IMAGE: &str = "ghcr.io/osscontainertools/kaniko:v1.28.3-debug";

/// Runs as the user 1000; has a busybox shell.
pub const DEFAULT_BUILDKIT_IMAGE: &str = "moby/buildkit:v0.29.0-rootless";

fn find_upwards(start: &Path) -> Option<PathBuf> {
    let start = std::path::absolute(start).ok()?;
    start.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placement_is_an_image_or_a_mapping() {
        let settings = Settings::parse(
            "images:\n  default: debian:12\n  elastic-profiles:\n    big: {image: golang:1.25, node-selector: {pool: big}}\n",
        )
        .unwrap();
        assert_eq!(settings.images.default.unwrap().image.as_deref(), Some("debian:12"));
        assert_eq!(settings.images.elastic_profiles["big"].node_selector["pool"], "big");
    }

    #[test]
    fn unknown_keys_are_errors_with_their_line() {
        let error = Settings::parse("namespace: ci\nimages:\n  defualt: debian\n").unwrap_err().to_string();
        assert!(error.contains("defualt") && error.contains("line 3"), "{error}");
        let error = Settings::parse("images:\n  default: {imgae: x}\n").unwrap_err().to_string();
        assert!(error.contains("imgae"), "{error}");
    }

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(Settings::parse("# nothing yet\n").unwrap().namespace(), "ci");
    }
}
