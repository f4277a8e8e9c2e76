#![allow(clippy::unwrap_used)]

use super::*;
use serde_json::{Value, json};

/// A folder with what both sides exported.
fn compared(gocd: &[Value], argo: &[Value], least_runs: usize) -> anyhow::Result<Parity> {
    let folder = tempfile::tempdir().unwrap();
    for (name, documents) in [("gocd.json", gocd), ("argo.json", argo)] {
        let text: String = documents.iter().map(|document| document.to_string() + "\n").collect();
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    parity(&[folder.path().join("gocd.json")], &[folder.path().join("argo.json")], least_runs)
}

fn there(counter: u64, results: &[&str]) -> Value {
    let stage = |(index, result): (usize, &&str)| json!({"name": format!("s{index}"), "counter": "1", "result": result});
    let stages: Vec<Value> = results.iter().enumerate().map(stage).collect();
    json!({"name": "Shop.API", "counter": counter, "label": "x", "scheduled_date": 1000, "stages": stages})
}

fn stage_run(counter: u64, stage: &str, from: i64, to: i64) -> Value {
    json!({"name": stage, "counter": "1", "pipeline_name": "Shop.API", "pipeline_counter": counter, "result": "Passed",
           "scheduled_at": from, "last_transitioned_time": to,
           "jobs": [{"name": "j", "job_state_transitions": [{"state": "Scheduled", "state_change_time": from},
                                                            {"state": "Building", "state_change_time": from + 21_000}]}]})
}

fn here(name: &str, phase: &str, seconds: u64, start: u64) -> Value {
    let at = |second: u64| format!("2026-11-26T10:{:02}:{:02}Z", second / 60, second % 60);
    json!({"kind": "Workflow", "metadata": {"name": name, "uid": name, "creationTimestamp": at(0), "labels": {"gocd2argo.io/pipeline": "shop-api"}},
           "spec": {}, "status": {"phase": phase, "startedAt": at(0), "finishedAt": at(3000), "nodes": {
              "a": {"displayName": "prepare", "type": "Pod", "templateName": "prepare", "startedAt": at(1)},
              "b": {"displayName": "stage-build", "type": "Steps", "templateName": "stage-build", "startedAt": at(start), "finishedAt": at(start + seconds)},
              "c": {"displayName": "make", "type": "Pod", "templateName": "job-build-make", "startedAt": at(start)}}}})
}

fn poke() -> Value {
    json!({"kind": "Workflow", "metadata": {"name": "p", "labels": {"gocd2argo.io/pipeline": "shop-api"}}, "spec": {},
           "status": {"phase": "Succeeded", "nodes": {"a": {"displayName": "prepare", "type": "Pod", "templateName": "prepare"}}}})
}

fn history(runs: &[Value]) -> Value {
    json!({"_links": {}, "pipelines": runs})
}

#[test]
fn both_sides_are_measured_in_the_same_way() {
    let gocd = [
        history(&[
            there(2, &["Passed", "Failed"]),
            there(1, &["Passed", "Passed"]),
            there(3, &["Passed", "Unknown"]),
        ]),
        stage_run(1, "S0", 2000, 62_000),
        stage_run(1, "s1", 9_000_000, 9_030_000),
        stage_run(2, "s0", 5000, 15_000),
        stage_run(2, "s1", 15_000, 25_000),
        history(&[there(1, &["Passed", "Passed"]), there(4, &["Cancelled"])]),
    ];
    let argo = [
        json!({"items": [here("w1", "Succeeded", 60, 9), here("w2", "Succeeded", 40, 7), poke(), here("w3", "Running", 1, 1)]}),
        here("w1", "Succeeded", 60, 9),
        json!({"items": null}),
    ];
    let parity = compared(&gocd, &argo, 2).unwrap();
    let [pipeline] = parity.pipelines.as_slice() else { panic!("{parity:?}") };
    assert_eq!(pipeline.pipeline, "Shop.API");
    let figures = |runs, passed, failed, cancelled, open| Figures {
        runs,
        passed,
        failed,
        cancelled,
        open,
        success: None,
        duration_average_seconds: None,
        duration_p95_seconds: None,
        start_average_seconds: None,
        start_p95_seconds: None,
    };
    assert_eq!(
        pipeline.gocd,
        Some(Figures {
            success: Some(0.5),
            duration_average_seconds: Some(55.0),
            duration_p95_seconds: Some(90.0),
            start_average_seconds: Some(23.5),
            start_p95_seconds: Some(25.0),
            ..figures(4, 1, 1, 1, 1)
        })
    );
    assert_eq!(
        pipeline.argo,
        Some(Figures {
            success: Some(1.0),
            duration_average_seconds: Some(50.0),
            duration_p95_seconds: Some(60.0),
            start_average_seconds: Some(8.0),
            start_p95_seconds: Some(9.0),
            ..figures(3, 2, 0, 0, 1)
        })
    );
    assert!(parity.holds && parity.pokes == 1, "{parity:?}");
    insta::assert_snapshot!(text(&parity), @r"
    pipeline          runs   success   average       p95     start start p95
    Shop.API  GoCD       4    50.0 %    55.0 s    90.0 s    23.5 s    25.0 s
              Argo       3   100.0 %    50.0 s    60.0 s     8.0 s     9.0 s

    objectives: success at least 99.5 %, average at most 300 s, start at most 30 s, or no worse than GoCD; 2 runs at least
    Workflows that found nothing to do, not counted: 1
    parity holds (1 of 1)
    ");
}

#[test]
fn a_measure_holds_by_its_objective_or_by_what_gocd_had() {
    let gocd = |result: &str, seconds: i64| {
        let mut documents = vec![history(&[there(1, &[result])])];
        documents.push(stage_run(1, "s0", 0, seconds * 1000));
        documents
    };
    let reasons = |gocd: &[Value], argo: &[Value]| {
        let parity = compared(gocd, argo, 1).unwrap();
        assert_eq!(parity.holds, parity.pipelines[0].reasons.is_empty());
        parity.pipelines[0].reasons.join("; ")
    };
    assert_eq!(reasons(&gocd("Passed", 900), &[here("w", "Succeeded", 980, 5)]), "");
    assert_eq!(
        reasons(&gocd("Passed", 900), &[here("w", "Succeeded", 1000, 5)]),
        "a run takes 1000.0 s on average, 900.0 s in GoCD"
    );
    assert_eq!(reasons(&gocd("Failed", 10), &[here("w", "Failed", 10, 5)]), "");
    assert_eq!(
        reasons(&gocd("Passed", 10), &[here("w", "Error", 10, 50)]),
        "0.0 % of the runs passed, 100.0 % in GoCD; the first job begins after 50.0 s on average, 20.0 s in GoCD"
    );
    let other = json!({"kind": "Workflow", "metadata": {"name": "r", "labels": {"gocd2argo.io/pipeline": "other"}}, "status": {"phase": "Succeeded"}});
    let parity = compared(&gocd("Passed", 10), &[other], 3).unwrap();
    let reasons: Vec<String> = parity
        .pipelines
        .iter()
        .map(|pipeline| format!("{}: {}", pipeline.pipeline, pipeline.reasons.join("; ")))
        .collect();
    assert_eq!(
        reasons,
        ["Shop.API: it has no runs on Argo", "other: 1 finished runs on Argo are too few: 3 are asked for"]
    );
}

#[test]
fn what_is_no_export_is_named() {
    let good = [history(&[there(1, &["Passed"])])];
    let flows = [here("w", "Succeeded", 1, 1)];
    let error = |gocd: &[Value], argo: &[Value]| match compared(gocd, argo, 1) {
        Err(error) => format!("{error:#}"),
        Ok(parity) => panic!("{parity:?}"),
    };
    for (gocd, expected) in [
        (json!({"pipelines": 3}), "`pipelines` is no list"),
        (json!({"pipelines": [{"name": 3}]}), "`pipelines[0].name` is no text"),
        (json!({"pipelines": [{"name": "a", "counter": -1}]}), "`pipelines[0].counter` is no counter"),
        (json!({"pipelines": [{"name": "a", "counter": 1}]}), "`pipelines[0].stages` is missing"),
        (json!({"message": "You are not authenticated"}), "is neither a pipeline's history"),
        (json!("text"), "is neither a pipeline's history"),
        (json!([1]), "item 1 is neither"),
    ] {
        let said = error(std::slice::from_ref(&gocd), &flows);
        assert!(said.contains(expected) && said.contains("gocd.json"), "{gocd}: {said}");
    }
    for (argo, expected) in [
        (json!({"items": {}}), "`items` is no list"),
        (json!({"items": [{}]}), "`items[0]`: `metadata.name` is no text"),
        (json!({"code": 7, "message": "forbidden"}), "is neither a Workflow nor a list"),
    ] {
        let said = error(&good, std::slice::from_ref(&argo));
        assert!(said.contains(expected), "{argo}: {said}");
    }
    assert!(error(&[], &flows).contains("no JSON document"));
}

#[test]
fn hostile_files_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    for (text, expected) in [
        ("{\"pipelines\": [".to_string(), "is no JSON"),
        ("[".repeat(100_000), "recursion limit"),
        ("\u{0}".to_string(), "is no JSON"),
        ("{\"pipelines\": [{\"name\": \"a\", \"counter\": 1e999}]}".to_string(), "is no JSON"),
    ] {
        std::fs::write(&path, &text).unwrap();
        let error =
            format!("{:#}", parity(std::slice::from_ref(&path), std::slice::from_ref(&path), 1).unwrap_err());
        assert!(error.contains(expected), "{error}");
    }
    assert!(parity(&[folder.path().join("nosuch")], &[path], 1).is_err());
    // Times far apart do not overflow.
    let mut far = stage_run(1, "s0", i64::MIN, i64::MAX);
    far["jobs"] = json!([{"job_state_transitions": [{"state": "Building", "state_change_time": i64::MIN}]}]);
    assert!(compared(&[history(&[there(1, &["Passed"])]), far], &[here("w", "Succeeded", 1, 1)], 1).is_ok());
}
