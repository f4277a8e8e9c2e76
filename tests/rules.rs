//! The recording rules and alerts of `components/monitoring`, by Prometheus' own `promtool`, with made series
//! (`tests/rules/slo.test.yaml`). Skips where promtool is absent; `tests/rules/promtool.sh` builds it.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gocd2argo::passes;
use gocd2argo::render::engine::Engine;
use gocd2argo::settings::Settings;

const PIPELINES: &str = "format_version: 10\npipelines:\n  Slow One:\n    group: g\n    materials: {m: {git: 'https://github.com/a/b.git'}}\n    \
    stages: [build: {tasks: [exec: {command: make}]}]\n";

/// Where `promtool.sh` puts it; `None`, with a notice, where it is not.
fn promtool() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
    let promtool = cache.join("gocd2argo/promtool");
    if !promtool.is_file() {
        eprintln!("skipped: {} is absent (tests/rules/promtool.sh builds it)", promtool.display());
        return None;
    }
    Some(promtool)
}

/// The groups of the PrometheusRule, as a file that Prometheus reads.
fn rules(settings: &str) -> String {
    let text = PIPELINES.replace("Slow One", "slow-one");
    let mut reading = passes::read_texts(&[("a.gocd.yaml", &text)]);
    let manifests =
        reading.convert(&Settings::parse(settings).unwrap(), &Engine::new(None).unwrap()).unwrap();
    let rules = manifests.iter().find(|m| m.path == "components/monitoring/rules.yaml").unwrap();
    let object: serde_yaml::Value = serde_yaml::from_str(&rules.text).unwrap();
    serde_yaml::to_string(&object["spec"]).unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Runs the made series of the tests whose name matches against rules.
fn test(promtool: &Path, rules: &str, name: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rules.yaml"), rules).unwrap();
    let series = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/slo.test.yaml");
    std::fs::copy(series, folder.path().join("slo.test.yaml")).unwrap();
    let file = folder.path().join("slo.test.yaml");
    Command::new(promtool).args(["test", "rules", "--run", name]).arg(file).output().unwrap()
}

const SETTINGS: &str = "slo: {averages: {slow-one: 3600}}";

#[test]
fn alerts_fire_when_a_target_is_missed_and_not_else() {
    let Some(promtool) = promtool() else { return };
    let output = test(&promtool, &rules(SETTINGS), "");
    assert!(output.status.success(), "{}", told(&output));
}

/// The made series would find a mistake: each of these changes of the rules makes them fail.
#[test]
fn a_mistake_in_the_rules_is_found() {
    let Some(promtool) = promtool() else { return };
    let right = rules(SETTINGS);
    for (name, from, to) in [
        ("counts once", "offset 1m))\n", "offset 2m))\n"),
        ("its past", " and on (job, instance) last_over_time(up[1h] offset 1m)", ""),
        ("late starts", "(\\\\.0)?", ""),
        ("counts once", "status=\"Succeeded\"", "status=\"Failed\""),
        ("many failures", "gocd:failures:ratio5m > 0.072", "gocd:failures:ratio5m > 2"),
        ("many failures", "gocd:runs:sum3d >= 10", "gocd:runs:sum3d >= 1"),
        ("averages", "> 300\n", "> 3000\n"),
        ("averages", "{pipeline!~\"slow-one\"}", ""),
    ] {
        assert!(right.contains(from), "{from} is not in the rules");
        let output = test(&promtool, &right.replace(from, to), name);
        assert!(!output.status.success(), "nobody noticed `{from}` → `{to}`");
    }
}

#[test]
fn prometheus_reads_the_rules_of_any_target() {
    let Some(promtool) = promtool() else { return };
    let folder = tempfile::tempdir().unwrap();
    for settings in ["", "slo: {start: 2.5, success: 99.99, min-runs: 0}", "namespace: 'a\"b'"] {
        let file = folder.path().join("rules.yaml");
        std::fs::write(&file, rules(settings)).unwrap();
        let output =
            Command::new(&promtool).args(["check", "rules", "--lint-fatal"]).arg(&file).output().unwrap();
        assert!(output.status.success(), "{settings}: {}", told(&output));
    }
}
