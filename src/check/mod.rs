//! The whole set of manifests, read back as a cluster would read it, before anything is written.
//!
//! Knows neither plan nor GoCD: so it can find the mistakes of the rooms before it. A problem is a defect of this
//! program, not of the user's pipelines. Namespaces are left alone: a set is one namespace, which kustomize sets. Each
//! overlay is a set with all that is not an overlay's.

mod events;
mod kustomize;
mod limits;
mod names;
mod parse;
mod policy;
mod references;
mod tags;
mod templates;
mod value;
mod workflow;

use crate::render::Manifest;
use references::Reference;
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Something that a cluster, or Argo, would not accept, or that must never be in the output.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The manifest's path.
    pub path: String,
    /// Which YAML document of it, counted from 1.
    pub document: usize,
    /// The object's kind; empty where it is not known.
    pub kind: String,
    /// The object's name; empty where it is not known.
    pub name: String,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (document {}", self.path, self.document)?;
        if !self.kind.is_empty() {
            write!(f, ", {} `{}`", self.kind, self.name)?;
        }
        write!(f, "): {}", self.message)
    }
}

/// One object of the set.
struct Object<'a> {
    path: &'a str,
    document: usize,
    kind: String,
    name: String,
    value: Value,
}

/// What a manifest defines and needs, kept when its text is let go.
#[derive(Default)]
struct Facts {
    problems: Vec<Problem>,
    /// Objects by kind and name.
    defined: Vec<Defined>,
    /// What has to be somewhere in the set.
    references: Vec<Reference>,
    /// Paths that a kustomization lists.
    listed: Vec<kustomize::Listed>,
    /// Whether the manifest has to be listed by a kustomization.
    listable: bool,
}

/// An object that is in the set, with the names inside it that others refer to.
struct Defined {
    path: String,
    document: usize,
    kind: String,
    name: String,
    parts: Parts,
}

/// Names inside an object that others may refer to.
#[derive(Default)]
struct Parts {
    /// Keys of a ConfigMap, events of an EventSource, templates of a WorkflowTemplate.
    members: BTreeSet<String>,
    /// Parameters of a WorkflowTemplate, and whether each has a value.
    parameters: BTreeMap<String, bool>,
    /// Whether a WorkflowTemplate can be run by itself; a library cannot.
    entrypoint: bool,
}

impl Facts {
    fn problem(&mut self, object: &Object<'_>, message: impl Into<String>) {
        self.problems.push(Problem {
            path: object.path.to_string(),
            document: object.document,
            kind: object.kind.clone(),
            name: object.name.clone(),
            message: message.into(),
        });
    }
}

/// Checks a set of manifests; the problems in the order of path and document. None: the set may be written.
pub fn check(manifests: &[Manifest]) -> Vec<Problem> {
    let facts = read_all(manifests);
    let mut problems = parse::same_path(manifests);
    for overlay in kustomize::overlays(manifests) {
        let applied = manifests.iter().zip(&facts);
        let applied =
            applied.filter(|(manifest, _)| kustomize::overlay(&manifest.path).is_none_or(|of| of == overlay));
        let applied: Vec<&Facts> = applied.map(|(_, facts)| facts).collect();
        problems.extend(parse::repeated(&applied));
        problems.extend(references::resolve(&applied));
    }
    problems.extend(kustomize::check(manifests, &facts));
    problems.extend(facts.into_iter().flat_map(|facts| facts.problems));
    problems.sort();
    problems.dedup();
    problems
}

/// Reads each manifest by itself, on all cores: parsing is what takes the time.
fn read_all(manifests: &[Manifest]) -> Vec<Facts> {
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let size = manifests.len().div_ceil(workers).max(64);
    std::thread::scope(|scope| {
        let chunks: Vec<_> = manifests
            .chunks(size)
            .map(|chunk| (chunk, scope.spawn(|| chunk.iter().map(read).collect::<Vec<_>>())))
            .collect();
        // A worker that failed is done again here, so that the failure is this thread's.
        chunks
            .into_iter()
            .flat_map(|(chunk, worker)| worker.join().unwrap_or_else(|_| chunk.iter().map(read).collect()))
            .collect()
    })
}

/// Everything that can be said about one manifest without the others.
fn read(manifest: &Manifest) -> Facts {
    let mut facts = Facts::default();
    policy::check_text(manifest, &mut facts);
    if !manifest.path.ends_with(".yaml") && !manifest.path.ends_with(".yml") {
        return facts;
    }
    for object in parse::objects(manifest, &mut facts) {
        if object.kind == "Kustomization" || object.kind == "Component" {
            kustomize::read(&object, &mut facts);
            continue;
        }
        facts.listable = true;
        names::check(&object, &mut facts);
        policy::check(&object, &mut facts);
        limits::check(&object, manifest.text.len(), &mut facts);
        references::collect(&object, &mut facts);
        workflow::check(&object, &mut facts);
        events::check(&object, &mut facts);
        let parts = references::parts(&object);
        let Object { path, document, kind, name, .. } = object;
        facts.defined.push(Defined { path: path.to_string(), document, kind, name, parts });
    }
    facts
}

#[cfg(test)]
mod tests;
