//! What became of a job's use of images, as data for `gocd2argo builds` and for tests. The members have the names and
//! meanings of `fields` in `../shared/spec/docker-to-kaniko.json`.

use super::{ImageBuild, ImageCopy};
use crate::finding::Rule;
use crate::span::Place;
use std::ops::Range;

/// A container that does what a `docker run` did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerStep {
    /// The reference, with `${NAME}` for what is known only when the job runs.
    pub image: String,
    /// Replaces the image's entrypoint.
    pub command: Option<Vec<String>>,
    /// Arguments of the entrypoint.
    pub args: Vec<String>,
    /// Variables, in order.
    pub env: Vec<(String, String)>,
    /// The directory it runs in, if it is not the image's own.
    pub workdir: Option<String>,
    /// Where the working directory is mounted; `SUB:PATH` for a folder of it; `None` for not at all.
    pub workspace: Option<String>,
}

/// What became of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Became {
    /// It stays; it has nothing to do with images, or needs no daemon.
    Kept,
    /// It sets the shell up for what follows (`cd`, `set`, an assignment), and stays.
    KeptState,
    /// Nothing is left of it, and it has no counterpart.
    Removed,
    /// It is build number n of the job.
    Build(usize),
    /// It is part of build number n of the job: a tag, a push, a saved file, the digest.
    PartOf(usize),
    /// It is step number n of the job.
    Step(usize),
    /// It is copy number n of the job.
    Copy(usize),
    /// Another command that was converted does it.
    Joined,
    /// It is never executed.
    Dead,
    /// A person decides.
    Decision,
}

/// A command of the job and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Which task.
    pub task: usize,
    /// The command as written; the words of an `exec` joined by one blank.
    pub text: String,
    /// Where it stands, with the bytes of the task's text where these are known.
    pub place: Place,
    /// See `place`.
    pub range: Option<Range<usize>>,
    /// The file of the repository it stands in and the line there, when it was followed.
    pub inside: Option<(String, usize)>,
    /// What became of it.
    pub became: Became,
    /// Why: findings about it, by name and message.
    pub why: Vec<(&'static str, String)>,
}

/// What became of a job's commands and images.
#[derive(Debug, Clone)]
pub struct JobOutcome {
    /// The pipeline.
    pub pipeline: String,
    /// The stage.
    pub stage: String,
    /// The job.
    pub job: String,
    /// Where the job stands.
    pub place: Place,
    /// Its builds, in order.
    pub builds: Vec<ImageBuild>,
    /// Its container steps, in order.
    pub steps: Vec<ContainerStep>,
    /// Its copies, in order.
    pub copies: Vec<ImageCopy>,
    /// Its commands, in order.
    pub events: Vec<Event>,
    /// For each task its `run_if`; `None` for what runs on cancel.
    pub run_if: Vec<Option<&'static str>>,
    /// The rules of what was found about its images, in order of their names.
    pub findings: Vec<&'static Rule>,
}
