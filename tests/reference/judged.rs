//! What the judge is given, and what it says.

use std::path::Path;
use std::process::Command;

use gocd2argo::plan::Plan;

/// Every other Secret that a manifest below the folder refers to is one that SECRETS.md does not name.
pub fn write_externals(plan: &Plan, folder: &Path) {
    let secrets: String = plan.secrets.keys().map(|name| format!("Secret/{name}\n")).collect();
    std::fs::write(folder.join(".judge-externals"), secrets).unwrap();
}

/// What the judge says with `--format json`.
pub struct Verdict {
    pub manifests: u64,
    pub problems: Vec<String>,
    pub warnings: Vec<String>,
}

impl Verdict {
    /// Runs the judge.
    pub fn of(judge: &mut Command) -> Verdict {
        let output = judge.output().unwrap();
        let said: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        let lines = |member: &str| -> Vec<String> {
            let lines = said[member].as_array().unwrap().iter().map(|problem| {
                let text = |key: &str| problem[key].as_str().unwrap_or_default();
                format!("{}: {} {}: {}", text("file"), text("kind"), text("name"), text("message"))
            });
            lines.collect()
        };
        let manifests = said["manifests"].as_u64().unwrap();
        Verdict { manifests, problems: lines("problems"), warnings: lines("warnings") }
    }
}

/// The documents in a stream of YAML.
pub fn objects(text: &str) -> Vec<serde_yaml::Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    documents.map(|document| serde::Deserialize::deserialize(document).unwrap()).collect()
}
