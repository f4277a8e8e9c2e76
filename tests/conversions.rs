//! What the fixtures become: every manifest and every finding as a file in `tests/snapshots/<fixture>/`, to be read.
//!
//! A fixture is a folder: `fixtures/storefront` (a whole repository) and each of `fixtures/constructs/` (one part of the
//! language), with the first `gocd2argo.yaml` in it or above it. What is the same for all of them is kept once, with the storefront: see [`is_constant`].
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test --test conversions`, then read the difference.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod reference;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use gocd2argo::check;
use gocd2argo::passes::{self, Reading};
use gocd2argo::plan::Plan;
use gocd2argo::render::engine::Engine;
use gocd2argo::render::{Manifest, render};
use gocd2argo::report::{Report, summary, terminal};
use gocd2argo::settings::Settings;
use reference::judged::{objects, write_externals};

/// The fixture that keeps what is the same for all of them.
const WHOLE: &str = "storefront";

struct Fixture {
    name: String,
    reading: Reading,
    plan: Plan,
    manifests: Vec<Manifest>,
}

/// The folders, as paths from the package: findings show them so.
fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir("fixtures/constructs").unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.push(Path::new("fixtures").join(WHOLE));
    folders.sort();
    folders
}

fn convert(folder: &Path) -> Fixture {
    let name = folder.strip_prefix("fixtures").unwrap().to_str().unwrap().to_string();
    let (settings, _) = Settings::load(None, folder).unwrap();
    let mut reading = passes::read(&[folder.to_path_buf()]).unwrap();
    let plan = reading.plan(&settings);
    let manifests = render(&plan, &Engine::new(None).unwrap()).unwrap();
    Fixture { name, reading, plan, manifests }
}

/// Manifests that say little of their fixture: scripts, rights, event bus, the reconciler, the stages' event source,
/// components, overlays and the runbook.
fn is_constant(path: &str) -> bool {
    path.starts_with("base/runtime/")
        || path.starts_with("overlays/")
        || path.starts_with("components/")
        || matches!(
            path,
            // of one file, the names of its pipelines
            "MIGRATION.md"
                | "base/cron/gocd-reconcile.yaml"
                | "base/events/eventsource-stages.yaml"
                | "base/kustomization.yaml"
        )
}

/// Compares with the file `tests/snapshots/<path>.snap`.
fn compare(path: &Path, text: &str) {
    let mut settings = insta::Settings::new();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(Path::new("snapshots").join(path.parent().unwrap()));
    settings.bind(|| insta::assert_snapshot!(path.file_name().unwrap().to_str().unwrap(), text));
}

/// All findings, notes too, and the summary.
fn told(fixture: &Fixture) -> String {
    let reading = &fixture.reading;
    let report = Report {
        findings: &reading.account.findings,
        sources: &reading.sources,
        counts: reading.counts(),
        numbers: reading.numbers(),
        files: &[],
    };
    let secrets = gocd2argo::gocd::secrets(&reading.sources, &reading.configuration);
    let drawing = terminal::Drawing { styled: false, secrets: &secrets };
    terminal::draw_all(&report, drawing) + &summary::summary(&report)
}

/// The files below a folder.
fn files_below(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "snap") {
            found.insert(path);
        }
    }
}

#[test]
fn fixtures_become_what_the_snapshots_say() {
    let mut kept = BTreeSet::new();
    for folder in folders() {
        let fixture = convert(&folder);
        let texts = fixture
            .manifests
            .iter()
            .filter(|manifest| fixture.name == WHOLE || !is_constant(&manifest.path))
            .map(|manifest| (manifest.path.as_str(), manifest.text.clone()));
        for (path, text) in texts.chain([("findings", told(&fixture))]) {
            let path = Path::new(&fixture.name).join(path);
            kept.insert(Path::new("tests/snapshots").join(format!("{}.snap", path.display())));
            compare(&path, &text);
        }
    }
    let mut found = BTreeSet::new();
    files_below(Path::new("tests/snapshots/storefront"), &mut found);
    files_below(Path::new("tests/snapshots/constructs"), &mut found);
    let stale: Vec<&PathBuf> = found.difference(&kept).collect();
    assert!(stale.is_empty(), "snapshots of what is no longer written: {stale:#?}");
}

#[test]
fn fixtures_are_accepted_by_gocd_and_accounted_for() {
    for folder in folders() {
        let fixture = convert(&folder);
        let errors = fixture.reading.account.errors();
        assert_eq!(errors, 0, "{}:\n{}", fixture.name, told(&fixture));
        assert_eq!(fixture.reading.unaccounted(), Vec::<String>::new(), "{}", fixture.name);
        let problems: Vec<String> =
            check::check(&fixture.manifests).iter().map(ToString::to_string).collect();
        assert_eq!(problems, Vec::<String>::new(), "{}", fixture.name);
    }
}

#[test]
fn nothing_secret_is_written() {
    for folder in folders() {
        let fixture = convert(&folder);
        let texts = fixture.manifests.iter().map(|manifest| manifest.text.clone()).chain([told(&fixture)]);
        for text in texts {
            assert!(!text.contains("AES:") && !text.contains("c29tZSBjaXBo"), "{}", fixture.name);
        }
    }
}

/// Writes a fixture's manifests below a folder, with the Secrets that we say have to be created.
fn write(fixture: &Fixture, root: &Path) {
    for manifest in &fixture.manifests {
        let path = root.join(&manifest.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &manifest.text).unwrap();
    }
    write_externals(&fixture.plan, root);
}

/// The validators of Argo and Kubernetes themselves; also: every Secret that a manifest refers to is one that we say has
/// to be created.
#[test]
fn argo_accepts_the_fixtures() {
    let Some(judge) = reference::judge() else { return };
    let out = tempfile::tempdir().unwrap();
    let mut call = Command::new(judge);
    call.args(["check", "--each", "--strict"]);
    for folder in folders() {
        let fixture = convert(&folder);
        let root = out.path().join(&fixture.name);
        write(&fixture, &root);
        call.arg(root);
    }
    let output = call.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The folders that people apply.
const APPLIED: &[&str] = &["overlays/aws", "overlays/minio", "argo-cd"];

/// Whether everything of the base is in what was built, in its namespace.
fn is_whole(fixture: &Fixture, built: &str) -> bool {
    let base = fixture.manifests.iter().filter(|manifest| {
        manifest.path.starts_with("base/") && !manifest.path.ends_with("/kustomization.yaml")
    });
    let base: usize = base.map(|manifest| objects(&manifest.text).len()).sum();
    let built = objects(built);
    built.len() > base
        && built.iter().all(|object| object["metadata"]["namespace"] == *fixture.plan.namespace)
}

/// What `kubectl` makes of each overlay is accepted by itself, in its namespace, with nothing left out.
#[test]
fn kubectl_builds_every_overlay() {
    let (Some(kubectl), Some(judge)) = (reference::kubectl(), reference::judge()) else { return };
    let out = tempfile::tempdir().unwrap();
    let mut call = Command::new(judge);
    call.args(["check", "--each", "--strict"]);
    let mut sets = 0;
    for folder in folders() {
        let fixture = convert(&folder);
        let root = out.path().join("in").join(&fixture.name);
        write(&fixture, &root);
        for applied in APPLIED.iter().filter(|applied| root.join(applied).is_dir()) {
            let run = Command::new(&kubectl).arg("kustomize").arg(root.join(applied)).output().unwrap();
            assert!(run.status.success(), "{}: {}", fixture.name, String::from_utf8_lossy(&run.stderr));
            let built = String::from_utf8(run.stdout).unwrap();
            assert!(*applied == "argo-cd" || is_whole(&fixture, &built), "{}/{applied}", fixture.name);
            if *applied == "argo-cd" {
                continue; // the judge knows no kinds of Argo CD
            }
            let target = out.path().join("built").join(&fixture.name).join(applied);
            std::fs::create_dir_all(&target).unwrap();
            std::fs::write(target.join("all.yaml"), built).unwrap();
            write_externals(&fixture.plan, &target);
            call.arg(target);
            sets += 1;
        }
    }
    assert_eq!(sets, 2 * folders().len());
    let output = call.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Findings about a script point at the command, whatever `##` and `#{…}` stand before it.
#[test]
fn parts_of_expanded_texts_are_found_in_the_source() {
    let text = "format_version: 10\npipelines:\n  p:\n    group: g\n    parameters: {long: some long value, none: ''}\n    \
        materials: {m: {git: 'https://github.com/kestrel-shop/app.git'}}\n    stages:\n      - s:\n          tasks:\n            \
        - script: |\n                ## one #{long} two #{none} ##\n                docker-compose up -d\n";
    let mut reading = passes::read_texts(&[("a.gocd.yaml", text)]);
    reading.plan(&Settings::default());
    let finding = reading.account.findings.iter().find(|finding| finding.rule.name == "compose-up").unwrap();
    let span = reading.sources.locate(finding);
    assert_eq!(&text[span.start as usize..span.end as usize], "docker-compose up -d");
}
