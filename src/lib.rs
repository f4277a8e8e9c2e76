//! Moves GoCD pipelines to Argo Workflows and Argo Events.
//!
//! The passes, in the order of the data: [`source`] → [`gocd`] → [`plan`] → render → check → report.

pub mod finding;
pub mod gocd;
pub mod plan;
pub mod render;
pub mod settings;
pub mod source;
pub mod span;
