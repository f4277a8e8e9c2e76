//! Text of which parts are only known when something runs.

use serde::{Serialize, Serializer};

/// Text of which parts may only be known when something runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value(pub Vec<Part>);

/// A part of a [`Value`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text.
    Text(String),
    /// What only a run knows.
    Run(Known),
    /// A secret: never shown.
    Secret,
}

/// What only a run knows. The texts are names of materials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// The server's address.
    ServerUrl,
    /// The pipeline's counter.
    Counter,
    /// The pipeline's label.
    Label,
    /// Who started the run.
    User,
    /// What the agent offers.
    AgentResources,
    /// Number of the agent that a job on all agents runs on.
    AgentNumber,
    /// How many agents there are.
    Agents,
    /// Revision of a material.
    Revision(String),
    /// First revision of a material since the last run.
    FromRevision(String),
    /// Whether a material has changed.
    HasChanged(String),
    /// Label of an upstream run.
    UpstreamLabel(String),
    /// Locator of an upstream run.
    UpstreamLocator(String),
    /// Address of the repository that the configuration is in.
    ConfigurationUrl,
    /// Branch of the repository that the configuration is in.
    ConfigurationBranch,
}

impl Known {
    /// What people read: `<counter>`, `<revision of code>`.
    pub fn shown(&self) -> String {
        match self {
            Known::ServerUrl => "<server url>".into(),
            Known::Counter => "<counter>".into(),
            Known::Label => "<label>".into(),
            Known::User => "<user>".into(),
            Known::AgentResources => "<resources of the agent>".into(),
            Known::AgentNumber => "<number of the agent>".into(),
            Known::Agents => "<number of agents>".into(),
            Known::Revision(material) => format!("<revision of {material}>"),
            Known::FromRevision(material) => format!("<first new revision of {material}>"),
            Known::HasChanged(material) => format!("<whether {material} has changed>"),
            Known::UpstreamLabel(material) => format!("<label of {material}>"),
            Known::UpstreamLocator(material) => format!("<locator of {material}>"),
            Known::ConfigurationBranch => "<branch of the configuration repository>".into(),
            Known::ConfigurationUrl => "<url of the configuration repository>".into(),
        }
    }
}

impl Value {
    /// Text and nothing else.
    pub fn text(text: impl Into<String>) -> Self {
        Value(vec![Part::Text(text.into())])
    }

    /// What only a run knows, and nothing else.
    pub fn run(known: Known) -> Self {
        Value(vec![Part::Run(known)])
    }

    /// What people read. A value with a secret in it is secret as a whole, as in GoCD's console.
    pub fn shown(&self) -> String {
        if self.0.contains(&Part::Secret) {
            return "<secret>".into();
        }
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Run(known) => known.shown(),
            Part::Secret => "<secret>".into(),
        });
        parts.collect()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}
