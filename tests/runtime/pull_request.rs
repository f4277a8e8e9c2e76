//! docs/pull-requests.md can be applied as it stands: Argo accepts it beside converted manifests, its Sensors let the right
//! events through and fill in the right parameters, its checkout takes the request's commit.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::reference;
use crate::rig::{Pod, tools_shells};

const SHA: &str = "3f1c0a9d8e7b6a5f4c3d2e1f0a9b8c7d6e5f4a3b";
const HOSTILE: &str = "{{=1+1}} $(id) `id` é/'\"\\;x";

const FILES: &str = "format_version: 10
pipelines:
  hub: {group: g, materials: {c: {git: 'https://github.com/acme/shop.git'}}, stages: [b: {tasks: [exec: {command: make}]}]}
  lab: {group: g, materials: {c: {git: 'https://gitlab.com/acme/shop.git'}}, stages: [b: {tasks: [exec: {command: make}]}]}
";

/// The page's blocks, in order: WorkflowTemplate, Sensor of GitHub, Sensor of GitLab, Kustomization.
fn blocks() -> Vec<String> {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pull-requests.md")).unwrap();
    let blocks: Vec<String> = page
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default().to_string())
        .collect();
    assert_eq!(blocks.len(), 4);
    blocks
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn argo_accepts_the_page() {
    let (Some(judge), Some(kubectl)) = (reference::judge(), reference::kubectl()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (_, manifests) = reference::converted(&[("a.gocd.yaml".to_string(), FILES.to_string())]);
    for manifest in manifests.unwrap() {
        write(folder.path(), &format!("argo/{}", manifest.path), &manifest.text);
    }
    let blocks = blocks();
    write(folder.path(), "own/pull-requests.yaml", &blocks[..3].join("---\n"));
    write(folder.path(), "own/kustomization.yaml", &blocks[3]);
    let built = Command::new(kubectl).arg("kustomize").arg(folder.path().join("own")).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let text = String::from_utf8(built.stdout).unwrap();
    assert!(text.contains("- MergeRequestsEvents"), "the patch is applied");
    write(folder.path(), "set/all.yaml", &text);
    let mut judge = Command::new(judge);
    judge.args(["check", "--external", "Secret/*"]).arg(folder.path().join("set"));
    let judged = judge.output().unwrap();
    let said = String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success(), "{said}");
    // It cannot see that the name is the event's.
    let warnings: Vec<&str> = said.lines().filter(|line| line.contains("warning:")).collect();
    assert!(warnings.iter().all(|line| line.contains("has a fixed name")), "{warnings:?}");
}

/// An event of GitHub, and one of GitLab.
fn github(action: &str, branch: &str) -> Value {
    let repository = json!({"full_name": "Acme/shop"});
    json!({"action": action, "number": 1_234_567, "repository": repository, "pull_request": {
        "head": {"sha": SHA, "ref": branch, "repo": repository}, "base": {"ref": "main", "repo": repository}}})
}

fn gitlab(action: &str, branch: &str) -> Value {
    let project = json!({"path_with_namespace": "acme/shop"});
    json!({"object_kind": "merge_request", "project": project, "object_attributes": {
        "action": action, "iid": 1_234_567, "target_branch": "main", "source_branch": branch, "source": project, "last_commit": {"id": SHA}}})
}

fn with(mut event: Value, pointer: &str, value: &str) -> Value {
    *event.pointer_mut(pointer).unwrap() = json!(value);
    event
}

/// What Argo Events does with each of the events.
fn sensed(sensor: &str, events: &[Value]) -> Option<Vec<Value>> {
    let judge = reference::judge()?;
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "sensor.yaml", sensor);
    let mut command = Command::new(judge);
    command.args(["filter", "--render"]).arg(folder.path().join("sensor.yaml"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    for event in events {
        writeln!(input, "{}", json!({"dependency": "request", "data": {"body": event}})).unwrap();
    }
    drop(input);
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    Some(output.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn its_sensors_start_what_they_should() {
    let blocks = blocks();
    let push = json!({"ref": "refs/heads/main", "after": SHA, "repository": {"full_name": "acme/shop"}});
    let hub = |pointer: &str, value: &str| with(github("opened", "x"), pointer, value);
    let lab = |pointer: &str, value: &str| with(gitlab("open", "x"), pointer, value);
    let cases = [
        (
            &blocks[1],
            [github("opened", HOSTILE), github("synchronize", "a"), github("reopened", "a")],
            vec![
                github("closed", "a"),
                github("labeled", "a"),
                push.clone(),
                hub("/repository/full_name", "acme/shop2"),
                hub("/pull_request/head/repo/full_name", "eve/shop"),
                hub("/pull_request/base/ref", "next"),
                hub("/pull_request/head/sha", "$(id)"),
            ],
            ("shop-pr", "refs/pull/1234567/head"),
        ),
        (
            &blocks[2],
            [gitlab("open", HOSTILE), gitlab("update", "a"), gitlab("reopen", "a")],
            vec![
                gitlab("merge", "a"),
                gitlab("close", "a"),
                push,
                lab("/project/path_with_namespace", "acme/other/shop"),
                lab("/object_attributes/source/path_with_namespace", "eve/shop"),
                lab("/object_attributes/target_branch", "next"),
                lab("/object_kind", "note"),
            ],
            ("shop-mr", "refs/merge-requests/1234567/head"),
        ),
    ];
    for (sensor, yes, no, (name, reference)) in cases {
        let events = [&yes[..], &no].concat();
        let Some(results) = sensed(sensor, &events) else { return };
        assert_eq!(results.len(), events.len());
        for (index, result) in results.iter().enumerate() {
            assert_eq!(result["pass"], index < yes.len(), "{} {result}", events[index]);
        }
        let made = results[0].to_string();
        let workflow = find(&results[0], "spec").unwrap_or_else(|| panic!("{made}"));
        assert_eq!(workflow["metadata"]["name"], format!("{name}-1234567-{}", &SHA[..12]), "{made}");
        let parameters = &workflow["spec"]["arguments"]["parameters"];
        let values: Vec<&Value> =
            parameters.as_array().unwrap().iter().map(|parameter| &parameter["value"]).collect();
        assert_eq!(values, [reference, SHA, "11idid/x"], "{made}");
    }
}

/// The object below a value that has this key: the Workflow.
fn find<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) if map.contains_key(key) => Some(value),
        Value::Object(map) => map.values().find_map(|value| find(value, key)),
        Value::Array(list) => list.iter().find_map(|value| find(value, key)),
        _ => None,
    }
}

#[test]
fn its_checkout_takes_the_commit_of_the_event() {
    let template: Value = serde_yaml::from_str(&blocks()[0]).unwrap();
    let checkout = &template["spec"]["templates"][0]["initContainers"][0];
    let script = checkout["args"][0].as_str().unwrap();
    for shell in tools_shells() {
        let pod = Pod::new(shell);
        let url = pod.repository("shop");
        pod.commit("shop", "a", "main");
        let wanted = pod.commit("shop", "request", "refs/pull/7/head");
        let newer = pod.commit("shop", "more", "refs/pull/7/head");
        let file = pod.path("pipeline.json");
        let script = script
            .replace("/tmp/pipeline.json", file.to_str().unwrap())
            .replace("/gocd-lib/checkout.sh", &format!("{}/checkout.sh", crate::rig::LIB));
        pod.write("checkout", script);
        let place = pod.path("checkout");
        let run = |revision: &str| {
            let env = [("URL", url.as_str()), ("REF", "refs/pull/7/head"), ("REV_CODE", revision)];
            pod.run(&[place.to_str().unwrap()], &env)
        };
        for revision in [&wanted, &newer] {
            let ran = run(revision);
            assert_eq!(ran.status, 0, "{shell:?} {}", ran.text);
            assert_eq!(&pod.git("workspace", &["rev-parse", "HEAD"]), revision);
        }
        assert_eq!(pod.git("workspace", &["branch", "--show-current"]), "pr");
        assert_ne!(run(SHA).status, 0, "a commit that is gone");
    }
}
