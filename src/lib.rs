//! Moves GoCD pipelines to Argo Workflows and Argo Events.
//!
//! The passes, in the order of the data: [`source`] → [`gocd`] → [`plan`] →
//! [`render`] → [`check`] → [`output`] → [`report`].

pub mod check;
pub mod finding;
pub mod gocd;
pub mod output;
pub mod plan;
pub mod render;
pub mod report;
pub mod settings;
pub mod source;
pub mod span;
