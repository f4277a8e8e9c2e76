//! Tasks: what a job does, in order.

use crate::span::{Place, Src};

/// A task of a job.
#[derive(Clone, Debug)]
pub struct Task {
    /// The list item; for an `on_cancel` task, its key.
    pub item: Place,
    /// What it does; the place is the key that names the kind (`exec`, `script`, …).
    pub kind: Src<TaskKind>,
    /// `run_if` as written; unknown text means `passed` to GoCD.
    pub run_if: Option<Src<String>>,
    /// `on_cancel`: a task to run when the job is cancelled while this one is in progress.
    pub on_cancel: Option<Box<Task>>,
    /// `working_directory`, below the pipeline's working directory.
    pub working_directory: Option<Src<String>>,
    /// Container keys (`arguments`, `on_cancel`, `configuration`, `options`, …).
    pub containers: Vec<Place>,
    /// Every other key whose value is text: the plugin copies it, the server ignores it.
    pub unknown: Vec<Src<(String, String)>>,
}

/// When a task runs, by the job's status so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunIf {
    /// Only while nothing has failed.
    Passed,
    /// Only after a failure.
    Failed,
    /// Always.
    Any,
}

impl Task {
    /// When it runs; GoCD takes unknown text as `passed`.
    pub fn run_if(&self) -> RunIf {
        match self.run_if.as_ref().map(|text| text.value.as_str()) {
            Some("failed") => RunIf::Failed,
            Some("any") => RunIf::Any,
            _ => RunIf::Passed,
        }
    }
}

/// The kinds of tasks.
#[allow(clippy::large_enum_variant, reason = "fetches are common, and a box would show in every match")]
#[derive(Clone, Debug)]
pub enum TaskKind {
    /// A program with literal arguments; no shell.
    Exec {
        /// `command`; the server requires it.
        command: Option<Src<String>>,
        /// `arguments`, one each.
        arguments: Vec<Src<Option<String>>>,
        /// `timeout`: accepted, without effect.
        timeout: Option<Src<i32>>,
    },
    /// `ant`, `nant` or `rake`.
    Build {
        /// Which of the three.
        tool: &'static str,
        /// `build_file`
        build_file: Option<Src<String>>,
        /// `target`: words split on blanks.
        target: Option<Src<String>>,
        /// `nant_path`, nant only.
        nant_path: Option<Src<String>>,
    },
    /// `fetch`
    Fetch(Fetch),
    /// `script`: text given to bash by the plugin `script-executor`, without `-e`.
    Script {
        /// The text; the place is the `script` key's value.
        text: Src<String>,
    },
    /// `plugin`: some other task plugin.
    Plugin {
        /// `configuration.id`
        id: Option<Src<String>>,
        /// `configuration.version`
        version: Option<Src<String>>,
        /// `options`
        options: Vec<Src<(String, Option<String>)>>,
        /// `secure_options`; values are ciphertext.
        secure_options: Vec<Src<(String, Option<String>)>>,
    },
    /// A kind that GoCD does not know: the server refuses the whole repository.
    Unknown {
        /// The key as written.
        name: String,
    },
}

/// A fetch of another job's artifacts.
#[derive(Clone, Debug, Default)]
pub struct Fetch {
    /// `artifact_origin`: `gocd` (default) or `external`.
    pub artifact_origin: Option<Src<String>>,
    /// `pipeline`: a name, or a path `ancestor/…/parent`; absent: the same pipeline.
    pub pipeline: Option<Src<String>>,
    /// `stage`
    pub stage: Option<Src<String>>,
    /// `job`, for several instances the instance's name.
    pub job: Option<Src<String>>,
    /// `source`, below that job's artifacts.
    pub source: Option<Src<String>>,
    /// `is_file`; absent: a directory.
    pub is_file: Option<Src<bool>>,
    /// `destination`, below the working directory.
    pub destination: Option<Src<String>>,
    /// `artifact_id` of an external artifact.
    pub artifact_id: Option<Src<String>>,
    /// External only: the key `configuration`. Without any option in it the server cannot read the file.
    pub configuration: Option<Place>,
    /// External only: `configuration.options`.
    pub options: Vec<Src<(String, Option<String>)>>,
    /// External only: `configuration.secure_options`.
    pub secure_options: Vec<Src<(String, Option<String>)>>,
}

impl Fetch {
    /// Whether it fetches through an artifact plugin.
    pub fn is_external(&self) -> bool {
        self.artifact_origin.as_ref().is_some_and(|origin| origin.value == "external")
    }
}
