//! How long things are kept: artifacts, logs, runs.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | artifacts are purged when the disk is full, except those of stages with `keep_artifacts` | lifecycle rules for the bucket, beside its address in `artifact-repositories`: a person applies them; pipelines with such a stage have none | by age, and by pipeline |
//! | – | with `artifacts.delete-with-run`: `artifactGC` when the Workflow is deleted | no later run can fetch them |
//! | the history of runs is kept for ever | Workflows are deleted a week after success, two weeks after failure; their counters and passes stay | no |
//!
//! Argo: `artifactGC`, `ttlStrategy`, `podGC`, `archiveLogs`. S3: lifecycle configuration.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::gocd::{Configuration, Pipeline};
use crate::settings::Artifacts;

/// Whether a pipeline keeps artifacts for ever.
pub fn keeps(pipeline: &Pipeline) -> bool {
    pipeline.stages.iter().any(|stage| stage.keep_artifacts.as_ref().is_some_and(|flag| flag.value))
}

/// The bucket's lifecycle configuration, as `aws s3api put-bucket-lifecycle-configuration` and `mc ilm import` read it.
pub fn lifecycle(configuration: &Configuration, artifacts: &Artifacts) -> String {
    let keeping = configuration.sound().filter(|pipeline| keeps(pipeline));
    let keeping: BTreeSet<&str> = keeping.map(|pipeline| pipeline.name.as_str()).collect();
    let days = artifacts.expire_days.unwrap_or(90);
    let mut rules = vec![expire("logs", "logs/", artifacts.log_expire_days.unwrap_or(30))];
    if keeping.is_empty() {
        rules.push(expire("pipelines", "pipelines/", days));
    } else {
        let names: BTreeSet<&str> = configuration.sound().map(|pipeline| pipeline.name.as_str()).collect();
        // S3 takes a thousand rules; rules can say what expires, not what does not.
        rules.extend(
            names
                .difference(&keeping)
                .take(998)
                .map(|name| expire(&format!("pipeline-{name}"), &format!("pipelines/{name}/"), days)),
        );
    }
    rules.push(json!({
        "ID": "unfinished uploads", "Status": "Enabled", "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }));
    serde_json::to_string_pretty(&json!({"Rules": rules})).unwrap_or_default() + "\n"
}

fn expire(id: &str, prefix: &str, days: u32) -> Value {
    let id: String = id.chars().take(255).collect();
    json!({"ID": id, "Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Days": days}})
}
