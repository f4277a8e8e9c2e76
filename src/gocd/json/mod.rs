//! The JSON that GoCD's YAML plugin hands to its server: before migrations and parameters, no defaults filled in.

mod material;
mod task;

use super::{
    Approval, Artifact, ArtifactKind, Configuration, Environment, Job, Pipeline, RunInstances, Stage,
    Variable, VariableValue,
};
use crate::span::Src;
use serde_json::{Map, Value};

/// The configuration as GoCD's plugin prints it. Ciphertext and passwords are printed as `***`
/// and URLs without user and password, unless `reveal` is set.
///
/// Member names are those of the server's contract (`label_template`, `type`, `run_instance_count`, …). Everything is as
/// written: format version 1's `locking` is kept, parameters are not expanded.
pub fn json(configuration: &Configuration, reveal: bool) -> Value {
    let mask = Mask { reveal };
    let mut object = Object::default();
    object.put("target_version", configuration.format_version);
    object.put("environments", list(&configuration.environments, |e| environment(e, mask)));
    object.put("pipelines", list(&configuration.pipelines, |p| pipeline(p, mask)));
    object.into()
}

/// Whether secret values are shown.
#[derive(Clone, Copy)]
struct Mask {
    reveal: bool,
}

impl Mask {
    fn text(self, text: &str) -> Value {
        if self.reveal { text.into() } else { "***".into() }
    }

    /// A URL without the password in it.
    fn url(self, url: &str) -> Value {
        if self.reveal { url.into() } else { super::git_url::without_credentials(url).0.into() }
    }
}

/// An object whose absent members are left out.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_string(), value.into());
    }

    fn src<T: Clone + Into<Value>>(&mut self, name: &str, value: &Option<Src<T>>) {
        if let Some(value) = value {
            self.put(name, value.value.clone());
        }
    }

    fn secret(&mut self, name: &str, value: &Option<Src<String>>, mask: Mask) {
        if let Some(value) = value {
            self.put(name, mask.text(value));
        }
    }

    /// A list that is left out when it is empty.
    fn some(&mut self, name: &str, values: Vec<Value>) {
        if !values.is_empty() {
            self.put(name, values);
        }
    }

    fn copied(&mut self, unknown: &[Src<(String, String)>]) {
        for copy in unknown {
            self.put(&copy.value.0, copy.value.1.clone());
        }
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Value {
        Value::Object(object.0)
    }
}

fn list<T>(items: &[T], each: impl Fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(each).collect()
}

fn texts(items: &[Src<Option<String>>]) -> Vec<Value> {
    list(items, |item| item.value.clone().into())
}

fn environment(environment: &Environment, mask: Mask) -> Value {
    let mut object = Object::default();
    object.put("name", environment.name.value.clone());
    object.some("environment_variables", list(&environment.variables, |v| variable(v, mask)));
    object.some("agents", texts(&environment.agents));
    object.some("pipelines", texts(&environment.pipelines));
    object.into()
}

fn variable(variable: &Variable, mask: Mask) -> Value {
    let mut object = Object::default();
    object.put("name", variable.name.value.clone());
    match &variable.value {
        VariableValue::Plain(text) => object.put("value", text.clone()),
        VariableValue::Encrypted(text) => object.put("encrypted_value", mask.text(text)),
        VariableValue::Absent => {}
    }
    object.into()
}

fn pipeline(pipeline: &Pipeline, mask: Mask) -> Value {
    let mut object = Object::default();
    object.put("name", pipeline.name.value.clone());
    object.src("group", &pipeline.group);
    object.src("display_order_weight", &pipeline.display_order);
    object.src("template", &pipeline.template);
    object.src("label_template", &pipeline.label_template);
    object.src("enable_pipeline_locking", &pipeline.locking);
    object.src("lock_behavior", &pipeline.lock_behavior);
    if let Some(tool) = &pipeline.tracking_tool {
        let mut inner = Object::default();
        inner.src("link", &tool.link);
        inner.src("regex", &tool.regex);
        object.put("tracking_tool", inner);
    }
    if let Some(timer) = &pipeline.timer {
        let mut inner = Object::default();
        inner.put("spec", timer.spec.value.clone());
        inner.src("only_on_changes", &timer.only_on_changes);
        object.put("timer", inner);
    }
    object.some("environment_variables", list(&pipeline.variables, |v| variable(v, mask)));
    object.some(
        "parameters",
        list(&pipeline.parameters, |parameter| {
            let mut object = Object::default();
            object.put("name", parameter.value.0.clone());
            if let Some(value) = &parameter.value.1 {
                object.put("value", value.clone());
            }
            object.into()
        }),
    );
    object
        .put("materials", list(&pipeline.materials, |m| material::material(m, pipeline.file_version, mask)));
    if pipeline.has_stages() {
        object.put("stages", list(&pipeline.stages, |s| stage(s, mask)));
    }
    object.into()
}

fn plugin(id: &Option<Src<String>>, version: &Option<Src<String>>) -> Object {
    let mut object = Object::default();
    object.src("id", id);
    object.src("version", version);
    object
}

type Options = [Src<(String, Option<String>)>];

fn options(plain: &Options, secure: &Options, mask: Mask) -> Vec<Value> {
    let option = |option: &Src<(String, Option<String>)>, name: &str, mask: Mask| {
        let mut object = Object::default();
        object.put("key", option.value.0.clone());
        if let Some(value) = &option.value.1 {
            object.put(name, mask.text(value));
        }
        Value::from(object)
    };
    let open = Mask { reveal: true };
    let plain = plain.iter().map(|pair| option(pair, "value", open));
    plain.chain(secure.iter().map(|pair| option(pair, "encrypted_value", mask))).collect()
}

fn stage(stage: &Stage, mask: Mask) -> Value {
    let mut object = Object::default();
    object.put("name", stage.name.value.clone());
    object.src("fetch_materials", &stage.fetch_materials);
    object.src("never_cleanup_artifacts", &stage.keep_artifacts);
    object.src("clean_working_directory", &stage.clean_workspace);
    if let Some(written) = &stage.approval {
        object.put("approval", approval(written));
    }
    object.some("environment_variables", list(&stage.variables, |v| variable(v, mask)));
    object.put("jobs", list(&stage.jobs, |j| job(j, mask)));
    object.into()
}

fn approval(approval: &Approval) -> Object {
    let mut object = Object::default();
    object.put("type", approval.kind.value.clone());
    object.src("allow_only_on_success", &approval.allow_only_on_success);
    object.some("users", texts(&approval.users));
    object.some("roles", texts(&approval.roles));
    object
}

fn job(job: &Job, mask: Mask) -> Value {
    let mut object = Object::default();
    object.put("name", job.name.value.clone());
    object.src("timeout", &job.timeout);
    match job.run_instances.as_ref().map(|count| &count.value) {
        Some(RunInstances::All) => object.put("run_instance_count", "all"),
        Some(RunInstances::Number(number)) => object.put("run_instance_count", whole(*number)),
        None => {}
    }
    object.some("environment_variables", list(&job.variables, |v| variable(v, mask)));
    object.some("resources", texts(&job.resources));
    object.src("elastic_profile_id", &job.elastic_profile_id);
    object.some("artifacts", list(&job.artifacts, |a| artifact(a, mask)));
    object.some("tabs", list(&job.tabs, |tab| named(&[("name", &tab.value.0), ("path", &tab.value.1)])));
    object.some(
        "properties",
        list(&job.properties, |property| {
            let (name, source, xpath) = &property.value;
            named(&[("name", name), ("source", source), ("xpath", xpath)])
        }),
    );
    object.put("tasks", list(&job.tasks, |t| task::task(t, mask)));
    object.into()
}

fn named(members: &[(&str, &String)]) -> Value {
    let mut object = Object::default();
    for (name, value) in members {
        object.put(name, (*value).clone());
    }
    object.into()
}

/// A whole number without a fraction, as the plugin prints it.
fn whole(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9.0e15 { (number as i64).into() } else { number.into() }
}

fn artifact(artifact: &Artifact, mask: Mask) -> Value {
    let mut object = Object::default();
    let kind = match artifact.kind.value {
        ArtifactKind::Build => "build",
        ArtifactKind::Test => "test",
        ArtifactKind::External => "external",
    };
    object.put("type", kind);
    object.src("source", &artifact.source);
    object.src("destination", &artifact.destination);
    object.src("id", &artifact.id);
    object.src("store_id", &artifact.store_id);
    object.some("configuration", options(&artifact.options, &artifact.secure_options, mask));
    object.into()
}

#[cfg(test)]
mod tests {
    use super::json;
    use crate::finding::Account;
    use crate::source::Sources;

    const TEXT: &str = "format_version: 9\npipelines:\n  p:\n    secure_variables: {S: hunter2, T: }\n    \
                        materials: {m: {git: a, password: hunter2, encrypted_password: hunter2, includes: [x]}}\n    stages:\n    \
                        - s:\n        run_instances: 2,000\n        tasks:\n        - plugin: {secure_options: {K: hunter2}}\n        \
                        - fetch: {secure_options: {K: hunter2}, configuration: {secure_options: {K: hunter2}}}\n        \
                        artifacts: [external: {id: i, store_id: s, configuration: {secure_options: {K: hunter2}}}]\n";

    fn printed(reveal: bool) -> serde_json::Value {
        let mut account = Account::default();
        let sources = Sources::from_texts(&[("a", TEXT)], &mut account);
        json(&crate::gocd::read(&sources, &mut account), reveal)
    }

    #[test]
    fn secrets_are_masked_unless_they_are_asked_for() {
        let masked = printed(false).to_string();
        assert!(!masked.contains("hunter2"), "{masked}");
        assert_eq!(masked.matches("***").count(), 6, "{masked}");
        assert_eq!(printed(true).to_string().matches("hunter2").count(), 6);
    }

    #[test]
    fn nothing_is_filled_in() {
        let printed = printed(true);
        let material = &printed["pipelines"][0]["materials"][0];
        assert_eq!(material["filter"], serde_json::json!({"whitelist": ["x"]}));
        assert!(material.get("branch").is_none() && material.get("auto_update").is_none());
        assert_eq!(printed["pipelines"][0]["stages"][0]["jobs"][0]["run_instance_count"], 2000);
        assert_eq!(printed["pipelines"][0]["environment_variables"][1], serde_json::json!({"name": "T"}));
    }
}
