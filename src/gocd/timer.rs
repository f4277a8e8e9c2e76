//! A pipeline's timer.

use super::quartz::{Quartz, QuartzError};
use crate::span::{Place, Src};

/// `timer`: starts a run by the clock.
#[derive(Clone, Debug)]
pub struct Timer {
    /// The key `timer`.
    pub place: Place,
    /// `spec`: a Quartz expression of six or seven fields, in the server's time zone.
    pub spec: Src<String>,
    /// `only_on_changes`: start only if a material has a revision not built yet. Absent: false.
    pub only_on_changes: Option<Src<bool>>,
}

impl Timer {
    /// The times it names.
    ///
    /// # Errors
    /// `spec` is no Quartz expression; [`super::complete`] refuses the pipeline then.
    pub fn schedule(&self) -> Result<Quartz, QuartzError> {
        Quartz::parse(&self.spec)
    }
}
