//! `trace`: what GoCD does when a pipeline runs.

use super::json::follows;
use super::run::Folder;
use serde_json::Value;

fn folder() -> Folder {
    Folder::new().with("repo/a.gocd.yaml", include_str!("trace.gocd.yaml"))
}

fn trace(arguments: &[&str]) -> Value {
    let arguments = [&["trace"], arguments, &["repo", "--format", "json"]].concat();
    let run = folder().run(&arguments).exits(0);
    let run = run.never("pa55word").never("dUFrxDYF");
    follows(&run, include_str!("../../docs/trace.schema.json"))
}

#[test]
fn a_run_without_failures_waits_at_the_gate() {
    let run = folder().run(&["trace", "SHOP", "repo"]).exits(0);
    let run = run.never("pa55word").never("dUFrxDYF");
    insta::assert_snapshot!(run.stdout, @r"
    shop (group web, environment prod), started by changes
      lock unlockWhenFinished: taken at the start, released: the run cannot go on by itself
      stage build: passed (the first stage starts with the run)
        job compile-runInstance-1: passed
          to be cancelled after 10 minutes without output
          checkout code into src
          REGION=eu
          TOKEN=<secret>
          DB=<secret>
          LEVEL=job
          > make all 'two words'  in src
          > make test  in src
          - report  (skipped: run_if failed, the job has passed)
          > task of the plugin slack.task
          > clean
              on cancel: stop
          publish build src/target/**/*.jar to jars without src/target/ (if nothing matches: the job fails)
          publish test src/reports to testoutput without src/ (if nothing matches: a warning)
          publish external artifact img, by its plugin
        job compile-runInstance-2: passed
          to be cancelled after 10 minutes without output
          checkout code into src
          REGION=eu
          TOKEN=<secret>
          DB=<secret>
          LEVEL=job
          > make all 'two words'  in src
          > make test  in src
          - report  (skipped: run_if failed, the job has passed)
          > task of the plugin slack.task
          > clean
              on cancel: stop
          publish build src/target/**/*.jar to jars without src/target/ (if nothing matches: the job fails)
          publish test src/reports to testoutput without src/ (if nothing matches: a warning)
          publish external artifact img, by its plugin
        starts pipeline after: the stage has passed
        does not start pipeline later: it ignores this upstream for scheduling
      stage ship: waits (a person has to start it)
      run: waiting; `ship` waits for a person
    ");
}

#[test]
fn a_failure_changes_what_runs_after_it() {
    let run = folder().run(&["trace", "shop", "repo", "--fail", "make test#2", "--approve-all"]).exits(0);
    let after: Vec<&str> = run.stdout.lines().skip_while(|line| !line.contains("runInstance-2")).collect();
    insta::assert_snapshot!(after.join("\n"), @r"
        job compile-runInstance-2: failed
          to be cancelled after 10 minutes without output
          checkout code into src
          REGION=eu
          TOKEN=<secret>
          DB=<secret>
          LEVEL=job
          > make all 'two words'  in src
          ! make test  in src  (fails: as asked)
          > report
          - task of the plugin slack.task  (skipped: run_if passed, the job has failed)
          > clean
              on cancel: stop
          publish build src/target/**/*.jar to jars without src/target/ (if nothing matches: the job fails)
          publish test src/reports to testoutput without src/ (if nothing matches: a warning)
          publish external artifact img, by its plugin
      stage ship: passed (a person starts it although `build` has failed)
        job push: passed
          checkout code into src
          REGION=eu
          TOKEN=<secret>
          LEVEL=pipeline
          DB=<secret>
          > fetch file jars/app.jar of shop/build/compile-runInstance-1 (the same run) to dist/app.jar
          > fetch directory out of lib/build/pack (the run that this one is built from) to out
          > script, by /bin/sh:
              #!/bin/sh
              echo one
              ./push dist
      run: failed
    ");
}

#[test]
fn the_document_follows_its_schema() {
    let document = trace(&["shop", "--approve", "ship", "--fail", "make*all#1", "--trigger", "jane"]);
    assert_eq!(document["stages"][1]["jobs"][0]["tasks"][2]["action"]["interpreter"], "/bin/sh");
    assert_eq!(document["result"], "failed");
    assert_eq!(document["trigger"], "jane");
    let environment = document["stages"][0]["jobs"][0]["environment"].as_array().unwrap();
    let value = |name: &str| {
        let found = environment.iter().find(|variable| variable["name"] == name);
        found.map(|variable| variable["value"].as_str().unwrap())
    };
    for (name, expected) in [
        ("LEVEL", "job"),
        ("TOKEN", "<secret>"),
        ("DB", "<secret>"),
        ("GO_PIPELINE_COUNTER", "<counter>"),
        ("GO_REVISION_CODE", "<revision of code>"),
        ("GO_MATERIAL_URL_CODE", "https://git.example.com/acme/shop.git"),
        ("GO_DEPENDENCY_LOCATOR_LIB", "<locator of lib>"),
        ("GO_JOB_NAME", "compile-runInstance-1"),
        ("GO_JOB_RUN_COUNT", "2"),
        ("GO_ENVIRONMENT_NAME", "prod"),
        ("GO_TRIGGER_USER", "jane"),
    ] {
        assert_eq!(value(name), Some(expected), "{name}");
    }
}

#[test]
fn locks_are_kept_and_released_as_gocd_does() {
    let lock = |arguments: &[&str]| trace(arguments)["lock"]["held"].as_bool();
    assert_eq!(lock(&["shop"]), Some(false), "unlockWhenFinished, waiting at a gate");
    assert_eq!(lock(&["strict"]), Some(true), "lockOnFailure, waiting at a gate");
    assert_eq!(lock(&["strict", "--approve-all"]), Some(false), "the last stage has ended");
    assert_eq!(
        lock(&["strict", "--approve-all", "--fail", "make"]),
        Some(true),
        "only success allows the last stage"
    );
}

#[test]
fn what_is_not_there_is_said() {
    for (arguments, message) in [
        (&["shpo"][..], "there is no pipeline `shpo`; did you mean `shop`?"),
        (&["shop", "--approve", "shp"], "the pipeline has no stage `shp` to approve; did you mean `ship`?"),
        (&["templated"], "the stages are in the template `base` on the GoCD server, not in these files"),
        (&["refused"], "GoCD would refuse pipeline `refused`; `gocd2argo lint` says why"),
    ] {
        let run = folder().run(&[&["trace"], arguments, &["repo"]].concat()).exits(2);
        assert_eq!(run.stderr.trim_end(), format!("error: {message}"));
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn texts_of_the_source_do_not_reach_the_terminal_as_commands() {
    let text = super::run::APP
        .replace("group: apps", "group: apps\n    environment_variables: {A: \"\\e[31mred\\r\"}");
    let run = Folder::new().with("repo/a.gocd.yaml", text).run(&["trace", "app", "repo"]).exits(0);
    assert!(run.stdout.contains("A=\\u{1b}[31mred\\r\n"), "{}", run.stdout);
}
