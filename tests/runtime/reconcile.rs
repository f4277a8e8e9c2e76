//! reconcile.sh: what no webhook has told.

use serde_json::{Value, json};

use crate::prepare::{git, output, pipeline, prepare, state};
use crate::rig::{Pod, tools_shell, tools_shells};

fn publish(pod: &Pod, p: &Value) {
    let name = format!("pipeline-{}", p["slug"].as_str().unwrap());
    let object = json!({"kind": "ConfigMap", "metadata": {"name": name, "labels": {"gocd2argo.io/kind": "pipeline"}}, "data": {"pipeline.json": p.to_string()}});
    pod.write(&format!("kube/configmap-{name}.json"), object.to_string());
}

fn workflows(pod: &Pod) -> Vec<String> {
    pod.files("kube").into_iter().filter(|file| file.starts_with("workflow-")).collect()
}

fn reconcile(pod: &Pod) -> String {
    let ran = pod.script("reconcile.sh", &[], &[]);
    assert_eq!(ran.status, 0, "{}", ran.text);
    ran.text
}

#[test]
fn a_new_commit_starts_one_run() {
    for shell in tools_shells() {
        let pod = Pod::new(shell);
        let url = pod.repository("app");
        let first = pod.commit("app", "a", "main");
        let mut p = pipeline("p", json!([git("app", &url)]));
        p["materials"][0]["filter"] = json!({"kind": "ignore", "patterns": ["*.md"]});
        let mut manual = pipeline("manual", json!([git("app", &url)]));
        manual["firstStageManual"] = json!(true);
        let mut still = pipeline("still", json!([git("app", &url)]));
        still["materials"][0]["autoUpdate"] = json!(false);
        let gone = pipeline("gone", json!([git("app", "file:///nowhere/x.git")]));
        for p in [&p, &manual, &still, &gone] {
            publish(&pod, p);
        }
        let text = reconcile(&pod);
        let name = format!("p-{}", &first[..12]);
        assert_eq!(workflows(&pod), [format!("workflow-{name}.json")], "{shell:?} {text}");
        assert!(text.contains("file:///nowhere/x.git cannot be read"), "{text}");
        let made: Value = serde_json::from_str(&pod.read(&format!("kube/workflow-{name}.json"))).unwrap();
        assert_eq!(made["spec"]["workflowTemplateRef"]["name"], "p");
        assert_eq!(
            made["spec"]["arguments"]["parameters"][0],
            json!({"name": "trigger", "value": "reconcile"})
        );

        reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 1, "it is still running");
        prepare(&pod, &p, &name, "reconcile", &[]);
        assert_eq!(output(&pod, &name, "go"), "true");
        let ended =
            json!({"metadata": {"name": name, "resourceVersion": "9"}, "status": {"phase": "Succeeded"}});
        pod.write(&format!("kube/workflow-{name}.json"), ended.to_string());
        reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 1);

        // A commit that the filter keeps out starts nothing, and is judged once.
        pod.commit("app", "x.md", "main");
        let text = reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 1, "{text}");
        assert!(text.contains("nothing that its filter lets through"), "{text}");
        assert!(!reconcile(&pod).contains("filter"));
        // It is part of the range when something relevant follows.
        let ignored = pod.commit("app", "y.md", "main");
        let relevant = pod.commit("app", "src", "main");
        reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 2);
        let second = format!("p-{}", &relevant[..12]);
        prepare(&pod, &p, &second, "reconcile", &[]);
        assert_eq!(output(&pod, &second, "rev-app"), relevant);
        assert_ne!(output(&pod, &second, "from-app"), ignored, "the first ignored commit is the oldest");
        // A branch that went back is new, whatever its filter says.
        pod.git("app", &["push", "-qf", "origin", &format!("{first}:main")]);
        std::fs::remove_file(pod.path(&format!("kube/workflow-{name}.json"))).unwrap();
        reconcile(&pod);
        assert!(pod.exists(&format!("kube/workflow-{name}.json")));
    }
}

#[test]
fn a_run_that_ended_without_a_look_is_started_again() {
    for shell in tools_shell() {
        let pod = Pod::new(shell);
        let url = pod.repository("app");
        let first = pod.commit("app", "a", "main");
        publish(&pod, &pipeline("p", json!([git("app", &url)])));
        let ended = json!({"metadata": {"resourceVersion": "1"}, "status": {"phase": "Error"}});
        pod.write(&format!("kube/workflow-p-{}.json", &first[..12]), ended.to_string());
        reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 2, "{shell:?}");
    }
}

#[test]
fn a_moved_pipeline_starts_from_the_revisions_of_that_day() {
    for shell in tools_shell() {
        let pod = Pod::new(shell);
        let url = pod.repository("app");
        pod.commit("app", "a", "main");
        let up = json!({"name": "up", "key": "up", "type": "dependency", "pipeline": "UP", "slug": "up", "stage": "Build", "stageSlug": "build", "ignoreForScheduling": false});
        let mut p = pipeline("p", json!([git("app", &url), up]));
        p["firstRun"] = json!(false);
        publish(&pod, &p);
        // While nothing is known of what it depends on, its first pass could be any; with a bridge, it comes in a minute.
        reconcile(&pod);
        assert!(!pod.exists("kube/configmap-gocd-state-p.json"), "{shell:?}");
        let mut upstream = pipeline("up", json!([]));
        upstream["firstStageManual"] = json!(true);
        publish(&pod, &upstream);
        let text = reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 0, "{shell:?} {text}");
        assert!(state(&pod, "p", "last")["materials"]["app"]["rev"].is_string(), "{text}");
        reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 0);

        // The first pass of the stage it depends on, whose message got lost.
        let pass = json!([{"counter": 7, "label": "7", "stageCounter": 1, "revisions": {}, "edges": {}}]);
        let object = json!({"kind": "ConfigMap", "metadata": {"name": "gocd-state-up", "resourceVersion": "1", "labels": {"gocd2argo.io/kind": "state"}}, "data": {"passed.build": pass.to_string()}});
        pod.write("kube/configmap-gocd-state-up.json", object.to_string());
        reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 1);
        prepare(&pod, &p, "w", "reconcile", &[]);
        assert_eq!([output(&pod, "w", "go"), output(&pod, "w", "changed-app")], ["true", "false"]);
    }
}

#[test]
fn a_locked_pipeline_is_left_alone() {
    for shell in tools_shell() {
        let pod = Pod::new(shell);
        let url = pod.repository("app");
        pod.commit("app", "a", "main");
        let mut p = pipeline("p", json!([git("app", &url)]));
        p["lock"] = json!("unlockWhenFinished");
        publish(&pod, &p);
        prepare(&pod, &p, "w1", "push", &[]);
        pod.write("kube/workflow-w1.json", json!({"status": {"phase": "Running"}}).to_string());
        pod.commit("app", "b", "main");
        assert!(reconcile(&pod).contains("p: locked by w1"), "{shell:?}");
        assert_eq!(workflows(&pod).len(), 1);
        pod.write("kube/workflow-w1.json", json!({"status": {"phase": "Failed"}}).to_string());
        reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 2);
    }
}

#[test]
fn a_paused_pipeline_waits_and_then_builds_what_is_new() {
    for shell in tools_shell() {
        let pod = Pod::new(shell);
        let url = pod.repository("app");
        pod.commit("app", "a", "main");
        let p = pipeline("p", json!([git("app", &url)]));
        publish(&pod, &p);
        prepare(&pod, &p, "w1", "push", &[]);
        let place = "kube/configmap-gocd-state-p.json";
        let mut object: Value = serde_json::from_str(&pod.read(place)).unwrap();
        object["data"]["paused"] = json!("back in GoCD {{since}} it's Monday");
        pod.write(place, object.to_string());
        pod.commit("app", "b", "main");
        reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 0, "{shell:?}");
        for trigger in ["push", "manual", "timer"] {
            let ran = prepare(&pod, &p, trigger, trigger, &[]);
            assert!(ran.text.contains("paused (back in GoCD {{since}} it's Monday)"), "{}", ran.text);
            assert_eq!(output(&pod, trigger, "go"), "false");
        }
        object["data"]["paused"] = json!("");
        pod.write(place, object.to_string());
        reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 1);
        prepare(&pod, &p, "w2", "reconcile", &[]);
        assert_eq!([output(&pod, "w2", "go"), output(&pod, "w2", "counter")], ["true", "2"]);
    }
}

/// A repository that the upstream is built from too is new when that has passed, not when it is pushed; then also for an
/// upstream that is ignored for scheduling.
#[test]
fn a_pinned_repository_waits_for_the_pass() {
    for shell in tools_shell() {
        let pod = Pod::new(shell);
        let url = pod.repository("lib");
        pod.commit("lib", "a", "main");
        let root = pipeline("root", json!([git("lib", &url)]));
        let up = json!({"name": "up", "key": "up", "type": "dependency", "pipeline": "ROOT", "slug": "root", "stage": "Build", "stageSlug": "build",
                        "ignoreForScheduling": true, "pins": true});
        let mut app = pipeline("app", json!([git("lib", &url), up]));
        app["materials"][0]["pinned"] = json!(true);
        crate::upstream::build(&pod, &root, "r1");
        prepare(&pod, &app, "a1", "upstream", &[]);
        assert_eq!(output(&pod, "a1", "go"), "true", "{shell:?}");

        publish(&pod, &app);
        let newest = pod.commit("lib", "b", "main");
        let text = reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 0, "{shell:?} {text}");
        crate::upstream::build(&pod, &root, "r2");
        let text = reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 1, "{shell:?} {text}");
        prepare(&pod, &app, "a2", "reconcile", &[]);
        assert_eq!([output(&pod, "a2", "go"), output(&pod, "a2", "rev-lib")], ["true", &newest]);
        reconcile(&pod);
        assert_eq!(workflows(&pod).len(), 1, "{shell:?}");
    }
}
