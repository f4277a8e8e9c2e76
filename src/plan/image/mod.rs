//! Kaniko builds in place of docker builds.
//!
//! The job is one pod, and its scripts keep running where they run. Each `docker build` in them is replaced, in
//! place, by a request to a container of the same pod that has Kaniko's executor, the same workspace, and nothing
//! else to do. So the script's own shell still decides what runs, in which order, with which values, and what a
//! failure means. What belongs to the build (tag, push, save) becomes part of the request; what only served the
//! daemon disappears; what cannot be converted stays, behind a command that fails and says so.

use crate::finding::{Account, Rule};
use crate::span::Place;
use follow::Known;
use std::collections::{BTreeMap, BTreeSet};
use unit::Unit;

pub mod across;
pub mod build;
pub mod buildkit;
pub mod compose;
pub mod docker;
mod dockerfile;
mod events;
pub mod folder;
mod follow;
mod guard;
mod job;
pub mod kaniko;
mod links;
pub mod outcome;
mod reach;
pub mod request;
mod retry;
pub(in crate::plan) mod rewrite;
pub mod rules;
pub mod run;
mod runs;
mod scripts;
pub mod shell;
mod standing;
pub(in crate::plan) mod unit;
pub mod value;

pub use build::{Image, ImageBuild};
pub use outcome::ContainerStep;

/// A task of a job as the swap sees it.
#[derive(Clone, Copy, Debug)]
pub struct TaskText<'a> {
    /// Of the script's text, or of the command.
    pub place: Place,
    /// Of the task's list item.
    pub item: Place,
    /// What it runs.
    pub form: Form<'a>,
    /// `working_directory` below the pipeline's own; empty for that itself.
    pub directory: &'a str,
}

/// What a task runs.
#[derive(Clone, Copy, Debug)]
pub enum Form<'a> {
    /// Shell text.
    Script(&'a str),
    /// A program and its arguments, without a shell.
    Exec(&'a [String]),
    /// Anything else: fetch, plugins.
    Other,
}

/// What becomes of a job's tasks, and the containers they need.
#[derive(Debug, Default)]
pub struct JobImages {
    /// One for each task, in order.
    pub tasks: Vec<NewForm>,
    /// The builds in order; each is a container of the pod.
    pub builds: Vec<ImageBuild>,
    /// Copies without a build. If there are any, the pod needs the container [`kaniko::COPIER`] with `crane`, which
    /// waits for requests like the build containers.
    pub copies: Vec<ImageCopy>,
    /// Containers in place of `docker run`, in order.
    pub steps: Vec<ContainerStep>,
    /// The containers of the pod that do it.
    pub containers: Vec<run::RunContainer>,
    /// Further host names of the pod, and their addresses.
    pub hosts: Vec<(String, String)>,
    /// All commands in order, and what became of them.
    pub events: Vec<outcome::Event>,
}

/// An image copied to a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageCopy {
    /// A reference, or a file below the pipeline's working directory.
    pub from: String,
    /// The reference it gets.
    pub to: String,
    /// The shell condition under which it is copied.
    pub condition: Option<String>,
    /// Values of the loop variable or of the function's parameters for each run, as for builds.
    pub runs: Vec<Vec<(String, String)>>,
    /// The host copied to, where it is known.
    pub registry: Option<String>,
    /// The task.
    pub place: Place,
}

/// What becomes of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewForm {
    /// It stays as it is.
    Unchanged,
    /// Other shell text.
    Script(String),
    /// Other words.
    Exec(Vec<String>),
    /// The task only logged in, tagged or cleaned up: nothing of it is left.
    Nothing,
}

/// What is known besides the tasks.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Repository for cached layers.
    pub cache_repo: Option<&'a str>,
    /// Plain variables of the environment, pipeline, stage and job.
    pub variables: &'a BTreeMap<String, String>,
    /// Names of secure variables.
    pub secure: &'a BTreeSet<String>,
    /// Text of repository files by path; may always know nothing.
    pub files: &'a dyn Fn(&str) -> Option<String>,
    /// Secret with the credentials for all registries; empty when pods push by their ServiceAccount's role.
    pub registry_secret: &'a str,
    /// Convert also what nobody can say before the job runs: loops over files, commands that react to a failed build,
    /// containers in the background.
    pub at_run_time: bool,
    /// Further words for each executor.
    pub extra_flags: &'a [String],
    /// Which images BuildKit builds; `None` for none.
    pub buildkit: Option<buildkit::Choice<'a>>,
    /// What other jobs of the pipeline have to do with this job's images.
    pub joins: Option<&'a across::Joins>,
}

impl<'a> Options<'a> {
    /// What holds without a configuration, and for a job on its own.
    pub fn new(
        variables: &'a BTreeMap<String, String>,
        secure: &'a BTreeSet<String>,
        files: &'a dyn Fn(&str) -> Option<String>,
    ) -> Self {
        Options {
            cache_repo: None,
            variables,
            secure,
            files,
            registry_secret: "registry-credentials",
            at_run_time: false,
            extra_flags: &[],
            buildkit: None,
            joins: None,
        }
    }

    /// Reads tasks, and the scripts that they call.
    fn read(&self, tasks: &[TaskText<'_>]) -> Vec<Unit> {
        let is_set = |name: &str| self.sets(name);
        let known = Known { files: self.files, is_set: &is_set };
        tasks.iter().map(|task| Unit::read(task, &known)).collect()
    }

    /// Is the variable set for the job by GoCD?
    fn sets(&self, name: &str) -> bool {
        self.variables.contains_key(name) || self.secure.contains(name) || name.starts_with("GO_")
    }
}

/// Plans the images of one job.
pub fn plan(tasks: &[TaskText<'_>], options: &Options<'_>, account: &mut Account) -> JobImages {
    match options.joins {
        Some(joins) => job::plan(tasks, &joins.units, options, account),
        None => job::plan(tasks, &options.read(tasks), options, account),
    }
}

/// The rules of this room.
pub fn rules() -> Vec<&'static Rule> {
    rules::all()
}

#[cfg(test)]
mod tests;
