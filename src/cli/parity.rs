//! `gocd2argo parity`: run histories of GoCD and Argo, compared.

use std::path::PathBuf;

use clap::Args;

use super::{Format, Status, talk};
use crate::parity::{parity, text};

/// Arguments of `parity`.
#[derive(Args)]
pub struct Parity {
    /// JSON exported from GoCD's API: files, or folders that are searched for `*.json` (docs/retirement.md).
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    gocd: Vec<PathBuf>,
    /// Workflows as JSON, from the cluster or from Argo's archive: files, or folders that are searched for `*.json`.
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    argo: Vec<PathBuf>,
    /// Finished runs that a pipeline must have on Argo before it is judged.
    #[arg(long, default_value_t = 10, value_name = "N")]
    least_runs: usize,
    /// How to print; `json` is docs/parity.schema.json.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Parity {
    /// Runs the command.
    ///
    /// # Errors
    /// When an export cannot be read or is none.
    pub fn run(self) -> anyhow::Result<Status> {
        let parity = parity(&self.gocd, &self.argo, self.least_runs)?;
        match self.format {
            Format::Text => talk::print(&text(&parity))?,
            Format::Json => talk::print(&(serde_json::to_string_pretty(&parity)? + "\n"))?,
        }
        Ok(if parity.holds { Status::Good } else { Status::Attention })
    }
}
