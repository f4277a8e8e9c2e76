//! Runs from Workflows: `kubectl get workflows -o json`, or Argo's archive.

use anyhow::{anyhow, bail};
use serde_json::Value;

use super::read::Document;
use super::time::milliseconds;
use super::{Outcome, Run};

/// All runs by the names of their WorkflowTemplates, and how many Workflows found nothing to do.
pub(super) fn runs(documents: &[Document]) -> anyhow::Result<(Vec<Run>, usize)> {
    let (mut runs, mut pokes) = (Vec::new(), 0);
    let mut seen = std::collections::BTreeSet::new();
    let mut take = |workflow: &Value, at: &str| -> anyhow::Result<()> {
        let name = workflow["metadata"]["name"]
            .as_str()
            .ok_or_else(|| anyhow!("{at}: `metadata.name` is no text"))?;
        let uid = workflow["metadata"]["uid"].as_str().unwrap_or(name);
        let Some(pipeline) = pipeline(workflow) else { return Ok(()) };
        // A Workflow may be in the cluster and in the archive.
        if !seen.insert(uid.to_string()) {
            return Ok(());
        }
        match run(workflow, pipeline) {
            Some(run) => runs.push(run),
            None => pokes += 1,
        }
        Ok(())
    };
    for document in documents {
        let value = &document.value;
        match value.get("items") {
            // The archive's answer when there is nothing.
            Some(Value::Null) => {}
            Some(items) => {
                let items =
                    items.as_array().ok_or_else(|| anyhow!("{}: `items` is no list", document.name))?;
                for (index, workflow) in items.iter().enumerate() {
                    take(workflow, &format!("{}: `items[{index}]`", document.name))?;
                }
            }
            None if value["kind"] == "Workflow" || value.get("spec").is_some() => {
                take(value, &document.name)?
            }
            None => bail!("{} is neither a Workflow nor a list of them", document.name),
        }
    }
    Ok((runs, pokes))
}

/// The slug of the pipeline that a Workflow is a run of.
fn pipeline(workflow: &Value) -> Option<&str> {
    workflow["metadata"]["labels"]["gocd2argo.io/pipeline"].as_str()
}

/// `None` for one that found nothing to do.
fn run(workflow: &Value, pipeline: &str) -> Option<Run> {
    let status = &workflow["status"];
    let nodes: Vec<&Value> =
        status["nodes"].as_object().into_iter().flatten().map(|(_, node)| node).collect();
    let stages: Vec<&&Value> =
        nodes.iter().filter(|node| text(node, "displayName").starts_with("stage-")).collect();
    let phase = text(status, "phase");
    if stages.is_empty() && !nodes.is_empty() && phase == "Succeeded" {
        return None;
    }
    let outcome = match phase {
        _ if !text(&workflow["spec"], "shutdown").is_empty() => Outcome::Cancelled,
        "Succeeded" => Outcome::Passed,
        "Failed" | "Error" => Outcome::Failed,
        _ => Outcome::Open,
    };
    let spent: Vec<i64> = stages.iter().filter_map(|stage| between(stage)).collect();
    let duration = match spent.is_empty() {
        true => between(status),
        false => Some(spent.into_iter().fold(0, i64::saturating_add)),
    };
    let created = milliseconds(text(&workflow["metadata"], "creationTimestamp"));
    let is_job = |node: &&&Value| node["type"] == "Pod" && text(node, "templateName").starts_with("job-");
    let begun = nodes.iter().filter(is_job).filter_map(|node| milliseconds(text(node, "startedAt"))).min();
    let start = created.zip(begun).map(|(created, begun)| begun.saturating_sub(created).max(0));
    Some(Run { pipeline: pipeline.to_string(), outcome, duration, start })
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// From `startedAt` to `finishedAt`.
fn between(value: &Value) -> Option<i64> {
    let begin = milliseconds(text(value, "startedAt"))?;
    Some(milliseconds(text(value, "finishedAt"))?.saturating_sub(begin).max(0))
}
