//! The texts of a pipeline in which GoCD expands parameters.

use super::{Problem, UNCLOSED_PARAMETER, UNDEFINED_PARAMETER, UNESCAPED_HASH, expand};
use crate::finding::Account;
use crate::gocd::{Artifact, Filter, Job, Material, Pipeline, Task, TaskKind, Variable, VariableValue};
use crate::span::{Place, Src};
use std::collections::HashMap;

/// Expands the parameters of a pipeline in all texts that GoCD expands them in: not in names, approvals, passwords,
/// ciphertext and the values of parameters. What is wrong is reported, and the text is left as it is.
pub fn expand_pipeline(pipeline: &mut Pipeline, account: &mut Account) {
    let values: HashMap<String, String> = pipeline
        .parameters
        .iter()
        .map(|parameter| (parameter.value.0.clone(), parameter.value.1.clone().unwrap_or_default()))
        .collect();
    let mut names: Vec<&String> = values.keys().collect();
    names.sort();
    let known = names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let mut texts = Texts { values: &values, known, account };
    texts.maybe(&mut pipeline.label_template);
    texts.maybe(&mut pipeline.lock_behavior);
    if let Some(tool) = &mut pipeline.tracking_tool {
        texts.maybe(&mut tool.link);
        texts.maybe(&mut tool.regex);
    }
    if let Some(timer) = &mut pipeline.timer {
        texts.src(&mut timer.spec);
    }
    texts.variables(&mut pipeline.variables);
    pipeline.materials.iter_mut().for_each(|material| texts.material(material));
    for stage in &mut pipeline.stages {
        texts.variables(&mut stage.variables);
        stage.jobs.iter_mut().for_each(|job| texts.job(job));
    }
}

struct Texts<'a> {
    values: &'a HashMap<String, String>,
    known: String,
    account: &'a mut Account,
}

impl Texts<'_> {
    fn src(&mut self, text: &mut Src<String>) {
        self.text(&mut text.value, text.place, true);
    }

    fn maybe(&mut self, text: &mut Option<Src<String>>) {
        if let Some(text) = text {
            self.src(text);
        }
    }

    fn list(&mut self, texts: &mut [Src<Option<String>>]) {
        for item in texts {
            if let Some(text) = &mut item.value {
                self.text(text, item.place, true);
            }
        }
    }

    fn options(&mut self, options: &mut [Src<(String, Option<String>)>]) {
        for option in options {
            if let Some(text) = &mut option.value.1 {
                self.text(text, option.place, false);
            }
        }
    }

    fn variables(&mut self, variables: &mut [Variable]) {
        for variable in variables {
            if let VariableValue::Plain(text) = &mut variable.value {
                self.text(text, variable.name.place, false);
            }
        }
    }

    /// `exact`: the place is the text itself, so that a part of it can be pointed at.
    fn text(&mut self, text: &mut String, place: Place, exact: bool) {
        if !text.contains('#') {
            return;
        }
        match expand(text, self.values) {
            Ok((expanded, expansion)) => {
                *text = expanded;
                if exact {
                    self.account.expanded(place.span, expansion);
                }
            }
            Err(problem) => self.report(problem, place, exact),
        }
    }

    fn report(&mut self, problem: Problem, place: Place, exact: bool) {
        let (rule, message, help, at) = match problem {
            Problem::Undefined { name, at } => {
                let help = if self.known.is_empty() {
                    format!("define it under `parameters`, or write `##{{{name}}}` to keep the text")
                } else {
                    format!(
                        "the pipeline's parameters are {}; to keep the text, write `##{{{name}}}`",
                        self.known
                    )
                };
                (&UNDEFINED_PARAMETER, format!("the pipeline has no parameter `{name}`"), help, at)
            }
            Problem::Unescaped { at } => (
                &UNESCAPED_HASH,
                "`#` begins a parameter in GoCD, but no `{name}` follows".to_string(),
                "write `##` for a plain `#`".to_string(),
                at,
            ),
            Problem::Unclosed { at } => (
                &UNCLOSED_PARAMETER,
                "`#{` begins a parameter, but no `}` ends it".to_string(),
                "close it with `}`, or write `##{` to keep the text".to_string(),
                at,
            ),
        };
        let finding = self.account.report(rule, place, message);
        finding.help(help);
        if exact {
            finding.within(at.0, at.1);
        }
    }

    fn material(&mut self, material: &mut Material) {
        for text in [
            &mut material.url,
            &mut material.port,
            &mut material.view,
            &mut material.branch,
            &mut material.destination,
            &mut material.project,
            &mut material.domain,
            &mut material.username,
            &mut material.pipeline,
            &mut material.stage,
        ] {
            self.maybe(text);
        }
        for filter in [&mut material.filter, &mut material.other_filter].into_iter().flatten() {
            let Filter { patterns, .. } = filter;
            self.list(patterns);
        }
    }

    fn job(&mut self, job: &mut Job) {
        self.variables(&mut job.variables);
        self.list(&mut job.resources);
        self.maybe(&mut job.elastic_profile_id);
        job.artifacts.iter_mut().for_each(|artifact| self.artifact(artifact));
        for tab in &mut job.tabs {
            self.text(&mut tab.value.1, tab.place, false);
        }
        job.tasks.iter_mut().for_each(|task| self.task(task));
    }

    fn artifact(&mut self, artifact: &mut Artifact) {
        for text in
            [&mut artifact.source, &mut artifact.destination, &mut artifact.id, &mut artifact.store_id]
        {
            self.maybe(text);
        }
        self.options(&mut artifact.options);
    }

    fn task(&mut self, task: &mut Task) {
        let mut next = Some(task);
        while let Some(task) = next {
            self.maybe(&mut task.working_directory);
            self.kind(&mut task.kind.value);
            next = task.on_cancel.as_deref_mut();
        }
    }

    fn kind(&mut self, kind: &mut TaskKind) {
        match kind {
            TaskKind::Exec { command, arguments, .. } => {
                self.maybe(command);
                self.list(arguments);
            }
            TaskKind::Build { build_file, target, nant_path, .. } => {
                [build_file, target, nant_path].into_iter().for_each(|text| self.maybe(text));
            }
            TaskKind::Fetch(fetch) => {
                for text in [
                    &mut fetch.pipeline,
                    &mut fetch.stage,
                    &mut fetch.job,
                    &mut fetch.source,
                    &mut fetch.destination,
                    &mut fetch.artifact_id,
                ] {
                    self.maybe(text);
                }
                self.options(&mut fetch.options);
            }
            TaskKind::Script { text } => self.src(text),
            TaskKind::Plugin { options, .. } => self.options(options),
            TaskKind::Unknown { .. } => {}
        }
    }
}
