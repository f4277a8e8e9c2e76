//! `gocd2argo explain`: the page of a finding.

use clap::Args;

use super::{Status, talk};
use crate::finding::{registry, suggest};

/// Arguments of `explain`.
#[derive(Args)]
pub struct Explain {
    /// Name of the finding, for example `unknown-key`; without a name, all are listed.
    name: Option<String>,
}

impl Explain {
    /// Runs the command.
    ///
    /// # Errors
    /// When there is no finding of that name.
    pub fn run(self) -> anyhow::Result<Status> {
        let Some(name) = self.name else {
            let lines: Vec<String> = registry::rules().iter().map(|rule| registry::line(rule)).collect();
            talk::print(&(lines.join("\n") + "\n"))?;
            return Ok(Status::Good);
        };
        let Some(rule) = registry::find(&name) else {
            let rules = registry::rules();
            let near = suggest::nearest(&name, rules.iter().map(|rule| rule.name));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            anyhow::bail!("there is no finding `{name}`{hint} `gocd2argo explain` lists all of them");
        };
        talk::print(&registry::page(rule))?;
        Ok(Status::Good)
    }
}
