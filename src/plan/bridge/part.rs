//! What is left of a plan when only a part of the pipelines moves.

use std::collections::BTreeSet;

use crate::plan::environment::Environment;
use crate::plan::pipeline::Pipeline;
use crate::plan::secret::SecretNeed;
use std::collections::BTreeMap;

/// Drops environments that no job of these pipelines takes in, and their Secrets.
pub fn keep(
    pipelines: &[Pipeline],
    environments: &mut Vec<Environment>,
    secrets: &mut BTreeMap<String, SecretNeed>,
) {
    let jobs = pipelines.iter().flat_map(|pipeline| &pipeline.stages).flat_map(|stage| &stage.jobs);
    let used: BTreeSet<&str> = jobs.filter_map(|job| job.env_config_map.as_deref()).collect();
    environments.retain(|environment| {
        let is_used = used.contains(environment.config_map.as_str());
        if let (false, Some(secret)) = (is_used, &environment.secret) {
            secrets.remove(secret);
        }
        is_used
    });
}
