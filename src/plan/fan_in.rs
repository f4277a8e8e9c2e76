//! Fan-in: a repository that a pipeline has itself and that one of its dependencies, at any depth, is built from.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | it is built at the revision that the dependency was built from | `prepare` takes the revision of the pass | yes |
//! | a push of it starts nothing here, only the pipelines at the top of the way | no trigger for it, and `gocd-reconcile` does not look at it | yes |
//! | the passed stage that brings the new revision starts the pipeline, also by an `ignore_for_scheduling` dependency: the repository has changed | the stage's post pokes, `prepare` decides | as the rule reads; GoCD's own answers are reported to vary (gocd#9870) |
//!
//! Two materials are one when kind, URL and branch are the same, letter by letter: `identity` of `gocd.jq`.
//! GoCD: `../shared/spec/gocd-yaml.md` §3.3.

use std::collections::{BTreeSet, HashMap};

use super::description::Material;
use super::material;
use crate::gocd::Configuration;
use crate::settings::Settings;

/// Kind, URL without credentials, branch.
type Repository = (&'static str, String, String);

/// Which repositories lie behind which pipeline.
#[derive(Debug, Default)]
pub struct FanIn {
    /// Numbers of the pipelines, by name in lower case.
    pipelines: HashMap<String, usize>,
    repositories: HashMap<Repository, usize>,
    /// Of each pipeline: the numbers of its repositories, and of the pipelines that it depends on.
    own: Vec<BTreeSet<usize>>,
    upstream: Vec<BTreeSet<usize>>,
}

impl FanIn {
    /// Reads all materials of all sound pipelines.
    pub fn of(configuration: &Configuration, settings: &Settings) -> FanIn {
        let mut fan_in = FanIn::default();
        for (number, pipeline) in configuration.sound().enumerate() {
            fan_in.pipelines.insert(pipeline.name.to_lowercase(), number);
        }
        for pipeline in configuration.sound() {
            let mut own = BTreeSet::new();
            let mut upstream = BTreeSet::new();
            for material in &pipeline.materials {
                if let Some(repository) = material::repository(material, settings) {
                    let next = fan_in.repositories.len();
                    own.insert(*fan_in.repositories.entry(repository).or_insert(next));
                }
                let name = material.pipeline.as_ref().map(|name| name.to_lowercase());
                upstream.extend(name.and_then(|name| fan_in.pipelines.get(&name).copied()));
            }
            fan_in.own.push(own);
            fan_in.upstream.push(upstream);
        }
        fan_in
    }

    /// Marks the repositories of a pipeline that are pinned, and the dependencies that pin them.
    pub fn mark(&self, materials: &mut [Material]) {
        let numbers: Vec<Option<usize>> = materials.iter().map(|material| self.number(material)).collect();
        if numbers.iter().all(Option::is_none) {
            return;
        }
        let mut pinned = BTreeSet::new();
        for upstream in materials.iter_mut().filter_map(|material| material.upstream.as_mut()) {
            let Some(first) = self.pipelines.get(&upstream.pipeline.to_lowercase()) else { continue };
            let behind = self.behind(*first);
            let mine: Vec<usize> =
                numbers.iter().flatten().copied().filter(|number| behind.contains(number)).collect();
            upstream.pins = !mine.is_empty();
            pinned.extend(mine);
        }
        for (material, number) in materials.iter_mut().zip(numbers) {
            material.pinned = number.is_some_and(|number| pinned.contains(&number));
        }
    }

    fn number(&self, material: &Material) -> Option<usize> {
        let known = (material.type_name, material.url.clone(), material.branch.clone());
        self.repositories.get(&known).copied().filter(|_| material.is_checked_out())
    }

    /// The repositories of a pipeline and of all that it depends on.
    fn behind(&self, first: usize) -> BTreeSet<usize> {
        let mut seen = vec![false; self.own.len()];
        let mut behind = BTreeSet::new();
        let mut open = vec![first];
        while let Some(next) = open.pop() {
            if !std::mem::replace(&mut seen[next], true) {
                behind.extend(&self.own[next]);
                open.extend(&self.upstream[next]);
            }
        }
        behind
    }
}
