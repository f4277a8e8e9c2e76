//! prepare.sh and run-ended.sh of a pipeline with repositories only.

use serde_json::{Value, json};

use crate::rig::{Pod, Ran, Shell, tools_shell, tools_shells};

/// A pipeline's description as the converter writes it.
pub fn pipeline(slug: &str, materials: Value) -> Value {
    json!({"pipeline": slug.to_uppercase(), "slug": slug, "group": "g", "label": [{"count": true}], "counterStart": 0, "lock": "none",
           "firstStageManual": false, "firstRun": true, "stages": [{"name": "Build", "slug": "build"}, {"name": "Deploy", "slug": "deploy"}],
           "materials": materials, "ancestors": []})
}

pub fn git(name: &str, url: &str) -> Value {
    json!({"name": name, "key": name, "type": "git", "url": url, "branch": "main", "destination": "", "autoUpdate": true,
           "filter": null, "credentials": "none"})
}

/// Writes `pipeline` and runs prepare.sh for it as the Workflow `run`; its outputs lie in `out-<run>`.
pub fn prepare(pod: &Pod, pipeline: &Value, run: &str, trigger: &str, more: &[(&str, &str)]) -> Ran {
    let file = format!("pipeline-{}.json", pipeline["slug"].as_str().unwrap());
    // Put in place whole: runs at the same time read it.
    let part = format!("{file}.{run}");
    pod.write(&part, pipeline.to_string());
    std::fs::rename(pod.path(&part), pod.path(&file)).unwrap();
    let (place, out) = (pod.path(&file), pod.path(&format!("out-{run}")));
    let force = if trigger == "manual" || trigger == "timer" { "true" } else { "false" };
    let env = [
        ("GOCD_PIPELINE", place.to_str().unwrap()),
        ("OUT", out.to_str().unwrap()),
        ("WORKFLOW_NAME", run),
        ("TRIGGER", trigger),
        ("FORCE", force),
    ];
    let ran = pod.script("prepare.sh", &[], &[&env[..], more].concat());
    assert_eq!(ran.status, 0, "{run}: {}", ran.text);
    ran
}

pub fn output(pod: &Pod, run: &str, name: &str) -> String {
    pod.read(&format!("out-{run}/{name}"))
}

pub fn state(pod: &Pod, slug: &str, key: &str) -> Value {
    let object: Value =
        serde_json::from_str(&pod.read(&format!("kube/configmap-gocd-state-{slug}.json"))).unwrap();
    object["data"][key]
        .as_str()
        .map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_else(|_| json!(text)))
}

#[test]
fn the_first_run_the_next_and_none_when_nothing_is_new() {
    for shell in tools_shells() {
        let pod = Pod::new(shell);
        let url = pod.repository("app");
        let first = pod.commit("app", "a", "main");
        let mut p = pipeline("p", json!([git("app", &url)]));
        p["label"] =
            json!([{"text": "1.0."}, {"count": true}, {"text": "-"}, {"material": "app", "length": 8}]);
        p["counterStart"] = json!(41);
        prepare(&pod, &p, "w1", "push", &[]);
        assert_eq!(output(&pod, "w1", "go"), "true", "{shell:?}");
        assert_eq!(output(&pod, "w1", "counter"), "42");
        assert_eq!(output(&pod, "w1", "label"), format!("1.0.42-{}", &first[..8]));
        assert_eq!(output(&pod, "w1", "trigger-user"), "changes");
        assert_eq!(
            [output(&pod, "w1", "rev-app"), output(&pod, "w1", "from-app")],
            [first.clone(), first.clone()]
        );
        assert_eq!(output(&pod, "w1", "changed-app"), "true");

        let ran = prepare(&pod, &p, "w2", "push", &[]);
        assert_eq!(output(&pod, "w2", "go"), "false");
        assert!(ran.text.contains("no run: no material has anything new"), "{}", ran.text);
        assert!(!pod.exists("out-w2/counter"));

        prepare(&pod, &p, "w3", "manual", &[("CAUSE", r#"{"user":"jo {{=1}} $(id)\n"}"#)]);
        assert_eq!([output(&pod, "w3", "counter"), output(&pod, "w3", "changed-app")], ["43", "false"]);
        assert_eq!(output(&pod, "w3", "trigger-user"), "jo __=1__ _(id)_");

        let from = pod.commit("app", "b", "main");
        let to = pod.commit("app", "c", "main");
        prepare(&pod, &p, "w4", "push", &[("CAUSE", "no { json")]);
        assert_eq!(
            [output(&pod, "w4", "from-app"), output(&pod, "w4", "rev-app")],
            [from, to],
            "a batch of commits is one run"
        );

        prepare(&pod, &p, "w1", "push", &[]);
        assert_eq!(
            [output(&pod, "w1", "counter"), output(&pod, "w1", "rev-app")],
            ["42", &first],
            "the same run again: the same answer"
        );
        assert_eq!(state(&pod, "p", "counter"), json!(44));
    }
}

#[test]
fn filters_judge_all_commits_since_the_last_run() {
    for shell in tools_shell() {
        let pod = Pod::new(shell);
        let url = pod.repository("app");
        pod.commit("app", "a", "main");
        let mut p = pipeline("p", json!([git("app", &url)]));
        p["materials"][0]["filter"] = json!({"kind": "ignore", "patterns": ["doc/**/*", "*.md"]});
        prepare(&pod, &p, "w1", "push", &[]);
        let ignored = pod.commit("app", "doc/x/ü n.txt", "main");
        pod.commit("app", "R.md", "main");
        prepare(&pod, &p, "w2", "push", &[]);
        assert_eq!(output(&pod, "w2", "go"), "false", "{shell:?}");
        pod.commit("app", "src/R.md", "main");
        prepare(&pod, &p, "w3", "push", &[]);
        assert_eq!(
            [output(&pod, "w3", "go"), output(&pod, "w3", "from-app")],
            ["true", &ignored],
            "the ignored commit belongs to the range"
        );

        p["materials"][0]["filter"] = json!({"kind": "includes", "patterns": ["src/*"]});
        pod.commit("app", "src/deep/x", "main");
        prepare(&pod, &p, "w4", "push", &[]);
        assert_eq!(output(&pod, "w4", "go"), "false");
        prepare(&pod, &p, "w5", "manual", &[]);
        assert_eq!(output(&pod, "w5", "go"), "true", "a person is not filtered");
        pod.commit("app", "src/x", "main");
        prepare(&pod, &p, "w6", "push", &[]);
        assert_eq!(output(&pod, "w6", "go"), "true");

        let unforced = [("FORCE", "false")]; // only_on_changes
        prepare(&pod, &p, "w7", "timer", &unforced);
        assert_eq!(output(&pod, "w7", "go"), "false", "nothing is new");
        pod.commit("app", "doc/y", "main");
        prepare(&pod, &p, "w8", "timer", &unforced);
        assert_eq!(output(&pod, "w8", "go"), "true", "a timer is not filtered");
    }
}

#[test]
fn a_moved_branch_is_new() {
    for shell in tools_shell() {
        let pod = Pod::new(shell);
        let url = pod.repository("app");
        let first = pod.commit("app", "a", "main");
        pod.commit("app", "b", "main");
        let p = pipeline("p", json!([git("app", &url)]));
        prepare(&pod, &p, "w1", "push", &[]);
        pod.git("app", &["push", "-qf", "origin", &format!("{first}:main")]);
        prepare(&pod, &p, "w2", "push", &[]);
        assert_eq!([output(&pod, "w2", "go"), output(&pod, "w2", "rev-app")], ["true", &first], "{shell:?}");
    }
}

#[test]
fn who_may_start_which_pipeline() {
    for shell in tools_shell() {
        let pod = Pod::new(shell);
        let url = pod.repository("app");
        pod.commit("app", "a", "main");
        let mut p = pipeline("new", json!([git("app", &url)]));
        p["firstRun"] = json!(false);
        prepare(&pod, &p, "n1", "reconcile", &[]);
        assert_eq!(output(&pod, "n1", "go"), "false", "{shell:?}: a moved pipeline waits for a change");
        prepare(&pod, &p, "n2", "push", &[]);
        assert_eq!(output(&pod, "n2", "go"), "true");

        let mut p = pipeline("byhand", json!([git("app", &url)]));
        p["firstStageManual"] = json!(true);
        for (run, trigger, go) in [("h1", "push", "false"), ("h2", "timer", "true"), ("h3", "manual", "true")]
        {
            prepare(&pod, &p, run, trigger, &[]);
            assert_eq!(output(&pod, run, "go"), go, "{trigger}");
        }
        assert_eq!(
            [output(&pod, "h2", "trigger-user"), output(&pod, "h3", "trigger-user")],
            ["timer", "anonymous"]
        );

        let mut p = pipeline("still", json!([git("app", &url)]));
        p["materials"][0]["autoUpdate"] = json!(false);
        prepare(&pod, &p, "s1", "manual", &[]);
        let newer = pod.commit("app", "b", "main");
        prepare(&pod, &p, "s2", "timer", &[]);
        assert_eq!(output(&pod, "s2", "rev-app"), output(&pod, "s1", "rev-app"), "the last known revision");
        prepare(&pod, &p, "s3", "push", &[("CAUSE", r#"{"material":"app"}"#)]);
        assert_eq!(output(&pod, "s3", "rev-app"), newer);
    }
}

#[test]
fn runs_at_the_same_time_get_different_counters() {
    let Some(shell) = tools_shell().pop() else { return };
    let pod = Pod::new(shell);
    let url = pod.repository("app");
    pod.commit("app", "a", "main");
    let p = pipeline("p", json!([git("app", &url)]));
    pod.write("p.json", p.to_string());
    let (count, place) = (count(), pod.path("p.json"));
    let script = format!("{}/prepare.sh", crate::rig::LIB);
    let runs: Vec<_> = (0..count)
        .map(|n| {
            let (run, log) = (format!("run-{n:03}"), format!("log-{n:03}"));
            let out = pod.path(&format!("out-{run}"));
            let env = [
                ("GOCD_PIPELINE", place.to_str().unwrap()),
                ("OUT", out.to_str().unwrap()),
                ("WORKFLOW_NAME", &run),
                ("TRIGGER", "manual"),
                ("FORCE", "true"),
            ];
            (pod.start(&log, &[&script], &env), log)
        })
        .collect();
    // On a busy machine the last of 200 is through after many minutes.
    let limit = std::time::Duration::from_secs(180 + 10 * count as u64);
    for (child, log) in runs {
        let ran = pod.end_within(limit, child, &log);
        assert_eq!(ran.status, 0, "{}", ran.text);
    }
    let mut counters: Vec<usize> =
        (0..count).map(|n| output(&pod, &format!("run-{n:03}"), "counter").parse().unwrap()).collect();
    counters.sort_unstable();
    assert_eq!(counters, (1..=count).collect::<Vec<usize>>());
}

/// How many runs start at once, all of them; `GOCD2ARGO_STARTS=200` for the whole proof, some minutes on two idle cores. (In a
/// cluster they meet less: a mutex lets one first step of a pipeline run at a time.)
fn count() -> usize {
    std::env::var("GOCD2ARGO_STARTS").ok().and_then(|n| n.parse().ok()).unwrap_or(12)
}

fn workflow(pod: &Pod, name: &str, status: Value) {
    pod.write(
        &format!("kube/workflow-{name}.json"),
        json!({"metadata": {"name": name}, "status": status}).to_string(),
    );
}

fn ended(pod: &Pod, run: &str, status: &str, arguments: &[&str]) -> Ran {
    let place = pod.path("pipeline-p.json");
    let env = [("GOCD_PIPELINE", place.to_str().unwrap()), ("WORKFLOW_NAME", run), ("STATUS", status)];
    let ran = pod.script("run-ended.sh", arguments, &env);
    assert_eq!(ran.status, 0, "{}", ran.text);
    ran
}

/// A pipeline with one repository, whose run `w1` has begun.
fn after_one_run(shell: Shell) -> (Pod, Value) {
    let pod = Pod::new(shell);
    let url = pod.repository("app");
    pod.commit("app", "a", "main");
    let p = pipeline("p", json!([git("app", &url)]));
    prepare(&pod, &p, "w1", "push", &[]);
    (pod, p)
}

#[test]
fn a_run_waits_for_the_first_stage_of_the_last_and_takes_the_newest() {
    for shell in tools_shell() {
        let (pod, p) = after_one_run(shell);
        let node = |phase: &str| json!({"x": {"displayName": "stage-build", "phase": phase}});
        let newest = std::thread::scope(|scope| {
            workflow(&pod, "w1", json!({"phase": "Running", "nodes": node("Running")}));
            pod.commit("app", "b", "main");
            let timer = prepare(&pod, &p, "t", "timer", &[]);
            assert_eq!(
                output(&pod, "t", "go"),
                "false",
                "{shell:?} a timer's firing is lost: {}",
                timer.text
            );
            let waiting = scope.spawn(|| prepare(&pod, &p, "w2", "push", &[]));
            std::thread::sleep(std::time::Duration::from_millis(700));
            assert!(!pod.exists("out-w2/go"), "{shell:?}");
            let newest = pod.commit("app", "c", "main");
            workflow(&pod, "w1", json!({"phase": "Running", "nodes": node("Failed")}));
            assert!(waiting.join().unwrap().text.contains("waits for the first stage of w1"));
            newest
        });
        assert_eq!([output(&pod, "w2", "counter"), output(&pod, "w2", "rev-app")], ["2", &newest]);
        prepare(&pod, &p, "w3", "push", &[]);
        assert_eq!(output(&pod, "w3", "go"), "false", "what it had waited for is built");
    }
}

/// A first stage that hangs must not hold pods and runs for ever. Whoever gave up has remembered nothing.
#[test]
fn the_wait_for_a_first_stage_ends() {
    for shell in tools_shell() {
        let (pod, p) = after_one_run(shell);
        let stuck =
            json!({"phase": "Running", "nodes": {"x": {"displayName": "stage-build", "phase": "Running"}}});
        workflow(&pod, "w1", stuck);
        let newest = pod.commit("app", "b", "main");
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        // The first has just been created; the second has queued at the mutex behind it.
        for (run, created) in [("w2", now.to_string()), ("w3", (now - 3).to_string())] {
            let ran = prepare(&pod, &p, run, "push", &[("CREATED", &created), ("GOCD_WAIT_SECONDS", "3")]);
            assert_eq!(output(&pod, run, "go"), "false", "{shell:?}");
            assert!(ran.text.contains("no run: the first stage of w1 is still active"), "{}", ran.text);
            assert_eq!(ran.text.contains("waits for the first stage"), run == "w2", "{}", ran.text);
            assert!(!pod.exists(&format!("out-{run}/counter")));
        }
        workflow(&pod, "w1", json!({"phase": "Failed"}));
        prepare(&pod, &p, "w4", "reconcile", &[]);
        assert_eq!([output(&pod, "w4", "counter"), output(&pod, "w4", "rev-app")], ["2", &newest]);
    }
}

#[test]
fn a_lock_is_held_as_long_as_gocd_holds_it() {
    for shell in tools_shell() {
        for lock in ["lockOnFailure", "unlockWhenFinished"] {
            let pod = Pod::new(shell);
            let url = pod.repository("app");
            pod.commit("app", "a", "main");
            let mut p = pipeline("p", json!([git("app", &url)]));
            p["lock"] = json!(lock);
            let strict = lock == "lockOnFailure";
            prepare(&pod, &p, "w1", "push", &[]);
            assert_eq!(state(&pod, "p", "lock"), json!("w1"));

            // While the holder runs, and, strict, also when it waits at a gate, has failed early or is gone.
            let node =
                |name: &str, phase: &str| json!({"displayName": name, "phase": phase, "type": "Steps"});
            let gate = json!({"phase": "Running", "nodes": {"x": {"type": "Suspend", "phase": "Running"}, "y": node("stage-build", "Succeeded")}});
            let failed = json!({"phase": "Failed", "nodes": {"x": node("stage-build", "Failed"), "y": node("stage-deploy", "Omitted")}});
            for (n, (status, held)) in
                [(json!({"phase": "Running"}), true), (gate, strict), (failed, strict), (Value::Null, strict)]
                    .into_iter()
                    .enumerate()
            {
                if status.is_null() {
                    std::fs::remove_file(pod.path("kube/workflow-w1.json")).unwrap();
                } else {
                    workflow(&pod, "w1", status);
                }
                let before = pod.read("kube/configmap-gocd-state-p.json");
                let run = format!("t{n}");
                prepare(&pod, &p, &run, "manual", &[]);
                assert_eq!(
                    output(&pod, &run, "go"),
                    if held { "false" } else { "true" },
                    "{shell:?} {lock} {n}"
                );
                pod.write("kube/configmap-gocd-state-p.json", before);
            }

            // What the end of the run does.
            workflow(&pod, "w1", json!({"phase": "Failed", "nodes": {"x": node("stage-build", "Failed")}}));
            ended(&pod, "other", "Succeeded", &[]);
            assert_eq!(state(&pod, "p", "lock"), json!("w1"), "only the holder releases");
            ended(&pod, "w1", "", &["gate"]);
            assert_eq!(state(&pod, "p", "lock"), json!(if strict { "w1" } else { "" }));
            ended(&pod, "w1", "Failed", &[]);
            assert_eq!(state(&pod, "p", "lock"), json!(if strict { "w1" } else { "" }));
            workflow(
                &pod,
                "w1",
                json!({"phase": "Failed", "nodes": {"x": node("stage-build", "Succeeded"), "y": node("stage-deploy", "Failed")}}),
            );
            ended(&pod, "w1", "Failed", &[]);
            assert_eq!(state(&pod, "p", "lock"), json!(""), "the last stage has ended");
        }
    }
}
