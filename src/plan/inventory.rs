//! Every Secret that has to be created: its keys, where GoCD had the values, and who uses it.
//!
//! Made from the plan when it is done, so that nobody has to remember to enter something here.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Plan;
use super::pipeline::Pipeline;
use crate::settings::{Service, Settings};

/// A Secret to create.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Name.
    pub name: String,
    /// Key, and what it is or was in GoCD.
    pub keys: Vec<(String, String)>,
    /// Who uses it.
    pub users: Vec<String>,
    /// What happens without it; empty: its users wait.
    pub without: &'static str,
    /// Whether it is for pulling and pushing images.
    pub registry: bool,
    /// Whether there are two sets of keys to choose from.
    pub choice: bool,
}

/// Where AWS keeps the values.
#[derive(Clone, Debug, Serialize)]
pub struct Aws {
    /// `SecretsManager` or `ParameterStore`.
    pub service: &'static str,
    /// Region.
    pub region: String,
    /// What stands before a Secret's name.
    pub prefix: String,
}

/// Plans where AWS keeps the values.
pub fn aws(settings: &Settings) -> Aws {
    let secrets = &settings.secrets;
    let region = secrets.region.clone().or_else(|| settings.artifacts.region.clone());
    let parameters = secrets.service == Some(Service::ParameterStore);
    let prefix = secrets.prefix.clone().unwrap_or_else(|| format!("{}/", settings.namespace()));
    Aws {
        service: if parameters { "ParameterStore" } else { "SecretsManager" },
        region: region.unwrap_or_else(|| "us-east-1".to_string()),
        // A parameter's name with a `/` in it has to begin with one.
        prefix: if parameters && !prefix.starts_with('/') { format!("/{prefix}") } else { prefix },
    }
}

/// All of them, by name.
pub fn entries(plan: &Plan) -> Vec<Entry> {
    let users = users(plan);
    let of = |name: &str| users.get(name).into_iter().flatten().cloned().collect::<Vec<String>>();
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for (name, need) in &plan.secrets {
        let keys = need.keys.iter().map(|(key, whats)| {
            (key.clone(), whats.iter().map(String::as_str).collect::<Vec<&str>>().join("; "))
        });
        let entry = Entry {
            name: name.clone(),
            keys: keys.collect(),
            users: of(name),
            without: "",
            registry: false,
            choice: false,
        };
        entries.insert(name.clone(), entry);
    }
    for name in plan.pipelines.iter().flat_map(|pipeline| &pipeline.git_secrets) {
        entries.entry(name.clone()).or_insert_with(|| git(name, of(name)));
    }
    if plan.pipelines.iter().any(Pipeline::builds_images) && !plan.registry_secret.is_empty() {
        let name = plan.registry_secret.clone();
        let what = "`docker login` on the agents, for all registries".to_string();
        let entry = Entry {
            users: of(&name),
            keys: vec![(".dockerconfigjson".to_string(), what)],
            without: "images are pushed by the ServiceAccount's role",
            registry: true,
            choice: false,
            name: name.clone(),
        };
        entries.insert(name, entry);
    }
    entries.into_values().collect()
}

fn git(name: &str, users: Vec<String>) -> Entry {
    let http = "user of the git host, on the agents or in the material";
    let ssh = "key of the agents' user, and the host's keys";
    let keys = [("username", http), ("password", http), ("ssh-privatekey", ssh), ("known_hosts", ssh)];
    Entry {
        name: name.to_string(),
        keys: keys.map(|(key, what)| (key.to_string(), what.to_string())).to_vec(),
        users,
        without: "repositories are cloned anonymously",
        registry: false,
        choice: true,
    }
}

/// Who uses each Secret.
fn users(plan: &Plan) -> BTreeMap<String, BTreeSet<String>> {
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |secret: &str, user: String| {
        users.entry(secret.to_string()).or_default().insert(user);
    };
    for source in &plan.event_sources {
        add(&source.secret, format!("EventSource `{}`", source.name));
    }
    if plan.has_stage_events {
        add("gocd-stages", "EventSource `gocd-stages`".to_string());
    }
    for store in [&plan.platform.stores.aws, &plan.platform.stores.minio] {
        if let Some(secret) = &store.secret {
            add(secret, "every pod, for artifacts and logs".to_string());
        }
    }
    for pipeline in &plan.pipelines {
        for secret in &pipeline.git_secrets {
            add(secret, format!("`{}`", pipeline.name));
            add(secret, "`gocd-reconcile`".to_string());
        }
        if pipeline.announces() {
            add("gocd-stages", format!("`{}`", pipeline.name));
        }
        for (stage, job) in pipeline.stages.iter().flat_map(|s| s.jobs.iter().map(move |job| (s, job))) {
            let path = format!("`{}/{}/{}`", pipeline.name, stage.name, job.name);
            let variables = job.env.iter().filter_map(|variable| variable.secret.as_ref());
            let delivery = job.delivery.iter().flat_map(|container| &container.secrets);
            for secret in variables.map(|secret| &secret.name).chain(&job.env_secret).chain(delivery) {
                add(secret, path.clone());
            }
            if !job.builders.is_empty() || !job.containers.is_empty() {
                add(&plan.registry_secret, path);
            }
        }
    }
    users
}
