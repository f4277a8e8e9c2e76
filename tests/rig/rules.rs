//! The rig's `rules.json`: which programs are stood in for, and which calls fail.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;

use serde_json::{Value as Json, json};

/// The name under which the text of a script is recorded: no task's words contain it.
pub const SCRIPT: &str = "\u{a7}script";

/// The rules file, shared by all scenarios that run.
pub struct Rules {
    path: PathBuf,
    programs: BTreeSet<String>,
    scenarios: Mutex<BTreeMap<String, Vec<Json>>>,
}

impl Rules {
    /// Rules that stand in for these programs, besides the interpreters.
    pub fn new(programs: BTreeSet<String>) -> Rules {
        let path = PathBuf::from(std::env::var("RIG_STATE").unwrap()).join("rules.json");
        let rules = Rules { path, programs, scenarios: Mutex::default() };
        rules.write(&BTreeMap::new());
        rules
    }

    /// Rules for the calls in this Workflow, from the next container on. A rule's `workflow` is set here.
    pub fn add(&self, workflow: &str, rules: Vec<Json>) {
        let of_workflow = |mut rule: Json| {
            rule["workflow"] = json!(format!("^{workflow}$"));
            rule
        };
        let mut scenarios = self.scenarios.lock().unwrap();
        scenarios.insert(workflow.to_string(), rules.into_iter().map(of_workflow).collect());
        self.write(&scenarios);
    }

    /// The Workflow is over.
    pub fn remove(&self, workflow: &str) {
        let mut scenarios = self.scenarios.lock().unwrap();
        scenarios.remove(workflow);
        self.write(&scenarios);
    }

    fn write(&self, scenarios: &BTreeMap<String, Vec<Json>>) {
        let mut stub: Vec<String> = self.programs.iter().cloned().collect();
        stub.extend(
            ["bash", SCRIPT, "ant", "nant", "rake", "interpreter", "/kaniko/executor", "crane"]
                .map(String::from),
        );
        // A script is recorded by its text, and then a rule may let it fail.
        let script = json!({"regex": "^\\S*(bash|zsh|csh|interpreter)( -\\S+)* /gocd/script[.0-9]*$",
            "run": format!("for file; do :; done; text=$(cat \"$file\"; echo .); exec '{SCRIPT}' \"${{text%.}}\"")});
        let mut commands = vec![script];
        commands.extend(scenarios.values().flatten().cloned());
        let containers: Vec<Json> = (1..10)
            .flat_map(|number| {
                ["kaniko", "crane"].map(|kind| {
                    json!({"container": format!("^{kind}-{number}$"),
                        "script": format!("GOCD_SERVE_PATH=$PATH exec sh /gocd-lib/serve.sh {kind}-{number}")})
                })
            })
            .collect();
        let rules = json!({"stub": stub, "missing": "stub", "commands": commands, "containers": containers});
        let part = self.path.with_extension("part");
        std::fs::write(&part, rules.to_string()).unwrap();
        std::fs::rename(&part, &self.path).unwrap();
    }
}

/// The rule that lets the calls fail which `reference::Failure::parse(pattern)` means.
pub fn failing(pattern: &str) -> Json {
    let parts: Vec<String> = pattern.split('*').map(escaped).collect();
    json!({"regex": format!("(?s){}", parts.join(".*")), "exit": 7})
}

/// For Go's regular expressions.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if "\\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
