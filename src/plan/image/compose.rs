//! Compose files of the repository: which services there are, and what `docker run` or `docker build` would be told
//! for each of them.

use serde_yaml::{Mapping, Value as Yaml};
use std::collections::{BTreeMap, BTreeSet};

use super::folder;

mod build;
pub mod line;
pub mod service;
pub mod word;

pub use line::Line;

/// Larger files are not read.
const LONGEST: usize = 1_000_000;

/// The services of a project.
#[derive(Debug, Default)]
pub struct Project {
    /// By name, as the merged files say.
    pub services: BTreeMap<String, Mapping>,
    /// The folder that paths are seen from, absolute in the pod.
    pub folder: String,
    /// Variables of its `.env` file.
    pub variables: BTreeMap<String, String>,
    /// The files' names, for messages.
    pub files: Vec<String>,
}

/// Reads the files that a command line means. An error says why a person has to look.
pub fn read(
    line: &Line,
    from: Option<&str>,
    files: &dyn Fn(&str) -> Option<String>,
) -> Result<Project, String> {
    let from = from.ok_or("in which folder it runs is known only when the job runs")?;
    let text = |path: &str| files(folder::below(path)?).filter(|text| text.len() <= LONGEST);
    let names: Vec<String> = match line.files.as_slice() {
        [] => standard(&|name| text(&folder::join(from, name)).is_some()),
        files => files.to_vec(),
    };
    let Some(first) = names.first() else {
        return Err("there is no compose file in the repository at hand".to_string());
    };
    let folder = match &line.folder {
        Some(folder) => folder::join(from, folder),
        None => folder::join(&folder::join(from, first), ".."),
    };
    let mut merged = Yaml::Null;
    for name in &names {
        let path = folder::join(from, name);
        let text = text(&path).ok_or_else(|| format!("`{name}` is not in the repository at hand"))?;
        let mut yaml: Yaml =
            serde_yaml::from_str(&text).map_err(|_| format!("`{name}` is no YAML that can be read"))?;
        yaml.apply_merge().map_err(|_| format!("`{name}` has a merge that cannot be read"))?;
        merge(&mut merged, yaml);
    }
    let services = merged.get("services").and_then(Yaml::as_mapping).cloned().unwrap_or_default();
    let services = services.into_iter().filter_map(|(name, body)| match body {
        Yaml::Mapping(body) => Some((name.as_str()?.to_string(), body)),
        _ => None,
    });
    Ok(Project {
        services: services.collect(),
        variables: text(&folder::join(&folder, ".env")).map(|text| dotenv(&text)).unwrap_or_default(),
        folder,
        files: names,
    })
}

/// The files that compose looks for.
fn standard(there: &dyn Fn(&str) -> bool) -> Vec<String> {
    let main = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    let main = main.into_iter().find(|name| there(name));
    let more = ["compose.override.yaml", "compose.override.yml", "docker-compose.override.yml"];
    let more = main.and_then(|_| more.into_iter().find(|name| there(name)));
    main.into_iter().chain(more).map(str::to_string).collect()
}

/// A later file adds to an earlier one: mappings key by key, lists appended, the rest replaced.
fn merge(into: &mut Yaml, from: Yaml) {
    match (into, from) {
        (Yaml::Mapping(into), Yaml::Mapping(from)) => {
            for (key, value) in from {
                let replaced = matches!(key.as_str(), Some("command" | "entrypoint" | "test"));
                match into.get_mut(&key).filter(|_| !replaced) {
                    Some(there) => merge(there, value),
                    None => drop(into.insert(key, value)),
                }
            }
        }
        (Yaml::Sequence(into), Yaml::Sequence(from)) => into.extend(from),
        (into, from) => *into = from,
    }
}

/// `NAME=value` lines; quotes around a value are not part of it.
fn dotenv(text: &str) -> BTreeMap<String, String> {
    let pair = |line: &str| {
        let line = line.trim();
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        let value = value.trim();
        let inner = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q));
        (!line.starts_with('#')).then(|| (name.trim().to_string(), inner.unwrap_or(value).to_string()))
    };
    text.lines().filter_map(pair).collect()
}

/// How a service waits for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// It has to be started.
    Started,
    /// It has to be healthy.
    Healthy,
    /// It has to have ended well.
    Done,
}

impl Project {
    /// What a service depends on.
    pub fn needs(&self, name: &str) -> Vec<(String, Wait)> {
        let Some(needs) = self.services.get(name).and_then(|body| body.get("depends_on")) else {
            return Vec::new();
        };
        match needs {
            Yaml::Sequence(list) => {
                list.iter().filter_map(|item| Some((item.as_str()?.to_string(), Wait::Started))).collect()
            }
            Yaml::Mapping(map) => map
                .iter()
                .filter_map(|(name, how)| {
                    let wait = match how.get("condition").and_then(Yaml::as_str) {
                        Some("service_healthy") => Wait::Healthy,
                        Some("service_completed_successfully") => Wait::Done,
                        _ => Wait::Started,
                    };
                    Some((name.as_str()?.to_string(), wait))
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The services with all they need, those needed first. `None`: a circle, or a service that is not there.
    pub fn order(&self, wanted: &[String], alone: bool) -> Option<Vec<String>> {
        let mut out: Vec<String> = Vec::new();
        let mut open: Vec<(String, bool)> = wanted.iter().rev().map(|name| (name.clone(), false)).collect();
        let mut above = BTreeSet::new();
        while let Some((name, entered)) = open.pop() {
            if entered {
                above.remove(&name);
                out.push(name);
            } else if !out.contains(&name) {
                self.services.get(&name)?;
                if !above.insert(name.clone()) {
                    return None;
                }
                let needs = if alone { Vec::new() } else { self.needs(&name) };
                open.push((name, true));
                open.extend(needs.into_iter().rev().map(|(name, _)| (name, false)));
            }
        }
        Some(out)
    }

    /// The services that a command means without naming any: those without a profile.
    pub fn default_services(&self) -> Vec<String> {
        let plain = self.services.iter().filter(|(_, body)| body.get("profiles").is_none());
        plain.map(|(name, _)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "services:\n  web: {image: web, depends_on: {api: {condition: service_healthy}}}\n  \
        api: {image: api, depends_on: [db]}\n  db: {image: postgres}\n  debug: {image: x, profiles: [debug]}\n";

    fn project(text: &str) -> Project {
        let files = |path: &str| (path == "ci/docker-compose.yml").then(|| text.to_string());
        read(
            &Line { files: vec!["ci/docker-compose.yml".into()], ..Line::default() },
            Some("/workspace"),
            &files,
        )
        .unwrap()
    }

    #[test]
    fn services_start_after_what_they_need() {
        let project = project(TEXT);
        assert_eq!(project.folder, "/workspace/ci");
        assert_eq!(project.order(&["web".into()], false).unwrap(), ["db", "api", "web"]);
        assert_eq!(project.order(&["web".into()], true).unwrap(), ["web"]);
        assert_eq!(project.default_services(), ["api", "db", "web"]);
        assert!(project.order(&["none".into()], false).is_none());
    }

    #[test]
    fn circles_end() {
        let project = project("services:\n  a: {depends_on: [b]}\n  b: {depends_on: [a]}\n");
        assert!(project.order(&["a".into()], false).is_none());
    }
}
