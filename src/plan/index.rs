//! What refers to what, looked up by name once for the whole configuration.

use std::collections::{HashMap, HashSet};

use super::fan_in::FanIn;
use crate::gocd::{Configuration, Environment, MaterialKind, Pipeline};
use crate::settings::Settings;

/// Pipelines, environments and awaited stages by name; GoCD compares names without case.
#[derive(Debug)]
pub struct Index<'a> {
    pipelines: HashMap<String, &'a Pipeline>,
    environments: HashMap<String, Vec<&'a Environment>>,
    awaited: HashSet<(String, String)>,
    /// Which repositories lie behind which pipeline.
    pub fan_in: FanIn,
}

impl<'a> Index<'a> {
    /// Indexes the sound part of a configuration.
    pub fn of(configuration: &'a Configuration, settings: &Settings) -> Self {
        let mut by_name: HashMap<String, Vec<&Environment>> = HashMap::new();
        for environment in configuration.environments.iter().filter(|environment| !environment.refused) {
            by_name.entry(environment.name.to_lowercase()).or_default().push(environment);
        }
        let mut environments = HashMap::new();
        for parts in by_name.values() {
            let members =
                parts.iter().flat_map(|part| &part.pipelines).filter_map(|member| member.value.as_ref());
            for member in members {
                environments.insert(member.to_lowercase(), parts.clone());
            }
        }
        let mut awaited = HashSet::new();
        for material in configuration.sound().flat_map(|pipeline| &pipeline.materials) {
            if let (MaterialKind::Dependency, Some(pipeline), Some(stage)) =
                (&material.kind.value, &material.pipeline, &material.stage)
            {
                awaited.insert((pipeline.to_lowercase(), stage.to_lowercase()));
            }
        }
        Index {
            pipelines: configuration
                .sound()
                .map(|pipeline| (pipeline.name.to_lowercase(), pipeline))
                .collect(),
            environments,
            awaited,
            fan_in: FanIn::of(configuration, settings),
        }
    }

    /// The sound pipeline of that name.
    pub fn pipeline(&self, name: &str) -> Option<&'a Pipeline> {
        self.pipelines.get(&name.to_lowercase()).copied()
    }

    /// All parts of the environment that a pipeline is in.
    pub fn environment(&self, pipeline: &str) -> &[&'a Environment] {
        self.environments.get(&pipeline.to_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// Whether some pipeline depends on that stage.
    pub fn is_awaited(&self, pipeline: &str, stage: &str) -> bool {
        self.awaited.contains(&(pipeline.to_lowercase(), stage.to_lowercase()))
    }
}
