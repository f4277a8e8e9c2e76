//! Pod Security: every pod of the output meets *baseline*, and *restricted* when it builds no image. The standard is
//! written down here as published (<https://kubernetes.io/docs/concepts/security/pod-security-standards/>, v1.34).

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod reference;

#[path = "pod_security/pods.rs"]
mod pods;
#[path = "pod_security/standard.rs"]
mod standard;

use gocd2argo::migration::Selection;
use gocd2argo::passes;
use gocd2argo::render::{Manifest, engine::Engine, render};
use gocd2argo::settings::Settings;
use serde_json::json;
use std::path::PathBuf;

/// All sets that there are: the corpus, where it is, and the fixtures.
fn sets() -> Vec<(String, Vec<PathBuf>)> {
    let mut sets = reference::sets().unwrap_or_default();
    for folder in std::fs::read_dir("fixtures/constructs").unwrap() {
        let folder = folder.unwrap().path();
        sets.push((folder.display().to_string(), vec![folder]));
    }
    sets.push(("storefront".to_string(), vec![PathBuf::from("fixtures/storefront")]));
    sets.push(("rig".to_string(), vec![PathBuf::from("tests/rig/repo")]));
    sets.push(("images".to_string(), vec![PathBuf::from("tests/pod_security/images")]));
    sets
}

fn manifests(files: &[PathBuf], job_user: Option<u32>) -> Vec<Manifest> {
    manifests_with(files, job_user, Settings::default())
}

fn manifests_with(files: &[PathBuf], job_user: Option<u32>, mut settings: Settings) -> Vec<Manifest> {
    settings.security.job_user = job_user;
    let Ok(mut reading) = passes::read(files) else { return Vec::new() };
    let plan = reading.plan(&settings);
    render(&plan, &Engine::new(None).unwrap()).unwrap()
}

/// Two parts of the storefront: one that waits for GoCD, and one that GoCD waits for.
fn bridged() -> Vec<Manifest> {
    let selections = ["cart", "storefront-library"]
        .map(|name| Selection { only: vec![name.to_string()], ..Selection::default() });
    let convert = |selection: Selection| {
        let mut reading = passes::read(&[PathBuf::from("fixtures/storefront")]).unwrap();
        let plan = reading.plan_part(&Settings::default(), &selection).unwrap();
        assert!(plan.bridge.is_some());
        render(&plan, &Engine::new(None).unwrap()).unwrap()
    };
    let is_bridge = |manifest: &Manifest| manifest.path.contains("gocd-bridge");
    selections.into_iter().flat_map(convert).filter(is_bridge).collect()
}

/// What is wrong with the pods of all sets; how many pods there are, and how many of them build images.
fn judge(job_user: Option<u32>) -> (Vec<String>, usize, usize) {
    let (mut wrong, mut all, mut building) = (Vec::new(), 0, 0);
    let written = sets().into_iter().map(|(name, files)| (name, manifests(&files, job_user)));
    for (name, written) in written.chain([("bridges".to_string(), bridged())]) {
        for manifest in written.iter().filter(|manifest| manifest.path.ends_with(".yaml")) {
            for pod in pods::of(&manifest.text) {
                all += 1;
                building += usize::from(pod.builds);
                let mut problems = standard::baseline(&pod.spec);
                let job = pod.name.starts_with("job-");
                if !pod.builds && (job_user.is_some() || !job) {
                    problems.extend(standard::restricted(&pod.spec));
                }
                if job && pod.spec["serviceAccountName"] == "gocd-runner" {
                    let token = &pod.spec["automountServiceAccountToken"];
                    problems
                        .extend((token != false).then(|| "sees a token that it does not use".to_string()));
                }
                wrong.extend(
                    problems.into_iter().map(|p| format!("{name} {} {}: {p}", manifest.path, pod.name)),
                );
            }
        }
    }
    (wrong, all, building)
}

#[test]
fn every_pod_is_baseline_and_our_own_are_restricted() {
    let (wrong, all, building) = judge(None);
    println!("{all} pods are baseline, of which {building} build images");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all > 100 && building > 10, "{all} pods, {building} build images");
}

#[test]
fn with_a_user_for_jobs_every_pod_that_builds_no_image_is_restricted() {
    let (wrong, all, building) = judge(Some(1000));
    println!("{} pods are restricted, {building} build images and are baseline", all - building);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rootless BuildKit needs what *baseline* forbids: two profiles of one container. Only where the configuration asks for it, and
/// nothing else of the pod.
#[test]
fn the_one_exception_is_a_build_by_buildkit() {
    let folder = PathBuf::from("fixtures/constructs/builder-buildkit");
    let (settings, _) = Settings::load(None, &folder).unwrap();
    let mut excepted = 0;
    for job_user in [None, Some(1000)] {
        for manifest in manifests_with(std::slice::from_ref(&folder), job_user, settings.clone()) {
            if !manifest.path.ends_with(".yaml") {
                continue;
            }
            for pod in pods::of(&manifest.text) {
                let problems = standard::baseline(&pod.spec);
                if !pod.buildkit {
                    assert_eq!(problems, Vec::<String>::new(), "{}", pod.name);
                    continue;
                }
                excepted += 1;
                assert_eq!(problems.len(), 2, "{}: {problems:?}", pod.name);
                assert!(problems[0].contains("seccomp") || problems[1].contains("seccomp"), "{problems:?}");
                let mut tame = pod.spec.clone();
                for container in tame["containers"].as_array_mut().unwrap() {
                    if container["name"].as_str().unwrap().starts_with("buildkit-") {
                        let context = container["securityContext"].as_object_mut().unwrap();
                        assert_eq!(context["runAsUser"], 1000);
                        assert_eq!(context["runAsNonRoot"], true);
                        for profile in ["seccompProfile", "appArmorProfile"] {
                            assert_eq!(context.remove(profile), Some(json!({"type": "Unconfined"})));
                        }
                    }
                }
                assert_eq!(standard::baseline(&tame), Vec::<String>::new(), "{}", pod.name);
            }
        }
    }
    assert_eq!(excepted, 4, "the jobs `api` and `web`, twice");
}

#[test]
fn the_check_sees_what_the_standard_forbids() {
    let good = json!({
        "securityContext": {"runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": "a", "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}],
        "volumes": [{"name": "v", "emptyDir": {}}],
    });
    assert!(standard::baseline(&good).is_empty() && standard::restricted(&good).is_empty());
    for (place, value) in [
        ("/hostNetwork", json!(true)),
        ("/hostPID", json!(true)),
        ("/hostIPC", json!(true)),
        ("/volumes/0", json!({"name": "v", "hostPath": {"path": "/var/run/docker.sock"}})),
        ("/containers/0/securityContext/privileged", json!(true)),
        ("/containers/0/securityContext/capabilities/add", json!(["SYS_ADMIN"])),
        ("/containers/0/ports", json!([{"hostPort": 80}])),
        ("/containers/0/securityContext/procMount", json!("Unmasked")),
        ("/containers/0/securityContext/seccompProfile", json!({"type": "Unconfined"})),
        ("/securityContext/appArmorProfile", json!({"type": "Unconfined"})),
        ("/securityContext/seLinuxOptions", json!({"user": "root"})),
        ("/securityContext/sysctls", json!([{"name": "kernel.msgmax"}])),
        ("/securityContext/windowsOptions", json!({"hostProcess": true})),
    ] {
        assert!(!standard::baseline(&with(&good, place, value.clone())).is_empty(), "{place} {value}");
    }
    for (place, value) in [
        ("/volumes/0", json!({"name": "v", "nfs": {}})),
        ("/containers/0/securityContext/allowPrivilegeEscalation", json!(true)),
        ("/containers/0/securityContext/runAsUser", json!(0)),
        ("/containers/0/securityContext/runAsNonRoot", json!(false)),
        ("/containers/0/securityContext/capabilities/drop", json!([])),
        ("/containers/0/securityContext/capabilities/add", json!(["CHOWN"])),
        ("/securityContext/seccompProfile", json!(null)),
        ("/securityContext/runAsNonRoot", json!(null)),
        ("/initContainers", json!([{"name": "i"}])),
    ] {
        assert!(!standard::restricted(&with(&good, place, value.clone())).is_empty(), "{place} {value}");
    }
}

/// A copy with another value at a place.
fn with(pod: &serde_json::Value, place: &str, value: serde_json::Value) -> serde_json::Value {
    let mut pod = pod.clone();
    let (parent, key) = place.rsplit_once('/').unwrap();
    let parent = pod.pointer_mut(parent).unwrap();
    match key.parse::<usize>() {
        Ok(index) => parent[index] = value,
        Err(_) => parent[key] = value,
    }
    pod
}
