//! `gocd2argo lint`: findings only.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Format, Part, Source, Status, talk};
use crate::finding::Severity;

/// Arguments of `lint`.
#[derive(Args)]
pub struct Lint {
    #[command(flatten)]
    source: Source,
    /// Configuration file; else the first `gocd2argo.yaml` in the source's folder or one above it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    part: Part,
    /// Least severity that is shown and counts.
    #[arg(long, value_enum, default_value_t = Level::Warning)]
    level: Level,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Severities, as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Level {
    /// Everything.
    Info,
    /// What may matter.
    Warning,
    /// What a person has to decide.
    Decision,
    /// What GoCD would refuse.
    Error,
}

impl Lint {
    /// Runs the command.
    ///
    /// # Errors
    /// When something cannot be read.
    pub fn run(self) -> anyhow::Result<Status> {
        let settings = self.source.settings(self.config.as_deref())?;
        let mut reading = self.source.read()?;
        reading.plan_part(&settings, &self.part.selection())?;
        talk::report_unaccounted(&reading);
        let least = match self.level {
            Level::Info => Severity::Info,
            Level::Warning => Severity::Warning,
            Level::Decision => Severity::Decision,
            Level::Error => Severity::Error,
        };
        let shown = talk::from(&reading.account.findings, least);
        match self.format {
            Format::Json => {
                reading.account.findings = shown.clone();
                talk::print(&talk::json(&reading, &[])?)?;
            }
            Format::Text => talk::print(&talk::draw(&reading, &shown, true))?,
        }
        Ok(match (reading.is_refused(), shown.is_empty()) {
            (true, _) => Status::Error,
            (false, true) => Status::Good,
            (false, false) => Status::Attention,
        })
    }
}
