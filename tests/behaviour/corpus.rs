//! Real repositories: the stages, the jobs and every variable of the manifests are what the reference says.

use std::collections::BTreeMap;

use gocd2argo::gocd::{Configuration, Pipeline};
use gocd2argo::reference::{Approvals, Known, Part, Request, StageTrace, Value, trace};
use gocd2argo::render::engine::Engine;
use gocd2argo::settings::{ConfigRepository, Settings};
use serde_json::Value as Json;

use crate::{cluster, sets};

/// What a variable is in the manifest: its text with Argo's tags, or a secret.
fn manifest_variables(template: &Json, documents: &[Json]) -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    let script = &template["script"];
    for map in script["envFrom"].as_array().into_iter().flatten() {
        let Some(name) = map["configMapRef"]["name"].as_str() else { continue };
        let is_it =
            |document: &&Json| document["kind"] == "ConfigMap" && document["metadata"]["name"] == *name;
        for (name, value) in
            documents.iter().find(is_it).and_then(|map| map["data"].as_object()).into_iter().flatten()
        {
            env.insert(name.clone(), value.as_str().unwrap().to_string());
        }
    }
    for variable in script["env"].as_array().into_iter().flatten() {
        let value = match variable["value"].as_str() {
            Some(value) => cluster::kubernetes(value, |name| env.get(name).cloned()),
            None => "<secret>".into(),
        };
        env.insert(variable["name"].as_str().unwrap().to_string(), value);
    }
    env
}

/// The value as the manifest should have it; `None` where it is known to differ, which `docs/differences.md` says.
fn expected(value: &Value, keys: &BTreeMap<String, String>) -> Option<String> {
    let output = |name: &str, material: &String| {
        keys.get(material).map(|key| format!("{{{{workflow.outputs.parameters.{name}-{key}}}}}"))
    };
    let plain = |name: &str| Some(format!("{{{{workflow.outputs.parameters.{name}}}}}"));
    let parts = value.0.iter().map(|part| match part {
        Part::Text(text) => Some(text.clone()),
        Part::Secret => Some("<secret>".into()),
        Part::Run(Known::Counter) => plain("counter"),
        Part::Run(Known::Label) => plain("label"),
        Part::Run(Known::User) => plain("trigger-user"),
        Part::Run(Known::ServerUrl) => Some(String::new()),
        Part::Run(Known::Revision(material)) => output("rev", material),
        Part::Run(Known::FromRevision(material)) => output("from", material),
        Part::Run(Known::HasChanged(material)) => output("changed", material),
        Part::Run(Known::UpstreamLabel(material)) => output("dep-label", material),
        Part::Run(Known::UpstreamLocator(material)) => output("dep-locator", material),
        Part::Run(_) => None,
    });
    parts.collect()
}

/// Keys of the materials that are watched, by name.
fn material_keys(documents: &[Json], slug: &Json) -> BTreeMap<String, String> {
    let is_it = |document: &&Json| {
        document["data"]["pipeline.json"].is_string()
            && document["metadata"]["labels"]["gocd2argo.io/pipeline"] == *slug
    };
    let Some(map) = documents.iter().find(is_it) else { return BTreeMap::new() };
    let description: Json = serde_json::from_str(map["data"]["pipeline.json"].as_str().unwrap()).unwrap();
    let materials = description["materials"].as_array().unwrap().iter();
    let watched = materials.filter(|material| material["type"] != "other");
    watched
        .map(|material| {
            (material["name"].as_str().unwrap().to_string(), material["key"].as_str().unwrap().to_string())
        })
        .collect()
}

/// Compares a pipeline; gives the number of its jobs.
fn compare(
    pipeline: &Pipeline,
    configuration: &Configuration,
    documents: &[Json],
    wrong: &mut Vec<String>,
) -> usize {
    let name = pipeline.name.value.as_str();
    let is_it = |document: &&Json| {
        document["kind"] == "WorkflowTemplate"
            && document["metadata"]["annotations"]["gocd2argo.io/pipeline-name"] == *name
    };
    let Some(workflow) = documents.iter().find(is_it) else { return 0 };
    let request = Request {
        pipeline: name.into(),
        approve: Approvals::All,
        trigger: Some(gocd2argo::reference::Trigger::Person(None)),
        ..Request::default()
    };
    let Ok(traced) = trace(configuration, &request) else { return 0 };
    let templates = workflow["spec"]["templates"].as_array().unwrap();
    let template = |name: &Json| templates.iter().find(|template| template["name"] == *name).unwrap();
    let dag = template(&Json::from("pipeline"))["dag"]["tasks"].as_array().unwrap();
    let stages: Vec<&Json> = dag
        .iter()
        .map(|task| template(&task["template"]))
        .filter(|template| template.get("steps").is_some())
        .collect();
    if stages.len() != traced.stages.len() {
        if !dag.iter().any(|task| task["name"] == "too-large") {
            wrong.push(format!("{name}: {} stages, not {}", stages.len(), traced.stages.len()));
        }
        return 0;
    }
    let keys = material_keys(documents, &workflow["metadata"]["labels"]["gocd2argo.io/pipeline"]);
    let mut jobs = 0;
    for (stage, expected) in stages.iter().zip(&traced.stages) {
        let steps = stage["steps"][0]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| template(&step["template"]))
            .collect::<Vec<_>>();
        jobs += compare_stage(&steps, expected, &keys, documents, &mut |problem| {
            wrong.push(format!("{name}: {problem}"))
        });
    }
    jobs
}

fn compare_stage(
    steps: &[&Json],
    stage: &StageTrace,
    keys: &BTreeMap<String, String>,
    documents: &[Json],
    report: &mut impl FnMut(String),
) -> usize {
    // Of several instances the first is compared.
    let is_first = |name: &str| name.rsplit_once("-runInstance-").is_none_or(|(_, number)| number == "1");
    let jobs: Vec<_> = stage.jobs.iter().filter(|job| is_first(&job.name)).collect();
    if jobs.len() != steps.len() {
        report(format!("{}: {} jobs, not {}", stage.name, steps.len(), jobs.len()));
    }
    for (template, job) in steps.iter().zip(&jobs) {
        let found = manifest_variables(template, documents);
        let on_all = job.name.contains("-runOnAll-");
        for variable in job.environment.iter().filter(|variable| !(on_all && variable.name == "GO_JOB_NAME"))
        {
            let Some(wanted) = expected(&variable.value, keys) else { continue };
            let text =
                found.get(&variable.name).map(|text| text.replace("{{inputs.parameters.run-index}}", "1"));
            let environment_secret = text.is_none() && wanted.contains("<secret>");
            let resources = variable.name == "GO_AGENT_RESOURCES";
            if text.as_ref() != Some(&wanted) && !environment_secret && !resources {
                report(format!("{}/{}: {} is {text:?}, not {wanted:?}", stage.name, job.name, variable.name));
            }
        }
        for name in found.keys().filter(|name| name.starts_with("GO_")) {
            if !job.environment.iter().any(|variable| variable.name == *name) {
                report(format!("{}/{}: {name} is set, but not by GoCD", stage.name, job.name));
            }
        }
    }
    jobs.len()
}

#[test]
fn real_pipelines_have_their_stages_jobs_and_variables() {
    let Some(sets) = sets::sets() else { return };
    let (mut wrong, mut pipelines, mut jobs) = (Vec::new(), 0, 0);
    let engine = Engine::new(None).unwrap();
    let repository = ConfigRepository { url: "https://git.example.com/ci.git".into(), branch: None };
    let settings = Settings { config_repository: Some(repository), ..Settings::default() };
    for (set, files) in sets {
        let mut reading = gocd2argo::passes::read(&files).unwrap();
        let manifests = reading.convert(&settings, &engine).unwrap();
        let documents = cluster::documents(&manifests);
        for pipeline in reading.configuration.sound() {
            let mut found = Vec::new();
            jobs += compare(pipeline, &reading.configuration, &documents, &mut found);
            pipelines += 1;
            wrong.extend(found.into_iter().map(|problem| format!("{set}: {problem}")));
        }
    }
    println!("behaviour: corpus {pipelines} pipelines, {jobs} jobs compared, {} differences", wrong.len());
    let shown: Vec<&str> = wrong.iter().take(40).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{}", shown.join("\n"));
}
