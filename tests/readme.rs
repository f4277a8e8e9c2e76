//! README's code blocks do what they say.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The blocks for the shell, in order.
fn blocks() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let pieces = text.split("```sh\n").skip(1);
    pieces.map(|piece| piece.split("```").next().unwrap().to_string()).collect()
}

#[test]
fn the_first_block_converts_the_storefront() {
    if !Path::new(ROOT).join("fixtures/storefront").is_dir() {
        eprintln!("skipped: fixtures/storefront is absent");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("argo");
    let block = blocks().remove(0);
    for part in ["cargo run --release --", "/tmp/storefront-argo"] {
        assert!(block.contains(part), "{part} is not in the block: {block}");
    }
    // The binary of this test run, and a folder of its own.
    let block = block
        .replace("cargo run --release --", env!("CARGO_BIN_EXE_gocd2argo"))
        .replace("/tmp/storefront-argo", out.to_str().unwrap());
    let run = Command::new("sh").args(["-euc", &block]).current_dir(ROOT).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(out.join("base/kustomization.yaml").is_file());
    for overlay in ["aws", "minio"] {
        assert!(out.join(format!("overlays/{overlay}/kustomization.yaml")).is_file());
    }
}

#[test]
fn the_second_block_is_what_ci_runs() {
    let block = blocks().remove(1);
    assert_eq!(block, "cargo test\n");
    let ci = std::fs::read_to_string(Path::new(ROOT).join(".ci/run")).unwrap();
    assert!(ci.contains("cargo test"));
}

/// Links to files of the repository, in the texts that people read first.
#[test]
fn links_lead_somewhere() {
    let mut dead = Vec::new();
    for name in [
        "README.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "docs/kaniko.md",
        "docs/delivery.md",
        "docs/differences.md",
        "docs/mapping.md",
        "docs/platform.md",
    ] {
        let path = Path::new(ROOT).join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap();
            if !target.contains("://") && !path.parent().unwrap().join(target).exists() {
                dead.push(format!("{name}: {target}"));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:?}");
}
