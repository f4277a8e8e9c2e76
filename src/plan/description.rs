//! `pipeline.json`: what `prepare.sh`, `checkout.sh` and `reconcile.sh` know of a pipeline.

use serde::Serialize;

use super::label::Token;
use crate::gocd::MaterialKind;

/// The description of one pipeline. Field names are the scripts' (`templates/runtime/prepare.sh`).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// Original name.
    pub pipeline: String,
    /// Name of its WorkflowTemplate.
    pub slug: String,
    /// Slug of its group.
    pub group: String,
    /// How its label is put together.
    pub label: Vec<Token>,
    /// Last counter in GoCD.
    pub counter_start: u64,
    /// `none`, `lockOnFailure` or `unlockWhenFinished`.
    pub lock: &'static str,
    /// Whether only people and timers start it.
    pub first_stage_manual: bool,
    /// Whether it starts at once when it has never run.
    pub first_run: bool,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
    /// Its materials, in order.
    pub materials: Vec<Material>,
    /// Ancestors that it fetches artifacts from.
    pub ancestors: Vec<Ancestor>,
}

/// A stage, for the scripts.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// Original name.
    pub name: String,
    /// Slug.
    pub slug: String,
    /// Whether a person starts it.
    pub manual: bool,
}

/// An ancestor of which a run has to be found.
#[derive(Clone, Debug, Serialize)]
pub struct Ancestor {
    /// Suffix of the output `anc-<key>`.
    pub key: String,
    /// Slugs from the ancestor down to the direct upstream.
    pub path: Vec<String>,
}

/// A material, for the scripts.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Material {
    /// Original name.
    pub name: String,
    /// Suffix of the outputs `rev-<key>` and the like.
    pub key: String,
    /// Suffix of `GO_REVISION_<SUFFIX>`.
    #[serde(skip)]
    pub variable_suffix: String,
    /// GoCD's kind.
    #[serde(skip)]
    pub kind: MaterialKind,
    /// `git`, `svn`, `hg`, `dependency`, or `other` for what the scripts leave alone.
    #[serde(rename = "type")]
    pub type_name: &'static str,
    /// URL without credentials.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// Branch, or refspec `source:local`; empty for a dependency.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// Whether the clone is shallow.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shallow: bool,
    /// Folder below the working directory; empty for itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub destination: String,
    /// Whether pushes count.
    pub auto_update: bool,
    /// Whether its revision is that of a dependency, so that a push of it alone is nothing new: `fan_in.rs`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// Path filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// Secret mounted at `/gocd-secrets/<name>`, if there is one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub credentials: String,
    /// The upstream stage of a dependency.
    #[serde(flatten)]
    pub upstream: Option<Upstream>,
}

/// A path filter.
#[derive(Clone, Debug, Serialize)]
pub struct Filter {
    /// `ignore` or `includes`.
    pub kind: &'static str,
    /// GoCD's patterns.
    pub patterns: Vec<String>,
}

/// The upstream stage of a dependency material.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Upstream {
    /// Original name of the upstream pipeline.
    pub pipeline: String,
    /// Its slug.
    pub slug: String,
    /// Original name of the stage.
    pub stage: String,
    /// Its slug.
    pub stage_slug: String,
    /// Whether a change of it alone starts nothing.
    pub ignore_for_scheduling: bool,
    /// Whether a repository of the pipeline itself takes its revision from it: then a pass of it may start a run all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pins: bool,
}

impl Upstream {
    /// Whether a pass of it may start a run.
    pub fn starts_runs(&self) -> bool {
        !self.ignore_for_scheduling || self.pins
    }
}

impl Material {
    /// Whether it stands for an upstream stage.
    pub fn is_dependency(&self) -> bool {
        self.upstream.is_some()
    }

    /// Whether jobs check it out.
    pub fn is_checked_out(&self) -> bool {
        matches!(self.type_name, "git" | "svn" | "hg")
    }
}
