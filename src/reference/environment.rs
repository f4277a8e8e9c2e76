//! The environment of a job's commands, by precedence. GoCD: §3.14.

use super::request::Trigger;
use super::trace::{Level, Variable};
use super::value::{Known, Part, Value};
use crate::gocd::git_url::without_credentials;
use crate::gocd::variable::ValuePart;
use crate::gocd::{
    self, Configuration, Environment, Job, Material, MaterialKind, Pipeline, RunInstances, Stage,
};

/// Whose environment it is.
pub struct Scope<'a> {
    /// All pipelines.
    pub configuration: &'a Configuration,
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// The stage.
    pub stage: &'a Stage,
    /// The job.
    pub job: &'a Job,
    /// What started the run.
    pub trigger: &'a Trigger,
}

/// The parts of the environment that a pipeline is in; GoCD would not take one that it refuses.
pub fn environments<'a>(
    configuration: &'a Configuration,
    pipeline: &'a Pipeline,
) -> impl Iterator<Item = &'a Environment> {
    configuration.environments_of(&pipeline.name).filter(|environment| !environment.refused)
}

/// `GO_TRIGGER_USER`.
pub fn user(trigger: &Trigger) -> Value {
    match trigger {
        Trigger::Changes => Value::text("changes"),
        Trigger::Timer => Value::text("timer"),
        Trigger::Person(Some(name)) => Value::text(name.clone()),
        Trigger::Person(None) => Value::run(Known::User),
    }
}

#[derive(Default)]
struct Variables(Vec<Variable>);

impl Variables {
    fn set(&mut self, name: impl Into<String>, value: Value, from: Level) {
        let name = name.into();
        self.0.retain(|variable| variable.name != name);
        self.0.push(Variable { name, value, from });
    }

    fn declare(&mut self, variables: &[gocd::Variable], from: Level) {
        for variable in variables {
            self.set(variable.name.value.clone(), declared(variable), from);
        }
    }
}

fn declared(variable: &gocd::Variable) -> Value {
    if variable.is_encrypted() {
        return Value(vec![Part::Secret]);
    }
    let parts = variable.parts().into_iter().map(|part| match part {
        ValuePart::Text(text) => Part::Text(text),
        ValuePart::Secret { .. } => Part::Secret,
    });
    Value(parts.collect())
}

/// The variables of a job, or of its instance of that number, those that win only, in the order of their level.
pub fn of(scope: &Scope<'_>, name: &Value, instance: Option<u32>) -> Vec<Variable> {
    let mut variables = Variables::default();
    let pipeline = scope.pipeline;
    variables.set("GO_SERVER_URL", Value::run(Known::ServerUrl), Level::Gocd);
    variables.set("GO_PIPELINE_GROUP_NAME", Value::text(pipeline.group()), Level::Gocd);
    let mut environments = environments(scope.configuration, pipeline).peekable();
    if let Some(first) = environments.peek() {
        variables.set("GO_ENVIRONMENT_NAME", Value::text(first.name.value.clone()), Level::Gocd);
    }
    for environment in environments {
        variables.declare(&environment.variables, Level::Environment);
    }
    if scope.job.resources.iter().any(|resource| resource.value.is_some()) {
        variables.set("GO_AGENT_RESOURCES", Value::run(Known::AgentResources), Level::Gocd);
    }
    of_run(&mut variables, scope, name);
    for material in &pipeline.materials {
        of_material(&mut variables, material);
    }
    match (&scope.job.run_instances.as_ref().map(|instances| &instances.value), instance) {
        (Some(RunInstances::Number(count)), Some(index)) => {
            variables.set("GO_JOB_RUN_INDEX", Value::text(index.to_string()), Level::Gocd);
            variables.set("GO_JOB_RUN_COUNT", Value::text(format!("{count}")), Level::Gocd);
        }
        (Some(RunInstances::All), _) => {
            variables.set("GO_JOB_RUN_INDEX", Value::run(Known::AgentNumber), Level::Gocd);
            variables.set("GO_JOB_RUN_COUNT", Value::run(Known::Agents), Level::Gocd);
        }
        _ => {}
    }
    variables.declare(&pipeline.variables, Level::Pipeline);
    variables.declare(&scope.stage.variables, Level::Stage);
    variables.declare(&scope.job.variables, Level::Job);
    variables.0
}

fn of_run(variables: &mut Variables, scope: &Scope<'_>, job: &Value) {
    let values = [
        ("GO_TRIGGER_USER", user(scope.trigger)),
        ("GO_PIPELINE_NAME", Value::text(scope.pipeline.name.value.clone())),
        ("GO_PIPELINE_COUNTER", Value::run(Known::Counter)),
        ("GO_PIPELINE_LABEL", Value::run(Known::Label)),
        ("GO_STAGE_NAME", Value::text(scope.stage.name.value.clone())),
        // 1 unless somebody runs the stage again.
        ("GO_STAGE_COUNTER", Value::text("1")),
        ("GO_JOB_NAME", job.clone()),
    ];
    for (name, value) in values {
        variables.set(name, value, Level::Gocd);
    }
}

fn of_material(variables: &mut Variables, material: &Material) {
    let suffix = material.variable_suffix();
    let name = || material.name.value.clone();
    let mut set = |variable: String, value: Value| variables.set(variable, value, Level::Gocd);
    set(format!("GO_MATERIAL_{suffix}_HAS_CHANGED"), Value::run(Known::HasChanged(name())));
    match &material.kind.value {
        MaterialKind::Dependency => {
            set(format!("GO_DEPENDENCY_LABEL_{suffix}"), Value::run(Known::UpstreamLabel(name())));
            set(format!("GO_DEPENDENCY_LOCATOR_{suffix}"), Value::run(Known::UpstreamLocator(name())));
        }
        MaterialKind::Package => {
            set(format!("GO_PACKAGE_{suffix}_LABEL"), Value::run(Known::Revision(name())))
        }
        MaterialKind::Plugin => set(format!("GO_SCM_{suffix}_LABEL"), Value::run(Known::Revision(name()))),
        kind => {
            set(format!("GO_REVISION_{suffix}"), Value::run(Known::Revision(name())));
            set(format!("GO_TO_REVISION_{suffix}"), Value::run(Known::Revision(name())));
            set(format!("GO_FROM_REVISION_{suffix}"), Value::run(Known::FromRevision(name())));
            let url = match kind {
                MaterialKind::ConfigRepo => Value::run(Known::ConfigurationUrl),
                MaterialKind::P4 => {
                    Value::text(material.port.as_ref().map_or("", |port| port.value.as_str()))
                }
                _ => {
                    let url = material.url.as_ref().map_or("", |url| url.value.as_str());
                    Value::text(without_credentials(url).0)
                }
            };
            set(format!("GO_MATERIAL_URL_{suffix}"), url);
            let branch = match kind {
                MaterialKind::Git | MaterialKind::Hg => Value::text(material.branch()),
                // As good as always a git repository.
                MaterialKind::ConfigRepo => Value::run(Known::ConfigurationBranch),
                _ => return,
            };
            set(format!("GO_MATERIAL_BRANCH_{suffix}"), branch);
        }
    }
}
