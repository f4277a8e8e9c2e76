//! Pipelines that depend on pipelines: stage-passed.sh, and what prepare.sh makes of it.

use serde_json::{Value, json};

use crate::prepare::{git, output, pipeline, prepare, state};
use crate::rig::{Pod, Ran, tools_shell, tools_shells};

fn on(slug: &str) -> Value {
    json!({"name": slug, "key": slug, "type": "dependency", "pipeline": slug.to_uppercase(), "slug": slug, "stage": "Build",
           "stageSlug": "build", "ignoreForScheduling": false})
}

fn passed(pod: &Pod, slug: &str, counter: &str) -> Ran {
    pod.program("curl", "#!/bin/sh\nwhile [ $# -gt 0 ]; do case $1 in --data-binary) cat \"${2#@}\" >>\"$KUBE_DIR/posted\" ;; -H) case $2 in @*) cat \"${2#@}\" >>\"$KUBE_DIR/posted\" ;; esac ;; esac; shift; done\n[ ! -e \"$KUBE_DIR/down\" ]\n");
    let place = pod.path(&format!("pipeline-{slug}.json"));
    let env = [
        ("GOCD_PIPELINE", place.to_str().unwrap()),
        ("STAGE", "build"),
        ("COUNTER", counter),
        ("TOKEN", "t0k3n"),
        ("WORKFLOW_NAME", "w"),
    ];
    let ran = pod.script("stage-passed.sh", &[], &env);
    assert_eq!(ran.status, 0, "{}", ran.text);
    assert!(!ran.text.contains("t0k3n"), "{}", ran.text);
    ran
}

/// Runs `slug` up to the passed stage.
pub fn build(pod: &Pod, p: &Value, run: &str) {
    prepare(pod, p, run, "push", &[]);
    assert_eq!(output(pod, run, "go"), "true", "{run}");
    passed(pod, p["slug"].as_str().unwrap(), &output(pod, run, "counter"));
}

#[test]
fn a_pass_is_recorded_once_and_told() {
    for shell in tools_shells() {
        let pod = Pod::new(shell);
        let url = pod.repository("app");
        let head = pod.commit("app", "a", "main");
        let up = pipeline("up", json!([git("app", &url)]));
        build(&pod, &up, "u1");
        passed(&pod, "up", "1");
        let passes = state(&pod, "up", "passed.build");
        assert_eq!(passes.as_array().unwrap().len(), 1, "{shell:?}");
        assert_eq!(passes[0]["revisions"][format!("git {url} main")], json!(head));
        let message = "Authorization: Bearer t0k3n\n{\"pipeline\":\"UP\",\"counter\":1,\"label\":\"1\",\"stage\":\"Build\",\"stageCounter\":1}\n";
        assert_eq!(pod.read("kube/posted"), message.repeat(2));

        pod.write("kube/down", "");
        let ran = passed(&pod, "up", "1");
        assert!(ran.text.contains("gocd-reconcile will find it"), "{}", ran.text);
    }
}

#[test]
fn a_passed_stage_is_a_revision() {
    for shell in tools_shell() {
        let pod = Pod::new(shell);
        let (a, b) = (pod.repository("a"), pod.repository("b"));
        pod.commit("a", "x", "main");
        pod.commit("b", "x", "main");
        let mut up = pipeline("up", json!([git("a", &a)]));
        up["label"] = json!([{"text": "up-"}, {"count": true}]);
        let mut down = pipeline("down", json!([on("up"), git("b", &b)]));
        down["label"] = json!([{"material": "up"}, {"text": "/"}, {"count": true}]);
        let ran = prepare(&pod, &down, "d0", "manual", &[]);
        assert!(ran.text.contains("waits for a first pass of UP/Build"), "{shell:?} {}", ran.text);
        build(&pod, &up, "u1");
        prepare(&pod, &down, "d1", "upstream", &[("CAUSE", r#"{"pipeline":"UP"}"#)]);
        for (name, value) in [
            ("go", "true"),
            ("label", "up-1/1"),
            ("dep-counter-up", "1"),
            ("dep-stage-counter-up", "1"),
            ("dep-label-up", "up-1"),
            ("dep-locator-up", "UP/1/Build/1"),
            ("changed-up", "true"),
            ("changed-b", "true"),
            ("trigger-user", "changes"),
        ] {
            assert_eq!(output(&pod, "d1", name), value, "{shell:?} {name}");
        }
        prepare(&pod, &down, "d2", "upstream", &[]);
        assert_eq!(output(&pod, "d2", "go"), "false");

        // Upstream passes again: ignored for scheduling it starts nothing, but is used when something else does.
        pod.commit("a", "y", "main");
        build(&pod, &up, "u2");
        down["materials"][0]["ignoreForScheduling"] = json!(true);
        prepare(&pod, &down, "d3", "reconcile", &[]);
        assert_eq!(output(&pod, "d3", "go"), "false");
        pod.commit("b", "y", "main");
        prepare(&pod, &down, "d4", "push", &[]);
        assert_eq!(
            [output(&pod, "d4", "dep-locator-up"), output(&pod, "d4", "changed-b")],
            ["UP/2/Build/1", "true"]
        );
    }
}

#[test]
fn a_diamond_only_runs_with_what_was_built_from_the_same_commit() {
    for shell in tools_shell() {
        let pod = Pod::new(shell);
        let url = pod.repository("lib");
        let first = pod.commit("lib", "a", "main");
        let root = pipeline("root", json!([git("lib", &url)]));
        let (left, right) = (pipeline("left", json!([on("root")])), pipeline("right", json!([on("root")])));
        let mut join = pipeline("join", json!([on("left"), on("right"), git("lib", &url)]));
        join["ancestors"] =
            json!([{"key": "1", "path": ["root", "left"]}, {"key": "2", "path": ["nosuch", "right"]}]);
        for (p, run) in [(&root, "o1"), (&left, "l1"), (&right, "r1")] {
            build(&pod, p, run);
        }
        prepare(&pod, &join, "j1", "upstream", &[]);
        assert_eq!(
            [output(&pod, "j1", "rev-lib"), output(&pod, "j1", "anc-1"), output(&pod, "j1", "anc-2")],
            [&first, "1", ""],
            "{shell:?}"
        );

        // Another commit, built by root and left: right still holds the join back, and the join's own repository with it.
        let second = pod.commit("lib", "b", "main");
        build(&pod, &root, "o2");
        build(&pod, &left, "l2");
        prepare(&pod, &join, "j2", "upstream", &[]);
        assert_eq!(output(&pod, "j2", "go"), "false");
        // A person gets the newest set that fits together.
        prepare(&pod, &join, "j3", "manual", &[]);
        assert_eq!(
            [output(&pod, "j3", "dep-locator-left"), output(&pod, "j3", "rev-lib")],
            ["LEFT/1/Build/1", &first]
        );

        build(&pod, &right, "r2");
        pod.commit("lib", "c", "main");
        prepare(&pod, &join, "j4", "upstream", &[]);
        assert_eq!(output(&pod, "j4", "go"), "true");
        assert_eq!(
            [output(&pod, "j4", "rev-lib"), output(&pod, "j4", "anc-1")],
            [&second, "2"],
            "pinned, although there is a newer commit"
        );
        prepare(&pod, &join, "j5", "upstream", &[]);
        assert_eq!(output(&pod, "j5", "go"), "false", "once for both passes");
    }
}

#[test]
fn a_wide_fan_in_over_full_windows_is_resolved_quickly() {
    let Some(shell) = tools_shell().pop() else { return };
    let pod = Pod::new(shell);
    let materials: Vec<Value> = (0..6).map(|n| on(&format!("u{n}"))).collect();
    for n in 0..6 {
        // u0 has only passed with commit 0, which the others have left behind 49 passes ago.
        let passes: Vec<Value> = (0..50)
            .map(|pass| json!({"counter": pass + 1, "label": "l", "stageCounter": 1, "edges": {}, "revisions": {"git x main": if n == 5 { 0 } else { pass }, (format!("git {n} main")): pass}}))
            .collect();
        let data = json!({"passed.build": Value::from(passes).to_string()});
        let name = format!("gocd-state-u{n}");
        pod.write(
            &format!("kube/configmap-{name}.json"),
            json!({"kind": "ConfigMap", "metadata": {"name": name, "resourceVersion": "1"}, "data": data})
                .to_string(),
        );
    }
    prepare(&pod, &pipeline("p", Value::from(materials)), "w", "upstream", &[]);
    assert_eq!([output(&pod, "w", "dep-counter-u0"), output(&pod, "w", "dep-counter-u5")], ["1", "50"]);
}
