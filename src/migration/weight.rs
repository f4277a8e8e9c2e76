//! What a pipeline costs to move, and what can go wrong: judged from the configuration and from its findings.
//!
//! | counts | effort | risk |
//! |---|---|---|
//! | the pipeline itself, and each five jobs | 1 | |
//! | a decision that somebody has to take (guesses of the configuration file are not counted) | 3 | medium |
//! | an image build | 2 | medium |
//! | a variable with a secret in it | 1 | |
//! | a manual stage, a lock, a timer | 1 | medium, a timer low |
//! | it deploys: `kubectl`, `helm`, `argocd`, `kustomize`, `terraform` or the like in a task | 2 | high |
//! | its stages are in a template on the server | 3 | high |

use std::collections::BTreeSet;

use serde::Serialize;

use crate::finding::{Category, Finding, Severity};
use crate::gocd::variable::ValuePart;
use crate::gocd::{Pipeline, Stage, Task, TaskKind, Variable};
use crate::span::{Slot, Span};

/// What can go wrong for others when it does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing but the pipeline itself.
    Low,
    /// It builds images, asks people, locks, or needs decisions.
    Medium,
    /// It changes something outside of CI.
    High,
}

impl Risk {
    /// As people read it.
    pub fn word(self) -> &'static str {
        match self {
            Risk::Low => "low",
            Risk::Medium => "medium",
            Risk::High => "high",
        }
    }
}

/// What a pipeline costs to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weight {
    /// What can go wrong.
    pub risk: Risk,
    /// Points; see the table of this module.
    pub effort: usize,
    /// What was counted, in words.
    pub counted: Vec<String>,
}

/// Commands that change something outside of CI.
const DEPLOYERS: &[&str] =
    &["ansible-playbook", "argocd", "cdk", "helm", "helmfile", "kubectl", "kustomize", "pulumi", "terraform"];

/// Findings that are told at the first of many pipelines, or that are counted in another way.
const NOT_ITS_OWN: &[&str] = &[
    "git-credentials",
    "material-needs-client",
    "registry-credentials",
    "secret-value-needed",
    "template-missing",
];

/// Weighs a pipeline with the findings that are its own.
pub fn weigh(pipeline: &Pipeline, findings: &[&Finding]) -> Weight {
    let mut weight = Weight { risk: Risk::Low, effort: 1, counted: Vec::new() };
    let jobs: usize = pipeline.stages.iter().map(|stage| stage.jobs.len()).sum();
    weight.effort += jobs / 5;
    if jobs >= 5 {
        weight.counted.push(format!("{jobs} jobs"));
    }
    let counts = |finding: &&&Finding| {
        finding.rule.severity == Severity::Decision
            && finding.rule.category != Category::Guess
            && !NOT_ITS_OWN.contains(&finding.rule.name)
    };
    let decisions: Vec<&&Finding> = findings.iter().filter(counts).collect();
    let names: BTreeSet<String> =
        decisions.iter().map(|finding| format!("`{}`", finding.rule.name)).collect();
    if !decisions.is_empty() {
        let names: Vec<String> = names.into_iter().collect();
        let noun = if decisions.len() == 1 { "decision" } else { "decisions" };
        weight.add(
            Risk::Medium,
            3 * decisions.len(),
            format!("{} {noun} to take ({})", decisions.len(), names.join(", ")),
        );
    }
    if findings.iter().any(|finding| finding.rule.name == "docker-to-kaniko") {
        weight.add(Risk::Medium, 2, "builds images".into());
    }
    let secrets = secrets(pipeline);
    if secrets > 0 {
        let noun = if secrets == 1 { "secret" } else { "secrets" };
        weight.add(Risk::Low, secrets, format!("{secrets} {noun} to provide"));
    }
    of_the_flow(pipeline, &mut weight);
    weight
}

/// Variables of the pipeline that have a secret in them.
fn secrets(pipeline: &Pipeline) -> usize {
    let jobs = pipeline.stages.iter().flat_map(|stage| &stage.jobs).flat_map(|job| &job.variables);
    let stages = pipeline.stages.iter().flat_map(|stage| &stage.variables);
    let is_secret = |variable: &&Variable| {
        variable.is_encrypted()
            || variable.parts().iter().any(|part| matches!(part, ValuePart::Secret { .. }))
    };
    pipeline.variables.iter().chain(stages).chain(jobs).filter(is_secret).count()
}

fn of_the_flow(pipeline: &Pipeline, weight: &mut Weight) {
    let manual = pipeline.stages.iter().filter(|stage| Stage::is_manual(stage)).count();
    if manual > 0 {
        let noun = if manual == 1 { "stage waits" } else { "stages wait" };
        weight.add(Risk::Medium, manual, format!("{manual} {noun} for a person"));
    }
    if pipeline.lock.as_ref().is_some_and(|lock| lock.value != crate::gocd::Lock::None) {
        weight.add(Risk::Medium, 1, "has a lock".into());
    }
    if pipeline.timer.is_some() {
        weight.add(Risk::Low, 1, "has a timer".into());
    }
    let deploys: BTreeSet<&str> = pipeline
        .stages
        .iter()
        .flat_map(|stage| &stage.jobs)
        .flat_map(|job| &job.tasks)
        .flat_map(|task| deployers(task))
        .collect();
    if !deploys.is_empty() {
        let names: Vec<String> = deploys.iter().map(|name| format!("`{name}`")).collect();
        weight.add(Risk::High, 2, format!("deploys ({})", names.join(", ")));
    } else if pipeline.name.to_lowercase().contains("deploy") {
        weight.add(Risk::High, 2, "deploys, by its name".into());
    }
    if pipeline.template.is_some() {
        weight.add(Risk::High, 3, "its stages are in a template on the server".into());
    }
}

impl Weight {
    fn add(&mut self, risk: Risk, effort: usize, counted: String) {
        self.risk = self.risk.max(risk);
        self.effort += effort;
        self.counted.push(counted);
    }
}

/// Commands of a task that change something outside of CI: words of its text, whatever stands around them.
fn deployers(task: &Task) -> Vec<&'static str> {
    let mut texts: Vec<&str> = Vec::new();
    match &task.kind.value {
        TaskKind::Exec { command, arguments, .. } => {
            texts.extend(command.iter().map(|text| text.value.as_str()));
            texts.extend(arguments.iter().filter_map(|text| text.value.as_deref()));
        }
        TaskKind::Script { text } => texts.push(&text.value),
        TaskKind::Plugin { options, .. } => {
            texts.extend(options.iter().filter_map(|option| option.value.1.as_deref()));
        }
        TaskKind::Build { .. } | TaskKind::Fetch(_) | TaskKind::Unknown { .. } => {}
    }
    let apart = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.');
    let words: BTreeSet<&str> = texts.iter().flat_map(|text| text.split(apart)).collect();
    DEPLOYERS.iter().copied().filter(|name| words.contains(name)).collect()
}

/// The findings of each pipeline, in the order of `pipelines`. A finding inside an anchor belongs to all that use it.
pub fn findings_by_pipeline<'f>(pipelines: &[&Pipeline], findings: &'f [Finding]) -> Vec<Vec<&'f Finding>> {
    let positions = positions_by_pipeline(pipelines, findings);
    positions
        .into_iter()
        .map(|owned| owned.into_iter().filter_map(|index| findings.get(index)).collect())
        .collect()
}

/// The same as positions in `findings`.
pub fn positions_by_pipeline(pipelines: &[&Pipeline], findings: &[Finding]) -> Vec<Vec<usize>> {
    let mut by_slot: std::collections::HashMap<Slot, Vec<usize>> = std::collections::HashMap::new();
    for (index, pipeline) in pipelines.iter().enumerate() {
        for slot in &pipeline.slots {
            by_slot.entry(*slot).or_default().push(index);
        }
    }
    let mut starts: Vec<(Span, usize)> =
        pipelines.iter().enumerate().map(|(index, pipeline)| (pipeline.name.place.span, index)).collect();
    starts.sort_unstable();
    let mut found: Vec<Vec<usize>> = vec![Vec::new(); pipelines.len()];
    for (index, finding) in findings.iter().enumerate() {
        let booked = finding.place.slot.and_then(|slot| by_slot.get(&slot));
        let owners: BTreeSet<usize> = match booked {
            Some(owners) => owners.iter().copied().collect(),
            None => before(&starts, finding.place.span).into_iter().collect(),
        };
        for owner in owners {
            found[owner].push(index);
        }
    }
    found
}

/// The last pipeline that begins before the place, in the same file.
fn before(starts: &[(Span, usize)], span: Span) -> Option<usize> {
    let end = starts.partition_point(|(start, _)| (start.file, start.start) <= (span.file, span.start));
    let (start, index) = starts.get(end.checked_sub(1)?)?;
    (start.file == span.file).then_some(*index)
}
