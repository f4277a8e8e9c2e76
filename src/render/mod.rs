//! Manifests as text, made from the plan with the templates.

pub mod runtime;

/// One file of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Path below the output folder, with `/`; made of names this program chose.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// Original names of the pipelines it belongs to; empty for shared parts.
    pub pipelines: Vec<String>,
}
