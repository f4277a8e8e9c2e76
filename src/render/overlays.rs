//! What stands around the base: components, overlays, and what Argo CD is told.

use std::collections::BTreeSet;

use minijinja::context;

use super::{Manifest, Set, data};
use crate::plan::{Component, Overlay, Plan, inventory};

/// Adds everything that is not in `base/`.
pub(super) fn add(plan: &Plan, set: &mut Set) -> anyhow::Result<()> {
    components(plan, set)?;
    let stores = &plan.platform.stores;
    for (kind, store) in [(Overlay::Aws, &stores.aws), (Overlay::Minio, &stores.minio)] {
        let overlay = kind.name();
        let folder = format!("overlays/{overlay}");
        let store = context! { store => data(store), lifecycle => stores.lifecycle.as_str() };
        set.add(
            format!("{folder}/artifact-repositories.yaml"),
            "artifact-repositories.yaml.j2",
            store,
            vec![],
        )?;
        let value = context! {
            namespace => plan.namespace.as_str(),
            overlays => data(&plan.platform.overlays),
            components => names(&plan.platform.overlays.components, kind),
            others => names(&plan.platform.overlays.others, kind),
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

/// Folders of those components that an overlay can have.
fn names(components: &[Component], overlay: Overlay) -> Vec<&'static str> {
    components.iter().filter(|component| component.fits(overlay)).map(|component| component.name()).collect()
}

/// Grafana's dashboard; the namespace is one of its variables.
const DASHBOARD: &str = include_str!("../../templates/components/dashboard.json");

/// One line per registry that has another name in the overlay `minio`.
fn registries(plan: &Plan) -> String {
    plan.platform.overlays.registries.iter().map(|(from, to)| format!("{from} {to}\n")).collect()
}

/// The components, whether an overlay switches them on or not.
fn components(plan: &Plan, set: &mut Set) -> anyhow::Result<()> {
    let webhooks = plan.event_sources.iter().map(|source| source.name.as_str());
    let webhooks: Vec<&str> = webhooks.chain(plan.is_poked_from_gocd().then_some("gocd-bridge")).collect();
    let policies = context! {
        has_roles => !plan.platform.overlays.aws_roles.is_empty(),
        webhooks => data(webhooks),
        has_stage_events => plan.has_stage_events,
    };
    let monitoring = context! { monitoring => data(&plan.platform.monitoring), dashboard => DASHBOARD };
    let files = ["dashboard.yaml", "monitors.yaml", "rules.yaml"];
    component("monitoring", &files.map(|file| (file, monitoring.clone())), set)?;
    component("network-policies", &[("network-policies.yaml", policies)], set)?;
    let inventory = inventory::entries(plan);
    // The keys of MinIO are none of AWS' business.
    let stores = &plan.platform.stores;
    let is_aws = |entry: &&inventory::Entry| {
        stores.aws.secret.as_ref() == Some(&entry.name) || stores.minio.secret.as_ref() != Some(&entry.name)
    };
    let of_aws: Vec<&inventory::Entry> = inventory.iter().filter(is_aws).collect();
    let external = context! { aws => data(&plan.platform.aws), inventory => data(of_aws) };
    component("external-secrets", &[("external-secrets.yaml", external)], set)?;
    sealed(&inventory, set)
}

/// A file per Secret, so that filling one in leaves the others to this program.
fn sealed(inventory: &[inventory::Entry], set: &mut Set) -> anyhow::Result<()> {
    let folder = "components/sealed-secrets";
    for entry in inventory {
        let value = context! { entry => data(entry) };
        set.add(format!("{folder}/{}.yaml", entry.name), "components/sealed-secret.yaml.j2", value, vec![])?;
    }
    let files: Vec<String> = inventory.iter().map(|entry| format!("{}.yaml", entry.name)).collect();
    let value = context! { resources => data(files) };
    set.add(format!("{folder}/kustomization.yaml"), "components/kustomization.yaml.j2", value, vec![])
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
    let Some(argo_cd) = &plan.platform.argo_cd else { return Ok(()) };
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
    let kind = if overlay == Overlay::Minio.name() { Overlay::Minio } else { Overlay::Aws };
    let components = names(&plan.platform.overlays.components, kind);
    folders.extend(components.iter().map(|name| format!("components/{name}/")));
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
