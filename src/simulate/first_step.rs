//! What the first step of a run decides about a push, by the pipeline's `pipeline.json` as rendered: `prepare.sh`'s rules
//! (`templates/runtime/gocd.jq`), for a pipeline that has run before.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::Value;

use crate::reference::start::{Push, Verdict, same_repository};

/// Whether the run of the pipeline `slug` goes on. `all`: every pipeline's description, by its slug.
pub fn decides(all: &BTreeMap<String, Value>, slug: &str, pushes: &[Push]) -> Verdict {
    let Some(description) = all.get(slug) else { return Verdict::no("it has no `pipeline.json`") };
    if description["firstStageManual"] == true {
        return Verdict::no("its first stage is started by hand");
    }
    let materials = description["materials"].as_array().map_or(&[][..], Vec::as_slice);
    let mut reasons = Vec::new();
    let mut pinned: Option<BTreeSet<String>> = None;
    for material in materials.iter().filter(|material| material["type"] == "git") {
        let key = material["key"].as_str().unwrap_or_default();
        for push in pushes.iter().filter(|push| is_of(material, push)) {
            if material["autoUpdate"] == false {
                reasons.push(format!("material `{key}` has `autoUpdate: false`"));
                continue;
            }
            match accepts(&material["filter"], push.files.as_deref()) {
                Some(false) => reasons.push(format!("no changed file of `{key}` passes its filter")),
                _ if pinned.get_or_insert_with(|| behind(all, slug)).contains(&identity(material)) => {
                    reasons.push(format!(
                        "`{key}` stays at the revision that its upstream was built from, until that has passed"
                    ));
                }
                Some(true) => return Verdict::yes(format!("material `{key}` has something new")),
                None => {
                    return Verdict::yes(format!(
                        "material `{key}` has something new; git tells which files"
                    ));
                }
            }
        }
    }
    if reasons.is_empty() {
        reasons.push("no material has anything new".to_string());
    }
    Verdict::no(reasons.join("; "))
}

/// What makes a repository the same in two pipelines: `identity` of gocd.jq.
fn identity(material: &Value) -> String {
    let text = |key: &str| material[key].as_str().unwrap_or_default();
    format!("{} {} {}", text("type"), text("url"), text("branch"))
}

/// The repositories that the pipelines upstream are built from: `resolve` of gocd.jq pins them.
fn behind(all: &BTreeMap<String, Value>, slug: &str) -> BTreeSet<String> {
    let mut pinned = BTreeSet::new();
    let mut seen = BTreeSet::from([slug]);
    let mut open = vec![slug];
    while let Some(next) = open.pop() {
        let materials = all.get(next).and_then(|description| description["materials"].as_array());
        for material in materials.into_iter().flatten() {
            match material["slug"].as_str().filter(|_| material["type"] == "dependency") {
                Some(upstream) if seen.insert(upstream) => open.push(upstream),
                None if next != slug => {
                    pinned.insert(identity(material));
                }
                _ => {}
            }
        }
    }
    pinned
}

fn is_of(material: &Value, push: &Push) -> bool {
    let url = material["url"].as_str().unwrap_or_default();
    let branch = material["branch"].as_str().unwrap_or("master");
    let remote = branch.split(':').next().unwrap_or_default().trim_start_matches('+');
    let reference =
        if remote.starts_with("refs/") { remote.to_string() } else { format!("refs/heads/{remote}") };
    !push.deleted
        && push.reference == reference
        && push.urls.iter().any(|pushed| same_repository(pushed, url))
}

/// What the filter says; `None` when the files are not known and it matters.
fn accepts(filter: &Value, files: Option<&[String]>) -> Option<bool> {
    let patterns = filter["patterns"].as_array().map_or(&[][..], Vec::as_slice);
    if patterns.is_empty() {
        return Some(true);
    }
    let patterns: Vec<Regex> = patterns
        .iter()
        .filter_map(Value::as_str)
        .filter_map(|pattern| Regex::new(&regex(pattern)).ok())
        .collect();
    let files = files?.iter().map(|file| file.strip_prefix('/').unwrap_or(file));
    let mut matched = files.map(|file| patterns.iter().any(|pattern| pattern.is_match(file)));
    Some(if filter["kind"] == "ignore" { matched.any(|m| !m) } else { matched.any(|m| m) })
}

/// `filter_regex` of gocd.jq.
fn regex(pattern: &str) -> String {
    let segments: Vec<&str> = pattern.strip_prefix('/').unwrap_or(pattern).split('/').collect();
    let mut regex = String::from("\\A(?s)");
    for (index, segment) in segments.iter().enumerate() {
        if *segment == "**" {
            regex.push_str("([^/]+/)*");
            continue;
        }
        let texts: Vec<String> = segment.split('*').map(::regex::escape).collect();
        regex.push_str(&texts.join("[^/]*"));
        if index + 1 < segments.len() {
            regex.push('/');
        }
    }
    regex.push_str("\\z");
    regex
}
