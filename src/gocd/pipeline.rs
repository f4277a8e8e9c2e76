//! A pipeline: the keys directly below its name.

use super::{Material, Stage, Timer, Variable};
use crate::span::{FileId, Place, Slot, Src};

/// A pipeline as one file defines it.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// The file that defines it.
    pub file: FileId,
    /// The format version that this file declares; 1 when it declares none, whatever the others declare.
    pub file_version: i32,
    /// Its name, as written; unique without case on a server.
    pub name: Src<String>,
    /// Every slot of its text, what is reached through aliases included.
    pub slots: Vec<Slot>,
    /// True when GoCD's server would refuse this pipeline. It is then not converted.
    pub refused: bool,
    /// `group`: required by the server.
    pub group: Option<Src<String>>,
    /// `display_order`: sort key in the UI, no effect at run time.
    pub display_order: Option<Src<i32>>,
    /// `template`: name of a server-side template; its stages are not in any file.
    pub template: Option<Src<String>>,
    /// `label_template`; see [`Pipeline::label_template`].
    pub label_template: Option<Src<String>>,
    /// `locking`, meaningful in format version 1 only.
    pub locking: Option<Src<bool>>,
    /// `lock_behavior` as written.
    pub lock_behavior: Option<Src<String>>,
    /// The lock that holds after migration; set by [`super::complete`].
    pub lock: Option<Src<Lock>>,
    /// `tracking_tool`: UI only.
    pub tracking_tool: Option<TrackingTool>,
    /// `timer`
    pub timer: Option<Timer>,
    /// `environment_variables` and `secure_variables`: plain ones first, then secure ones, in source order.
    pub variables: Vec<Variable>,
    /// The keys `environment_variables`, `secure_variables`, `parameters`, `materials`, `stages` and their
    /// like: containers whose items are booked one by one.
    pub containers: Vec<Place>,
    /// `parameters`, in source order; a value may be absent.
    pub parameters: Vec<Src<(String, Option<String>)>>,
    /// `materials`, in source order.
    pub materials: Vec<Material>,
    /// `stages`, in source order; empty with a template.
    pub stages: Vec<Stage>,
}

impl Pipeline {
    /// The label template, or GoCD's default.
    pub fn label_template(&self) -> &str {
        self.label_template.as_ref().map_or("${COUNT}", |label| label.value.as_str())
    }

    /// Name of its group; GoCD requires one, so the empty default only occurs in refused pipelines.
    pub fn group(&self) -> &str {
        self.group.as_ref().map_or("", |group| group.value.as_str())
    }

    /// Whether the file defines its stages, rather than naming a template.
    pub fn has_stages(&self) -> bool {
        self.template.is_none() || !self.stages.is_empty()
    }

    /// The stage of that name; GoCD compares names without case.
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name.eq_ignore_ascii_case(name))
    }
}

/// `lock_behavior` (format version 2 and later) or `locking` (version 1), after migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Runs may overlap.
    None,
    /// One run at a time; a failed run keeps the lock until its last stage ends or a person unlocks.
    OnFailure,
    /// One run at a time; the lock is free as soon as the run cannot go on by itself.
    WhenFinished,
}

/// `tracking_tool`: how the UI links commit messages to an issue tracker.
#[derive(Clone, Debug)]
pub struct TrackingTool {
    /// The key `tracking_tool`.
    pub place: Place,
    /// `link`
    pub link: Option<Src<String>>,
    /// `regex`
    pub regex: Option<Src<String>>,
}
