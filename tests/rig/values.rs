//! The values that a run on the rig has for what only a run knows.

use gocd2argo::reference::{JobTrace, Known, Part, Variable};
use serde_json::Value as Json;

use crate::cluster::SECRET;
use crate::unit::{SERVER, UPSTREAM, Unit};

/// The value of a variable in this run; `None` where docs/differences.md says that it differs.
pub fn filled_in(unit: &Unit, job: &JobTrace, variable: &Variable) -> Option<String> {
    // One instance of a job on all agents: `run-on-all`.
    if job.name.contains("-runOnAll-") && variable.name.starts_with("GO_JOB_") {
        return None;
    }
    let parts = variable.value.0.iter().map(|part| match part {
        Part::Text(text) => Some(text.clone()),
        Part::Secret => Some(SECRET.to_string()),
        Part::Run(known) => of_run(unit, known),
    });
    parts.collect()
}

fn of_run(unit: &Unit, known: &Known) -> Option<String> {
    Some(match known {
        Known::ServerUrl => SERVER.to_string(),
        Known::Counter => "1".to_string(),
        Known::Label => label(unit),
        Known::User => "anonymous".to_string(),
        // Of packages and plugins nothing is known: `docs/differences.md`.
        Known::Revision(material) | Known::FromRevision(material) => {
            watched(unit, material)?;
            unit.revision.clone()
        }
        Known::HasChanged(material) => {
            watched(unit, material)?;
            "true".to_string()
        }
        Known::UpstreamLabel(material) => upstream_label(watched(unit, material)?),
        Known::UpstreamLocator(material) => {
            let found = watched(unit, material)?;
            let text = |key: &str| found[key].as_str().unwrap_or("");
            format!("{}/{UPSTREAM}/{}/1", text("pipeline"), text("stage"))
        }
        _ => return None,
    })
}

fn upstream_label(material: &Json) -> String {
    format!("{}-label", material["pipeline"].as_str().unwrap_or(""))
}

/// A material of the output's description, unless nobody watches it.
fn watched<'u>(unit: &'u Unit, name: &str) -> Option<&'u Json> {
    let materials = unit.description["materials"].as_array()?.iter();
    materials.filter(|material| material["type"] != "other").find(|material| material["name"] == name)
}

/// The label of the first run. GoCD: §3.12.
fn label(unit: &Unit) -> String {
    let pipeline = unit.gocd();
    let mut label = String::new();
    let mut rest = pipeline.label_template();
    while let Some((before, after)) = rest.split_once("${") {
        label.push_str(before);
        let Some((token, after)) = after.split_once('}') else { break };
        label.push_str(&token_value(unit, token));
        rest = after;
    }
    label.push_str(rest);
    label.chars().take(255).collect()
}

fn token_value(unit: &Unit, token: &str) -> String {
    if token.eq_ignore_ascii_case("count") {
        return "1".into();
    }
    if let Some(name) = token.strip_prefix("env:") {
        let found = unit.gocd().variables.iter().find(|variable| variable.name.value == name);
        let parts = found.into_iter().flat_map(|variable| variable.parts());
        return parts
            .filter_map(|part| match part {
                gocd2argo::gocd::variable::ValuePart::Text(text) => Some(text),
                _ => None,
            })
            .collect();
    }
    let (name, length) = match token.split_once("[:") {
        Some((name, length)) => (name, length.trim_end_matches(']').parse().unwrap_or(usize::MAX)),
        None => (token, usize::MAX),
    };
    let materials = unit.description["materials"].as_array().into_iter().flatten();
    let is =
        |material: &&Json| material["name"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name));
    let value = materials.filter(is).map(|material| match material["type"].as_str() {
        Some("dependency") => upstream_label(material),
        _ => unit.revision.clone(),
    });
    value.take(1).collect::<String>().chars().take(length).collect()
}
