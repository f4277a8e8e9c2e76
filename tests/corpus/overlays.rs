//! What `kubectl` builds of each overlay of real repositories: accepted by Argo's own code, with nothing left out.
//!
//! Every set is converted twice: without a configuration, and with everything switched on that an overlay can hold.

use std::path::{Path, PathBuf};
use std::process::Command;

use gocd2argo::passes;
use gocd2argo::plan::Plan;
use gocd2argo::render::{Manifest, engine::Engine, render};
use gocd2argo::settings::Settings;

use super::{listed, reference, write};

/// All that an overlay can hold: components, roles, other registries, an Application, doors to the webhooks.
const EVERYTHING: &str = "
namespace: shop-ci
components: [external-secrets, monitoring, network-policies]
webhooks: {url: 'https://hooks.shop.example.com', ingress: {}}
artifacts: {bucket: shop-artifacts, delete-with-run: true}
identity:
  aws-roles:
    build: arn:aws:iam::123456789012:role/build
    deploy: arn:aws:iam::123456789012:role/deploy
    trigger: arn:aws:iam::123456789012:role/trigger
    secrets: arn:aws:iam::123456789012:role/secrets
local: {registries: {registry.shop.example.com: 'registry:5000'}}
argo-cd: {repository: 'https://github.com/shop/ci.git'}
";

/// The folders that people apply.
const OVERLAYS: &[&str] = &["overlays/aws", "overlays/minio"];

/// What was built so far.
#[derive(Default)]
struct Built {
    sets: usize,
    overlays: usize,
    applications: usize,
    wrong: Vec<String>,
}

/// The documents in a stream of YAML.
fn objects(text: &str) -> Vec<serde_yaml::Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    documents.map(|document| serde::Deserialize::deserialize(document).unwrap()).collect()
}

/// What is missing in what was built of a set, or is in another namespace.
fn lost(plan: &Plan, manifests: &[Manifest], built: &str) -> Option<String> {
    let base = manifests.iter().filter(|manifest| {
        manifest.path.starts_with("base/") && !manifest.path.ends_with("/kustomization.yaml")
    });
    let name = |object: &serde_yaml::Value| {
        (object["kind"].as_str().map(str::to_string), object["metadata"]["name"].as_str().map(str::to_string))
    };
    let built = objects(built);
    let there: Vec<_> = built.iter().map(name).collect();
    let mut objects = base.flat_map(|manifest| objects(&manifest.text));
    let left_out = objects.find(|object| !there.contains(&name(object)));
    let elsewhere = built.iter().find(|object| object["metadata"]["namespace"] != *plan.namespace);
    left_out.or(elsewhere.cloned()).map(|object| format!("{:?}", name(&object)))
}

fn kustomize(kubectl: &Path, folder: &Path) -> Result<String, String> {
    let run = Command::new(kubectl).arg("kustomize").arg(folder).output().unwrap();
    match run.status.success() {
        true => Ok(String::from_utf8(run.stdout).unwrap()),
        false => Err(String::from_utf8_lossy(&run.stderr).into_owned()),
    }
}

/// Converts a set below `root`, builds its overlays, and adds them to what is to be judged.
fn build(name: &str, files: &[PathBuf], settings: &Settings, root: &Path, call: &mut Command, built: &mut Built) {
    let kubectl = reference::kubectl().unwrap();
    let mut reading = passes::read(files).unwrap();
    let plan = reading.plan(settings);
    if plan.pipelines.is_empty() {
        return;
    }
    built.sets += 1;
    let manifests = render(&plan, &Engine::new(None).unwrap()).unwrap();
    let source = root.join("in");
    write(&source, &manifests);
    for overlay in OVERLAYS {
        match kustomize(&kubectl, &source.join(overlay)) {
            Err(error) => built.wrong.push(format!("{name}/{overlay}: {error}")),
            Ok(text) => {
                built.wrong.extend(lost(&plan, &manifests, &text).map(|lost| format!("{name}/{overlay}: {lost}")));
                let target = root.join("built").join(overlay);
                std::fs::create_dir_all(&target).unwrap();
                std::fs::write(target.join("all.yaml"), text).unwrap();
                // Every other Secret that a manifest refers to is one that SECRETS.md does not name.
                let secrets: String = plan.secrets.keys().map(|name| format!("Secret/{name}\n")).collect();
                std::fs::write(target.join(".judge-externals"), secrets).unwrap();
                call.arg(target);
                built.overlays += 1;
            }
        }
    }
    // The judge knows no kinds of Argo CD.
    if source.join("argo-cd").is_dir() {
        match kustomize(&kubectl, &source.join("argo-cd")) {
            Err(error) => built.wrong.push(format!("{name}/argo-cd: {error}")),
            Ok(text) if objects(&text).len() != 2 => built.wrong.push(format!("{name}/argo-cd: {text}")),
            Ok(_) => built.applications += 1,
        }
    }
}

#[test]
#[ignore = "minutes: builds about 350 overlays"]
fn argos_own_code_accepts_every_overlay() {
    let (Some(sets), Some(judge), Some(_)) = (reference::sets(), reference::judge(), reference::kubectl()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut call = Command::new(judge);
    call.args(["check", "--each", "--format", "json"]);
    let mut built = Built::default();
    let all = [("default", Settings::default()), ("everything", Settings::parse(EVERYTHING).unwrap())];
    for (settings_name, settings) in &all {
        for (set, files) in &sets {
            let name = format!("{settings_name}/{set}");
            build(&name, files, settings, &folder.path().join(&name), &mut call, &mut built);
        }
    }
    let output = call.output().unwrap();
    let verdict: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    built.wrong.extend(listed(&verdict, "problems"));
    built.wrong.extend(listed(&verdict, "warnings"));
    eprintln!(
        "{} conversions of {} sets: {} overlays judged, {} Applications built, {} manifests, {} problems",
        built.sets,
        sets.len(),
        built.overlays,
        built.applications,
        verdict["manifests"],
        built.wrong.len()
    );
    assert!(built.wrong.is_empty(), "{}", built.wrong.join("\n"));
    assert!(built.overlays > 250 && built.applications > 60, "{} {}", built.overlays, built.applications);
}
