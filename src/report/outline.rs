//! A configuration and its ledger as text for people.

use std::fmt::Write as _;

use super::terminal::visible;
use crate::finding::Ledger;
use crate::gocd::{Configuration, Job, Material, MaterialKind, Pipeline, Stage, Task, TaskKind};
use crate::source::Sources;
use crate::span::Slot;

/// Pipelines, what starts them, stages, jobs, tasks: a line each, indented.
pub fn outline(configuration: &Configuration) -> String {
    let mut text = String::new();
    for pipeline in &configuration.pipelines {
        self::pipeline(pipeline, &mut text);
    }
    for environment in &configuration.environments {
        let members: Vec<&str> =
            environment.pipelines.iter().filter_map(|item| item.value.as_deref()).collect();
        line(&mut text, 0, &format!("environment {}: {}", environment.name.value, members.join(", ")));
    }
    text
}

fn line(text: &mut String, depth: usize, content: &str) {
    text.push_str(&"  ".repeat(depth));
    text.push_str(&visible(content));
    text.push('\n');
}

fn pipeline(pipeline: &Pipeline, text: &mut String) {
    let refused = if pipeline.refused { " (GoCD would refuse it)" } else { "" };
    line(text, 0, &format!("pipeline {} in group {}{refused}", pipeline.name.value, pipeline.group()));
    for material in &pipeline.materials {
        line(text, 1, &format!("started by {}", self::material(material)));
    }
    if let Some(timer) = &pipeline.timer {
        line(text, 1, &format!("started by the timer {}", timer.spec.value));
    }
    if let Some(template) = &pipeline.template {
        line(text, 1, &format!("stages of the server's template {}", template.value));
    }
    for stage in &pipeline.stages {
        self::stage(stage, text);
    }
}

fn material(material: &Material) -> String {
    let shown =
        |value: &Option<crate::span::Src<String>>| value.as_ref().map_or(String::new(), |v| v.value.clone());
    match &material.kind.value {
        MaterialKind::Dependency => {
            format!("stage {} of pipeline {}", shown(&material.stage), shown(&material.pipeline))
        }
        MaterialKind::Git => {
            let (url, _) = crate::gocd::git_url::without_credentials(&shown(&material.url));
            format!("git {url}, branch {}", material.branch())
        }
        kind => format!("{} ({})", material.name.value, format!("{kind:?}").to_lowercase()),
    }
}

fn stage(stage: &Stage, text: &mut String) {
    let manual = if stage.is_manual() { ", started by a person" } else { "" };
    line(text, 1, &format!("stage {}{manual}", stage.name.value));
    for job in &stage.jobs {
        self::job(job, text);
    }
}

fn job(job: &Job, text: &mut String) {
    line(text, 2, &format!("job {}", job.name.value));
    for task in &job.tasks {
        line(text, 3, &self::task(task));
    }
}

fn task(task: &Task) -> String {
    match &task.kind.value {
        TaskKind::Exec { command, arguments, .. } => {
            let words = command.iter().map(|word| word.value.as_str());
            let words: Vec<&str> =
                words.chain(arguments.iter().filter_map(|word| word.value.as_deref())).collect();
            format!("exec {}", words.join(" "))
        }
        TaskKind::Script { text } => format!("script, {} lines", text.value.lines().count()),
        TaskKind::Build { tool, .. } => (*tool).to_string(),
        TaskKind::Fetch(fetch) => {
            let source = fetch.source.as_ref().map_or("", |source| source.value.as_str());
            format!("fetch {source}")
        }
        TaskKind::Plugin { id, .. } => format!("plugin {}", id.as_ref().map_or("", |id| id.value.as_str())),
        TaskKind::Unknown { name } => name.clone(),
    }
}

/// What became of every key and item: `file:line:column`, outcome, the rule that says so.
pub fn ledger(sources: &Sources, ledger: &Ledger) -> String {
    let mut text = String::new();
    for number in 0..sources.total_slots() {
        let slot = Slot(u32::try_from(number).unwrap_or(u32::MAX));
        let span = sources.slot_span(slot);
        let position = sources.position(span);
        let name = sources.file(span.file).map_or("", |file| file.name.as_str());
        let (outcome, rule) = match ledger.entry(slot) {
            Some(entry) => (format!("{:?}", entry.outcome), entry.rule),
            None => ("Unaccounted".to_string(), "-"),
        };
        let place = format!("{}:{}:{}", visible(name), position.line, position.column);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{place}\t{outcome}\t{rule}");
    }
    text
}
