//! Each case against its expectation, by the rules in the oracle's header.

use crate::case::{self, Outcome};
use crate::judge;
use gocd2argo::plan::image::docker::{Use, recognise};
use gocd2argo::plan::image::shell::Script;
use serde_json::json;

/// Cases that do not come out as the oracle says, each with the reason.
pub const NOT_REACHED: &[(&str, &str)] = &[];

#[test]
fn every_case_comes_out_as_the_oracle_says_or_is_listed() {
    let Some(oracle) = case::oracle() else { return };
    let failed = judge::failed(oracle["cases"].as_array().unwrap());
    let mut listed: Vec<&str> = NOT_REACHED.iter().map(|(id, _)| *id).collect();
    listed.sort_unstable();
    assert_eq!(failed.keys().map(String::as_str).collect::<Vec<_>>(), listed);
}

/// In what becomes of the scripts no docker command stands where a shell would execute it.
#[test]
fn no_docker_command_is_left() {
    let Some(oracle) = case::oracle() else { return };
    for case in oracle["cases"].as_array().unwrap() {
        assert_eq!(executed(&text(&case::convert(case))), None, "{}", case["id"]);
    }
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
        if rule.name == "too-many-image-commands" {
            continue; // tests/hostile/size.rs
        }
        let page: Vec<&str> = rule.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        let page = page.join("\n");
        let example = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
        let mut case = json!({"gocd": example});
        if rule.name == "buildkit-syntax" {
            case["files"] =
                json!({"Dockerfile": "FROM maven\nRUN --mount=type=cache,target=/root/.m2 mvn package\n"});
        }
        if matches!(rule.name, "compose-followed" | "compose-services") {
            case["files"] = json!({"compose.yaml": "services:\n  db: {image: postgres, ports: [5432:5432]}\n  api: {build: ., image: a}\n"});
        }
        if rule.name == "wrapper-uses-docker" {
            case["files"] = json!({"Makefile": "docker-push:\n\tdocker push $(call name,api)\n"});
        }
        match rule.name {
            "port-clash" => {
                case["files"] = json!({"compose.yaml": "services:\n  new: {image: postgres:16, ports: [5432:5432]}\n  old: {image: postgres:15, ports: [5433:5432]}\n"})
            }
            "wrapper-followed" => case["files"] = json!({"ci/build.sh": "docker build -t app .\n"}),
            "docker-to-buildkit" | "buildkit-unconfined" | "buildkit-unsupported" => {
                case["configuration"] =
                    json!("builds: {registry.example.com/shop/api: {builder: buildkit}}\n")
            }
            "make-followed" => case["files"] = json!({"Makefile": "docker-push:\n\tdocker build -t app .\n"}),
            "script-not-understood" => {
                case["files"] = json!({"ci/images.py": "run(['docker', 'build', '.'])\n"})
            }
            _ => {}
        }
        let found = judge::builds(&case)["findings"].clone();
        assert!(found.as_array().unwrap().contains(&json!(rule.name)), "{}: {found:?}\n{example}", rule.name);
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
