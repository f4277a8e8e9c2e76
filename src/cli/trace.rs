//! `gocd2argo trace`: what GoCD does when a pipeline runs.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use super::{Format, Source, Status, talk};
use crate::finding::suggest::nearest;
use crate::reference::{self, Approvals, Failure, Request, TraceError, Trigger};

/// Arguments of `trace`.
#[derive(Args)]
pub struct Trace {
    /// Name of the pipeline.
    pipeline: String,
    /// Files, or folders that are searched for `*.gocd.yaml` and `*.gocd.yml`. All of them form one configuration.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Commands that fail: those whose words contain this text (`*` is any text); `PATTERN#2`: only the second of them.
    #[arg(long, value_name = "PATTERN")]
    fail: Vec<String>,
    /// A manual stage that a person starts.
    #[arg(long, value_name = "STAGE", conflicts_with = "approve_all")]
    approve: Vec<String>,
    /// A person starts every manual stage, also after a failed one where GoCD allows that.
    #[arg(long)]
    approve_all: bool,
    /// What starts the run: `changes`, `timer`, `manual`, or the name of a person.
    #[arg(long, value_name = "WHO")]
    trigger: Option<String>,
    /// `json` is docs/trace.schema.json.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Trace {
    /// Runs the command.
    ///
    /// # Errors
    /// When something cannot be read, or the pipeline is not there or cannot run.
    pub fn run(self) -> anyhow::Result<Status> {
        let source = Source { paths: self.paths };
        let reading = source.read()?;
        let request = Request {
            pipeline: self.pipeline,
            trigger: self.trigger.map(trigger),
            fail: self.fail.iter().map(|text| Failure::parse(text)).collect(),
            approve: if self.approve_all { Approvals::All } else { Approvals::Named(self.approve) },
            world: None,
        };
        let trace = match reference::trace(&reading.configuration, &request) {
            Ok(trace) => trace,
            Err(error) => return Err(explain(error, &reading.configuration, &request.pipeline)),
        };
        match self.format {
            Format::Text => talk::print(&reference::text(&trace))?,
            Format::Json => talk::print(&(serde_json::to_string_pretty(&trace)? + "\n"))?,
        }
        Ok(Status::Good)
    }
}

fn trigger(who: String) -> Trigger {
    match who.as_str() {
        "changes" => Trigger::Changes,
        "timer" => Trigger::Timer,
        "manual" => Trigger::Person(None),
        _ => Trigger::Person(Some(who)),
    }
}

/// The error, with the name that was probably meant.
fn explain(error: TraceError, configuration: &crate::gocd::Configuration, pipeline: &str) -> anyhow::Error {
    let meant = match &error {
        TraceError::UnknownPipeline(name) => {
            nearest(name, configuration.pipelines.iter().map(|pipeline| pipeline.name.as_str()))
        }
        TraceError::UnknownStage(name) => configuration
            .pipeline(pipeline)
            .and_then(|pipeline| nearest(name, pipeline.stages.iter().map(|stage| stage.name.as_str()))),
        TraceError::Refused(_) | TraceError::InTemplate(_) => None,
    };
    match meant {
        Some(name) => anyhow!("{error}; did you mean `{name}`?"),
        None => error.into(),
    }
}
