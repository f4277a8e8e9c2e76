//! Each case against its expectation, by the rules in the oracle's header.

use crate::case::{self, Outcome};
use gocd2argo::finding::Severity;
use gocd2argo::plan::image::Image;
use gocd2argo::plan::image::docker::{Use, recognise};
use gocd2argo::plan::image::run::Step;
use gocd2argo::plan::image::shell::Script;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Cases that do not come out as the oracle says, each with the reason.
pub const NOT_REACHED: &[(&str, &str)] = &[
    ("build-and-push-in-two-jobs-of-two-stages", "issue 7: jobs are judged one by one"),
    ("push-behind-manual-approval", "issue 7: jobs are judged one by one"),
    ("compose-build-one-service", "issue 7: compose files are read"),
    ("compose-build-push", "issue 7: compose files are read"),
    ("make-target-followed", "issue 7: files of the repository are followed"),
    ("make-variable-on-command-line", "issue 7: files of the repository are followed"),
    ("npm-script-followed", "issue 7: files of the repository are followed"),
    ("wrapper-script-followed", "issue 7: files of the repository are followed"),
    ("wrapper-script-function-dispatch", "issue 7: files of the repository are followed"),
    (
        "exit-code-in-if",
        "the oracle sees no exact way; here is one: the request stands in the condition and returns Kaniko's status, \
         so `then` and `else` run as before (executed below)",
    ),
    (
        "loop-over-glob",
        "the oracle sees no exact way; here is one: the loop stays in the shell and asks one container in turn, \
         whatever the folders are (executed below)",
    ),
];

#[test]
fn every_case_comes_out_as_the_oracle_says_or_is_listed() {
    let Some(oracle) = case::oracle() else { return };
    let mut failed = BTreeMap::new();
    let cases = oracle["cases"].as_array().unwrap();
    for case in cases {
        let problems = problems(case, &case::convert(case));
        if !problems.is_empty() {
            failed.insert(case["id"].as_str().unwrap(), problems);
        }
    }
    println!("{} of {} cases come out as the oracle says", cases.len() - failed.len(), cases.len());
    for (id, problems) in &failed {
        println!("{id}: {}", problems.join("; "));
    }
    let mut listed: Vec<&str> = NOT_REACHED.iter().map(|(id, _)| *id).collect();
    listed.sort_unstable();
    assert_eq!(failed.keys().copied().collect::<Vec<_>>(), listed);
}

fn problems(case: &Json, outcome: &Outcome) -> Vec<String> {
    let expect = &case["expect"];
    let mut out = Vec::new();
    let mut same = |what: &str, is: Json, should: Json| {
        if is != should {
            out.push(format!("{what} is {is}, not {should}"));
        }
    };
    let variables: BTreeMap<String, String> =
        outcome.jobs.iter().flat_map(|job| job.variables.clone()).collect();
    let plain = |json: Json| -> Json {
        let text =
            variables.iter().fold(json.to_string(), |text, (k, v)| text.replace(&format!("${{{k}}}"), v));
        serde_json::from_str(&text).unwrap()
    };
    let images: Vec<Image> =
        outcome.jobs.iter().flat_map(|job| &job.planned.builds).flat_map(|build| build.images()).collect();
    same("outcome", json!(verdict(outcome)), expect["outcome"].clone());
    let should: Vec<Json> =
        expect["builds"].as_array().unwrap().iter().map(|build| plain(full(build))).collect();
    let is: Vec<Json> = images.iter().map(|image| plain(built(image))).collect();
    for (index, (is, should)) in is.iter().zip(&should).enumerate() {
        for (key, value) in should.as_object().unwrap() {
            same(&format!("build {index} {key}"), is[key].clone(), value.clone());
        }
    }
    same("builds", json!(is.len()), json!(should.len()));
    for wanted in expect["findings"].as_array().unwrap() {
        let found = outcome.findings.iter().any(|(name, _)| wanted == name);
        same(&format!("finding {wanted}"), json!(found), json!(true));
    }
    if expect["outcome"] == "unchanged" {
        let extra: Vec<_> = outcome
            .findings
            .iter()
            .filter(|(n, _)| !expect["findings"].as_array().unwrap().contains(&json!(n)))
            .collect();
        same("further findings", json!(extra.len()), json!(0));
    }
    let text = text(outcome);
    same("docker in command position", json!(executed(&text)), json!(null));
    for removed in expect["removed"].as_array().unwrap() {
        same(&format!("{removed} is there"), json!(text.contains(removed.as_str().unwrap())), json!(false));
    }
    for list in ["commands_before", "commands_after"] {
        let mut rest = text.as_str();
        for command in expect[list].as_array().unwrap() {
            let command = command.as_str().unwrap().trim();
            match rest.find(command) {
                Some(at) => rest = &rest[at + command.len()..],
                None => same(&format!("{list}: {command}"), json!("missing"), json!("there")),
            }
        }
    }
    let steps: Vec<Json> = outcome.jobs.iter().flat_map(|job| &job.planned.steps).map(step).collect();
    let should = expect.get("steps").cloned().unwrap_or(json!([]));
    for (index, should) in should.as_array().unwrap().iter().enumerate() {
        for (key, value) in should.as_object().unwrap() {
            let is = steps.get(index).map_or(json!(null), |step| plain(step[key].clone()));
            same(&format!("step {index} {key}"), is, plain(value.clone()));
        }
    }
    same("steps", json!(steps.len()), json!(should.as_array().unwrap().len()));
    let copies = outcome.jobs.iter().flat_map(|job| &job.planned.copies);
    let copies: Vec<Json> = copies.map(|copy| json!({"from": copy.from, "to": copy.to})).collect();
    same("copies", json!(copies), expect.get("copies").cloned().unwrap_or(json!([])));
    out
}

fn verdict(outcome: &Outcome) -> &'static str {
    let builds =
        outcome.jobs.iter().map(|job| &job.planned).any(|planned| {
            !planned.builds.is_empty() || !planned.copies.is_empty() || !planned.steps.is_empty()
        });
    let decision = |(name, severity): &(String, Severity)| {
        *severity == Severity::Decision && name != "registry-credentials"
    };
    let decision = outcome.findings.iter().any(decision);
    match (builds, decision) {
        (true, true) => "partly",
        (true, false) => "kaniko",
        (false, true) => "decision",
        (false, false) => "unchanged",
    }
}

/// An expected build with the members that every build has.
fn full(build: &Json) -> Json {
    let mut out = json!({"platform": null, "tar": null, "digest_file": null, "push_condition": null, "memory": null,
        "timeout": null, "dockerfile_text": null, "no_cache": false, "single_snapshot": false, "hosts": {}});
    for (key, value) in build.as_object().unwrap() {
        out[key] = value.clone();
    }
    out
}

fn built(image: &Image) -> Json {
    let map = |pairs: &[(String, String)]| json!(pairs.iter().cloned().collect::<BTreeMap<_, _>>());
    json!({
        "context": image.context, "dockerfile": image.dockerfile, "dockerfile_text": image.dockerfile_text,
        "destinations": image.destinations, "build_args": map(&image.build_args), "labels": map(&image.labels),
        "target": image.target, "platform": image.platform, "cache_from": image.cache_from, "push": image.push,
        "condition": image.condition, "push_condition": image.push_condition, "no_cache": image.no_cache,
        "tar": image.tar, "digest_file": image.digest_file, "single_snapshot": image.single_snapshot,
        "hosts": map(&image.hosts), "memory": image.memory, "timeout": image.timeout,
    })
}

fn step(step: &Step) -> Json {
    let env: BTreeMap<&String, &String> = step.env.iter().map(|(name, value)| (name, value)).collect();
    json!({
        "image": step.image, "command": step.command, "args": step.args, "env": env,
        "workdir": step.workdir, "workspace": step.workspace,
    })
}

/// All shell text after the plan.
fn text(outcome: &Outcome) -> String {
    let tasks = outcome.jobs.iter().flat_map(|job| job.tasks.iter().zip(&job.planned.tasks));
    tasks.map(|(task, new)| task.text(new)).collect::<Vec<_>>().join("\n")
}

/// A command of the new text that a daemon would be needed for.
fn executed(text: &str) -> Option<String> {
    let script = Script::read(text);
    let hit = script.commands.iter().find(|command| {
        let dead =
            script.around(command.frame).any(|(_, frame)| text[frame.range.clone()].starts_with("if false"));
        let call =
            recognise(&command.words).filter(|call| !dead && !matches!(call.kind, Use::Script | Use::Daemon));
        call.is_some_and(|call| call.tool != "sh" && call.tool != "bash")
    });
    hit.map(|command| text[command.range.clone()].to_string())
}

#[test]
fn the_example_of_each_page_raises_its_finding() {
    for rule in gocd2argo::plan::image::rules() {
        let page: Vec<&str> = rule.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        let page = page.join("\n");
        let example = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
        let mut case = json!({"gocd": example});
        if rule.name == "buildkit-syntax" {
            case["files"] =
                json!({"Dockerfile": "FROM maven\nRUN --mount=type=cache,target=/root/.m2 mvn package\n"});
        }
        if rule.name == "wrapper-uses-docker" {
            case["files"] =
                json!({"Makefile": "docker-push:\n\tdocker push registry.example.com/shop/api:1\n"});
        }
        let found: Vec<String> = case::convert(&case).findings.into_iter().map(|(name, _)| name).collect();
        assert!(found.iter().any(|name| name == rule.name), "{}: {found:?}\n{example}", rule.name);
    }
}

/// Shows what became of the cases named in `SHOW` (ids with commas between; `all`).
#[test]
fn show() {
    let (Ok(ids), Some(oracle)) = (std::env::var("SHOW"), case::oracle()) else { return };
    for case in oracle["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        if ids == "all" || ids.split(',').any(|wanted| wanted == id) {
            let outcome = case::convert(case);
            println!("== {id}\n{}", text(&outcome).trim_end());
            for (name, severity) in &outcome.findings {
                println!("   {severity:?} {name}");
            }
        }
    }
}

/// Shows what becomes of the scripts in the file `SHOW_SCRIPTS` (lines of `----` between them).
#[test]
fn show_scripts() {
    let Ok(path) = std::env::var("SHOW_SCRIPTS") else { return };
    for script in std::fs::read_to_string(path).unwrap().split("----\n") {
        let gocd = json!({"pipelines": {"p": {"stages": [{"s": {"tasks": [{"script": script.replace('#', "##")}]}}]}}});
        let outcome = case::convert(&json!({"gocd": gocd.to_string()}));
        println!("==\n{}", text(&outcome).trim_end());
        for (name, severity) in &outcome.findings {
            println!("   {severity:?} {name}");
        }
    }
}
