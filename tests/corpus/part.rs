//! Parts of repositories, with the bridges to the rest: accepted by Argo's own code, in both overlays.

use std::path::{Path, PathBuf};
use std::process::Command;

use gocd2argo::migration::{self, Selection};
use gocd2argo::passes;
use gocd2argo::render::{engine::Engine, render};
use gocd2argo::settings::Settings;

use super::reference::judged::{Verdict, write_externals};
use super::{reference, write};

/// Larger sets, in bytes, are left out: each part is converted anew.
const LARGE: u64 = 40_000;

fn is_small(files: &[PathBuf]) -> bool {
    files.iter().map(|file| std::fs::metadata(file).unwrap().len()).sum::<u64>() < LARGE
}

/// What is converted: every wave, and some pipelines alone, by names for folders. Nothing where no part is tied to another.
fn parts(files: &[PathBuf], settings: &Settings) -> Vec<(String, Selection)> {
    let mut reading = passes::read(files).unwrap();
    reading.plan(settings);
    let waves = migration::waves(&reading.configuration, &reading.account.findings, settings).waves;
    let is_tied =
        |moved: &&migration::Move| !moved.waits_for_gocd.is_empty() || !moved.awaited_in_gocd.is_empty();
    let tied = || waves.iter().flat_map(|wave| &wave.pipelines).filter(is_tied).take(4);
    if tied().next().is_none() {
        return Vec::new();
    }
    let by_wave = waves.iter().map(|wave| {
        let selection = Selection { wave: Some(wave.number), ..Selection::default() };
        (format!("wave-{}", wave.number), selection)
    });
    let alone = tied().enumerate().map(|(number, moved)| {
        let selection = Selection { only: vec![moved.pipeline.clone()], ..Selection::default() };
        (format!("only-{number}"), selection)
    });
    by_wave.chain(alone).collect()
}

/// Writes the parts of a repository below `root`; says how many there are, and how many have a bridge.
fn write_parts(files: &[PathBuf], settings: &Settings, root: &Path) -> (usize, usize) {
    let engine = Engine::new(None).unwrap();
    let (mut all, mut bridged) = (0, 0);
    for (name, selection) in parts(files, settings) {
        let mut reading = passes::read(files).unwrap();
        let plan = reading.plan_part(settings, &selection).unwrap();
        let folder = root.join(name);
        write(&folder, &render(&plan, &engine).unwrap());
        write_externals(&plan, &folder);
        all += 1;
        bridged += usize::from(plan.bridge.is_some());
    }
    (all, bridged)
}

#[test]
fn argos_own_code_accepts_parts() {
    let (Some(mut sets), Some(judge)) = (reference::sets(), reference::judge()) else { return };
    let storefront = Settings::parse(&std::fs::read_to_string("fixtures/storefront/gocd2argo.yaml").unwrap());
    sets.retain(|(_, files)| is_small(files));
    sets.push(("storefront".to_string(), vec![PathBuf::from("fixtures/storefront")]));
    let (storefront, default) = (storefront.unwrap(), Settings::default());
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(judge);
    command.args(["check", "--each", "--format", "json"]);
    let (mut parts, mut bridges, mut bridged_sets) = (0, 0, 0);
    for (name, files) in sets {
        let root = folder.path().join(&name);
        let settings = if name == "storefront" { &storefront } else { &default };
        let (all, bridged) = write_parts(&files, settings, &root);
        bridged_sets += usize::from(bridged > 0);
        (parts, bridges) = (parts + all, bridges + bridged);
        if all > 0 {
            command.args(std::fs::read_dir(root).unwrap().map(|part| part.unwrap().path()));
        }
    }
    let Verdict { manifests, problems, warnings } = Verdict::of(&mut command);
    eprintln!(
        "{parts} parts judged, {bridges} with bridges, of {bridged_sets} sets: {manifests} manifests, {} problems, {} warnings",
        problems.len(),
        warnings.len()
    );
    assert!(problems.is_empty() && warnings.is_empty(), "{}\n{}", problems.join("\n"), warnings.join("\n"));
    assert!(bridges > 20 && bridged_sets > 5, "{bridges} bridges of {bridged_sets} sets");
}
