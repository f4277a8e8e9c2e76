//! A run: its stages in order, its lock, and what it starts. GoCD: §3.1, §3.5, §3.10.

use std::fmt;

use super::environment::{Scope, environments, user};
use super::job;
use super::request::{Failures, Request, Trigger, World};
use super::trace::{Downstream, JobTrace, LockTrace, Outcome, StageState, StageTrace, Trace};
use crate::gocd::{Configuration, Lock, MaterialKind, Pipeline, RunInstances, Stage};

/// Why there is no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceError {
    /// No pipeline has that name.
    UnknownPipeline(String),
    /// GoCD would refuse the pipeline.
    Refused(String),
    /// Its stages are in that template, on the server.
    InTemplate(String),
    /// The pipeline has no stage of that name to approve.
    UnknownStage(String),
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TraceError::UnknownPipeline(name) => write!(f, "there is no pipeline `{name}`"),
            TraceError::Refused(name) => {
                write!(f, "GoCD would refuse pipeline `{name}`; `gocd2argo lint` says why")
            }
            TraceError::InTemplate(template) => {
                write!(
                    f,
                    "the stages are in the template `{template}` on the GoCD server, not in these files"
                )
            }
            TraceError::UnknownStage(name) => write!(f, "the pipeline has no stage `{name}` to approve"),
        }
    }
}

impl std::error::Error for TraceError {}

/// Says what GoCD does with one run of a pipeline.
///
/// # Errors
/// When the pipeline cannot run, see [`TraceError`].
pub fn trace(configuration: &Configuration, request: &Request) -> Result<Trace, TraceError> {
    let named = |pipeline: &&Pipeline| pipeline.name.eq_ignore_ascii_case(&request.pipeline);
    let unknown = || TraceError::UnknownPipeline(request.pipeline.clone());
    let pipeline = configuration.pipelines.iter().find(named).ok_or_else(unknown)?;
    if pipeline.refused {
        return Err(TraceError::Refused(pipeline.name.value.clone()));
    }
    if let (Some(template), true) = (&pipeline.template, pipeline.stages.is_empty()) {
        return Err(TraceError::InTemplate(template.value.clone()));
    }
    if let super::Approvals::Named(names) = &request.approve
        && let Some(name) = names.iter().find(|name| pipeline.stage(name).is_none())
    {
        return Err(TraceError::UnknownStage(name.clone()));
    }
    let by_hand = pipeline.stages.first().is_some_and(Stage::is_manual);
    let default = if by_hand { Trigger::Person(None) } else { Trigger::Changes };
    let trigger = request.trigger.clone().unwrap_or(default);
    let mut notes = Vec::new();
    if by_hand && trigger == Trigger::Changes {
        notes.push("the first stage is manual: a change alone does not start this pipeline".to_string());
    }
    note_instances(pipeline, &mut notes);
    let mut run = Run {
        configuration,
        pipeline,
        request,
        trigger: &trigger,
        failures: Failures::new(&request.fail),
        world: request.world.clone(),
    };
    let stages = run.stages();
    let waits_for =
        stages.iter().find(|stage| stage.state == StageState::Waits).map(|stage| stage.name.clone());
    let failed = stages.iter().any(|stage| stage.result == Some(Outcome::Failed));
    let result = match (failed, &waits_for) {
        (true, _) => Outcome::Failed,
        (false, Some(_)) => Outcome::Waiting,
        (false, None) => Outcome::Passed,
    };
    Ok(Trace {
        version: 1,
        pipeline: pipeline.name.value.clone(),
        group: pipeline.group().to_string(),
        environment: environments(configuration, pipeline).next().map(|found| found.name.value.clone()),
        trigger: user(&trigger),
        lock: lock(pipeline, &stages),
        downstream: downstream(configuration, pipeline, &stages),
        stages,
        result,
        waits_for,
        notes,
    })
}

fn note_instances(pipeline: &Pipeline, notes: &mut Vec<String>) {
    for job in pipeline.stages.iter().flat_map(|stage| &stage.jobs) {
        match job.run_instances.as_ref().map(|instances| &instances.value) {
            Some(RunInstances::All) => {
                notes.push(format!(
                    "`{}` runs once on every matching agent; one instance is listed",
                    job.name.value
                ));
            }
            Some(RunInstances::Number(number)) if *number > f64::from(job::MOST_INSTANCES) => {
                let most = job::MOST_INSTANCES;
                notes.push(format!(
                    "`{}` has {number} instances; the first {most} are listed",
                    job.name.value
                ));
            }
            _ => {}
        }
    }
}

struct Run<'a> {
    configuration: &'a Configuration,
    pipeline: &'a Pipeline,
    request: &'a Request,
    trigger: &'a Trigger,
    failures: Failures<'a>,
    world: Option<World>,
}

impl Run<'_> {
    fn stages(&mut self) -> Vec<StageTrace> {
        let mut stages: Vec<StageTrace> = Vec::new();
        for stage in &self.pipeline.stages {
            let (state, why) = self.start(stage, stages.last());
            let mut traced = StageTrace {
                name: stage.name.value.clone(),
                manual: stage.is_manual(),
                state,
                why,
                result: None,
                jobs: Vec::new(),
            };
            if state == StageState::Ran {
                traced.jobs = self.jobs(stage);
                let failed = traced.jobs.iter().any(|job| job.result == Outcome::Failed);
                traced.result = Some(if failed { Outcome::Failed } else { Outcome::Passed });
            }
            stages.push(traced);
        }
        stages
    }

    /// Whether a stage starts after the one before it.
    fn start(&self, stage: &Stage, before: Option<&StageTrace>) -> (StageState, String) {
        let Some(before) = before else {
            return (StageState::Ran, "the first stage starts with the run".into());
        };
        let name = &before.name;
        let only_on_success =
            stage.approval.as_ref().and_then(|approval| approval.allow_only_on_success.as_ref());
        let only_on_success = only_on_success.is_some_and(|flag| flag.value);
        let approved = self.request.approve.has(&stage.name);
        match (before.result, stage.is_manual()) {
            (None, _) => (StageState::Unreached, format!("`{name}` has not run")),
            (Some(Outcome::Passed), false) => (StageState::Ran, format!("`{name}` has passed")),
            (Some(_), false) => (StageState::Unreached, format!("`{name}` has failed")),
            (Some(Outcome::Passed), true) if approved => (StageState::Ran, "a person starts it".into()),
            (Some(Outcome::Passed), true) => (StageState::Waits, "a person has to start it".into()),
            (Some(_), true) if only_on_success => {
                (StageState::Unreached, format!("`{name}` has failed, and only its success allows a start"))
            }
            (Some(_), true) if approved => {
                (StageState::Ran, format!("a person starts it although `{name}` has failed"))
            }
            (Some(_), true) => {
                (StageState::Waits, format!("`{name}` has failed; a person may start it all the same"))
            }
        }
    }

    fn jobs(&mut self, stage: &Stage) -> Vec<JobTrace> {
        let mut traced = Vec::new();
        // Jobs of a stage do not see each other's artifacts, but later stages see all of them.
        for job in &stage.jobs {
            let scope = Scope {
                configuration: self.configuration,
                pipeline: self.pipeline,
                stage,
                job,
                trigger: self.trigger,
            };
            for instance in job::instances(job) {
                traced.push(job::run(&scope, instance, &mut self.failures, &mut self.world));
            }
        }
        traced
    }
}

fn lock(pipeline: &Pipeline, stages: &[StageTrace]) -> LockTrace {
    let behavior = match pipeline.lock.as_ref().map(|lock| lock.value) {
        None | Some(Lock::None) => {
            let why = "runs of this pipeline may overlap, but no stage runs twice at once".to_string();
            return LockTrace { behavior: "none", taken: false, held: false, why };
        }
        Some(Lock::OnFailure) => "lockOnFailure",
        Some(Lock::WhenFinished) => "unlockWhenFinished",
    };
    let last_ran = stages.last().is_some_and(|stage| stage.state == StageState::Ran);
    let (held, why) = match (last_ran, behavior) {
        (true, _) => (false, "the last stage has ended"),
        (false, "unlockWhenFinished") => (false, "the run cannot go on by itself"),
        (false, _) => {
            (true, "the last stage has not run: the lock stays until it has, or until a person unlocks")
        }
    };
    LockTrace { behavior, taken: true, held, why: why.to_string() }
}

fn downstream(configuration: &Configuration, pipeline: &Pipeline, stages: &[StageTrace]) -> Vec<Downstream> {
    let mut found = Vec::new();
    for stage in stages.iter().filter(|stage| stage.result == Some(Outcome::Passed)) {
        for other in configuration.sound() {
            let depends = other.materials.iter().find(|material| {
                let is = |name: &Option<crate::span::Src<String>>, wanted: &str| {
                    name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(wanted))
                };
                material.kind.value == MaterialKind::Dependency
                    && is(&material.pipeline, &pipeline.name)
                    && is(&material.stage, &stage.name)
            });
            let Some(material) = depends else { continue };
            let ignored = material.ignore_for_scheduling.as_ref().is_some_and(|flag| flag.value);
            let others = other
                .materials
                .iter()
                .filter(|material| material.kind.value == MaterialKind::Dependency)
                .count();
            let (starts, why) = if ignored {
                (false, "it ignores this upstream for scheduling")
            } else if other.stages.first().is_some_and(Stage::is_manual) {
                (false, "its first stage is manual")
            } else if others > 1 {
                (true, "if its other upstreams have passed with the same revisions of what they share")
            } else {
                (true, "the stage has passed")
            };
            let pipeline = other.name.value.clone();
            found.push(Downstream { pipeline, stage: stage.name.clone(), starts, why: why.into() });
        }
    }
    found
}
