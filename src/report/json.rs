//! The report for machines: one document, version 1. Its schema is `docs/report.schema.json`.

use super::{Report, mask, name};
use crate::finding::{Category, Counts, Finding, Severity};
use crate::output::{Action, FileChange};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    summary: Summary,
    findings: Vec<FindingView<'a>>,
    files: Vec<FileView<'a>>,
}

#[derive(Serialize)]
struct Summary {
    pipelines: usize,
    stages: usize,
    jobs: usize,
    tasks: usize,
    keys: Counts,
}

#[derive(Serialize)]
struct FindingView<'a> {
    rule: &'static str,
    category: Category,
    severity: Severity,
    message: String,
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    help: Option<String>,
}

#[derive(Serialize)]
struct FileView<'a> {
    path: &'a str,
    action: Action,
    pipelines: &'a [String],
}

/// The document, indented, with a line break at the end. Lines and columns count from 1, columns in characters.
pub fn json(report: &Report<'_>) -> anyhow::Result<String> {
    let numbers = &report.numbers;
    let document = Document {
        version: 1,
        summary: Summary {
            pipelines: numbers.pipelines,
            stages: numbers.stages,
            jobs: numbers.jobs,
            tasks: numbers.tasks,
            keys: report.counts,
        },
        findings: report.findings.iter().map(|finding| view(finding, report)).collect(),
        files: report.files.iter().map(file).collect(),
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn view<'a>(finding: &Finding, report: &Report<'a>) -> FindingView<'a> {
    let span = report.sources.locate(finding);
    let position = report.sources.position(span);
    FindingView {
        rule: finding.rule.name,
        category: finding.rule.category,
        severity: finding.rule.severity,
        message: mask::mask_text(&finding.message),
        file: name(report.sources, span.file),
        line: position.line,
        column: position.column,
        end_line: position.end_line,
        end_column: position.end_column,
        help: finding.help.as_deref().map(mask::mask_text),
    }
}

fn file(change: &FileChange) -> FileView<'_> {
    FileView { path: &change.path, action: change.action, pipelines: &change.pipelines }
}

#[cfg(test)]
mod tests {
    use super::super::Numbers;
    use super::super::fake::{ODD_IMAGE, ODD_KEY, ODD_NOTE, ODD_THING, finding, sources};
    use super::*;
    use serde_json::Value;

    const SCHEMA: &str = include_str!("../../docs/report.schema.json");

    fn sample() -> String {
        let sources = sources("a: 1\nb: ü\n");
        let mut image = finding(&sources, &ODD_IMAGE, "ü", "image for AES:a:b is not known");
        image.help("set it");
        let mut findings = vec![image];
        findings.extend([&ODD_KEY, &ODD_THING, &ODD_NOTE].map(|rule| finding(&sources, rule, "1", "odd")));
        let actions = [Action::Create, Action::Update, Action::Unchanged, Action::Remove, Action::Conflict];
        let files = actions.map(|action| FileChange {
            path: "a.yaml".into(),
            action,
            old: None,
            new: None,
            pipelines: vec!["App".into()],
        });
        let report = Report {
            findings: &findings,
            sources: &sources,
            counts: Counts { total: 2, converted: 2, ..Counts::default() },
            numbers: Numbers { pipelines: 1, stages: 1, jobs: 1, tasks: 1 },
            files: &files,
        };
        json(&report).unwrap()
    }

    /// The faults of a value under the few keywords that the schema uses; an unknown keyword is a fault too.
    fn faults(value: &Value, schema: &Value, root: &Value, at: &str, faults_found: &mut Vec<String>) {
        for (keyword, rule) in schema.as_object().unwrap() {
            let fine = match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" => true,
                "$ref" => {
                    let target = root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap();
                    faults(value, target, root, at, faults_found);
                    true
                }
                "const" => value == rule,
                "enum" => rule.as_array().unwrap().contains(value),
                "minimum" => value.as_u64() >= rule.as_u64(),
                "pattern" => value
                    .as_str()
                    .unwrap()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "type" => rule
                    .as_str()
                    .map_or_else(|| rule.as_array().unwrap().clone(), |_| vec![rule.clone()])
                    .iter()
                    .any(|name| match name.as_str().unwrap() {
                        "object" => value.is_object(),
                        "array" => value.is_array(),
                        "string" => value.is_string(),
                        "integer" => value.is_u64(),
                        "null" => value.is_null(),
                        _ => false,
                    }),
                "required" => {
                    rule.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some())
                }
                "additionalProperties" => {
                    value.as_object().unwrap().keys().all(|key| schema["properties"].get(key).is_some())
                }
                "properties" => {
                    for (key, schema) in rule.as_object().unwrap() {
                        if let Some(value) = value.get(key) {
                            faults(value, schema, root, &format!("{at}/{key}"), faults_found);
                        }
                    }
                    true
                }
                "items" => {
                    for item in value.as_array().unwrap() {
                        faults(item, rule, root, &format!("{at}/*"), faults_found);
                    }
                    true
                }
                _ => false,
            };
            if !fine {
                faults_found.push(format!("{at}: {keyword} {rule} does not hold for {value}"));
            }
        }
    }

    fn check(document: &Value) -> Vec<String> {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let mut found = Vec::new();
        faults(document, &schema, &schema, "", &mut found);
        found
    }

    #[test]
    fn the_document_follows_its_schema() {
        let document: Value = serde_json::from_str(&sample()).unwrap();
        assert_eq!(check(&document), Vec::<String>::new());
        for (pointer, value) in [
            ("/version", serde_json::json!(2)),
            ("/findings/0/severity", serde_json::json!("bad")),
            ("/findings/0/line", serde_json::json!("3")),
            ("/findings/0/line", serde_json::json!(0)),
            ("/files/0", serde_json::json!({"path": "a"})),
            ("/summary/keys", serde_json::json!({"odd": 1})),
        ] {
            let mut broken = document.clone();
            *broken.pointer_mut(pointer).unwrap() = value;
            assert!(!check(&broken).is_empty(), "{pointer}");
        }
    }

    #[test]
    fn every_field_is_required_by_the_schema() {
        let document: Value = serde_json::from_str(&sample()).unwrap();
        for (pointer, key) in
            [("", "files"), ("/findings/0", "help"), ("/summary", "keys"), ("/summary/keys", "refused")]
        {
            let mut broken = document.clone();
            broken.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key);
            assert!(!check(&broken).is_empty(), "{key}");
        }
    }

    #[test]
    fn the_document_is_as_published() {
        let document = sample();
        let first = &document[..document.find("    {\n      \"rule\": \"odd-key\"").unwrap()];
        insta::assert_snapshot!(first, @r#"
        {
          "version": 1,
          "summary": {
            "pipelines": 1,
            "stages": 1,
            "jobs": 1,
            "tasks": 1,
            "keys": {
              "total": 2,
              "converted": 2,
              "approximated": 0,
              "decision": 0,
              "no_counterpart": 0,
              "refused": 0
            }
          },
          "findings": [
            {
              "rule": "odd-image",
              "category": "guess",
              "severity": "decision",
              "message": "image for ••• is not known",
              "file": "ci/app.gocd.yaml",
              "line": 2,
              "column": 4,
              "end_line": 2,
              "end_column": 5,
              "help": "set it"
            },
        "#);
    }
}
