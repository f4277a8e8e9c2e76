//! The answer: plain data, in GoCD's words.

use serde::Serialize;

use super::value::Value;

/// What GoCD does with one run. `docs/trace.schema.json` describes its JSON form.
#[derive(Clone, Debug, Serialize)]
pub struct Trace {
    /// Version of this form.
    pub version: u32,
    /// The pipeline's name as defined.
    pub pipeline: String,
    /// Its group.
    pub group: String,
    /// The environment it is in.
    pub environment: Option<String>,
    /// What GoCD says started it: `changes`, `timer` or a user's name.
    pub trigger: Value,
    /// Its lock.
    pub lock: LockTrace,
    /// All stages in order, those that are not reached too.
    pub stages: Vec<StageTrace>,
    /// How the run stands at the end of the trace.
    pub result: Outcome,
    /// The stage that waits for a person.
    pub waits_for: Option<String>,
    /// Pipelines of this configuration that depend on a stage that has passed.
    pub downstream: Vec<Downstream>,
    /// What a reader should know about this trace.
    pub notes: Vec<String>,
}

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Passed.
    Passed,
    /// Failed.
    Failed,
    /// Not over: a person has to start the next stage.
    Waiting,
}

/// The pipeline's lock. GoCD: §3.10.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LockTrace {
    /// `none`, `lockOnFailure` or `unlockWhenFinished`.
    pub behavior: &'static str,
    /// Whether the run takes the lock at its first stage.
    pub taken: bool,
    /// Whether it still holds it at the end of the trace.
    pub held: bool,
    /// Why.
    pub why: String,
}

/// Where a stage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StageState {
    /// It ran.
    Ran,
    /// A person may start it, and nobody has.
    Waits,
    /// It is not reached.
    Unreached,
}

/// A stage. Stages run one after the other, the jobs of one at the same time.
#[derive(Clone, Debug, Serialize)]
pub struct StageTrace {
    /// Its name.
    pub name: String,
    /// Whether it is started by hand.
    pub manual: bool,
    /// Where it stands.
    pub state: StageState,
    /// Why it stands there.
    pub why: String,
    /// Its result, if it ran.
    pub result: Option<Outcome>,
    /// Its jobs, instances one by one; none if it did not run.
    pub jobs: Vec<JobTrace>,
}

/// A job, or one instance of it.
#[derive(Clone, Debug, Serialize)]
pub struct JobTrace {
    /// Its name, with the suffix of its instance.
    pub name: String,
    /// Minutes without output after which GoCD cancels it.
    pub silent_minutes: Option<i32>,
    /// What is checked out before the first task.
    pub checkouts: Vec<Checkout>,
    /// The variables that GoCD sets, of every name the one that wins.
    pub environment: Vec<Variable>,
    /// Its tasks in order.
    pub tasks: Vec<TaskTrace>,
    /// What is published after the last task, whether the job has passed or failed.
    pub uploads: Vec<Upload>,
    /// Its result.
    pub result: Outcome,
}

/// A material in the working directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checkout {
    /// The material's name.
    pub material: String,
    /// Below the working directory; `.` for the directory itself.
    pub destination: String,
    /// Its revision.
    pub revision: Value,
}

/// An environment variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Who sets it.
    pub from: Level,
}

/// Who sets a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// GoCD itself.
    Gocd,
    /// The environment.
    Environment,
    /// The pipeline.
    Pipeline,
    /// The stage.
    Stage,
    /// The job.
    Job,
}

/// A task.
#[derive(Clone, Debug, Serialize)]
pub struct TaskTrace {
    /// `passed`, `failed` or `any`.
    pub run_if: &'static str,
    /// Whether it runs.
    pub runs: bool,
    /// Why it does not run, or why it fails; empty otherwise.
    pub why: String,
    /// What it does.
    pub action: Action,
    /// Below the pipeline's working directory; `.` for the directory itself.
    pub working_directory: String,
    /// Its result, if it runs.
    pub result: Option<Outcome>,
    /// What is done when the job is cancelled during this task.
    pub on_cancel: Option<Action>,
}

/// What a task does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Action {
    /// A program with literal arguments.
    Exec {
        /// Program and arguments.
        words: Vec<String>,
    },
    /// A text run by an interpreter, always in the pipeline's working directory.
    Script {
        /// The text.
        text: String,
        /// `bash`, or what the text's first line names behind `#!`.
        interpreter: String,
    },
    /// A copy of another job's artifacts.
    Fetch {
        /// Whose pipeline.
        pipeline: String,
        /// `the same run`, or how the run is found.
        run: String,
        /// Whose stage.
        stage: String,
        /// Whose job.
        job: String,
        /// Path below its artifacts.
        source: String,
        /// A file, or a directory.
        is_file: bool,
        /// Where it arrives, below the working directory.
        arrives_at: String,
    },
    /// A copy of an artifact that is in a plugin's store.
    FetchExternal {
        /// The artifact's id.
        id: String,
    },
    /// The work of a task plugin.
    Plugin {
        /// The plugin's id.
        id: String,
    },
}

/// What is published. GoCD: §3.9.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Upload {
    /// `build`, `test` or `external`.
    pub kind: &'static str,
    /// Ant pattern below the working directory; of an external artifact its id.
    pub source: String,
    /// Folder below the job's artifacts; empty for the root.
    pub destination: String,
    /// What is taken off the front of a matched path.
    pub strip: String,
    /// What happens when nothing matches.
    pub if_missing: &'static str,
    /// The files that arrive, as paths below the job's artifacts; absent where the files are not known.
    pub published: Option<Vec<String>>,
}

/// A pipeline that depends on a stage which has passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Downstream {
    /// Its name.
    pub pipeline: String,
    /// The stage it depends on.
    pub stage: String,
    /// Whether it starts by itself.
    pub starts: bool,
    /// Why, or on which condition.
    pub why: String,
}
