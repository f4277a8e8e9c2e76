//! A stage: jobs that run at the same time, and who starts them.

use super::{Job, Variable};
use crate::span::{Place, Src};

/// A stage of a pipeline.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its name; the place is the key below the list item.
    pub name: Src<String>,
    /// The list item it is written in (`None` inside a flattened list's own item is not possible: every item has one).
    pub item: Place,
    /// `fetch_materials`: false means no checkout in this stage's jobs. Absent: true.
    pub fetch_materials: Option<Src<bool>>,
    /// `keep_artifacts`: never purge this stage's artifacts. Absent: false.
    pub keep_artifacts: Option<Src<bool>>,
    /// `clean_workspace`: empty the working directory before each job. Absent: false.
    pub clean_workspace: Option<Src<bool>>,
    /// `approval`; absent: automatic.
    pub approval: Option<Approval>,
    /// `environment_variables` and `secure_variables` of the stage.
    pub variables: Vec<Variable>,
    /// Container keys (`jobs`, `environment_variables`, …).
    pub containers: Vec<Place>,
    /// Jobs in source order. A stage with `tasks` has one job named like the stage.
    pub jobs: Vec<Job>,
}

impl Stage {
    /// Whether a person has to start it.
    pub fn is_manual(&self) -> bool {
        self.approval.as_ref().is_some_and(|approval| approval.kind.value == "manual")
    }

    /// Whether jobs check the materials out.
    pub fn fetches_materials(&self) -> bool {
        self.fetch_materials.as_ref().is_none_or(|flag| flag.value)
    }

    /// The job of that name; GoCD compares names without case.
    pub fn job(&self, name: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.name.eq_ignore_ascii_case(name))
    }
}

/// `approval`, in its short (`approval: manual`) or its map form.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The key `approval`.
    pub place: Place,
    /// `success` or `manual`; the short form `auto` is stored as `success`.
    pub kind: Src<String>,
    /// `allow_only_on_success`; absent: false.
    pub allow_only_on_success: Option<Src<bool>>,
    /// `users`, each its own item.
    pub users: Vec<Src<Option<String>>>,
    /// `roles`, each its own item.
    pub roles: Vec<Src<Option<String>>>,
    /// Container keys (`users`, `roles`).
    pub containers: Vec<Place>,
}
