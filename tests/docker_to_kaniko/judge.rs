//! What `gocd2argo builds --format json` says about a case, against its expectation, by the oracle's rules.

use crate::case;
use gocd2argo::passes;
use gocd2argo::settings::Settings;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// The document for a case: its files in a folder, read as the command reads them.
pub fn builds(case: &Json) -> Json {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("case.gocd.yaml", case["gocd"].as_str().unwrap());
    for (path, text) in case["files"].as_object().into_iter().flatten() {
        write(path, text.as_str().unwrap());
    }
    let mut reading = passes::read(&[folder.path().to_path_buf()]).unwrap();
    assert!(!reading.is_refused(), "{}: {:?}", case["id"], reading.account.findings);
    let settings = Settings::parse(case["configuration"].as_str().unwrap_or("")).unwrap();
    let text = reading.builds(&settings, |builds| builds.json()).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The differences between the document and the expectation.
pub fn problems(case: &Json, is: &Json) -> Vec<String> {
    let expect = &case["expect"];
    let mut out = Vec::new();
    let mut same = |what: &str, is: Json, should: Json| {
        if is != should {
            out.push(format!("{what} is {is}, not {should}"));
        }
    };
    let variables = case::variables(case);
    let plain = |json: Json| -> Json {
        let put = |text: String, (k, v): (&String, &String)| text.replace(&format!("${{{k}}}"), v);
        serde_json::from_str(&variables.iter().fold(json.to_string(), put)).unwrap()
    };
    same("outcome", is["outcome"].clone(), expect["outcome"].clone());
    let list = |json: &Json| json.as_array().cloned().unwrap_or_default();
    let should: Vec<Json> = list(&expect["builds"]).iter().map(|build| plain(full(build))).collect();
    let built: Vec<Json> = list(&is["builds"]).iter().map(|build| plain(full(build))).collect();
    for (index, (is, should)) in built.iter().zip(&should).enumerate() {
        for (key, value) in should.as_object().unwrap() {
            same(&format!("build {index} {key}"), is[key].clone(), value.clone());
        }
    }
    same("builds", json!(built.len()), json!(should.len()));
    for wanted in list(&expect["findings"]) {
        same(&format!("finding {wanted}"), json!(list(&is["findings"]).contains(&wanted)), json!(true));
    }
    if expect["outcome"] == "unchanged" {
        same("findings", is["findings"].clone(), expect["findings"].clone());
    }
    for name in ["commands_before", "commands_after"] {
        let texts: Vec<String> =
            list(&is[name]).iter().map(|text| text.as_str().unwrap().to_string()).collect();
        let text = texts.join("\n");
        let mut rest = text.as_str();
        for command in list(&expect[name]) {
            let command = command.as_str().unwrap().trim();
            match rest.find(command) {
                Some(at) => rest = &rest[at + command.len()..],
                None => same(&format!("{name}: {command}"), json!(texts), json!("there")),
            }
        }
        for removed in list(&expect["removed"]) {
            let there = text.contains(removed.as_str().unwrap());
            same(&format!("{removed} in {name}"), json!(there), json!(false));
        }
    }
    for removed in list(&expect["removed"]) {
        same(&format!("removed {removed}"), json!(list(&is["removed"]).contains(&removed)), json!(true));
    }
    for name in ["steps", "copies"] {
        let all = |json: &Json| json!(list(json).into_iter().map(&plain).collect::<Vec<_>>());
        same(name, all(&is[name]), all(&expect[name]));
    }
    if let Some(run_if) = expect.get("after_run_if") {
        same("after_run_if", is["after_run_if"].clone(), run_if.clone());
    }
    out
}

/// A build with the members that every build has.
fn full(build: &Json) -> Json {
    let mut out = json!({"platform": null, "tar": null, "digest_file": null, "push_condition": null, "memory": null,
        "timeout": null, "dockerfile_text": null, "no_cache": false, "single_snapshot": false, "insecure": false,
        "hosts": {}});
    for (key, value) in build.as_object().unwrap() {
        out[key] = value.clone();
    }
    out
}

/// Compares all cases; those that differ, with what differs.
pub fn failed(cases: &[Json]) -> BTreeMap<String, Vec<String>> {
    let mut failed = BTreeMap::new();
    for case in cases {
        let problems = problems(case, &builds(case));
        if !problems.is_empty() {
            failed.insert(case["id"].as_str().unwrap().to_string(), problems);
        }
    }
    println!("{} of {} cases come out as expected", cases.len() - failed.len(), cases.len());
    for (id, problems) in &failed {
        println!("{id}: {}", problems.join("; "));
    }
    failed
}
