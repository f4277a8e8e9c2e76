//! `--format json`: one document on stdout that follows its schema in docs/, and nothing else there.

use super::run::{APP, Folder, Run, app};
use serde_json::Value;

fn document(run: &Run) -> Value {
    follows(run, include_str!("../../docs/report.schema.json"))
}

/// The document that a command printed, which has to follow the schema.
pub fn follows(run: &Run, schema: &str) -> Value {
    let document: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}:\n{}", run.stdout));
    let schema: Value = serde_json::from_str(schema).unwrap();
    let mut faults = Vec::new();
    compare(&document, &schema, &schema, "", &mut faults);
    assert_eq!(faults, Vec::<String>::new());
    document
}

/// What of the document does not follow the schema, as far as our schema's words go.
fn compare(value: &Value, schema: &Value, root: &Value, at: &str, faults: &mut Vec<String>) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return compare(value, root.pointer(&reference[1..]).unwrap(), root, at, faults);
    }
    let types = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    let is = |name: &Value| match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.as_u64().is_some_and(|n| n >= schema["minimum"].as_u64().unwrap_or(0)),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => true,
    };
    let among = schema["enum"].as_array().is_none_or(|list| list.contains(value));
    if !types.iter().any(is) || !among || schema.get("const").is_some_and(|constant| constant != value) {
        faults.push(format!("{at}: {value}"));
    }
    let properties = schema["properties"].as_object();
    for (key, item) in value.as_object().into_iter().flatten() {
        match properties.and_then(|properties| properties.get(key)) {
            Some(schema) => compare(item, schema, root, &format!("{at}/{key}"), faults),
            None if schema["additionalProperties"].is_object() => {
                compare(item, &schema["additionalProperties"], root, &format!("{at}/{key}"), faults);
            }
            None => faults.push(format!("{at}/{key} is not in the schema")),
        }
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        if value.get(key.as_str().unwrap()).is_none() {
            faults.push(format!("{at}/{key} is missing"));
        }
    }
    for item in value.as_array().into_iter().flatten() {
        compare(item, &schema["items"], root, &format!("{at}/*"), faults);
    }
}

#[test]
fn every_command_prints_one_document() {
    let folder = Folder::with_app();
    for (arguments, status) in [
        (&["lint", "repo", "--format", "json"][..], 1),
        (&["convert", "repo", "--format", "json", "--dry-run"], 0),
        (&["diff", "repo", "--format", "json"], 1),
        (&["convert", "repo", "--format", "json"], 0),
        (&["diff", "repo", "--format", "json"], 0),
        (&["convert", "repo", "--format", "json", "--strict"], 1),
    ] {
        let document = document(&folder.run(arguments).exits(status));
        assert_eq!(document["summary"]["pipelines"], 1);
        assert_eq!(document["findings"][0]["file"], "repo/app.gocd.yaml");
    }
}

#[test]
fn a_dry_run_writes_nothing_with_json_either() {
    let folder = Folder::with_app();
    let before = folder.tree("");
    folder.run(&["convert", "repo", "--format", "json", "--dry-run"]).exits(0);
    assert_eq!(folder.tree(""), before);
}

#[test]
fn refused_repositories_are_a_document_too() {
    let folder = Folder::new().with("repo/a.gocd.yaml", "format_version: 10\npipelines: {p: {group: g}}\n");
    for command in ["convert", "diff", "lint"] {
        let document = document(&folder.fails(&[command, "repo", "--format", "json"]));
        let findings = document["findings"].as_array().unwrap();
        let error = findings.iter().find(|finding| finding["severity"] == "error").unwrap();
        assert_eq!((&error["line"], &error["column"]), (&2.into(), &13.into()), "{command}: {error}");
        assert_eq!(document["files"].as_array().unwrap().len(), 0);
    }
}

#[test]
fn files_have_their_actions_and_pipelines() {
    let folder = Folder::with_app().with("repo/two.gocd.yaml", app("two"));
    let action = |document: &Value, path: &str| {
        let files = document["files"].as_array().unwrap();
        files.iter().find(|file| file["path"] == path).map_or(Value::Null, |file| file["action"].clone())
    };
    let (one, two) = ("base/templates/apps/app.yaml", "base/templates/apps/two.yaml");
    let first = document(&folder.run(&["convert", "repo", "--format", "json"]).exits(0));
    assert_eq!(action(&first, one), "create");
    let files = first["files"].as_array().unwrap();
    assert_eq!(
        files.iter().find(|file| file["path"] == two).unwrap()["pipelines"],
        serde_json::json!(["two"])
    );
    folder.put("repo/app.gocd.yaml", APP.replace("make", "ninja"));
    std::fs::remove_file(folder.path("repo/two.gocd.yaml")).unwrap();
    let scripts = "base/runtime/scripts.yaml";
    folder.put(&format!("argo/{scripts}"), "by: hand\n");
    let second = document(&folder.run(&["convert", "repo", "--format", "json"]).exits(1));
    assert_eq!(
        [one, two, scripts].map(|path| action(&second, path)),
        ["update", "remove", "conflict"].map(Value::from)
    );
    assert_eq!(action(&second, "base/runtime/event-bus.yaml"), "unchanged");
}

#[test]
fn counts_add_up() {
    let document = document(&Folder::with_app().run(&["lint", "repo", "--format", "json"]));
    let keys = document["summary"]["keys"].as_object().unwrap();
    let parts: u64 = keys.iter().filter(|(key, _)| *key != "total").map(|(_, n)| n.as_u64().unwrap()).sum();
    assert_eq!(keys["total"], parts);
    assert!(parts > 10);
}
