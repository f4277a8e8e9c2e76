//! `gocd2argo show`: the configuration as GoCD understands it.

use clap::{Args, ValueEnum};

use super::{Source, Status, talk};
use crate::report::outline;

/// Arguments of `show`.
#[derive(Args)]
pub struct Show {
    #[command(flatten)]
    source: Source,
    /// What to print.
    #[arg(long, value_enum, default_value_t = View::Outline)]
    format: View,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum View {
    /// Pipelines, what starts them, stages, jobs, tasks.
    Outline,
    /// The JSON that GoCD's YAML plugin hands to its server; passwords and ciphertexts are masked.
    GocdJson,
    /// What became of every key and item: place, outcome, rule.
    Ledger,
}

impl Show {
    /// Runs the command.
    ///
    /// # Errors
    /// When something cannot be read.
    pub fn run(self) -> anyhow::Result<Status> {
        match self.format {
            View::GocdJson => self.gocd_json(),
            View::Outline => {
                let mut reading = self.source.read()?;
                talk::print(&outline::outline(&reading.configuration))?;
                Ok(errors(&mut reading))
            }
            View::Ledger => {
                let settings = self.source.settings(None)?;
                let mut reading = self.source.read()?;
                reading.plan(&settings);
                talk::print(&outline::ledger(&reading.sources, &reading.account.ledger))?;
                Ok(errors(&mut reading))
            }
        }
    }

    /// Before parameters and validation, which are the server's work.
    fn gocd_json(&self) -> anyhow::Result<Status> {
        let mut account = crate::finding::Account::default();
        let sources = crate::source::Sources::read(&self.source.paths, &mut account)?;
        let configuration = crate::gocd::read(&sources, &mut account);
        let json = crate::gocd::json(&configuration, false);
        talk::print(&(serde_json::to_string_pretty(&json)? + "\n"))?;
        let repository = crate::source::repository::Repository::default();
        let mut reading = crate::passes::Reading { sources, configuration, account, repository };
        Ok(errors(&mut reading))
    }
}

/// Draws what GoCD would refuse.
pub fn errors(reading: &mut crate::passes::Reading) -> Status {
    reading.account.settle();
    let errors = talk::from(&reading.account.findings, crate::finding::Severity::Error);
    if errors.is_empty() {
        return Status::Good;
    }
    talk::say(talk::draw(reading, &errors, false).trim_end());
    Status::Error
}
