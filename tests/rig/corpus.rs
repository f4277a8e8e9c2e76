//! Pipelines of real repositories, and which of them cannot run on the rig.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::repository;
use crate::unit::{Unit, foreign_materials};

/// Pipelines whose pods the rig itself cannot start: set, pipeline. It takes the second half of
/// `"${TARGET_DIR}/main.js"` for a program, and makes a stand-in `/prime-square` and one below it.
const NOT_ON_THE_RIG: &[(&str, &str)] = &[("suryaveerubhotla__simple-ui", "frontend")];

/// Why a unit is not run; `None` if it is.
pub fn left_out(set: &str, unit: &Unit) -> Option<String> {
    let pipeline = unit.gocd();
    if NOT_ON_THE_RIG.contains(&(set, unit.pipeline.as_str())) {
        return Some("a text in which the rig sees programs that cannot be made".into());
    }
    if pipeline.stages.is_empty() {
        return Some("its stages are in a template on the server".into());
    }
    if foreign_materials(pipeline) {
        return Some("a material that the rig has no server for (svn, hg, the configuration's own)".into());
    }
    if needs_foreign_files(unit) {
        return Some("a program or folder that no checkout brings".into());
    }
    let mut decisions = BTreeMap::<String, usize>::new();
    for template in unit.template()["spec"]["templates"].as_array().into_iter().flatten() {
        for source in sources(template) {
            for (_, rest) in source
                .match_indices("needs-decision.sh ")
                .map(|(at, found)| (at, &source[at + found.len()..]))
            {
                let finding: String =
                    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
                *decisions.entry(finding).or_default() += 1;
            }
        }
        if template["name"] == "stages-to-be-written" || template["name"] == "too-large" {
            return Some("stages that are to be written".into());
        }
    }
    let first = decisions.into_iter().max_by_key(|(_, count)| *count);
    first.map(|(finding, _)| format!("a command that waits for a decision: {finding}"))
}

fn sources(template: &Json) -> impl Iterator<Item = &str> {
    template["script"]["source"].as_str().into_iter()
}

/// Does a job need files in a working directory that the stand-in repository is not checked out into?
fn needs_foreign_files(unit: &Unit) -> bool {
    let stages = unit.gocd().stages.iter();
    stages.flat_map(|stage| stage.jobs.iter().map(move |job| (stage, job))).any(|(stage, job)| {
        let empty = !stage.fetches_materials();
        let folders = job.tasks.iter().any(|task| task.working_directory.is_some());
        let absent = |path: String| empty || !unit.world.files.contains(&path);
        repository::relative_programs(job).into_iter().any(absent)
            || (empty && (folders || !job.artifacts.is_empty()))
    })
}
