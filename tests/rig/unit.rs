//! A pipeline made ready for the rig: converted, with a repository, secrets and upstream runs that stand in for its world.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gocd2argo::gocd::{Configuration, MaterialKind, Pipeline};
use gocd2argo::passes::Reading;
use gocd2argo::reference::{Action, Approvals, Request, Trigger, World, trace};
use gocd2argo::render::engine::Engine;
use gocd2argo::settings::Settings;
use serde_json::Value as Json;

use crate::{cluster, repository};

/// The counter of every upstream run.
pub const UPSTREAM: u32 = 3;
/// What scripts see as the server's address.
pub const SERVER: &str = "https://gocd.example.com/go";
/// The bucket's name in the manifests; each run gets one of its own instead.
pub const BUCKET: &str = "bucket-of-the-run";

/// A repository of GoCD files, converted once for all its pipelines.
pub struct Set {
    pub configuration: Configuration,
    pub documents: Vec<Json>,
    /// Names of all findings.
    pub findings: BTreeSet<&'static str>,
}

/// One pipeline of a set.
pub struct Unit {
    pub set: Arc<Set>,
    /// As it stands in the source.
    pub pipeline: String,
    pub slug: String,
    /// `pipeline.json` of the output.
    pub description: Json,
    /// The commit of its repository.
    pub revision: String,
    pub world: World,
    /// What lies in the bucket before the run.
    pub seeds: Vec<String>,
}

/// Where the repositories are, on this machine and for pods.
pub struct Place<'a> {
    pub folder: &'a Path,
    pub gateway: &'a str,
}

/// Adapts and converts a set; gives its units and the programs they call. Pipelines that GoCD would refuse are left out.
pub fn units(
    name: &str,
    mut reading: Reading,
    place: &Place<'_>,
) -> Result<(Vec<Unit>, BTreeSet<String>), String> {
    let mut programs = BTreeSet::new();
    let mut revisions = BTreeMap::new();
    let clean: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    for (number, pipeline) in reading.configuration.pipelines.iter_mut().enumerate() {
        let repository = format!("{clean}-{number}.git");
        repository::adapt(pipeline, &format!("git://{}/{repository}", place.gateway));
        programs.extend(repository::programs(pipeline));
        let files = repository::files(pipeline);
        let revision =
            repository::make(&place.folder.join(&repository), &files, &repository::branches(pipeline));
        revisions.insert(pipeline.name.value.clone(), (revision, files));
    }
    let settings = settings(place.gateway);
    let engine = Engine::new(None).unwrap();
    let manifests = reading.convert(&settings, &engine).map_err(|error| format!("{error:#}"))?;
    let findings = reading.account.findings.iter().map(|finding| finding.rule.name).collect();
    let set = Arc::new(Set {
        documents: cluster::documents(&manifests),
        configuration: reading.configuration,
        findings,
    });
    let sound: Vec<&Pipeline> = set.configuration.sound().collect();
    let units = sound.into_iter().filter_map(|pipeline| {
        let (revision, files) = revisions.get(&pipeline.name.value)?;
        unit(&set, pipeline, revision, files)
    });
    Ok((units.collect(), programs))
}

fn settings(gateway: &str) -> Settings {
    let port = std::env::var("S3_PORT").unwrap();
    Settings::parse(&format!(
        "images: {{default: 'debian:12'}}\nkaniko: {{credentials-secret: ''}}\n\
         artifacts: {{store: minio, bucket: {BUCKET}, endpoint: '{gateway}:{port}'}}\nruns: {{server-url: '{SERVER}'}}\n"
    ))
    .unwrap()
}

fn unit(
    set: &Arc<Set>,
    pipeline: &Pipeline,
    revision: &str,
    files: &BTreeMap<String, Option<String>>,
) -> Option<Unit> {
    let name = pipeline.name.value.clone();
    let template = set.documents.iter().find(|document| {
        document["kind"] == "WorkflowTemplate"
            && document["metadata"]["annotations"]["gocd2argo.io/pipeline-name"] == name.as_str()
    })?;
    let slug = template["metadata"]["name"].as_str()?.to_string();
    let map = set.documents.iter().find(|document| {
        document["kind"] == "ConfigMap"
            && document["metadata"]["name"] == format!("gocd-pipeline-{slug}").as_str()
    })?;
    let description = serde_json::from_str(map["data"]["pipeline.json"].as_str()?).ok()?;
    let mut world = World { files: checked_out(pipeline, files), artifacts: BTreeMap::new() };
    let seeds = seeds(set, pipeline, &mut world);
    Some(Unit {
        set: Arc::clone(set),
        pipeline: name,
        slug,
        description,
        revision: revision.into(),
        world,
        seeds,
    })
}

impl Unit {
    /// The pipeline.
    pub fn gocd(&self) -> &Pipeline {
        self.set.configuration.pipeline(&self.pipeline).unwrap()
    }

    /// Its WorkflowTemplate.
    pub fn template(&self) -> &Json {
        self.object("WorkflowTemplate", &self.slug)
    }

    /// An object of the output; `Null` if there is none.
    pub fn object(&self, kind: &str, name: &str) -> &Json {
        let is = |document: &&Json| document["kind"] == kind && document["metadata"]["name"] == name;
        self.set.documents.iter().find(is).unwrap_or(&Json::Null)
    }
}

/// The working directory when the tasks begin.
fn checked_out(pipeline: &Pipeline, files: &BTreeMap<String, Option<String>>) -> Vec<String> {
    let places = repository::destinations(pipeline);
    let paths = places.iter().flat_map(|place| {
        let prefix = if place == "." { String::new() } else { format!("{place}/") };
        let git = format!("{prefix}.git/HEAD");
        files.keys().map(move |file| format!("{prefix}{file}")).chain([git])
    });
    let all: BTreeSet<String> = paths.collect();
    all.into_iter().collect()
}

/// The artifacts of upstream runs that the pipeline's tasks fetch: keys in the bucket. The world knows them too.
fn seeds(set: &Arc<Set>, pipeline: &Pipeline, world: &mut World) -> Vec<String> {
    let request = Request {
        pipeline: pipeline.name.value.clone(),
        trigger: Some(Trigger::Changes),
        approve: Approvals::All,
        ..Request::default()
    };
    let Ok(traced) = trace(&set.configuration, &request) else { return Vec::new() };
    let mut keys = Vec::new();
    let tasks = traced.stages.iter().flat_map(|stage| &stage.jobs).flat_map(|job| &job.tasks);
    for task in tasks {
        let Action::Fetch { pipeline: from, run, stage, job, source, is_file, .. } = &task.action else {
            continue;
        };
        if run == "the same run" {
            continue;
        }
        let source = source.trim_matches('/');
        let file = if *is_file { source.to_string() } else { format!("{source}/file") };
        world.artifacts.entry(format!("{from}/{stage}/{job}").to_lowercase()).or_default().push(file.clone());
        // The names as they are written where they are defined.
        let upstream = set.configuration.pipeline(from);
        let from = upstream.map_or(from.as_str(), |found| found.name.value.as_str());
        let stage = upstream
            .and_then(|found| found.stage(stage))
            .map_or(stage.as_str(), |found| found.name.value.as_str());
        keys.push(format!("pipelines/{from}/{UPSTREAM}/{stage}/1/{job}/{file}"));
    }
    keys
}

/// Materials that no stand-in exists for.
pub fn foreign_materials(pipeline: &Pipeline) -> bool {
    let looked_up =
        |kind: &MaterialKind| matches!(kind, MaterialKind::Svn | MaterialKind::Hg | MaterialKind::ConfigRepo);
    pipeline.materials.iter().any(|material| looked_up(&material.kind.value))
}
