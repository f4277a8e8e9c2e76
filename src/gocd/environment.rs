//! Environments: which pipelines share variables and agents.

use super::Variable;
use crate::span::{FileId, Place, Slot, Src};

/// An environment as one file defines it. GoCD unites all definitions of the same name.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The file that defines this part.
    pub file: FileId,
    /// Its name.
    pub name: Src<String>,
    /// Every slot of its text.
    pub slots: Vec<Slot>,
    /// True when GoCD's server would refuse it.
    pub refused: bool,
    /// `pipelines`: names, compared without case.
    pub pipelines: Vec<Src<Option<String>>>,
    /// `agents`: UUIDs.
    pub agents: Vec<Src<Option<String>>>,
    /// `environment_variables` and `secure_variables`.
    pub variables: Vec<Variable>,
    /// Container keys (`pipelines`, `agents`, …).
    pub containers: Vec<Place>,
}

impl Environment {
    /// Whether the pipeline is a member.
    pub fn has(&self, pipeline: &str) -> bool {
        self.pipelines
            .iter()
            .any(|member| member.value.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(pipeline)))
    }
}
