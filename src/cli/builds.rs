//! `gocd2argo builds`: what became of each docker command, and why.

use std::path::PathBuf;

use clap::Args;

use super::{Format, Source, Status, talk};

/// Arguments of `builds`.
#[derive(Args)]
pub struct Builds {
    #[command(flatten)]
    source: Source,
    /// Configuration file; else the first `gocd2argo.yaml` in the source's folder or one above it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// `json` is docs/builds.schema.json.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Builds {
    /// Runs the command.
    ///
    /// # Errors
    /// When something cannot be read.
    pub fn run(self) -> anyhow::Result<Status> {
        let settings = self.source.settings(self.config.as_deref())?;
        let mut reading = self.source.read()?;
        talk::print(&match self.format {
            Format::Text => reading.builds(&settings, |builds| Ok(builds.text()))?,
            Format::Json => reading.builds(&settings, |builds| builds.json())?,
        })?;
        Ok(super::show::errors(&mut reading))
    }
}
