//! `convert`: defaults, written files, exit codes.

use super::run::{APP, Folder, Run, app};

const WRITTEN: &[&str] = &[
    ".gocd2argo.lock",
    "base/kustomization.yaml",
    "base/events/eventsource-git.yaml",
    "base/events/sensor-apps.yaml",
    "base/templates/apps/app.yaml",
    "overlays/aws/kustomization.yaml",
];

/// A file that GoCD refuses for one of its pipelines, `bad`.
fn refused() -> String {
    APP.to_string()
        + "  bad:\n    group: apps\n    materials: {m: {git: \"https://git.example.com/a.git\"}}\n"
}

#[test]
fn the_output_goes_beside_the_source() {
    let folder = Folder::with_app();
    folder.run(&["convert", "repo"]).exits(0).prints("1 pipeline, 1 stage, 1 job, 1 task");
    for file in WRITTEN {
        assert!(folder.has(&format!("argo/{file}")), "{file}");
    }
    assert_eq!(folder.tree("repo").len(), 2, "nothing is written into the source");
}

#[test]
fn without_a_path_the_current_folder_is_converted() {
    let folder = Folder::new().with(".gocd/app.gocd.yml", APP);
    folder.run(&["convert"]).exits(0);
    assert!(folder.has("argo/base/templates/apps/app.yaml"));
}

#[test]
fn a_file_given_by_name_is_read_whatever_it_is_called() {
    let folder = Folder::new().with("ci/pipelines.txt", APP);
    folder.run(&["convert", "ci/pipelines.txt", "--out", "deep/er/out"]).exits(0);
    assert!(folder.has("deep/er/out/base/templates/apps/app.yaml") && !folder.has("ci/argo"));
}

#[test]
fn a_second_run_changes_nothing() {
    let folder = Folder::with_app();
    folder.run(&["convert", "repo"]).exits(0).prints("to create");
    let before = folder.tree("argo");
    let time = folder.path("argo/.gocd2argo.lock").metadata().unwrap().modified().unwrap();
    folder.run(&["convert", "repo"]).exits(0).prints("unchanged").never("to create");
    assert_eq!(folder.tree("argo"), before);
    assert_eq!(folder.path("argo/.gocd2argo.lock").metadata().unwrap().modified().unwrap(), time);
}

#[test]
fn a_dry_run_writes_nothing_and_prints_the_diff() {
    let folder = Folder::with_app();
    let before = folder.tree("");
    let run = folder.run(&["convert", "repo", "--dry-run"]).exits(0).says("nothing was written");
    assert!(run.stdout.contains("+kind: WorkflowTemplate"), "{}", run.stdout);
    assert_eq!(folder.tree(""), before);
    folder.run(&["convert", "repo"]).exits(0);
    let before = folder.tree("");
    folder.put("repo/app.gocd.yaml", APP.replace("make", "ninja"));
    let run = folder.run(&["convert", "repo", "--dry-run"]).exits(0);
    let changed =
        |sign: char, word: &str| run.stdout.lines().any(|line| line.starts_with(sign) && line.contains(word));
    assert!(changed('-', "make") && changed('+', "ninja"), "{}", run.stdout);
    assert_eq!(folder.tree("argo").len() + 3, before.len());
    folder.run(&["convert", "repo", "--dry-run", "--strict"]).exits(1);
}

#[test]
fn strict_asks_for_decisions_and_writes_all_the_same() {
    let folder = Folder::with_app();
    folder.run(&["convert", "repo", "--strict"]).exits(1).says("decision[guessed-image]");
    assert!(folder.has("argo/base/templates/apps/app.yaml"));
    folder.put("repo/gocd2argo.yaml", SETTLED);
    folder.run(&["convert", "repo", "--strict"]).exits(0);
}

/// A configuration that leaves nothing open for [`APP`].
const SETTLED: &str = "\
images: {elastic-profiles: {go-1.21: golang:1.21}}
git: {hosts: {git.example.com: {provider: webhook, secret: git}}}
webhooks: {url: https://ci.example.com}
artifacts: {bucket: artifacts}
";

#[test]
fn what_gocd_refuses_is_an_error_and_nothing_is_written() {
    let folder = Folder::new().with("repo/app.gocd.yaml", refused());
    let run = folder.fails(&["convert", "repo"]).prints_nothing();
    run.says("repo/app.gocd.yaml:7:3").says("`--keep-going` converts what is sound").says("error[");
}

#[test]
fn keep_going_converts_what_is_sound() {
    let folder = Folder::new().with("repo/app.gocd.yaml", refused());
    folder.run(&["convert", "repo", "--keep-going"]).exits(1).says("error[");
    assert!(folder.has("argo/base/templates/apps/app.yaml"));
    assert!(!folder.has("argo/base/templates/apps/bad.yaml"));
}

#[test]
fn the_same_pipeline_twice_is_an_error_that_shows_both_places() {
    let folder = Folder::new().with("repo/a.gocd.yaml", APP).with("repo/b.gocd.yaml", APP);
    folder.fails(&["convert", "repo"]).says("repo/a.gocd.yaml:3:3").says("repo/b.gocd.yaml:3:3");
}

#[test]
fn all_files_form_one_configuration() {
    let down = "\
format_version: 10
pipelines:
  down:
    group: apps
    materials: {up: {pipeline: app, stage: build}}
    stages: [test: {tasks: [exec: {command: make}]}]
";
    let environment = "format_version: 10\nenvironments: {prod: {pipelines: [app, down]}}\n";
    let folder =
        Folder::with_app().with("repo/sub/down.gocd.yml", down).with("repo/env.gocd.yaml", environment);
    folder.run(&["convert", "repo"]).exits(0).prints("2 pipelines");
    assert!(folder.read("argo/base/events/sensor-apps.yaml").contains("down"));
    assert!(folder.has("argo/base/config/gocd-env-prod.yaml") || folder.tree("argo/base/config").len() > 1);
}

#[test]
fn a_wrong_call_is_an_error() {
    let folder = Folder::with_app();
    folder.fails(&["convert", "repo", "--no-such-flag"]).says("--no-such-flag");
    folder.fails(&["convrt", "repo"]).says("convert");
    folder.fails(&["lint", "repo", "--level", "odd"]).says("warning");
    Run::of(folder.command("", &["--version"])).exits(0).prints("gocd2argo ");
}

#[test]
fn the_kustomization_lists_what_is_there() {
    let folder = Folder::new().with("repo/a.gocd.yaml", app("one")).with("repo/b.gocd.yaml", app("two"));
    folder.run(&["convert", "repo"]).exits(0);
    assert_listed(&folder);
    std::fs::remove_file(folder.path("repo/b.gocd.yaml")).unwrap();
    folder.run(&["convert", "repo"]).exits(0);
    assert_listed(&folder);
}

fn assert_listed(folder: &Folder) {
    let text = folder.read("argo/base/kustomization.yaml");
    let value: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    let mut listed: Vec<&str> =
        value["resources"].as_sequence().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    listed.sort_unstable();
    let tree = folder.tree("argo/base");
    let there = tree.keys().filter(|path| path.ends_with(".yaml") && *path != "kustomization.yaml");
    assert_eq!(listed, there.map(String::as_str).collect::<Vec<_>>());
}
