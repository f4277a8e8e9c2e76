//! `gocd2argo diff`: what `convert` would change, for a review or a check in CI.

use std::path::PathBuf;

use clap::Args;

use super::convert::{Outcome, compare};
use super::{Format, Options, Source, Status, talk};
use crate::report::diff;

/// Arguments of `diff`.
#[derive(Args)]
pub struct Diff {
    #[command(flatten)]
    source: Source,
    /// Folder that `convert` writes to. Default: `argo` beside the source.
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Diff {
    /// Runs the command.
    ///
    /// # Errors
    /// When something cannot be read.
    pub fn run(self) -> anyhow::Result<Status> {
        let out = self.out.clone().unwrap_or_else(|| self.source.default_out());
        let Outcome { mut reading, comparison } = compare(&self.source, &self.options, &out)?;
        let Some(comparison) = comparison else {
            talk::refuse(&mut reading);
            if self.format == Format::Json {
                talk::print(&talk::json(&reading, &[])?)?;
            }
            return Ok(Status::Error);
        };
        match self.format {
            Format::Json => talk::print(&talk::json(&reading, &comparison.files)?)?,
            Format::Text => {
                talk::print(&diff::coloured(&comparison.files))?;
                talk::say(&talk::summary(&reading, &comparison.files));
            }
        }
        Ok(if comparison.differs() { Status::Attention } else { Status::Good })
    }
}
