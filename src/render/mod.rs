//! Manifests as text, made from the plan with the templates.

mod bridge;
pub mod engine;
mod events;
mod overlays;
mod runbook;
pub mod runtime;
pub mod yaml_text;

use anyhow::Context as _;
use minijinja::context;

use crate::plan::Plan;
use engine::Engine;

/// One file of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Path below the output folder, with `/`; made of names this program chose.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// Original names of the pipelines it belongs to; empty for shared parts.
    pub pipelines: Vec<String>,
}

/// Writes a plan as manifests, sorted by path. Nothing to run gives no manifests.
///
/// # Errors
/// When a template (one of the user's, for the built-in ones are tested) uses what it is not given.
pub fn render(plan: &Plan, engine: &Engine) -> anyhow::Result<Vec<Manifest>> {
    if plan.pipelines.is_empty() && plan.environments.is_empty() {
        return Ok(Vec::new());
    }
    let mut set = Set { engine, manifests: Vec::new() };
    shared(plan, &mut set)?;
    for pipeline in &plan.pipelines {
        let description =
            serde_json::to_string_pretty(&pipeline.description).context("pipeline.json")? + "\n";
        let value = context! {
            pipeline => data(pipeline),
            description => description,
            announces => pipeline.announces(),
            has_gates => pipeline.stages.iter().any(|stage| stage.gate.is_some()),
            start_buckets => data(&plan.platform.monitoring.start_buckets),
            completion_buckets => data(&plan.platform.monitoring.completion_buckets),
            tools_image => plan.tools_image.as_str(),
            kaniko_image => plan.kaniko_image.as_str(),
            copy_image => plan.copy_image.as_str(),
            kaniko_resources => data(&plan.kaniko_resources),
            buildkit => data(&plan.buildkit),
            registry_secret => if pipeline.builds_images() { plan.registry_secret.as_str() } else { "" },
        };
        let path = format!("base/templates/{}/{}.yaml", pipeline.group, pipeline.slug);
        set.add(path, "workflow-template.yaml.j2", value, vec![pipeline.name.clone()])?;
    }
    events::add(plan, &mut set)?;
    bridge::bridge(plan, &mut set)?;
    set.manifests.sort_by(|a, b| a.path.cmp(&b.path));
    let mut resources: Vec<&str> =
        set.manifests.iter().filter_map(|manifest| manifest.path.strip_prefix("base/")).collect();
    resources.sort_by_key(|path| wave(path));
    let kustomization = engine.render("kustomization.yaml.j2", context! { resources => data(&resources) })?;
    set.manifests.push(Manifest {
        path: "base/kustomization.yaml".into(),
        text: kustomization,
        pipelines: Vec::new(),
    });
    overlays::add(plan, &mut set)?;
    secrets(plan, &mut set)?;
    runbook::runbook(plan, &mut set)?;
    set.manifests.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(set.manifests)
}

/// The order of applying, by folder: what others refer to comes first.
fn wave(path: &str) -> usize {
    let folder = path.split('/').next().unwrap_or_default();
    let order = ["runtime", "config", "templates", "events", "cron"];
    order.iter().position(|known| *known == folder).unwrap_or(order.len())
}

struct Set<'a> {
    engine: &'a Engine,
    manifests: Vec<Manifest>,
}

impl Set<'_> {
    fn add(
        &mut self,
        path: impl Into<String>,
        template: &str,
        value: minijinja::Value,
        pipelines: Vec<String>,
    ) -> anyhow::Result<()> {
        let text = self.engine.render(template, value)?;
        self.manifests.push(Manifest { path: path.into(), text, pipelines });
        Ok(())
    }
}

fn data(value: impl serde::Serialize) -> minijinja::Value {
    minijinja::value::Serde(value).into()
}

/// What all pipelines use: scripts, rights, the bus, environments.
fn shared(plan: &Plan, set: &mut Set) -> anyhow::Result<()> {
    set.add(
        "base/runtime/scripts.yaml",
        "runtime.yaml.j2",
        context! { scripts => data(runtime::SCRIPTS) },
        Vec::new(),
    )?;
    let rights = context! { namespace => plan.namespace.as_str(), service_accounts => data(&plan.service_accounts),
    deletes_artifacts => plan.pipelines.iter().any(|pipeline| pipeline.deletes_artifacts) };
    set.add("base/runtime/rights.yaml", "rights.yaml.j2", rights, Vec::new())?;
    set.add("base/runtime/event-bus.yaml", "event-bus.yaml.j2", context! {}, Vec::new())?;
    for environment in &plan.environments {
        let path = format!("base/config/{}.yaml", environment.config_map);
        set.add(path, "environment.yaml.j2", context! { environment => data(environment) }, Vec::new())?;
    }
    Ok(())
}

/// The list of Secrets that somebody has to create.
fn secrets(plan: &Plan, set: &mut Set) -> anyhow::Result<()> {
    let inventory = crate::plan::inventory::entries(plan);
    let value = context! { namespace => plan.namespace.as_str(), inventory => data(inventory) };
    set.add("SECRETS.md", "secrets.md.j2", value, Vec::new())
}

/// All Secrets with git credentials, once each.
fn git_secrets(plan: &Plan) -> Vec<&str> {
    let all = plan.pipelines.iter().flat_map(|pipeline| &pipeline.git_secrets).map(String::as_str);
    let mut names: Vec<&str> = all.collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::store::Store;

    #[test]
    fn the_artifact_repository_is_what_argo_decodes() {
        for insecure in [true, false] {
            let store = Store {
                bucket: "no".into(),
                endpoint: "minio:9000".into(),
                region: String::new(),
                insecure,
                secret: Some("artifacts".into()),
            };
            let engine = Engine::new(None).unwrap();
            let text = engine
                .render(
                    "artifact-repositories.yaml.j2",
                    context! { store => data(&store), lifecycle => "{}" },
                )
                .unwrap();
            let object: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
            // The value is a document of its own, which Argo reads into typed fields.
            let repository: serde_yaml::Value =
                serde_yaml::from_str(object["data"]["default"].as_str().unwrap()).unwrap();
            assert_eq!(repository["archiveLogs"].as_bool(), Some(true));
            assert_eq!(repository["s3"]["insecure"].as_bool(), Some(insecure));
            assert!(text.contains(&format!("insecure: {insecure}\n")), "{text}");
            assert_eq!(repository["s3"]["bucket"].as_str(), Some("no"));
            assert_eq!(repository["s3"]["accessKeySecret"]["key"].as_str(), Some("accesskey"));
        }
    }
}
