//! Moves GoCD pipelines to Argo Workflows and Argo Events.
//!
//! The passes, in the order of the data: [`source`] → [`gocd`] → [`plan`] →
//! [`render`] → [`check`] → [`output`] → [`report`]. [`passes`] runs them.
//! Beside them stand [`migration`], in which order pipelines move, [`reference`](mod@reference), what GoCD does when a pipeline
//! runs, and [`simulate`], what Argo does with an event, decided from the manifests.

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
pub mod simulate;
pub mod source;
pub mod span;
