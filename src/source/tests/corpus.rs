//! Comparison with what GoCD said to real files.

use super::findings;
use crate::finding::{Account, Severity};
use crate::source::Sources;

/// A file or folder of the reference material; `None` (with a notice) where that is not.
pub(super) fn shared(path: &str) -> Option<std::path::PathBuf> {
    let root = std::env::var("GOCD2ARGO_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_string());
    let path = std::path::Path::new(&root).join(path);
    if !path.exists() {
        eprintln!("skipped: {} is not here", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn every_executed_dialect_row_has_gocds_verdict() {
    let Some(path) = shared("spec/features.json") else { return };
    let rows: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for row in rows.as_array().unwrap() {
        let (id, expect) = (row["id"].as_str().unwrap(), row["expect"].as_str().unwrap());
        let Some(text) = row["test_yaml"].as_str() else { continue };
        let mut account = Account::default();
        Sources::from_texts(&[("a.gocd.yaml", text)], &mut account);
        let refused = account.findings.iter().any(|finding| finding.rule.severity == Severity::Error);
        // Only rows about the dialect must be refused here; no row that GoCD accepts may be.
        let must = matches!(expect, "plugin_error" | "repo_failure") && row["area"] == "dialect";
        // GoCD reads a text that begins with a back-tick, against the YAML specification; the parser does not.
        let known = id == "yaml-backtick-start";
        if !known && ((must && !refused) || (expect.starts_with("ok") && refused)) {
            wrong.push(format!("{id} {expect} {:?}", findings(text)));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_corpus_is_refused_where_gocd_refuses_it() {
    let Some(path) = shared("corpus/gocd-verdicts.json") else { return };
    let verdicts: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let (mut wrong, mut files) = (Vec::new(), 0);
    for (set, verdict) in verdicts.as_object().unwrap() {
        for (name, verdict) in verdict["files"].as_object().unwrap() {
            let path = path.with_file_name("gocd").join(set).join(name);
            let mut account = Account::default();
            let sources = Sources::read(&[path], &mut account).unwrap();
            files += 1;
            if sources.files[0].tree.is_none() != (verdict["layer"] == "yaml") {
                wrong.push(format!("{set}/{name}: {:?}", account.findings));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(files > 200, "{files} files");
}
