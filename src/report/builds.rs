//! What became of each docker command: `gocd2argo builds`.

mod members;

use super::{mask, terminal};
use crate::finding::Rule;
use crate::plan::image::outcome::{Became, Event, JobOutcome};
use crate::source::Sources;
use members::{Members, members};
use serde::Serialize;

/// The document for machines; its schema is `docs/builds.schema.json`.
#[derive(Debug, Serialize)]
struct Document {
    version: u32,
    #[serde(flatten)]
    all: Members,
    jobs: Vec<JobView>,
}

#[derive(Debug, Serialize)]
struct JobView {
    pipeline: String,
    stage: String,
    job: String,
    file: String,
    line: usize,
    #[serde(flatten)]
    members: Members,
    commands: Vec<CommandView>,
}

/// A command that has to do with images.
#[derive(Debug, Serialize)]
struct CommandView {
    command: String,
    file: String,
    line: usize,
    column: usize,
    became: String,
    why: Vec<Why>,
}

#[derive(Debug, Serialize)]
struct Why {
    finding: &'static str,
    message: String,
}

/// What was planned, as this report reads it.
pub struct Builds<'a> {
    /// The jobs, in order.
    pub jobs: &'a [JobOutcome],
    /// What was found about pipelines whose jobs are not known.
    pub beside: &'a [&'static Rule],
    /// The files.
    pub sources: &'a Sources,
}

impl Builds<'_> {
    /// One JSON document, indented, with a line break at the end. Lines and columns count from 1.
    ///
    /// # Errors
    /// When it has no JSON form.
    pub fn json(&self) -> anyhow::Result<String> {
        let all: Vec<&JobOutcome> = self.jobs.iter().collect();
        let jobs = self.jobs.iter().filter(|job| touches_images(job)).map(|job| self.job(job)).collect();
        let document = Document { version: 1, all: members(&all, self.beside), jobs };
        let mut value = serde_json::to_value(&document)?;
        conceal(&mut value);
        Ok(serde_json::to_string_pretty(&value)? + "\n")
    }

    fn job(&self, job: &JobOutcome) -> JobView {
        let commands = job.events.iter().filter(|event| is_use(event)).map(|event| self.command(job, event));
        JobView {
            pipeline: job.pipeline.clone(),
            stage: job.stage.clone(),
            job: job.job.clone(),
            file: super::name(self.sources, job.place.span.file).to_string(),
            line: self.sources.position(job.place.span).line,
            members: members(&[job], &[]),
            commands: commands.collect(),
        }
    }

    fn command(&self, job: &JobOutcome, event: &Event) -> CommandView {
        let span = self.sources.locate_part(event.place.span, event.range.clone());
        let position = self.sources.position(span);
        let why = event.why.iter().map(|(finding, message)| Why { finding, message: message.clone() });
        let (file, line, column) = match &event.inside {
            Some((file, line)) => (file.clone(), *line, 1),
            None => (super::name(self.sources, span.file).to_string(), position.line, position.column),
        };
        CommandView {
            command: event.text.clone(),
            file,
            line,
            column,
            became: became(job, event),
            why: why.collect(),
        }
    }

    /// For people: each command, what became of it, and why.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for job in self.jobs.iter().filter(|job| touches_images(job)) {
            let view = self.job(job);
            let name =
                terminal::visible(&format!("{}/{}/{}", view.pipeline, view.stage, view.job)).to_string();
            out.push_str(&format!(
                "{name}  ({}:{}): {}\n",
                terminal::visible(&view.file),
                view.line,
                view.members.outcome
            ));
            for command in view.commands {
                out.push_str(&row(&command));
            }
            out.push('\n');
        }
        let all: Vec<&JobOutcome> = self.jobs.iter().collect();
        let all = members(&all, self.beside);
        out.push_str(&total(self.jobs, &all));
        out
    }
}

/// Before and after, and the reasons below.
fn row(command: &CommandView) -> String {
    let place = format!("{}:{}:{}", terminal::visible(&command.file), command.line, command.column);
    let before = shown(&command.command);
    let mut out = format!("  {place}\n    {before:<60}  → {}\n", shown(&command.became));
    for why in &command.why {
        out.push_str(&format!("      {}: {}\n", why.finding, shown(&why.message)));
    }
    out
}

/// Safe to print, on one line.
fn shown(text: &str) -> String {
    let joined =
        text.lines().map(|line| line.trim().trim_end_matches('\\').trim_end()).collect::<Vec<_>>().join(" ");
    terminal::visible(&mask::mask_text(&joined)).to_string()
}

fn total(jobs: &[JobOutcome], all: &Members) -> String {
    let with: Vec<&JobOutcome> = jobs.iter().filter(|job| touches_images(job)).collect();
    let count = |outcome: &str| with.iter().filter(|job| members(&[job], &[]).outcome == outcome).count();
    let mut out = format!(
        "{} of {} use images: {} without a daemon, {} partly, {} left for a person; {}\n",
        with.len(),
        super::count(jobs.len(), "job"),
        count("kaniko") + count("unchanged"),
        count("partly"),
        count("decision"),
        super::count(all.builds.len(), "build"),
    );
    if all.findings.contains(&"template-unknown") {
        out.push_str("some pipelines take their stages from templates that are not in these files\n");
    }
    out
}

fn touches_images(job: &JobOutcome) -> bool {
    !job.findings.is_empty() || job.events.iter().any(is_use)
}

fn is_use(event: &Event) -> bool {
    !matches!(event.became, Became::Kept | Became::KeptState) || !event.why.is_empty()
}

fn became(job: &JobOutcome, event: &Event) -> String {
    let container = |number: &usize| {
        job.builds.get(*number).map_or("a build", |build| build.container.as_str()).to_string()
    };
    match &event.became {
        Became::Kept | Became::KeptState => "kept".to_string(),
        Became::Removed => "removed".to_string(),
        Became::Build(number) => {
            let summary = job.builds.get(*number).map(|build| build.image.summary()).unwrap_or_default();
            format!("build in {}: {summary}", container(number))
        }
        Became::PartOf(number) => format!("part of the build in {}", container(number)),
        Became::Step(number) => {
            let image = job.steps.get(*number).map_or("", |step| step.image.as_str());
            format!("container of its own: `{image}`")
        }
        Became::Copy(number) => {
            let to = job.copies.get(*number).map_or("", |copy| copy.to.as_str());
            format!("registry copy to `{to}`")
        }
        Became::Joined => "done by another command".to_string(),
        Became::Dead => "never runs".to_string(),
        Became::Decision => "left for a person".to_string(),
    }
}

/// Takes secret values out of all texts.
fn conceal(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = mask::mask_text(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(conceal),
        serde_json::Value::Object(members) => members.values_mut().for_each(conceal),
        _ => {}
    }
}
