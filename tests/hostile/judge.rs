//! The judge of `../shared/judge`, where it is built: Argo's and Kubernetes' own code reads the output.

use std::path::{Path, PathBuf};
use std::process::Command;

fn program() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")));
    std::env::var_os("JUDGE_BIN").map(PathBuf::from).or(Some(cache?.join("gocd2argo/judge")))
}

/// Shows that the judge accepts these sets; says so where there is no judge.
pub fn accepts(sets: &[PathBuf]) {
    let Some(program) = program().filter(|program| program.is_file()) else {
        return eprintln!("skipped: there is no judge here");
    };
    let output = Command::new(program)
        .args(["check", "--each", "--external", "Secret/*"])
        .args(sets)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
