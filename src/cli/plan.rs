//! `gocd2argo plan`: in which order pipelines move.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Source, Status, talk};
use crate::migration::{self, text};
use crate::render::yaml_text::scalar;

/// Arguments of `plan`.
#[derive(Args)]
pub struct Plan {
    #[command(flatten)]
    source: Source,
    /// Configuration file; else the first `gocd2argo.yaml` in the source's folder or one above it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Order what is sound even where GoCD would refuse the repository.
    #[arg(long)]
    keep_going: bool,
    /// How to print the waves.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// Forms of the waves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Text,
    /// One JSON document: docs/plan.schema.json.
    Json,
    /// The key `migration.waves` for gocd2argo.yaml: with it the waves stay when findings come and go.
    Config,
}

impl Plan {
    /// Runs the command.
    ///
    /// # Errors
    /// When something cannot be read.
    pub fn run(self) -> anyhow::Result<Status> {
        let settings = self.source.settings(self.config.as_deref())?;
        let mut reading = self.source.read()?;
        if reading.is_refused() && !self.keep_going {
            talk::refuse(&mut reading);
            return Ok(Status::Error);
        }
        reading.plan(&settings);
        let waves = migration::waves(&reading.configuration, &reading.account.findings, &settings);
        match self.format {
            Form::Text => talk::print(&text::text(&waves))?,
            Form::Json => talk::print(&(serde_json::to_string_pretty(&waves)? + "\n"))?,
            Form::Config => talk::print(&text::config(&waves, &|name| scalar(name)))?,
        }
        Ok(if reading.is_refused() { Status::Attention } else { Status::Good })
    }
}
