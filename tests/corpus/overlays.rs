//! What `kubectl` builds of each overlay of real repositories: accepted by Argo's own code, with nothing left out.
//!
//! Every set is converted twice: without a configuration, and with everything switched on that an overlay can hold.

use std::path::{Path, PathBuf};
use std::process::Command;

use gocd2argo::passes;
use gocd2argo::plan::Plan;
use gocd2argo::render::{Manifest, engine::Engine, render};
use gocd2argo::settings::Settings;

use super::reference::judged::{Verdict, objects, write_externals};
use super::{reference, write};

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

/// What was built so far, and the call that judges it.
struct Built {
    kubectl: PathBuf,
    judge: Command,
    sets: usize,
    overlays: usize,
    applications: usize,
    wrong: Vec<String>,
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

impl Built {
    fn new(kubectl: PathBuf, judge: &Path) -> Built {
        let mut judge = Command::new(judge);
        judge.args(["check", "--each", "--format", "json"]);
        Built { kubectl, judge, sets: 0, overlays: 0, applications: 0, wrong: Vec::new() }
    }

    /// What `kubectl` makes of a folder; what it says instead is wrong.
    fn kustomize(&mut self, folder: &Path) -> Option<String> {
        let run = Command::new(&self.kubectl).arg("kustomize").arg(folder).output().unwrap();
        if !run.status.success() {
            self.wrong.push(format!("{}: {}", folder.display(), String::from_utf8_lossy(&run.stderr)));
        }
        run.status.success().then(|| String::from_utf8(run.stdout).unwrap())
    }

    /// Converts a set into `root`, builds its overlays, and adds them to what is to be judged.
    fn add(&mut self, files: &[PathBuf], settings: &Settings, root: &Path) {
        let plan = passes::read(files).unwrap().plan(settings);
        if plan.pipelines.is_empty() {
            return;
        }
        self.sets += 1;
        let manifests = render(&plan, &Engine::new(None).unwrap()).unwrap();
        let source = root.join("in");
        write(&source, &manifests);
        for overlay in OVERLAYS {
            let Some(text) = self.kustomize(&source.join(overlay)) else { continue };
            let lost = lost(&plan, &manifests, &text);
            self.wrong.extend(lost.map(|lost| format!("{}/{overlay}: {lost}", root.display())));
            let target = root.join("built").join(overlay);
            std::fs::create_dir_all(&target).unwrap();
            std::fs::write(target.join("all.yaml"), text).unwrap();
            write_externals(&plan, &target);
            self.judge.arg(target);
            self.overlays += 1;
        }
        // The judge knows no kinds of Argo CD.
        if source.join("argo-cd").is_dir() {
            let built = self.kustomize(&source.join("argo-cd")).unwrap_or_default();
            if objects(&built).len() == 2 {
                self.applications += 1;
            } else {
                self.wrong.push(format!("{}/argo-cd: {built}", root.display()));
            }
        }
    }

    /// What the judge says of all of it; returns the number of manifests.
    fn judged(&mut self) -> u64 {
        let Verdict { manifests, problems, warnings } = Verdict::of(&mut self.judge);
        self.wrong.extend(problems.into_iter().chain(warnings));
        manifests
    }
}

#[test]
#[ignore = "minutes: builds nearly 350 folders"]
fn argos_own_code_accepts_every_overlay() {
    let Some(sets) = reference::sets() else { return };
    let (Some(judge), Some(kubectl)) = (reference::judge(), reference::kubectl()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut built = Built::new(kubectl, &judge);
    let all = [("default", Settings::default()), ("everything", Settings::parse(EVERYTHING).unwrap())];
    for (name, settings) in &all {
        for (set, files) in &sets {
            built.add(files, settings, &folder.path().join(name).join(set));
        }
    }
    let manifests = built.judged();
    eprintln!(
        "{} conversions of {} sets: {} overlays judged, {} Applications built, {manifests} manifests, {} problems",
        built.sets,
        sets.len(),
        built.overlays,
        built.applications,
        built.wrong.len()
    );
    assert!(built.wrong.is_empty(), "{}", built.wrong.join("\n"));
    assert!(built.overlays > 250 && built.applications > 60, "{} {}", built.overlays, built.applications);
}
