//! A job: tasks in order, then its artifacts. GoCD: §3.4, §3.6, §3.7, §3.9.

use super::artifact::{Layout, directories, layout};
use super::environment::{self, Scope};
use super::request::{Failures, World};
use super::task::{action, words};
use super::trace::{Action, Checkout, JobTrace, Outcome, TaskTrace, Upload};
use super::value::{Known, Part, Value};
use crate::gocd::{ArtifactKind, Job, MaterialKind, Pipeline, RunIf, RunInstances, Stage, Task};

/// So many instances are listed; GoCD allows any number.
pub const MOST_INSTANCES: u32 = 200;

/// The instances of a job: their names, and their numbers where GoCD counts them.
pub fn instances(job: &Job) -> Vec<(Value, Option<u32>)> {
    let name = job.name.value.as_str();
    match job.run_instances.as_ref().map(|instances| &instances.value) {
        None => vec![(Value::text(name), None)],
        Some(RunInstances::All) => {
            let parts = vec![Part::Text(format!("{name}-runOnAll-")), Part::Run(Known::AgentNumber)];
            vec![(Value(parts), None)]
        }
        Some(RunInstances::Number(number)) => {
            // The server refuses fractions and numbers below one.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let count = number.clamp(1.0, f64::from(MOST_INSTANCES)) as u32;
            (1..=count)
                .map(|index| (Value::text(format!("{name}-runInstance-{index}")), Some(index)))
                .collect()
        }
    }
}

/// Runs one instance of a job. What it publishes is added to the world.
pub fn run(
    scope: &Scope<'_>,
    (name, number): (Value, Option<u32>),
    failures: &mut Failures<'_>,
    world: &mut Option<World>,
) -> JobTrace {
    let environment = environment::of(scope, &name, number);
    let mut running = Running {
        pipeline: scope.pipeline,
        files: world.as_ref().map(|world| world.files.clone()),
        world,
        failures,
        result: Outcome::Passed,
    };
    let tasks = scope.job.tasks.iter().map(|task| running.task(task)).collect();
    let uploads = running.uploads(scope.job);
    let result = running.result;
    let name = name.shown();
    if let Some(world) = world {
        let place = place(&scope.pipeline.name, &scope.stage.name, &name);
        let published = uploads.iter().filter_map(|upload| upload.published.clone()).flatten();
        world.artifacts.entry(place).or_default().extend(published);
    }
    JobTrace {
        name,
        silent_minutes: scope
            .job
            .timeout
            .as_ref()
            .map(|minutes| minutes.value)
            .filter(|minutes| *minutes > 0),
        checkouts: checkouts(scope.pipeline, scope.stage),
        environment,
        tasks,
        uploads,
        result,
    }
}

/// Where a job's artifacts are known by.
pub fn place(pipeline: &str, stage: &str, job: &str) -> String {
    format!("{pipeline}/{stage}/{job}").to_lowercase()
}

fn checkouts(pipeline: &Pipeline, stage: &Stage) -> Vec<Checkout> {
    if !stage.fetches_materials() {
        return Vec::new();
    }
    let sources = pipeline
        .materials
        .iter()
        .filter(|material| !matches!(material.kind.value, MaterialKind::Dependency | MaterialKind::Package));
    sources
        .map(|material| Checkout {
            material: material.name.value.clone(),
            destination: material.destination.as_ref().map_or(".".into(), |folder| folder.value.clone()),
            revision: Value::run(Known::Revision(material.name.value.clone())),
        })
        .collect()
}

struct Running<'r, 'f> {
    pipeline: &'r Pipeline,
    files: Option<Vec<String>>,
    world: &'r mut Option<World>,
    failures: &'r mut Failures<'f>,
    result: Outcome,
}

impl Running<'_, '_> {
    fn task(&mut self, task: &Task) -> TaskTrace {
        let action = action(task, self.pipeline);
        let run_if = match task.run_if() {
            RunIf::Passed => "passed",
            RunIf::Failed => "failed",
            RunIf::Any => "any",
        };
        let has = if self.result == Outcome::Passed { "passed" } else { "failed" };
        let runs = run_if == "any" || run_if == has;
        let mut traced = TaskTrace {
            run_if,
            runs,
            why: if runs { String::new() } else { format!("the job has {has}") },
            working_directory: directory(task, &action),
            on_cancel: task.on_cancel.as_ref().map(|task| self::action(task, self.pipeline)),
            result: None,
            action,
        };
        if runs {
            let fault = self.fault(&traced);
            traced.result = Some(if fault.is_some() { Outcome::Failed } else { Outcome::Passed });
            if let Some(why) = fault {
                // For good: a later success does not heal.
                self.result = Outcome::Failed;
                traced.why = why;
            }
        }
        traced
    }

    /// Why a task that runs fails, if it does.
    fn fault(&mut self, task: &TaskTrace) -> Option<String> {
        let there = self.files.as_ref().is_none_or(|files| is_directory(&task.working_directory, files));
        if !there {
            return Some(format!("there is no directory {}", task.working_directory));
        }
        if self.failures.hit(&words(&task.action)) {
            return Some("as asked".into());
        }
        self.fetch(&task.action)
    }

    /// Copies a fetched artifact, or says why it cannot.
    fn fetch(&mut self, action: &Action) -> Option<String> {
        let Action::Fetch { pipeline, stage, job, source, is_file, arrives_at, .. } = action else {
            return None;
        };
        let world = self.world.as_ref()?;
        let source = source.trim_matches('/');
        let known = world.artifacts.get(&place(pipeline, stage, job)).map(Vec::as_slice).unwrap_or_default();
        let below = |file: &&String| file.strip_prefix(source).is_some_and(|rest| rest.starts_with('/'));
        let found: Vec<String> = match is_file {
            true => known.iter().filter(|file| *file == source).map(|_| arrives_at.clone()).collect(),
            false => known
                .iter()
                .filter(below)
                .map(|file| format!("{arrives_at}{}", &file[source.len()..]))
                .collect(),
        };
        if found.is_empty() {
            let what = if *is_file { "file" } else { "directory" };
            return Some(format!("there is no {what} {source} among the artifacts"));
        }
        self.files.get_or_insert_default().extend(found);
        None
    }

    fn uploads(&mut self, job: &Job) -> Vec<Upload> {
        let mut uploads = Vec::new();
        for artifact in &job.artifacts {
            let (kind, if_missing) = match artifact.kind.value {
                ArtifactKind::Build => ("build", "the job fails"),
                ArtifactKind::Test => ("test", "a warning"),
                ArtifactKind::External => ("external", "up to the plugin"),
            };
            let external = artifact.kind.value == ArtifactKind::External;
            let source = if external { &artifact.id } else { &artifact.source };
            let source = source.as_ref().map_or("", |source| source.value.as_str());
            let mut upload = Upload {
                kind,
                source: source.to_string(),
                destination: artifact.destination().trim_matches('/').to_string(),
                strip: if external { String::new() } else { Layout::of(source).strip },
                if_missing,
                published: None,
            };
            if let (Some(files), false) = (&self.files, external) {
                let found = layout(source, artifact.destination(), files);
                if found.is_none() && artifact.kind.value == ArtifactKind::Build {
                    self.result = Outcome::Failed;
                }
                upload.published = Some(found.into_iter().flatten().map(|(_, to)| to).collect());
            }
            uploads.push(upload);
        }
        uploads
    }
}

/// Scripts and fetches have no working directory of their own.
fn directory(task: &Task, action: &Action) -> String {
    let own = matches!(action, Action::Exec { .. });
    let written = task.working_directory.as_ref().filter(|_| own).map_or("", |folder| folder.value.as_str());
    if written.is_empty() { ".".into() } else { written.to_string() }
}

fn is_directory(path: &str, files: &[String]) -> bool {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.is_empty() || directories(files).contains(&steps.join("/"))
}
