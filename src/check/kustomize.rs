//! The kustomizations of the set: what they list exists, and every manifest is listed once.

use super::value::{at, items, text, texts};
use super::{Facts, Object, Problem};
use crate::render::Manifest;
use std::collections::{BTreeMap, BTreeSet};

/// The overlay that a path belongs to.
pub(super) fn overlay(path: &str) -> Option<&str> {
    path.strip_prefix("overlays/")?.split_once('/').map(|(overlay, _)| overlay)
}

/// The overlays of a set; without any, one that nothing belongs to.
pub(super) fn overlays(manifests: &[Manifest]) -> BTreeSet<&str> {
    let mut overlays: BTreeSet<&str> =
        manifests.iter().filter_map(|manifest| overlay(&manifest.path)).collect();
    if overlays.is_empty() {
        overlays.insert("");
    }
    overlays
}

/// A path that a kustomization lists.
pub(super) struct Listed {
    /// The kustomization.
    by: String,
    /// From the top of the set; `None` when it leads out of it.
    target: Option<String>,
    /// As written.
    written: String,
    /// Whether it makes the listed objects part of the output.
    resource: bool,
}

/// Reads what a kustomization lists.
pub(super) fn read(object: &Object<'_>, facts: &mut Facts) {
    let name = object.path.rsplit('/').next().unwrap_or_default();
    if !matches!(name, "kustomization.yaml" | "kustomization.yml") {
        facts.problem(object, "a Kustomization must be in a file `kustomization.yaml`");
    }
    let patches = items(&object.value, "patches").iter().filter_map(|patch| text(patch, "path"));
    let others = ["components", "configurations"].into_iter().flat_map(|key| texts(&object.value, key));
    let resources = texts(&object.value, "resources").map(|path| (path, true));
    for (path, resource) in resources.chain(others.chain(patches).map(|path| (path, false))) {
        facts.listed.push(Listed {
            by: object.path.to_string(),
            target: join(object.path, path),
            written: path.to_string(),
            resource,
        });
    }
    if at(&object.value, "resources").is_null() && at(&object.value, "components").is_null() {
        facts.problem(object, "the Kustomization lists no resources");
    }
}

/// A path as seen from a file's folder.
fn join(file: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Resolves the paths, and finds manifests that no kustomization lists, or several.
pub(super) fn check(manifests: &[Manifest], facts: &[Facts]) -> Vec<Problem> {
    let files: BTreeSet<&str> = manifests.iter().map(|manifest| manifest.path.as_str()).collect();
    let mut by: BTreeMap<&str, usize> = BTreeMap::new();
    let mut problems = Vec::new();
    let mut problem = |path: &str, kind: &str, message: String| {
        let (path, kind) = (path.to_string(), kind.to_string());
        problems.push(Problem { path, document: 1, kind, name: String::new(), message });
    };
    for listed in facts.iter().flat_map(|facts| &facts.listed) {
        let target = listed.target.as_deref();
        let folder = |path: &str| {
            let file = if path.is_empty() {
                "kustomization.yaml".into()
            } else {
                format!("{path}/kustomization.yaml")
            };
            files.contains(file.as_str())
        };
        match target {
            Some(path) if files.contains(path) => {
                *by.entry(path).or_default() += usize::from(listed.resource);
            }
            Some(path) if folder(path) => {}
            _ => problem(
                &listed.by,
                "Kustomization",
                format!("`{}` is listed but not in the set", listed.written),
            ),
        }
    }
    for (manifest, _) in manifests.iter().zip(facts).filter(|(_, facts)| facts.listable) {
        let times = by.get(manifest.path.as_str()).copied().unwrap_or_default();
        if times != 1 {
            problem(
                &manifest.path,
                "",
                format!("listed {times} times by kustomizations, and it must be once"),
            );
        }
    }
    problems
}
