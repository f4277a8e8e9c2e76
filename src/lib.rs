//! Moves GoCD pipelines to Argo Workflows and Argo Events.
//!
//! The passes, in the order of the data: [`source`] → [`gocd`] → [`plan`] →
//! [`render`] → [`check`] → [`output`] → [`report`]. [`passes`] runs them.
//! Beside them stand [`migration`]: in which order pipelines move, and [`reference`](mod@reference): what GoCD does when a pipeline runs.

pub mod check;
pub mod cli;
pub mod finding;
pub mod gocd;
pub mod migration;
pub mod output;
pub mod parity;
pub mod passes;
pub mod plan;
pub mod reference;
pub mod render;
pub mod report;
pub mod settings;
pub mod source;
pub mod span;
