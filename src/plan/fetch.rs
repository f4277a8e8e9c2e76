//! Fetching another job's artifacts: the task `fetch`.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | earlier stage of the same run | input artifact under the run's own key, copied to its place when the task's turn comes | yes |
//! | stage of an upstream pipeline | the key of the upstream run that `prepare` chose | yes |
//! | ancestor `a/b/up` | the run of `a` that is found along the recorded causes | yes |
//! | nothing there | the task fails, not the pod: the input is optional | yes |
//! | `artifact_origin: external` | nothing: the store is a plugin's | no |
//!
//! GoCD: `../shared/spec/gocd-yaml.md` §3.9. Argo: `inputs.artifacts[].s3.key`.

use serde::Serialize;

use super::artifact::EXTERNAL_ARTIFACT;
use super::script::word;
use super::task::placeholder;
use super::{Cx, names};
use crate::gocd::{Fetch, MaterialKind, Pipeline, Task};

crate::findings! {
    /// A fetch names a pipeline that is no upstream of this one.
    ///
    /// ## Why it matters
    /// Which run to take the artifact from cannot be known. GoCD refuses it as well, when it knows the pipelines.
    ///
    /// ## Instead
    /// Add a dependency material on the pipeline, or correct the path.
    pub FETCH_FROM_NO_UPSTREAM = "fetch-from-no-upstream", Migration, Decision, Decision;

    /// A fetch's source cannot be part of an artifact key.
    ///
    /// ## Why it matters
    /// Argo would read `{{` in a key as one of its own tags.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build: {tasks: [exec: {command: make}]}
    ///       - test: {tasks: [fetch: {stage: build, job: build, source: "out/{{version}}"}, exec: {command: ./test}]}
    /// ```
    ///
    /// ## Instead
    /// Rename the artifact's path.
    pub FETCH_SOURCE_WITH_BRACES = "fetch-source-with-braces", Migration, Decision, Decision;
}

/// An artifact that is loaded into the pod before the job starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FetchInput {
    /// `fetch-<n>`; also the folder below `/gocd/fetch`.
    pub name: String,
    /// Folder below `/gocd/fetch` in which it lands, with its own basename.
    pub path: String,
    /// The key in the bucket, with Argo's tags in it.
    pub key: String,
}

/// Whose fetches these are.
pub struct FetchContext<'a> {
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// Keys of its dependency materials, by upstream pipeline in lower case.
    pub upstreams: &'a [(String, String)],
    /// Paths of ancestors in use so far, in lower case: the n-th has the output `anc-<n>`.
    pub ancestors: &'a [Vec<String>],
}

/// The shell text of a fetch, and what has to be loaded for it.
pub fn plan(
    fetch: &Fetch,
    task: &Task,
    context: &FetchContext,
    inputs: &mut Vec<FetchInput>,
    cx: &mut Cx,
) -> String {
    if fetch.artifact_origin.as_ref().is_some_and(|origin| origin.value == "external") {
        let id = fetch.artifact_id.as_ref().map_or("", |id| id.value.as_str());
        cx.account
            .report(
                &EXTERNAL_ARTIFACT,
                task.kind.place,
                format!("artifact `{id}` lies in the store of a GoCD plugin"),
            )
            .help("let the publishing job pass what is needed on in a `build` artifact, and fetch that");
        return placeholder(EXTERNAL_ARTIFACT.name, &["fetch", id]);
    }
    let source = fetch.source.as_ref().map_or("", |source| source.value.as_str()).trim_matches('/');
    if source.contains("{{") {
        cx.account.report(&FETCH_SOURCE_WITH_BRACES, task.kind.place, "the source contains `{{`");
        return placeholder(FETCH_SOURCE_WITH_BRACES.name, &["fetch"]);
    }
    let stage = fetch.stage.as_ref().map_or("", |stage| stage.value.as_str());
    let job = fetch.job.as_ref().map_or("", |job| job.value.as_str());
    let pipeline = fetch.pipeline.as_ref().map_or("", |pipeline| pipeline.value.as_str());
    let Some(folder) = folder(pipeline, stage, job, context, cx) else {
        cx.account
            .report(
                &FETCH_FROM_NO_UPSTREAM,
                task.kind.place,
                format!("`{pipeline}` is no upstream of this pipeline"),
            )
            .help("add a dependency material on it");
        return placeholder(FETCH_FROM_NO_UPSTREAM.name, &["fetch", pipeline]);
    };
    let base = source.rsplit('/').next().unwrap_or_default();
    let key = if source.is_empty() { folder } else { format!("{folder}{source}") };
    let number = match inputs.iter().position(|input| input.key == key) {
        Some(index) => index + 1,
        None => {
            let number = inputs.len() + 1;
            let path =
                if base.is_empty() { format!("{number}/artifacts") } else { format!("{number}/{base}") };
            inputs.push(FetchInput { name: format!("fetch-{number}"), path, key });
            number
        }
    };
    let path = inputs.get(number - 1).map_or("", |input| input.path.as_str());
    let is_file = fetch.is_file.as_ref().is_some_and(|flag| flag.value);
    let command = if is_file { "fetch_file" } else { "fetch_dir" };
    let destination = fetch.destination.as_ref().map_or(".", |destination| destination.value.as_str());
    format!("{command} {} {}", word(path), word(if destination.is_empty() { "." } else { destination }))
}

/// The folder of a publishing job's artifacts in the bucket: of this pipeline's own run when `path` is empty or its name,
/// else of the run of an upstream or ancestor that this one was built from. `None` when it is none of these.
pub fn folder(path: &str, stage: &str, job: &str, context: &FetchContext, cx: &Cx) -> Option<String> {
    let own = path.is_empty() || path.eq_ignore_ascii_case(&context.pipeline.name);
    if own {
        let counter = "{{workflow.outputs.parameters.counter}}";
        let (stage, job) = declared(context.pipeline, stage, job);
        return Some(format!("pipelines/{}/{counter}/{stage}/1/{job}/", context.pipeline.name.value));
    }
    let steps: Vec<String> = path.split('/').map(str::to_lowercase).collect();
    let first = steps.first()?;
    let producer = cx.index.pipeline(first);
    let (stage, job) = producer.map_or((stage.into(), job.into()), |producer| declared(producer, stage, job));
    let name = producer
        .map_or_else(|| path.split('/').next().unwrap_or_default().to_string(), |p| p.name.value.clone());
    if let [only] = steps.as_slice() {
        let key = context.upstreams.iter().find(|(upstream, _)| upstream == only).map(|(_, key)| key)?;
        let counter = format!("{{{{workflow.outputs.parameters.dep-counter-{key}}}}}");
        let passes = context.pipeline.materials.iter().any(|material| {
            material.kind.value == MaterialKind::Dependency
                && material.pipeline.as_ref().is_some_and(|pipeline| pipeline.eq_ignore_ascii_case(only))
                && material.stage.as_ref().is_some_and(|wanted| wanted.eq_ignore_ascii_case(&stage))
        });
        let stage_counter = match passes {
            true => format!("{{{{workflow.outputs.parameters.dep-stage-counter-{key}}}}}"),
            false => "1".to_string(),
        };
        return Some(format!("pipelines/{name}/{counter}/{stage}/{stage_counter}/{job}/"));
    }
    let number = context.ancestors.iter().position(|known| *known == steps)? + 1;
    let counter = format!("{{{{workflow.outputs.parameters.anc-{number}}}}}");
    Some(format!("pipelines/{name}/{counter}/{stage}/1/{job}/"))
}

/// Stage and job in the spelling of their definition: GoCD compares without case, a bucket does not.
pub fn declared(pipeline: &Pipeline, stage: &str, job: &str) -> (String, String) {
    let Some(known) = pipeline.stage(stage) else { return (stage.to_string(), job.to_string()) };
    let instance = job.to_lowercase().find("-runinstance-");
    let (base, suffix) = job.split_at(instance.unwrap_or(job.len()));
    let job = known.job(base).map_or_else(|| base.to_string(), |job| job.name.value.clone());
    let suffix = suffix.to_lowercase().replace("-runinstance-", "-runInstance-");
    (known.name.value.clone(), job + &suffix)
}

/// Paths of ancestors that a pipeline fetches from, or whose images it delivers: those with more than one step, in order
/// of first use.
pub fn ancestors(pipeline: &Pipeline, cx: &Cx) -> Vec<Vec<String>> {
    let mut paths: Vec<Vec<String>> = Vec::new();
    let tasks = pipeline.stages.iter().flat_map(|stage| &stage.jobs).flat_map(|job| &job.tasks);
    let fetched = tasks.filter_map(|task| match &task.kind.value {
        crate::gocd::TaskKind::Fetch(fetch) => fetch.pipeline.as_ref().map(|path| path.value.as_str()),
        _ => None,
    });
    let own = format!("{}/", pipeline.name.value);
    let deliveries = cx.settings.delivery.iter().filter(|(job, _)| job.starts_with(&own));
    let images =
        deliveries.filter_map(|(_, delivery)| delivery.gitops.as_ref()).flat_map(|gitops| &gitops.images);
    let delivered = images.filter_map(|(_, image)| image.pipeline.as_deref());
    for path in fetched.chain(delivered) {
        let steps: Vec<String> = path.split('/').map(str::to_lowercase).collect();
        if steps.len() > 1 && !paths.contains(&steps) {
            paths.push(steps);
        }
    }
    paths
}

/// The same paths as slugs, for `pipeline.json`.
pub fn ancestor_slugs(paths: &[Vec<String>], cx: &Cx) -> Vec<Vec<String>> {
    paths.iter().map(|path| path.iter().map(|name| cx.pipeline_slug(name)).collect()).collect()
}

/// Slug of a stage of an upstream pipeline.
pub fn stage_slug(pipeline: Option<&Pipeline>, stage: &str) -> String {
    let Some(pipeline) = pipeline else { return names::single(stage, names::LONG) };
    let slugs = names::slugs(pipeline.stages.iter().map(|stage| stage.name.as_str()), names::LONG);
    let known = pipeline.stage(stage).and_then(|known| slugs.get(&known.name.value));
    known.map_or_else(|| names::single(stage, names::LONG), |slug| slug.text.clone())
}
