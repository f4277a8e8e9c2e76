//! The `GO_*` variables that scripts can see.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | names of pipeline, group, stage, job, environment | constants, in the original spelling | yes |
//! | `GO_PIPELINE_COUNTER`, `GO_PIPELINE_LABEL`, `GO_TRIGGER_USER` | outputs of `prepare` | yes |
//! | `GO_REVISION_<M>` and the like | outputs of `prepare`; the URL without credentials | yes |
//! | `GO_DEPENDENCY_LABEL_<M>`, `GO_DEPENDENCY_LOCATOR_<M>` | outputs of `prepare` | yes |
//! | `GO_STAGE_COUNTER` | `1`: `argo retry` repeats a stage within the same run | no |
//! | `GO_SERVER_URL` | `runs.server-url` | a script that calls GoCD's API needs another way |
//! | `GO_REVISION` without a name | never set: every material in YAML has a name | yes |
//!
//! GoCD: `../shared/spec/gocd-yaml.md` §3.14.

use super::Cx;
use super::description::Material;
use super::text::Text;
use super::variable::{Env, EnvVar};
use crate::gocd::{Job, MaterialKind, Pipeline, RunInstances, Stage};

crate::findings! {
    /// A script uses `GO_REVISION`, which GoCD never sets for pipelines in YAML.
    ///
    /// ## Why it matters
    /// Every material in YAML has a name, so only `GO_REVISION_<NAME>` exists. The script sees an empty text, in GoCD as here.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [script: "echo $GO_REVISION"]}]
    /// ```
    ///
    /// ## Instead
    /// Use `$GO_REVISION_CODE` for the material `code`.
    pub GO_REVISION_UNSET = "go-revision-unset", Correctness, Warning, Converted;

    /// A script talks to the GoCD server.
    ///
    /// ## Why it matters
    /// `GO_SERVER_URL` is what `runs.server-url` says; once the server is gone, the calls fail.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [script: "curl $GO_SERVER_URL/api/version"]}]
    /// ```
    ///
    /// ## Instead
    /// Replace the call by one of Argo's API, or by an artifact or a variable that carries the same fact.
    pub USES_GOCD_API = "uses-gocd-api", Migration, Decision, Decision;
}

/// Sets the variables of a job that GoCD sets, before the pipeline's own ones override them.
pub fn set(env: &mut Env, pipeline: &Pipeline, stage: &Stage, job: &Job, materials: &[Material], cx: &Cx) {
    let environment = cx.index.environment(&pipeline.name);
    let overrides = |name: &str| environment.iter().any(|e| e.variables.iter().any(|v| *v.name == name));
    let mut constant = |name: &str, value: &str| {
        env.set(EnvVar::text(name, &Text::literal(value)));
    };
    // An environment's own variables come after these three in GoCD's order, so they win; the agent's resources come later.
    for (name, value) in [
        ("GO_SERVER_URL", cx.settings.runs.server_url.as_deref().unwrap_or_default()),
        ("GO_PIPELINE_GROUP_NAME", pipeline.group()),
        ("GO_ENVIRONMENT_NAME", environment.first().map_or("", |e| e.name.value.as_str())),
    ] {
        let unset = name == "GO_ENVIRONMENT_NAME" && environment.is_empty();
        if !unset && !overrides(name) {
            constant(name, value);
        }
    }
    let resources: Vec<&str> = job.resources.iter().filter_map(|item| item.value.as_deref()).collect();
    if !resources.is_empty() {
        constant("GO_AGENT_RESOURCES", &resources.join(","));
    }
    constant("GO_PIPELINE_NAME", &pipeline.name);
    constant("GO_STAGE_NAME", &stage.name);
    constant("GO_STAGE_COUNTER", "1");
    job_name(env, job);
    for (name, output) in [
        ("GO_PIPELINE_COUNTER", "counter"),
        ("GO_PIPELINE_LABEL", "label"),
        ("GO_TRIGGER_USER", "trigger-user"),
    ] {
        env.set(EnvVar::text(name, &Text::output(output)));
    }
    for material in materials {
        of_material(env, material);
    }
}

fn job_name(env: &mut Env, job: &Job) {
    match job.run_instances.as_ref().map(|instances| &instances.value) {
        Some(RunInstances::Number(number)) => {
            let index = Text::tag("inputs.parameters.run-index");
            let mut name = Text::literal(format!("{}-runInstance-", job.name.value));
            name.0.extend(index.0.clone());
            env.set(EnvVar::text("GO_JOB_NAME", &name));
            env.set(EnvVar::text("GO_JOB_RUN_INDEX", &index));
            env.set(EnvVar::text("GO_JOB_RUN_COUNT", &Text::literal(format!("{number}"))));
        }
        _ => env.set(EnvVar::text("GO_JOB_NAME", &Text::literal(job.name.value.clone()))),
    }
}

fn of_material(env: &mut Env, material: &Material) {
    let suffix = &material.variable_suffix;
    let mut output = |name: String, output: String| env.set(EnvVar::text(&name, &Text::output(&output)));
    if material.is_dependency() {
        output(format!("GO_DEPENDENCY_LABEL_{suffix}"), format!("dep-label-{}", material.key));
        output(format!("GO_DEPENDENCY_LOCATOR_{suffix}"), format!("dep-locator-{}", material.key));
    } else if material.is_checked_out() {
        output(format!("GO_REVISION_{suffix}"), format!("rev-{}", material.key));
        output(format!("GO_TO_REVISION_{suffix}"), format!("rev-{}", material.key));
        output(format!("GO_FROM_REVISION_{suffix}"), format!("from-{}", material.key));
    } else {
        return;
    }
    output(format!("GO_MATERIAL_{suffix}_HAS_CHANGED"), format!("changed-{}", material.key));
    if material.is_checked_out() {
        env.set(EnvVar::text(&format!("GO_MATERIAL_URL_{suffix}"), &Text::literal(material.url.clone())));
        if matches!(material.kind, MaterialKind::Git | MaterialKind::Hg) {
            let branch = Text::literal(material.branch.clone());
            env.set(EnvVar::text(&format!("GO_MATERIAL_BRANCH_{suffix}"), &branch));
        }
    }
}

/// Reports what a job's texts do with variables that are not what they seem.
pub fn check(texts: &[super::image::TaskText], cx: &mut Cx) {
    for text in texts {
        let super::image::Form::Script(script) = &text.form else { continue };
        if let Some(start) = find_variable(script, "GO_REVISION") {
            cx.account
                .report(&GO_REVISION_UNSET, text.place, "`GO_REVISION` is never set for pipelines in YAML")
                .within(start, start + "GO_REVISION".len())
                .help("use `GO_REVISION_` with the material's name in capitals");
        }
        if let Some(start) = find_variable(script, "GO_SERVER_URL") {
            cx.account
                .report(&USES_GOCD_API, text.place, "the script talks to the GoCD server")
                .within(start, start + "GO_SERVER_URL".len())
                .help("set `runs.server-url` while GoCD still runs, and replace the call before it is switched off");
        }
    }
}

/// Where the whole word stands in the text.
fn find_variable(text: &str, name: &str) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .find(|(start, _)| {
            let before = text[..*start].chars().next_back();
            let after = text[start + name.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
        .map(|(start, _)| start)
}
