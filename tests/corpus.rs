//! Real repositories: converted without a panic, accounted for, twice the same, and accepted by Argo's own code.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "corpus/overlays.rs"]
mod overlays;
#[path = "corpus/part.rs"]
mod part;
mod reference;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use gocd2argo::finding::{Counts, Severity};
use gocd2argo::gocd;
use gocd2argo::passes::{self, Reading};
use gocd2argo::render::Manifest;
use gocd2argo::report::terminal::{self, Drawing};
use gocd2argo::report::{self, Report};
use reference::judged::Verdict;

/// A set after `convert --keep-going`.
struct Converted {
    name: String,
    reading: Reading,
    manifests: Vec<Manifest>,
}

fn convert(files: &[PathBuf]) -> Result<(Reading, Vec<Manifest>), String> {
    let mut reading = passes::read(files).map_err(|error| format!("{error:#}"))?;
    let manifests = reference::convert(&mut reading)?;
    Ok((reading, manifests))
}

/// Every set, and what is wrong with those that cannot be converted; made once for all tests.
static ALL: LazyLock<Option<(Vec<Converted>, Vec<String>)>> = LazyLock::new(convert_all);

/// A panic is caught, so that all sets that cause one are named.
fn convert_all() -> Option<(Vec<Converted>, Vec<String>)> {
    let (mut converted, mut wrong) = (Vec::new(), Vec::new());
    for (name, files) in reference::sets()? {
        match std::panic::catch_unwind(|| convert(&files)) {
            Ok(Ok((reading, manifests))) => converted.push(Converted { name, reading, manifests }),
            Ok(Err(error)) => wrong.push(format!("{name}: {error}")),
            Err(_) => wrong.push(format!("{name}: panic")),
        }
    }
    Some((converted, wrong))
}

fn report<'a>(reading: &'a Reading) -> Report<'a> {
    Report {
        findings: &reading.account.findings,
        sources: &reading.sources,
        counts: reading.counts(),
        numbers: reading.numbers(),
        files: &[],
    }
}

fn drawn(reading: &Reading) -> String {
    let secrets = gocd::secrets(&reading.sources, &reading.configuration);
    terminal::draw_all(&report(reading), Drawing { styled: false, secrets: &secrets })
}

/// Every finding points at text that is there.
fn unplaced(set: &Converted) -> Vec<String> {
    let sources = &set.reading.sources;
    let lost = set.reading.account.findings.iter().filter(|finding| {
        let span = sources.locate(finding);
        let position = sources.position(span);
        let Some(file) = sources.file(span.file) else { return true };
        let end = span.end as usize;
        position.line == 0 || position.column == 0 || end > file.text.as_str().len() || span.start > span.end
    });
    lost.map(|finding| format!("{}: {} has no place: {}", set.name, finding.rule.name, finding.message))
        .collect()
}

#[test]
fn every_set_is_converted_and_accounted_for() {
    let Some((sets, wrong)) = &*ALL else { return };
    let mut wrong = wrong.clone();
    let path = reference::shared("corpus/gocd-verdicts.json").unwrap();
    let verdicts = reference::json(&path);
    let (mut refused, mut pipelines, mut counts) = (0, 0, Counts::default());
    for set in sets {
        wrong.extend(unplaced(set));
        let open = set.reading.unaccounted();
        if !open.is_empty() {
            wrong.push(format!("{}: nothing says what became of {open:?}", set.name));
        }
        let is_refused = verdicts[&set.name]["verdict"] == "refused";
        refused += usize::from(is_refused);
        if is_refused && !set.reading.is_refused() {
            wrong.push(format!("{}: GoCD refuses it, but no error is reported", set.name));
        }
        let parser = set.reading.account.findings.iter().filter(|f| f.rule.severity == Severity::Error);
        if set.reading.is_refused() != (parser.count() > 0) {
            wrong.push(format!("{}: refused without an error", set.name));
        }
        pipelines += set.reading.numbers().pipelines;
        let own = set.reading.counts();
        counts.total += own.total;
        counts.converted += own.converted;
        counts.approximated += own.approximated;
        counts.decision += own.decision;
        counts.no_counterpart += own.no_counterpart;
        counts.refused += own.refused;
    }
    eprintln!(
        "{} sets ({refused} refused by GoCD), {pipelines} pipelines, {} files\n{counts:?}",
        sets.len(),
        sets.iter().map(|set| set.manifests.len()).sum::<usize>()
    );
    assert!(wrong.is_empty(), "{} problems\n{}", wrong.len(), wrong.join("\n"));
    assert!(sets.len() >= 76, "{}", sets.len());
}

#[test]
fn two_runs_are_equal() {
    let (Some((first, _)), Some(sets)) = (&*ALL, reference::sets()) else { return };
    for (name, mut files) in sets {
        // The order of the arguments must not matter either: discovery sorts.
        files.reverse();
        let (again, manifests) = convert(&files).unwrap();
        let first = first.iter().find(|set| set.name == name).unwrap();
        assert!(manifests == first.manifests, "{name}: manifests differ");
        assert!(drawn(&again) == drawn(&first.reading), "{name}: findings differ");
    }
}

/// Ciphertexts of the sources: what follows `AES:`, up to the next blank or quote.
fn ciphertexts(reading: &Reading) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in &reading.sources.files {
        for (at, _) in file.text.as_str().match_indices("AES:") {
            let rest = &file.text.as_str()[at + 4..];
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).unwrap_or(rest.len());
            if end >= 8 {
                found.insert(rest[..end].to_string());
            }
        }
    }
    found
}

#[test]
fn no_ciphertext_gets_out() {
    let Some((sets, _)) = &*ALL else { return };
    let (mut leaks, mut looked_for) = (Vec::new(), 0);
    for set in sets {
        let secrets = ciphertexts(&set.reading);
        looked_for += secrets.len();
        let json = report::json::json(&report(&set.reading)).unwrap();
        let outline = report::outline::outline(&set.reading.configuration);
        let texts = set.manifests.iter().map(|manifest| (manifest.path.as_str(), manifest.text.as_str()));
        let drawn = drawn(&set.reading);
        let others = [("json", json.as_str()), ("findings", drawn.as_str()), ("outline", outline.as_str())];
        for (what, text) in texts.chain(others) {
            for secret in secrets.iter().filter(|secret| text.contains(secret.as_str())) {
                leaks.push(format!(
                    "{}: {what} contains a ciphertext of {} characters",
                    set.name,
                    secret.len()
                ));
            }
        }
    }
    eprintln!("{looked_for} ciphertexts looked for");
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    assert!(looked_for > 20, "{looked_for}");
}

fn write(folder: &Path, manifests: &[Manifest]) {
    for manifest in manifests {
        let path = folder.join(&manifest.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &manifest.text).unwrap();
    }
}

#[test]
fn argos_own_code_accepts_the_manifests() {
    let Some((sets, _)) = &*ALL else { return };
    let Some(judge) = reference::judge() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(judge);
    command.args(["check", "--each", "--external", "Secret/*", "--format", "json"]);
    let mut judged = 0;
    for set in sets.iter().filter(|set| !set.manifests.is_empty()) {
        let own = folder.path().join(&set.name);
        write(&own, &set.manifests);
        command.arg(own);
        judged += 1;
    }
    let Verdict { manifests, problems, warnings } = Verdict::of(&mut command);
    eprintln!(
        "{judged} sets judged: {manifests} manifests, {} problems, {} warnings",
        problems.len(),
        warnings.len()
    );
    assert!(problems.is_empty() && warnings.is_empty(), "{}\n{}", problems.join("\n"), warnings.join("\n"));
    assert!(judged > 50, "{judged}");
}
