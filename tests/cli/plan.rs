//! `plan`: waves for people, machines and the configuration.

use super::json::follows;
use super::run::{Folder, app};

fn folder() -> Folder {
    let after = |name: &str, up: &str| {
        app(name).replace("materials: {", &format!("materials: {{up: {{pipeline: {up}, stage: build}}, "))
    };
    let folder = Folder::new().with("repo/lib.gocd.yaml", app("lib"));
    folder.put("repo/shop.gocd.yaml", after("shop", "lib"));
    folder.put("repo/ship.gocd.yaml", after("ship", "shop").replace("make", "helm"));
    folder.put("repo/docs.gocd.yaml", after("docs", "lib"));
    folder
}

#[test]
fn waves_are_explained() {
    let run = folder().run(&["plan", "repo"]).exits(0);
    insta::assert_snapshot!(run.stdout, @r"
    wave 1: 1 pipeline, effort 1
      docs (group apps): risk low, effort 1
        why here: low risk; no pipeline waits for it
        waits for GoCD's: lib

    wave 2: 3 pipelines, effort 5
      ship (group apps): risk high, effort 3
        why here: high risk; no pipeline waits for it
        counted: deploys (`helm`)
      shop (group apps): risk low, effort 1
        why here: low risk itself, high by `ship` behind it; not before `ship`, which waits for it
      lib (group apps): risk low, effort 1
        why here: low risk itself, high by `ship` behind it; not before `docs`, `shop`, which wait for it
    ");
}

#[test]
fn the_document_follows_its_schema() {
    let document = follows(
        &folder().run(&["plan", "repo", "--format", "json"]),
        include_str!("../../docs/plan.schema.json"),
    );
    assert_eq!(document["waves"][0]["pipelines"][0]["waits_for_gocd"][0], "lib");
}

#[test]
fn what_it_prints_for_the_configuration_keeps_the_waves() {
    let folder = folder();
    let before = folder.run(&["plan", "repo", "--format", "config"]).exits(0).stdout;
    folder.put("repo/gocd2argo.yaml", &before);
    // Now a deployment as well: by its risk it would come last.
    folder.put("repo/docs.gocd.yaml", folder.read("repo/docs.gocd.yaml").replace("make", "helm"));
    let after = folder.run(&["plan", "repo", "--format", "config"]).exits(0).stdout;
    assert!(after.starts_with("migration:\n  waves:\n    # wave 1\n    - - docs\n"), "{after}");
}

#[test]
fn what_gocd_refuses_is_not_ordered() {
    let folder = folder().with("repo/bad.gocd.yaml", app("bad").replace("tasks: [", "tasks: [nosuch: {}, "));
    folder.run(&["plan", "repo"]).exits(2).prints_nothing().says("refuse");
    folder.run(&["plan", "repo", "--keep-going"]).exits(1).prints("wave 1").never("  bad (");
}
