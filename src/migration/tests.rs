#![allow(clippy::unwrap_used)]

use super::*;
use crate::settings::Settings;

/// A pipeline with its upstream pipelines and a command.
fn pipeline(name: &str, upstream: &[&str], command: &str) -> String {
    let dependencies: String =
        upstream.iter().map(|up| format!(", {up}: {{pipeline: {up}, stage: s}}")).collect();
    format!(
        "  {name}:\n    group: g\n    materials: {{code: {{git: 'https://git.example.com/a.git'}}{dependencies}}}\n    \
         stages: [s: {{tasks: [exec: {{command: {command}}}]}}]\n"
    )
}

fn order(pipelines: &[String], settings: &Settings) -> Waves {
    let text = format!("format_version: 10\npipelines:\n{}", pipelines.concat());
    let mut reading = crate::passes::read_texts(&[("a.gocd.yaml", &text)]);
    reading.plan(settings);
    waves(&reading.configuration, &reading.account.findings, settings)
}

/// Names by wave.
fn names(waves: &Waves) -> Vec<Vec<&str>> {
    let moves = waves.waves.iter().map(|wave| &wave.pipelines);
    moves.map(|moves| moves.iter().map(|pipeline| pipeline.pipeline.as_str()).collect()).collect()
}

fn chain() -> Vec<String> {
    vec![
        pipeline("lib", &[], "make"),
        pipeline("app", &["lib"], "make"),
        pipeline("prod", &["app"], "helm"),
        pipeline("docs", &["lib"], "make"),
        pipeline("lint", &[], "make"),
    ]
}

#[test]
fn consumers_come_first_and_a_deployment_holds_its_chain_back() {
    let waves = order(&chain(), &Settings::default());
    assert_eq!(names(&waves), [vec!["docs", "lint"], vec!["prod", "app", "lib"]]);
    let docs = &waves.waves[0].pipelines[0];
    assert_eq!(docs.waits_for_gocd, ["lib"]);
    assert_eq!(docs.why, ["low risk", "no pipeline waits for it"]);
    let lib = &waves.waves[1].pipelines[2];
    assert_eq!(
        lib.why,
        ["low risk itself, high by `prod` behind it", "not before `app`, `docs`, which wait for it"]
    );
    assert!(
        waves
            .waves
            .iter()
            .flat_map(|wave| &wave.pipelines)
            .all(|pipeline| pipeline.awaited_in_gocd.is_empty())
    );
}

#[test]
fn the_order_of_the_source_does_not_matter() {
    let mut backwards = chain();
    backwards.reverse();
    let settings = Settings::default();
    assert_eq!(text::text(&order(&chain(), &settings)), text::text(&order(&backwards, &settings)));
}

#[test]
fn a_full_wave_is_divided_in_the_order_of_dependencies() {
    let mut pipelines = vec![pipeline("p00", &[], "make")];
    for n in 1..30 {
        pipelines.push(pipeline(&format!("p{n:02}"), &[&format!("p{:02}", n - 1)], "make"));
    }
    let waves = order(&pipelines, &Settings::default());
    assert_eq!(names(&waves).iter().map(Vec::len).collect::<Vec<_>>(), [20, 10]);
    assert_eq!(waves.waves[0].pipelines[0].pipeline, "p29");
    assert_eq!(waves.waves[1].pipelines[0].why[2], "the wave before was full (20 points)");
}

#[test]
fn named_waves_come_first_and_may_go_the_other_way() {
    let settings = Settings::parse("migration: {waves: [[LIB], [nothing-*], ['a?p', lint]]}").unwrap();
    let waves = order(&chain(), &settings);
    assert_eq!(names(&waves), [vec!["lib"], vec!["app", "lint"], vec!["docs"], vec!["prod"]]);
    assert_eq!(waves.waves[0].pipelines[0].awaited_in_gocd, ["app", "docs"]);
    assert_eq!(waves.waves[2].pipelines[0].waits_for_gocd, Vec::<String>::new());
    // What it prints gives the same waves again.
    let again = Settings::parse(&text::config(&waves, &|name| format!("'{name}'"))).unwrap();
    let mut sorted: Vec<Vec<&str>> = names(&waves);
    sorted.iter_mut().for_each(|wave| wave.sort_unstable());
    let again = order(&chain(), &again);
    let mut found = names(&again);
    found.iter_mut().for_each(|wave| wave.sort_unstable());
    assert_eq!(found, sorted);
}

#[test]
fn a_selection_that_fits_nothing_is_an_error() {
    let waves = order(&chain(), &Settings::default());
    let chosen = |wave, only: &[&str]| {
        let only = only.iter().map(|text| (*text).to_string()).collect();
        Selection { wave, only }.pipelines(&waves)
    };
    assert_eq!(chosen(Some(1), &[]).unwrap().len(), 2);
    assert_eq!(chosen(Some(2), &[]).unwrap().len(), 5);
    assert_eq!(chosen(Some(1), &["PROD", "l*"]).unwrap().len(), 4);
    for (wave, only) in [(Some(0), vec![]), (Some(3), vec![]), (None, vec!["nosuch"])] {
        assert!(chosen(wave, &only).is_err(), "{wave:?} {only:?}");
    }
}
