//! Fan-in: a repository that a pipeline has both directly and behind one of its dependencies is built at the revision
//! that the dependency was built from. A push to it starts the first pipeline of the way alone. GoCD: §3.3.

use std::collections::BTreeMap;

use super::start::{ConfigRepository, followed};
use crate::gocd::Configuration;

/// URL and full name of the ref: what makes two materials one.
type Repository = (String, String);

/// Which pipelines have which repository behind a dependency.
#[derive(Debug)]
pub struct FanIn {
    /// Pipelines with the repository among their own materials, in lower case.
    owners: BTreeMap<Repository, Vec<String>>,
    /// Pipelines that depend on one, with the stage they wait for; all in lower case but the stage's name for people.
    below: BTreeMap<String, Vec<(String, String)>>,
    known: BTreeMap<Repository, BTreeMap<String, String>>,
}

impl FanIn {
    /// Reads all materials of all pipelines.
    pub fn new(configuration: &Configuration, own: Option<&ConfigRepository>) -> FanIn {
        let mut fan_in = FanIn { owners: BTreeMap::new(), below: BTreeMap::new(), known: BTreeMap::new() };
        for pipeline in configuration.sound() {
            let name = pipeline.name.value.to_lowercase();
            for material in &pipeline.materials {
                if let Some(repository) = followed(material, own) {
                    fan_in.owners.entry(repository).or_default().push(name.clone());
                }
                if let (Some(upstream), Some(stage)) = (&material.pipeline, &material.stage) {
                    let stage = format!("{}/{}", upstream.value, stage.value);
                    fan_in
                        .below
                        .entry(upstream.value.to_lowercase())
                        .or_default()
                        .push((name.clone(), stage));
                }
            }
        }
        fan_in
    }

    /// The stage behind which the pipeline has this repository, if there is one.
    pub fn behind(&mut self, pipeline: &str, repository: &Repository) -> Option<&str> {
        if !self.known.contains_key(repository) {
            let pinned = self.pinned(repository);
            self.known.insert(repository.clone(), pinned);
        }
        self.known.get(repository)?.get(&pipeline.to_lowercase()).map(String::as_str)
    }

    fn pinned(&self, repository: &Repository) -> BTreeMap<String, String> {
        let mut pinned = BTreeMap::new();
        let mut open: Vec<&String> = self.owners.get(repository).into_iter().flatten().collect();
        while let Some(upstream) = open.pop() {
            for (name, stage) in self.below.get(upstream).into_iter().flatten() {
                if !pinned.contains_key(name) {
                    pinned.insert(name.clone(), stage.clone());
                    open.push(name);
                }
            }
        }
        pinned
    }
}
