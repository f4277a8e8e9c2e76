//! Artifacts a job publishes.

use crate::span::{Place, Src};

/// One item of `artifacts`.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The list item.
    pub item: Place,
    /// Which kind; the place is its key.
    pub kind: Src<ArtifactKind>,
    /// `source`: an Ant pattern below the working directory (`build` and `test`).
    pub source: Option<Src<String>>,
    /// `destination` below the job's artifacts; absent: see [`Artifact::destination`].
    pub destination: Option<Src<String>>,
    /// `external`: id.
    pub id: Option<Src<String>>,
    /// `external`: store on the server.
    pub store_id: Option<Src<String>>,
    /// `external`: options for the plugin.
    pub options: Vec<Src<(String, Option<String>)>>,
    /// `external`: secure options; values are ciphertext.
    pub secure_options: Vec<Src<(String, Option<String>)>>,
    /// Container keys (`configuration`, `options`, …).
    pub containers: Vec<Place>,
}

/// The kinds of artifacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtifactKind {
    /// `build`: a job whose source matches nothing fails.
    Build,
    /// `test`: also read as a test report; no match is only a warning.
    Test,
    /// `external`: goes through an artifact plugin into a store.
    External,
}

impl Artifact {
    /// Where it lands below the job's artifacts; empty for the root.
    pub fn destination(&self) -> &str {
        match (&self.destination, self.kind.value) {
            (Some(destination), _) => &destination.value,
            (None, ArtifactKind::Test) => "testoutput",
            (None, _) => "",
        }
    }
}
