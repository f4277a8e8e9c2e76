//! A job: tasks in one working directory, on one agent.

use super::{Artifact, Task, Variable};
use crate::span::{Place, Src};

/// A job of a stage.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name. For a stage without `jobs` this is the stage's name and place.
    pub name: Src<String>,
    /// `timeout`: minutes without console output after which GoCD cancels the job; 0 or absent: the server's default.
    pub timeout: Option<Src<i32>>,
    /// `run_instances`
    pub run_instances: Option<Src<RunInstances>>,
    /// `resources`: what an agent must have.
    pub resources: Vec<Src<Option<String>>>,
    /// `elastic_profile_id`
    pub elastic_profile_id: Option<Src<String>>,
    /// `environment_variables` and `secure_variables` of the job.
    pub variables: Vec<Variable>,
    /// `artifacts`
    pub artifacts: Vec<Artifact>,
    /// `tabs`: title and path below the job's artifacts; UI only.
    pub tabs: Vec<Src<(String, String)>>,
    /// `properties` (removed in format version 7): name, source, xpath; the place is the name's key.
    pub properties: Vec<Src<(String, String, String)>>,
    /// Places inside `properties` (`source`, `xpath` keys).
    pub property_keys: Vec<Place>,
    /// `tasks`, flattened, in order.
    pub tasks: Vec<Task>,
    /// Container keys (`tasks`, `artifacts`, `resources`, `tabs`, …) and the items of nested task lists.
    pub containers: Vec<Place>,
}

/// How many copies of a job run in parallel.
#[derive(Clone, Debug, PartialEq)]
pub enum RunInstances {
    /// `all`: one per matching agent.
    All,
    /// A number, as GoCD's lenient reader understood it (it may be fractional or below one: the server refuses those).
    Number(f64),
}
