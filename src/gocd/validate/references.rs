//! References between pipelines: dependencies, circles, duplicates, one repository polled and not polled.

use crate::finding::{Account, Rule, suggest};
use crate::gocd::complete::refuse_pipeline;
use crate::gocd::{Configuration, Material, MaterialKind, Pipeline};
use std::collections::HashMap;

crate::findings! {
    /// A pipeline is defined twice; case does not count.
    ///
    /// ## Why it matters
    /// All files of a repository are one configuration. GoCD's server refuses it.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    ///   App:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Rename or remove one of them.
    pub DUPLICATE_PIPELINE = "duplicate-pipeline", Refused, Error, Refused;

    /// A dependency names a stage that the upstream pipeline does not have.
    ///
    /// ## Why it matters
    /// GoCD's server refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   lib:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/lib.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    ///   app:
    ///     group: apps
    ///     materials: {lib: {pipeline: lib, stage: test}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Name one of its stages, here `build`.
    pub UNKNOWN_UPSTREAM_STAGE = "unknown-upstream-stage", Refused, Error, Refused;

    /// Pipelines depend on each other in a circle.
    ///
    /// ## Why it matters
    /// Each would wait for the other. GoCD's server refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {lib: {pipeline: lib, stage: build}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    ///   lib:
    ///     group: apps
    ///     materials: {app: {pipeline: app, stage: build}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Remove one of the dependencies.
    pub DEPENDENCY_CYCLE = "dependency-cycle", Refused, Error, Refused;

    /// The same repository is polled by one material and not polled (`auto_update: false`) by another.
    ///
    /// ## Why it matters
    /// GoCD polls a repository for all pipelines at once, so its server wants the same `auto_update` everywhere and refuses
    /// the repository otherwise.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    ///   nightly:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git", auto_update: false}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write the same `auto_update` in both.
    pub AUTO_UPDATE_CLASH = "auto-update-clash", Refused, Error, Refused;
}

/// Checks what one pipeline says of others.
pub fn check(configuration: &mut Configuration, account: &mut Account) {
    let pipelines = &configuration.pipelines;
    let mut refused: Vec<(usize, &'static Rule)> = Vec::new();
    let index = index(pipelines, account, &mut refused);
    upstream_stages(pipelines, &index, account, &mut refused);
    cycles(pipelines, &index, account, &mut refused);
    auto_update(pipelines, account, &mut refused);
    for (pipeline, rule) in refused {
        refuse_pipeline(&mut configuration.pipelines[pipeline], rule, account);
    }
}

/// The pipelines by lower-case name; the second of a name is reported.
fn index(
    pipelines: &[Pipeline],
    account: &mut Account,
    refused: &mut Vec<(usize, &'static Rule)>,
) -> HashMap<String, usize> {
    let mut index = HashMap::new();
    for (number, pipeline) in pipelines.iter().enumerate() {
        let key = pipeline.name.to_lowercase();
        let Some(first) = index.get(&key) else {
            index.insert(key, number);
            continue;
        };
        let first: &Pipeline = &pipelines[*first];
        account
            .report(
                &DUPLICATE_PIPELINE,
                &pipeline.name,
                format!("the pipeline `{}` is defined twice", pipeline.name.value),
            )
            .related(first.name.place.span, "first defined here")
            .help("rename or remove one of them; GoCD compares names without case");
        refused.push((number, &DUPLICATE_PIPELINE));
    }
    index
}

fn dependencies(pipeline: &Pipeline) -> impl Iterator<Item = &Material> {
    pipeline.materials.iter().filter(|material| material.kind.value == MaterialKind::Dependency)
}

fn upstream_stages(
    pipelines: &[Pipeline],
    index: &HashMap<String, usize>,
    account: &mut Account,
    refused: &mut Vec<(usize, &'static Rule)>,
) {
    for (number, pipeline) in pipelines.iter().enumerate() {
        for material in dependencies(pipeline) {
            let (Some(name), Some(stage)) = (&material.pipeline, &material.stage) else { continue };
            let Some(upstream) = index.get(&name.to_lowercase()).map(|at| &pipelines[*at]) else { continue };
            if upstream.stages.is_empty() || upstream.stage(stage).is_some() {
                continue;
            }
            let stages = || upstream.stages.iter().map(|stage| stage.name.as_str());
            let help = match suggest::nearest(stage, stages()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its stages are {}", listed(stages())),
            };
            account
                .report(
                    &UNKNOWN_UPSTREAM_STAGE,
                    stage,
                    format!("the pipeline `{}` has no stage `{}`", upstream.name.value, stage.value),
                )
                .related(upstream.name.place.span, "this pipeline")
                .help(help);
            refused.push((number, &UNKNOWN_UPSTREAM_STAGE));
        }
    }
}

/// Names in back-ticks, at most ten.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = names.take(11).map(|name| format!("`{name}`")).collect();
    if names.len() > 10 {
        names.truncate(10);
        names.push("…".to_string());
    }
    names.join(", ")
}

fn cycles(
    pipelines: &[Pipeline],
    index: &HashMap<String, usize>,
    account: &mut Account,
    refused: &mut Vec<(usize, &'static Rule)>,
) {
    let upstream = |material: &Material| {
        material.pipeline.as_ref().and_then(|name| index.get(&name.to_lowercase()).copied())
    };
    let edges: Vec<Vec<usize>> =
        pipelines.iter().map(|pipeline| dependencies(pipeline).filter_map(upstream).collect()).collect();
    let component = super::circles::components(&edges);
    for (number, pipeline) in pipelines.iter().enumerate() {
        for material in dependencies(pipeline) {
            let Some(other) = upstream(material).filter(|other| component[*other] == component[number])
            else {
                continue;
            };
            let members = (0..pipelines.len()).filter(|member| component[*member] == component[number]);
            let message = if other == number {
                format!("the pipeline `{}` depends on itself", pipeline.name.value)
            } else {
                let names = listed(members.map(|member| pipelines[member].name.as_str()));
                format!("the pipelines {names} depend on each other in a circle")
            };
            let place = material.pipeline.as_ref().map_or(material.name.place, |name| name.place);
            account.report(&DEPENDENCY_CYCLE, place, message).help("remove one of the dependencies");
            refused.push((number, &DEPENDENCY_CYCLE));
        }
    }
}

fn auto_update(pipelines: &[Pipeline], account: &mut Account, refused: &mut Vec<(usize, &'static Rule)>) {
    let mut seen: HashMap<String, &Material> = HashMap::new();
    for (number, pipeline) in pipelines.iter().enumerate() {
        for material in &pipeline.materials {
            let Some(fingerprint) = fingerprint(material) else { continue };
            let Some(first) = seen.get(&fingerprint) else {
                seen.insert(fingerprint, material);
                continue;
            };
            if first.polls() == material.polls() {
                continue;
            }
            let place = |m: &Material| m.auto_update.as_ref().map_or(m.name.place, |flag| flag.place);
            let say = |polls: bool| if polls { "polled" } else { "not polled" };
            account
                .report(
                    &AUTO_UPDATE_CLASH,
                    place(material),
                    format!(
                        "this repository is {} here, but {} elsewhere",
                        say(material.polls()),
                        say(first.polls())
                    ),
                )
                .related(place(first).span, "elsewhere")
                .help("write the same `auto_update` in both");
            refused.push((number, &AUTO_UPDATE_CLASH));
        }
    }
}

/// What makes two materials the same to GoCD; only repositories that it polls itself.
fn fingerprint(material: &Material) -> Option<String> {
    let text = |src: &Option<crate::span::Src<String>>| {
        src.as_ref().map_or("", |text| text.value.as_str()).to_string()
    };
    let kind = &material.kind.value;
    let more = match kind {
        MaterialKind::Git | MaterialKind::Hg => {
            material.branch.as_ref().map_or("", |branch| branch).to_string()
        }
        MaterialKind::Svn => text(&material.username),
        MaterialKind::P4 => [text(&material.username), text(&material.view)].join("\n"),
        MaterialKind::Tfs => {
            [text(&material.username), text(&material.domain), text(&material.project)].join("\n")
        }
        _ => return None,
    };
    let more = if *kind == MaterialKind::Git && more.is_empty() { "master".to_string() } else { more };
    Some(format!("{kind:?}\n{}{}\n{more}", text(&material.url), text(&material.port)))
}
