//! The commands. Everything a command prints as its product goes to stdout; talk goes to stderr.
//!
//! | exit code | `convert` | `diff` | `lint` | others |
//! |---|---|---|---|---|
//! | 0 | written (or nothing to write) | up to date | clean | done |
//! | 1 | with `--strict`: a person has to decide; with `--keep-going`: GoCD would refuse a part; a file edited by hand was kept | differs | findings | `parity`: it does not hold; `plan --keep-going`: GoCD would refuse a part |
//! | 2 | error, nothing written; GoCD would refuse the repository | error | error | error |
//! | 130 | interrupted, nothing written | – | – | – |

mod builds;
mod convert;
mod diff;
mod explain;
mod init;
mod lint;
mod parity;
mod payload;
mod plan;
mod show;
mod simulate;
mod talk;
mod trace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::migration::Selection;
use crate::passes::{self, Reading};
use crate::settings::Settings;
use crate::source::repository::folder_of;

/// What a command ended with; see the table of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0
    Good,
    /// 1
    Attention,
    /// 2
    Error,
    /// 130
    Interrupted,
}

impl Status {
    /// The exit code.
    fn code(self) -> u8 {
        match self {
            Status::Good => 0,
            Status::Attention => 1,
            Status::Error => 2,
            Status::Interrupted => 130,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status.code())
    }
}

/// Moves GoCD pipelines (YAML) to Argo Workflows and Argo Events, with Kaniko in place of Docker-in-Docker.
#[derive(Parser)]
#[command(name = "gocd2argo", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the Argo manifests that do the same work.
    Convert(convert::Convert),
    /// Show what `convert` would change: exit 0 = up to date, 1 = differs, 2 = error.
    Diff(diff::Diff),
    /// Report findings only: exit 0 = clean, 1 = findings, 2 = error.
    Lint(lint::Lint),
    /// Print the configuration as GoCD understands it.
    Show(show::Show),
    /// Say what GoCD does when a pipeline runs: stages, commands, variables, artifacts, results.
    Trace(trace::Trace),
    /// Say what a push or a moment starts, in GoCD and in Argo, and why nothing else.
    Simulate(simulate::Simulate),
    /// Say in which order pipelines move to Argo, in waves, and why.
    Plan(plan::Plan),
    /// Compare run histories of GoCD and Argo: exit 0 = Argo is as good, 1 = it is not, 2 = error.
    Parity(parity::Parity),
    /// Say what became of each docker command, and why.
    Builds(builds::Builds),
    /// Say what a finding means, why it matters, and what to do.
    Explain(explain::Explain),
    /// Write a `gocd2argo.yaml` with what the repository at hand needs filled in.
    Init(init::Init),
}

/// Where the source is.
#[derive(Args)]
struct Source {
    /// Files, or folders that are searched for `*.gocd.yaml` and `*.gocd.yml`. All of them form one configuration.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
}

/// How the result is made.
#[derive(Args)]
struct Options {
    /// Configuration file; else the first `gocd2argo.yaml` in the source's folder or one above it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    part: Part,
    /// Folder with templates that take the place of built-in ones, under the same names.
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
    /// Convert what is sound even where GoCD would refuse the repository.
    #[arg(long)]
    keep_going: bool,
}

/// Which pipelines are meant.
#[derive(Args)]
struct Part {
    /// Only the pipelines of this wave and of all before it, with bridges to the others (`gocd2argo plan`).
    #[arg(long, value_name = "N")]
    wave: Option<usize>,
    /// Only pipelines whose names fit, with bridges to the others; `*` is any text, `?` one character. May be repeated;
    /// with --wave, both.
    #[arg(long, value_name = "GLOB")]
    only: Vec<String>,
}

impl Part {
    fn selection(&self) -> Selection {
        Selection { wave: self.wave, only: self.only.clone() }
    }
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON document on stdout: docs/report.schema.json.
    Json,
}

impl Source {
    fn read(&self) -> anyhow::Result<Reading> {
        passes::read(&self.paths)
    }

    /// The folder of the first path.
    fn folder(&self) -> PathBuf {
        self.paths.first().map_or_else(PathBuf::new, |path| folder_of(path))
    }

    /// Where output goes when nothing else is said: `argo`, beside the source.
    fn default_out(&self) -> PathBuf {
        self.paths.first().and_then(|path| path.parent()).unwrap_or(std::path::Path::new("")).join("argo")
    }

    fn settings(&self, config: Option<&std::path::Path>) -> anyhow::Result<Settings> {
        Ok(Settings::load(config, &self.folder())?.0)
    }
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Convert(command) => command.run(),
        Command::Diff(command) => command.run(),
        Command::Lint(command) => command.run(),
        Command::Show(command) => command.run(),
        Command::Trace(command) => command.run(),
        Command::Simulate(command) => command.run(),
        Command::Plan(command) => command.run(),
        Command::Parity(command) => command.run(),
        Command::Builds(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Init(command) => command.run(),
    };
    match result {
        Ok(status) => status.into(),
        Err(error) if error.is::<crate::output::Interrupted>() => {
            talk::say(&format!("{error}"));
            Status::Interrupted.into()
        }
        Err(error) if talk::is_closed_pipe(&error) => Status::Good.into(),
        Err(error) => {
            talk::say(&format!("error: {error:#}"));
            Status::Error.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn arguments_are_consistent() {
        super::Arguments::command().debug_assert();
    }
}
