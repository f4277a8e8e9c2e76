//! What stands around the base: components, overlays, and what Argo CD is told.

use std::collections::BTreeSet;

use minijinja::context;

use super::{Manifest, Set, data};
use crate::plan::Plan;

/// Adds everything that is not in `base/`.
pub(super) fn add(plan: &Plan, set: &mut Set) -> anyhow::Result<()> {
    components(plan, set)?;
    for (overlay, store) in [("aws", &plan.stores.aws), ("minio", &plan.stores.minio)] {
        let folder = format!("overlays/{overlay}");
        let store = context! { store => data(store) };
        set.add(
            format!("{folder}/artifact-repositories.yaml"),
            "artifact-repositories.yaml.j2",
            store,
            vec![],
        )?;
        let value = context! {
            namespace => plan.namespace.as_str(),
            overlays => data(&plan.overlays),
            registries => registries(plan),
        };
        set.add(
            format!("{folder}/kustomization.yaml"),
            &format!("overlays/{overlay}.yaml.j2"),
            value,
            vec![],
        )?;
    }
    argo_cd(plan, set)
}

/// Grafana's dashboard; the namespace is one of its variables.
const DASHBOARD: &str = include_str!("../../templates/components/dashboard.json");

/// One line per registry that has another name in the overlay `minio`.
fn registries(plan: &Plan) -> String {
    plan.overlays.registries.iter().map(|(from, to)| format!("{from} {to}\n")).collect()
}

/// The components, whether an overlay switches them on or not.
fn components(plan: &Plan, set: &mut Set) -> anyhow::Result<()> {
    let from_gocd = plan.bridge.as_ref().is_some_and(|bridge| !bridge.description.from_gocd.is_empty());
    let webhooks = plan.event_sources.iter().map(|source| source.name.as_str());
    let webhooks: Vec<&str> = webhooks.chain(from_gocd.then_some("gocd-bridge")).collect();
    let policies = context! {
        has_roles => !plan.overlays.aws_roles.is_empty(),
        webhooks => data(webhooks),
        has_stage_events => plan.has_stage_events,
    };
    let monitoring = context! { monitoring => data(&plan.monitoring), dashboard => DASHBOARD };
    let files = ["dashboard.yaml", "monitors.yaml", "rules.yaml"];
    component("monitoring", &files.map(|file| (file, monitoring.clone())), set)?;
    component("network-policies", &[("network-policies.yaml", policies)], set)
}

/// A component of one template per file, whose name is that of the file.
fn component(name: &str, files: &[(&str, minijinja::Value)], set: &mut Set) -> anyhow::Result<()> {
    let folder = format!("components/{name}");
    for (file, value) in files {
        set.add(format!("{folder}/{file}"), &format!("components/{file}.j2"), value.clone(), vec![])?;
    }
    let resources: Vec<&str> = files.iter().map(|(file, _)| *file).collect();
    let value = context! { resources => data(resources) };
    set.add(format!("{folder}/kustomization.yaml"), "components/kustomization.yaml.j2", value, vec![])
}

/// The Application and its AppProject, when the repository is known.
fn argo_cd(plan: &Plan, set: &mut Set) -> anyhow::Result<()> {
    let Some(argo_cd) = &plan.argo_cd else { return Ok(()) };
    let value = context! {
        // Argo CD's namespace may hold the pipelines of several namespaces.
        name => format!("gocd-{}", plan.namespace),
        namespace => plan.namespace.as_str(),
        argo_cd => data(argo_cd),
        kinds => data(kinds(plan, &argo_cd.path, &set.manifests)),
    };
    for file in ["application.yaml", "kustomization.yaml", "project.yaml"] {
        set.add(format!("argo-cd/{file}"), &format!("argo-cd/{file}.j2"), value.clone(), vec![])?;
    }
    Ok(())
}

/// API group and kind of every object that the overlay at `path` applies.
fn kinds(plan: &Plan, path: &str, manifests: &[Manifest]) -> BTreeSet<(String, String)> {
    let overlay = path.rsplit('/').next().unwrap_or_default();
    let mut folders = vec!["base/".to_string(), format!("overlays/{overlay}/")];
    folders.extend(plan.overlays.components.iter().map(|name| format!("components/{name}/")));
    let applied = manifests
        .iter()
        .filter(|manifest| folders.iter().any(|folder| manifest.path.starts_with(folder)))
        .filter(|manifest| !manifest.path.ends_with("/kustomization.yaml"));
    // Templates write both keys at the left margin, and nothing else stands there.
    let mut kinds = BTreeSet::new();
    for manifest in applied {
        let mut group = "";
        for line in manifest.text.lines() {
            if let Some(version) = line.strip_prefix("apiVersion: ") {
                group = version.split_once('/').map_or("", |(group, _)| group);
            } else if let Some(kind) = line.strip_prefix("kind: ") {
                kinds.insert((group.to_string(), kind.to_string()));
            }
        }
    }
    kinds
}
