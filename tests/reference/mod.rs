//! The reference material beside the project, for the tests that use it where it is.

#![allow(dead_code, reason = "each test file uses a part")]

pub mod count;
pub mod judged;

use std::path::{Path, PathBuf};

use gocd2argo::finding::Rule;
use gocd2argo::passes::{self, Reading};
use gocd2argo::render::Manifest;
use gocd2argo::render::engine::Engine;
use gocd2argo::settings::Settings;

/// A file or folder of the reference material; `None` (with a notice) where it is absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var("GOCD2ARGO_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_string());
    let path = Path::new(&root).join(path);
    if !path.exists() {
        eprintln!("skipped: {} is absent (set GOCD2ARGO_SHARED)", path.display());
        return None;
    }
    Some(path)
}

/// The judge's binary; `None` (with a notice) where it is not built and Go is absent.
pub fn judge() -> Option<PathBuf> {
    let script = shared("judge/build.sh")?;
    match std::process::Command::new("sh").arg(script).output() {
        Ok(output) if output.status.success() => {
            Some(PathBuf::from(String::from_utf8(output.stdout).unwrap().trim()))
        }
        Ok(output) => {
            eprintln!("skipped: the judge is not built: {}", String::from_utf8_lossy(&output.stderr));
            None
        }
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

/// The rig's kubectl; `None` (with a notice) where the rig is not built.
pub fn kubectl() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let rig = variable("RIG_CACHE").or_else(|| Some(cache?.join("argo-rig")))?;
    let kubectl = rig.join("bin/kubectl");
    if !kubectl.is_file() {
        eprintln!("skipped: {} is absent (../shared/rig/build.sh builds it)", kubectl.display());
        return None;
    }
    Some(kubectl)
}

/// The sets of the corpus, by name: all YAML files of a folder.
pub fn sets() -> Option<Vec<(String, Vec<PathBuf>)>> {
    let mut sets: Vec<(String, Vec<PathBuf>)> = std::fs::read_dir(shared("corpus/gocd")?)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), yaml_files(&entry.path())))
        .collect();
    sets.sort();
    Some(sets)
}

/// The YAML files directly in a folder, sorted.
pub fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml"))
        .collect();
    files.sort();
    files
}

/// A JSON document.
pub fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The texts of a row of `features.json`: name and text.
pub fn texts_of(row: &serde_json::Value) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
    let mut texts = vec![("a.gocd.yaml".to_string(), text(&row["test_yaml"]))];
    if let Some(more) = row["more_files"].as_object() {
        texts.extend(more.iter().map(|(name, value)| (name.clone(), text(value))));
    }
    texts
}

/// Converts what is sound, as `convert --keep-going` does without a configuration file.
pub fn convert(reading: &mut Reading) -> Result<Vec<Manifest>, String> {
    let engine = Engine::new(None).unwrap();
    reading.convert(&Settings::default(), &engine).map_err(|error| format!("{error:#}"))
}

/// Reads texts as one repository and converts them.
pub fn converted(texts: &[(String, String)]) -> (Reading, Result<Vec<Manifest>, String>) {
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let mut reading = passes::read_texts(&texts);
    let manifests = convert(&mut reading);
    (reading, manifests)
}

/// Names of the findings of a text that is converted alone.
pub fn raised(text: &str) -> Vec<&'static str> {
    let (reading, _) = converted(&[("example.gocd.yaml".to_string(), text.to_string())]);
    reading.account.findings.iter().map(|finding| finding.rule.name).collect()
}

/// The YAML block under a page's heading `## Example`.
pub fn example(rule: &Rule) -> Option<String> {
    let lines = rule.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    let block: Vec<&str> = lines
        .skip_while(|line| line.trim() != "## Example")
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .skip_while(|line| *line != "```yaml")
        .skip(1)
        .take_while(|line| *line != "```")
        .collect();
    (!block.is_empty()).then(|| block.join("\n") + "\n")
}
