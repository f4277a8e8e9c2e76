//! Pipelines of real repositories, and which of them cannot run on the rig.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::unit::{Unit, foreign_materials};

/// Why a unit is not run; `None` if it is.
pub fn left_out(unit: &Unit) -> Option<String> {
    let pipeline = unit.gocd();
    if pipeline.stages.is_empty() {
        return Some("its stages are in a template on the server".into());
    }
    if foreign_materials(pipeline) {
        return Some("a material that the rig has no server for (svn, hg, the configuration's own)".into());
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
