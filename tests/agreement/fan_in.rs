//! Fan-in: who is poked by a push of a repository that a pipeline has itself and behind a dependency. Written cases, and
//! generated ones against GoCD's rule (`src/reference/fan_in.rs`).

use gocd2argo::gocd::GitUrl;
use gocd2argo::passes::{self, Reading};
use gocd2argo::plan::Plan;
use gocd2argo::reference::start::{Push, starts};
use gocd2argo::render::engine::Engine;
use gocd2argo::settings::Settings;
use gocd2argo::simulate::Cluster;
use gocd2argo::simulate::host::Change;

use crate::random::Random;

/// Pipelines by name, with the text of their materials.
fn read(pipelines: &[(&str, &str)]) -> Reading {
    let mut text = String::from("format_version: 10\npipelines:\n");
    for (name, materials) in pipelines {
        let stages = "[s: {tasks: [exec: {command: make}]}]";
        text.push_str(&format!("  {name}: {{group: g, materials: {{{materials}}}, stages: {stages}}}\n"));
    }
    let reading = passes::read_texts(&[("a.gocd.yaml", &text)]);
    assert!(!reading.is_refused(), "{text}");
    reading
}

/// Slug and material of all triggers of a pipeline.
fn triggers(plan: &Plan, slug: &str) -> Vec<String> {
    let all = plan.sensors.iter().flat_map(|sensor| &sensor.triggers);
    let own = all.filter(|trigger| trigger.pipeline == slug);
    own.map(|trigger| trigger.name[slug.len() + 2..].to_string()).collect()
}

/// What pokes each pipeline: `pipeline: material …`, and the materials that are pinned as `pipeline! material …`.
fn pokes(pipelines: &[(&str, &str)]) -> Vec<String> {
    let settings = "config-repository: {url: \"https://github.com/a/ci.git\", branch: main}";
    let plan = read(pipelines).plan(&serde_yaml::from_str(settings).unwrap());
    let mut lines = Vec::new();
    for pipeline in &plan.pipelines {
        lines.push(format!("{}: {}", pipeline.slug, triggers(&plan, &pipeline.slug).join(" ")));
        let pinned = pipeline.description.materials.iter().filter(|material| material.pinned);
        let pinned: String = pinned.map(|material| format!(" {}", material.key)).collect();
        if !pinned.is_empty() {
            lines.push(format!("{}!{pinned}", pipeline.slug));
        }
    }
    lines
}

const LIB: &str = "r: {git: 'https://github.com/a/lib.git', destination: r}";

#[test]
fn a_repository_behind_a_dependency_pokes_the_top_of_the_way_only() {
    let own = format!(
        "{LIB}, u: {{pipeline: MID, stage: s}}, o: {{git: 'https://github.com/a/o.git', destination: o}}"
    );
    let given = [("lib", LIB), ("mid", "u: {pipeline: lib, stage: s}"), ("app", &own)];
    assert_eq!(pokes(&given), ["lib: r", "mid: u", "app: u o", "app! r"]);
}

/// GoCD takes an ignored dependency's revisions all the same; then the repository is what has changed.
#[test]
fn an_ignored_dependency_that_pins_pokes() {
    let pins = format!("{LIB}, u: {{pipeline: lib, stage: s, ignore_for_scheduling: true}}");
    let not = "o: {git: 'https://github.com/a/o.git', destination: o}, u: {pipeline: lib, stage: s, ignore_for_scheduling: true}";
    let given = [("lib", LIB), ("app", &pins), ("other", not)];
    assert_eq!(pokes(&given), ["lib: r", "app: u", "app! r", "other: o"]);
}

#[test]
fn another_branch_kind_or_spelling_is_another_material() {
    for other in [
        "r: {git: 'https://github.com/a/lib.git', branch: next, destination: r}",
        "r: {git: 'https://github.com/a/lib', destination: r}",
    ] {
        let own = format!("{other}, u: {{pipeline: lib, stage: s}}");
        assert_eq!(pokes(&[("lib", LIB), ("app", &own)]), ["lib: r", "app: r u"], "{other}");
    }
    let own =
        "r: {git: 'https://me:pass@github.com/a/lib.git', destination: r}, u: {pipeline: lib, stage: s}";
    assert_eq!(pokes(&[("lib", LIB), ("app", own)]), ["lib: r", "app: u", "app! r"]);
    // Of a pipeline that is elsewhere nothing is known.
    let own = format!("{LIB}, u: {{pipeline: elsewhere, stage: s}}");
    assert_eq!(pokes(&[("app", &own)]), ["app: r u"]);
}

#[test]
fn the_repository_of_the_files_is_one_too() {
    let ci = "c: {git: 'https://github.com/a/ci.git', branch: main, destination: c}";
    let own = "c: {type: configrepo, destination: c}, u: {pipeline: lib, stage: s}";
    assert_eq!(pokes(&[("lib", ci), ("app", own)]), ["lib: c", "app: u", "app! c"]);
}

/// Up to seven pipelines on three repositories; some of the dependencies ignored, perhaps a repository that is not polled.
fn generated(random: &mut Random) -> Vec<(String, String)> {
    let (count, quiet) = (2 + random.below(6), random.below(12));
    let mut pipelines = Vec::new();
    for number in 0..count {
        let mut materials = Vec::new();
        for repository in 0..3 {
            if random.below(3) == 0 || (number == 0 && repository == 0) {
                let polled = if repository == quiet { ", auto_update: false" } else { "" };
                let url = format!("https://github.com/a/r{repository}.git");
                materials
                    .push(format!("r{repository}: {{git: '{url}', destination: r{repository}{polled}}}"));
            }
        }
        for upstream in 0..number {
            if random.below(4) == 0 || (materials.is_empty() && upstream + 1 == number) {
                let ignored = if random.below(4) == 0 { ", ignore_for_scheduling: true" } else { "" };
                materials.push(format!("u{upstream}: {{pipeline: p{upstream}, stage: s{ignored}}}"));
            }
        }
        pipelines.push((format!("p{number}"), materials.join(", ")));
    }
    pipelines
}

/// Sensors poke exactly those pipelines that GoCD starts, and of each pipeline whose repository is pinned the dependency that
/// pins it does.
#[test]
fn sensors_poke_whom_gocd_starts() {
    let mut random = Random::new(8);
    let engine = Engine::new(None).unwrap();
    let (mut started, mut pinned) = (0, 0);
    for _ in 0..60 {
        let pipelines = generated(&mut random);
        let given: Vec<(&str, &str)> = pipelines.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let plan = read(&given).plan(&Settings::default());
        for pipeline in &plan.pipelines {
            let triggers = triggers(&plan, &pipeline.slug);
            let materials = &pipeline.description.materials;
            let pins =
                materials.iter().filter(|material| material.upstream.as_ref().is_some_and(|up| up.pins));
            pinned += pins.map(|material| assert!(triggers.contains(&material.key), "{given:?}")).count();
        }
        let mut reading = read(&given);
        let cluster = Cluster::new(&reading.convert(&Settings::default(), &engine).unwrap());
        for repository in 0..3 {
            let url = format!("https://github.com/a/r{repository}.git");
            let files = Some(vec!["a".to_string()]);
            let reference = "refs/heads/master".to_string();
            let pushes = [Push { urls: vec![url.clone()], reference, deleted: false, files: files.clone() }];
            let repository = GitUrl::parse(&url).unwrap().repository();
            let change = Change { repository, url, branch: "master".to_string(), files };
            let events = cluster.events(&change);
            for (pipeline, gocd) in starts(&reading.configuration, None, &pushes) {
                let argo = cluster.pushed(&pipeline, &events, &pushes).verdict;
                assert_eq!(gocd.starts, argo.starts, "{given:?} {pipeline}: {} / {}", gocd.why, argo.why);
                assert!(!argo.why.contains("pokes it"), "{given:?} {pipeline}: {}", argo.why);
                started += usize::from(argo.starts);
            }
        }
    }
    assert!(started > 50 && pinned > 50, "{started} {pinned}");
}
