//! The judge of `../shared/judge`, where it is built: Argo's and Kubernetes' own code reads the output.

use std::path::PathBuf;
use std::process::Command;

/// Shows that the judge accepts these sets; says so where there is no judge.
pub fn accepts(sets: &[PathBuf]) {
    let Some(program) = super::reference::judge() else { return };
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
