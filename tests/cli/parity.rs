//! `parity`: exit codes and its document.

use super::json::follows;
use super::run::Folder;

fn folder(phase: &str) -> Folder {
    let history = r#"{"pipelines": [{"name": "app", "counter": 1, "label": "1", "scheduled_date": 0, "stages": [{"name": "build", "counter": "1", "result": "Passed"}]}]}"#;
    let workflow = format!(
        r#"{{"items": [{{"metadata": {{"name": "app-1", "labels": {{"gocd2argo.io/pipeline": "app"}}}}, "spec": {{}},
            "status": {{"phase": "{phase}", "startedAt": "2026-11-26T00:00:00Z", "finishedAt": "2026-11-26T00:01:00Z"}}}}]}}"#
    );
    Folder::new()
        .with("gocd/history.json", history)
        .with("gocd/notes.txt", "no JSON")
        .with("argo.json", workflow)
}

#[test]
fn the_exit_code_says_whether_parity_holds() {
    let arguments = ["parity", "--gocd", "gocd", "--argo", "argo.json", "--least-runs", "1"];
    folder("Succeeded").run(&arguments).exits(0).prints("parity holds (1 of 1)");
    folder("Failed")
        .run(&arguments)
        .exits(1)
        .prints("does not hold: 0.0 % of the runs passed, 100.0 % in GoCD");
    folder("Succeeded").run(&arguments[..5]).exits(1).prints("1 finished runs on Argo are too few: 10");
    folder("Succeeded").fails(&["parity", "--gocd", "gocd", "--argo", "gocd"]).says("neither a Workflow");
    folder("Succeeded").fails(&["parity", "--gocd", "gocd"]);
}

#[test]
fn the_document_follows_its_schema() {
    let arguments = ["parity", "--gocd", "gocd", "--argo", "argo.json", "--format", "json"];
    let run = folder("Succeeded").run(&arguments).exits(1);
    let document = follows(&run, include_str!("../../docs/parity.schema.json"));
    assert_eq!(document["pipelines"][0]["argo"]["duration_average_seconds"], 60.0);
}
