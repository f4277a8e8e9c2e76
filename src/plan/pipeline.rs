//! Pipelines: one WorkflowTemplate each.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | a pipeline | a WorkflowTemplate `<slug>` whose first step, `prepare`, decides whether there is something to do, and with what | yes |
//! | a run: counter, label, one revision per material | a Workflow; outputs of `prepare`, the same for all its jobs | yes |
//! | each stage uses the configuration of the moment it starts | the whole run uses the template of its start | no |
//! | `template` | a stage that fails until the template's stages are written down | no |
//! | `group` | a label and a folder | yes |
//! | `display_order`, `tracking_tool` | nothing: pages of GoCD's UI | no |
//!
//! GoCD: `../shared/spec/gocd-yaml.md` §2.2, §3.1. Argo: `WorkflowTemplate`.

use serde::Serialize;

use super::artifact::UI_METADATA_DROPPED;
use super::description::{Description, Material};
use super::fetch::{self, FetchContext};
use super::text::Text;
use super::trigger::Triggers;
use super::variable::{Env, EnvVar};
use super::{Cx, material, names, retention, size, stage};
use crate::gocd;

mod describe;

use describe::describe;

crate::findings! {
    /// A pipeline takes its stages from a template that is stored on the GoCD server.
    ///
    /// ## Why it matters
    /// There is no YAML form of templates, so what the pipeline does is in no file. Its WorkflowTemplate has one stage, which
    /// fails until the real ones are written down.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     template: java-service
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    /// ```
    ///
    /// ## Instead
    /// Extract the template in GoCD ("Extract" on the template's page), write its stages into the pipeline, and convert again.
    pub TEMPLATE_UNKNOWN = "template-unknown", Migration, Decision, Decision;

    /// A name was changed because another one of the same kind would be the same on Kubernetes.
    ///
    /// ## Why it matters
    /// Both get a suffix, so that each stays what it is when the other one goes. Scripts still see the original name.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   web.app: &app
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    ///   web_app: *app
    /// ```
    ///
    /// ## Instead
    /// Rename one of them, if the suffix is in the way.
    pub NAME_COLLISION = "name-collision", Migration, Warning, Converted;
}

/// A pipeline, ready to be written.
#[derive(Clone, Debug, Serialize)]
pub struct Pipeline {
    /// Original name.
    pub name: String,
    /// Name of the WorkflowTemplate.
    pub slug: String,
    /// Slug of its group: label and folder.
    pub group: String,
    /// Original name of its group.
    pub group_name: String,
    /// What the scripts know of it.
    pub description: Description,
    /// Outputs of `prepare`.
    pub outputs: Vec<String>,
    /// Secrets with git credentials, mounted where repositories are read.
    pub git_secrets: Vec<String>,
    /// Secrets that only the containers that deploy mount.
    pub delivery_secrets: Vec<String>,
    /// Whether Argo deletes its artifacts with a run.
    pub deletes_artifacts: bool,
    /// Stages, in order.
    pub stages: Vec<stage::Stage>,
    /// Whether an exit handler has to free the lock.
    pub has_lock: bool,
    /// What stands in place of stages that could not be written.
    pub placeholder: Option<Placeholder>,
}

/// A stage that fails and says which finding explains why.
#[derive(Clone, Debug, Serialize)]
pub struct Placeholder {
    /// `FINDING` and `WHAT`.
    pub env: Vec<EnvVar>,
}

impl Placeholder {
    fn new(finding: &'static str, what: &str) -> Self {
        let mut env = Env::default();
        env.set(EnvVar::text("FINDING", &Text::literal(finding)));
        env.set(EnvVar::text("WHAT", &Text::literal(what)));
        Placeholder { env: env.finish() }
    }
}

impl Pipeline {
    /// Whether a job builds, copies or runs images: a registry wants credentials.
    pub fn builds_images(&self) -> bool {
        let images = |job: &super::job::Job| !job.builders.is_empty() || !job.containers.is_empty();
        self.stages.iter().any(|stage| stage.jobs.iter().any(images))
    }

    /// Whether one of its stages tells others that it has passed.
    pub fn announces(&self) -> bool {
        self.stages.iter().any(|stage| stage.announces)
    }
}

/// Plans one pipeline.
pub fn plan(source: &gocd::Pipeline, triggers: &mut Triggers, cx: &mut Cx) -> Pipeline {
    book(source, cx);
    let slug = cx.pipeline_slug(&source.name);
    let group =
        cx.names.groups.get(source.group()).map_or_else(|| "none".to_string(), |slug| slug.text.clone());
    let materials = materials(source, cx);
    let ancestors = fetch::ancestors(source, cx);
    let mut outputs = outputs(&materials, ancestors.len());
    let (stages, placeholder) = stages(source, &slug, &materials, &ancestors, outputs.len(), cx);
    outputs.truncate(size::OUTPUTS);
    triggers.add(source, &slug, &group, &materials, cx);
    let description = describe(source, &slug, &group, materials, &stages, &ancestors, cx);
    let secrets = description.materials.iter().map(|m| m.credentials.clone());
    let secrets: std::collections::BTreeSet<String> = secrets.filter(|secret| !secret.is_empty()).collect();
    let git_secrets: Vec<String> = secrets.into_iter().collect();
    let delivery_secrets = super::delivery::secrets(&stages, &git_secrets);
    Pipeline {
        name: source.name.value.clone(),
        slug,
        group,
        group_name: source.group().to_string(),
        outputs,
        git_secrets,
        delivery_secrets,
        deletes_artifacts: cx.settings.artifacts.delete_with_run && !retention::keeps(source),
        stages,
        has_lock: description.lock != "none",
        description,
        placeholder,
    }
}

/// Its materials, for the scripts.
pub fn materials(source: &gocd::Pipeline, cx: &mut Cx) -> Vec<Material> {
    let keys = names::slugs(source.materials.iter().map(|material| material.name.as_str()), names::LONG);
    let mut planned: Vec<Material> = Vec::new();
    for material in &source.materials {
        let key = keys.get(&material.name.value).map_or("", |slug| slug.text.as_str());
        let mut material = material::plan(material, key, cx);
        // One repository and branch is one material for GoCD, also when it is listed twice: the first one's filter holds.
        let is_same = |other: &&Material| {
            material.is_checked_out() && (&other.url, &other.branch) == (&material.url, &material.branch)
        };
        if let Some(first) = planned.iter().find(is_same) {
            material.filter = first.filter.clone();
        }
        planned.push(material);
    }
    cx.index.fan_in.mark(&mut planned);
    planned
}

/// The stages, or what stands in their place.
fn stages(
    source: &gocd::Pipeline,
    slug: &str,
    materials: &[Material],
    ancestors: &[Vec<String>],
    outputs: usize,
    cx: &mut Cx,
) -> (Vec<stage::Stage>, Option<Placeholder>) {
    let upstreams: Vec<(String, String)> = materials
        .iter()
        .filter_map(|material| {
            Some((material.upstream.as_ref()?.pipeline.to_lowercase(), material.key.clone()))
        })
        .collect();
    let context = FetchContext { pipeline: source, upstreams: &upstreams, ancestors };
    let stages = stage::plan(source, slug, materials, &context, cx);
    if let Some(template) = missing_template(source, cx) {
        return (stages, Some(Placeholder::new(TEMPLATE_UNKNOWN.name, &template)));
    }
    if size::fits(source, &stages, outputs, cx) {
        return (stages, None);
    }
    (Vec::new(), Some(Placeholder::new(size::PIPELINE_TOO_LARGE.name, &source.name)))
}

/// Names of what `prepare` finds out. Every template of the run reads them as global outputs.
fn outputs(materials: &[Material], ancestors: usize) -> Vec<String> {
    let mut outputs: Vec<String> = ["counter", "label", "trigger-user"].map(str::to_string).to_vec();
    for material in materials {
        let prefixes: &[&str] = match (material.is_dependency(), material.is_checked_out()) {
            (true, _) => &["dep-counter", "dep-label", "dep-locator", "dep-stage-counter", "changed"],
            (_, true) => &["rev", "from", "changed"],
            _ => &[],
        };
        outputs.extend(prefixes.iter().map(|prefix| format!("{prefix}-{}", material.key)));
    }
    outputs.extend((1..=ancestors).map(|number| format!("anc-{number}")));
    outputs
}

fn missing_template(source: &gocd::Pipeline, cx: &mut Cx) -> Option<String> {
    let template = source.template.as_ref()?;
    // Its variables wait for the jobs.
    for variable in &source.variables {
        cx.account.book(&variable.name, TEMPLATE_UNKNOWN.outcome, TEMPLATE_UNKNOWN.name);
    }
    cx.account
        .report(
            &TEMPLATE_UNKNOWN,
            template,
            format!(
                "the stages of `{}` are in the template `{}` on the GoCD server",
                source.name.value, template.value
            ),
        )
        .help(
            "write the template's stages into the pipeline and convert again; until then a run fails at once",
        );
    Some(template.value.clone())
}

fn book(source: &gocd::Pipeline, cx: &mut Cx) {
    cx.account.convert("pipeline", &source.name);
    if cx.names.pipelines.get(&source.name.value).is_some_and(|slug| slug.collides) {
        let slug = cx.pipeline_slug(&source.name);
        cx.account.report(
            &NAME_COLLISION,
            &source.name,
            format!("another pipeline has the same name on Kubernetes: this one is called `{slug}`"),
        );
    }
    for place in &source.containers {
        cx.account.convert("pipeline", place);
    }
    for parameter in &source.parameters {
        cx.account.convert("parameter", parameter);
    }
    if let Some(group) = &source.group {
        cx.account.convert("pipeline", group);
    }
    if let Some(order) = &source.display_order {
        cx.account.report(&UI_METADATA_DROPPED, order, "the order on GoCD's dashboard has no counterpart");
    }
    if let Some(tool) = &source.tracking_tool {
        let message = "GoCD's links to an issue tracker have no counterpart";
        cx.account.report(&UI_METADATA_DROPPED, tool.place, message);
        for text in [&tool.link, &tool.regex].into_iter().flatten() {
            cx.account.book(text, UI_METADATA_DROPPED.outcome, UI_METADATA_DROPPED.name);
        }
    }
}
