//! The configuration as GoCD understands it: typed, independent of YAML and of Argo.
//!
//! [`read`] does what GoCD's YAML plugin does (form errors are findings); [`complete`] does what the server
//! does afterwards: version migrations, parameters, validation. What the server would refuse is marked
//! `refused` on the pipeline, so that the rest can still be converted.

pub mod artifact;
mod complete;
pub mod environment;
pub mod git_url;
pub mod job;
pub mod json;
pub mod material;
mod migrate;
pub mod parameter;
pub mod pipeline;
pub mod places;
pub mod quartz;
mod read;
pub mod secret;
pub mod stage;
pub mod task;
#[cfg(test)]
mod testing;
pub mod timer;
mod validate;
pub mod variable;

pub use artifact::{Artifact, ArtifactKind};
pub use complete::complete;
pub use environment::Environment;
pub use git_url::GitUrl;
pub use job::{Job, RunInstances};
pub use json::json;
pub use material::{Filter, Material, MaterialKind};
pub use pipeline::{Lock, Pipeline, TrackingTool};
pub use read::read;
pub use secret::{secret_spans, secrets};
pub use stage::{Approval, Stage};
pub use task::{Fetch, RunIf, Task, TaskKind};
pub use timer::Timer;
pub use variable::{Variable, VariableValue};

use crate::finding::Rule;
use crate::span::Src;

/// All files of a repository, read as one: what a GoCD server would hold.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// The format version that holds for the whole repository; 1 when no file declares one.
    pub format_version: i32,
    /// Where that version is declared first; `None` when no file declares one.
    pub declared_version: Option<Src<i32>>,
    /// Pipelines in order of file and source.
    pub pipelines: Vec<Pipeline>,
    /// Names of pipelines that are in the files, but were refused by the plugin: they are in no list, but not unknown.
    pub left_out: Vec<Src<String>>,
    /// Environments in order of file and source. The same name may occur in several files: GoCD unites them.
    pub environments: Vec<Environment>,
}

impl Configuration {
    /// The pipelines that GoCD would run, in order.
    pub fn sound(&self) -> impl Iterator<Item = &Pipeline> {
        self.pipelines.iter().filter(|pipeline| !pipeline.refused)
    }

    /// The sound pipeline of that name; GoCD compares names without case.
    pub fn pipeline(&self, name: &str) -> Option<&Pipeline> {
        self.sound().find(|pipeline| pipeline.name.eq_ignore_ascii_case(name))
    }

    /// The environment parts that a pipeline is a member of (a pipeline is in at most one environment,
    /// which may be written in several files).
    pub fn environments_of<'a>(&'a self, pipeline: &'a str) -> impl Iterator<Item = &'a Environment> {
        let name = self
            .environments
            .iter()
            .find(|environment| environment.has(pipeline))
            .map(|environment| environment.name.to_lowercase());
        self.environments.iter().filter(move |environment| Some(environment.name.to_lowercase()) == name)
    }
}

/// The rules of this room.
pub fn rules() -> Vec<&'static Rule> {
    [
        read::rules(),
        complete::RULES.to_vec(),
        migrate::RULES.to_vec(),
        parameter::RULES.to_vec(),
        validate::rules(),
    ]
    .concat()
}
