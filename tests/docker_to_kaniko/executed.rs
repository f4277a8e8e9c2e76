//! The rewritten tasks run under bash, with stand-ins: what a Kaniko container is asked for is recorded.

use crate::case::{self, Job, Task};
use crate::pod::{KNOWN, Pod};
use gocd2argo::plan::image::NewForm;
use serde_json::Value as Json;
use std::collections::BTreeMap;

fn run(pod: &Pod, job: &Job) -> i32 {
    let mut status = 0;
    for ((task, new), directory) in job.tasks.iter().zip(&job.planned.tasks).zip(&job.directories) {
        let shell = |text: &String| vec!["bash".to_string(), "-c".to_string(), text.clone()];
        let argv = match (task, new) {
            (_, NewForm::Script(text)) | (Task::Script(text), NewForm::Unchanged) => shell(text),
            (_, NewForm::Exec(argv)) => argv.clone(),
            _ => continue,
        };
        status = pod.run(&argv, directory, &job.variables);
    }
    status
}

#[test]
fn kaniko_is_asked_for_what_the_oracle_expects() {
    let Some(oracle) = case::oracle() else { return };
    let mut compared = 0;
    for case in oracle["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let outcome = case::convert(case);
        let expected: Vec<&Json> = case["expect"]["builds"].as_array().unwrap().iter().collect();
        let listed = crate::table::NOT_REACHED.iter().any(|(listed, _)| *listed == id);
        if listed
            || outcome.jobs.iter().flat_map(|job| &job.planned.builds).flat_map(|b| b.images()).count()
                != expected.len()
        {
            continue;
        }
        let mut requests = Vec::new();
        for job in &outcome.jobs {
            let pod = Pod::new();
            run(&pod, job);
            let variables = job.variables.clone();
            let builds = pod.requests().into_iter().filter(|words| words[0] != "crane");
            requests.extend(builds.map(|words| (said(&pod, &words), variables.clone())));
        }
        assert_eq!(requests.len(), expected.len(), "{id}: requests");
        for ((said, variables), build) in requests.iter().zip(expected) {
            let real = |json: &Json| put(json.as_str().unwrap_or("-"), variables);
            let (context, dockerfile) = (real(&build["context"]), real(&build["dockerfile"]));
            if !context.contains("://") && context != "-" {
                assert_eq!(said["context"], [context], "{id}");
            }
            if !matches!(dockerfile.as_str(), "<generated>") && build["context"] != Json::Null {
                assert_eq!(said["dockerfile"], [dockerfile], "{id}");
            }
            let wanted: Vec<String> = build["destinations"].as_array().unwrap().iter().map(real).collect();
            let names: Vec<String> =
                said.get("destination").into_iter().flatten().map(|name| latest(name)).collect();
            assert_eq!(names, wanted, "{id}");
            for (list, option) in [("build_args", "build-arg"), ("labels", "label")] {
                let wanted = build[list]
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, value)| format!("{name}={}", real(value)));
                let mut is: Vec<String> = said.get(option).cloned().unwrap_or_default();
                let mut wanted: Vec<String> = wanted.collect();
                is.sort();
                wanted.sort();
                assert_eq!(is, wanted, "{id}");
            }
            assert_eq!(
                said.get("target").map(|t| t[0].clone()),
                build["target"].as_str().map(str::to_string),
                "{id}"
            );
            if build["push_condition"] == Json::Null {
                assert_eq!(!said.contains_key("no-push"), build["push"].as_bool().unwrap(), "{id}");
            }
            compared += 1;
        }
    }
    println!("{compared} requests compared");
    assert!(compared > 80, "only {compared} requests compared");
}

/// The executor's options with their values, paths below the working directory.
fn said(pod: &Pod, words: &[String]) -> BTreeMap<String, Vec<String>> {
    assert_eq!(words[1], "/kaniko/executor");
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for word in &words[2..] {
        let (name, value) = word.strip_prefix("--").unwrap().split_once('=').unwrap_or((&word[2..], ""));
        let value = match name {
            "context" => pod.below(value.trim_start_matches("dir://")),
            "dockerfile" => pod.below(value),
            _ => value.to_string(),
        };
        out.entry(name.to_string()).or_default().push(value);
    }
    out
}

fn put(text: &str, variables: &BTreeMap<String, String>) -> String {
    let known = KNOWN.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    let text = known
        .chain(variables.clone())
        .fold(text.to_string(), |text, (k, v)| text.replace(&format!("${{{k}}}"), &v));
    text.replace("$(git rev-parse --short HEAD)", "abc123").replace("$(git describe --tags)", "abc123")
}

fn latest(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap();
    if last.contains(':') { name.to_string() } else { format!("{name}:latest") }
}

/// Runs one script that was planned alone; what was asked for and the status.
fn alone(
    script: &str,
    variables: &[(&str, &str)],
    kaniko: i32,
) -> (Vec<BTreeMap<String, Vec<String>>>, i32, Pod) {
    let gocd = serde_json::json!({"pipelines": {"p": {"stages": [{"s": {"tasks": [{"script": script}]}}]}}});
    let case = serde_json::json!({"gocd": gocd.to_string()});
    let mut outcome = case::convert(&case);
    let job = &mut outcome.jobs[0];
    job.variables.extend(variables.iter().map(|(k, v)| (k.to_string(), v.to_string())));
    job.variables.insert("KANIKO_STATUS".to_string(), kaniko.to_string());
    let pod = Pod::new();
    let status = run(&pod, job);
    let builds = pod.requests().into_iter().filter(|words| words[0] != "crane");
    let said = builds.collect::<Vec<_>>().iter().map(|words| said(&pod, words)).collect();
    (said, status, pod)
}

#[test]
fn a_failing_command_before_means_no_build() {
    let script = "set -e\nfalse\ndocker build -t r.example.com/a:1 .\ndocker push r.example.com/a:1\n";
    let (said, status, _) = alone(script, &[], 0);
    assert_eq!((said.len(), status), (0, 1));
}

#[test]
fn a_failing_build_does_what_a_failing_docker_build_did() {
    let after = "docker build -t a . && touch after || touch failed\n";
    let (_, status, pod) = alone(after, &[], 3);
    assert_eq!(status, 0);
    assert!(pod.path("workspace/failed").exists() && !pod.path("workspace/after").exists());
    let (_, status, _) = alone("docker build -t a .\n", &[], 3);
    assert_eq!(status, 3);
}

#[test]
fn a_conditional_push_is_asked_for_where_the_build_is() {
    let script = "docker build -t r.example.com/a:1 .\nif [ \"$RELEASE\" = yes ]; then docker push r.example.com/a:1; fi\n";
    let no = alone(script, &[("RELEASE", "no")], 0).0;
    let yes = alone(script, &[("RELEASE", "yes")], 0).0;
    assert!(no[0].contains_key("no-push") && !yes[0].contains_key("no-push"));
    assert_eq!(yes[0]["destination"], ["r.example.com/a:1"]);
}

#[test]
fn a_second_name_under_a_condition_is_a_copy_in_the_place_of_its_push() {
    let script = "docker build -t r.example.com/a:1 .\ndocker tag r.example.com/a:1 r.example.com/a:latest\n\
        docker push r.example.com/a:1\n[ \"$B\" = main ] && docker push r.example.com/a:latest\ntrue\n";
    assert_eq!(alone(script, &[("B", "x")], 0).0[0]["destination"], ["r.example.com/a:1"]);
    let asked = |branch: &str| alone(script, &[("B", branch)], 0).2.requests();
    assert_eq!(asked("x").len(), 1);
    assert_eq!(asked("main")[1][1..], ["crane", "copy", "r.example.com/a:1", "r.example.com/a:latest"]);
}

#[test]
fn words_reach_the_executor_as_the_shell_gave_them_to_docker() {
    let script = "V='a b'\ndocker build --build-arg \"V=$V\" --build-arg Q='x\"y' --label l=$(echo hi) -t \"r.example.com/a:1\" .\n\
        docker push r.example.com/a:1\n";
    let said = alone(script, &[], 0).0;
    assert_eq!(said[0]["build-arg"], ["V=a b", "Q=x\"y"]);
    assert_eq!(said[0]["label"], ["l=hi"]);
}

#[test]
fn an_unset_variable_is_not_passed_as_an_argument() {
    let script = "docker build --build-arg MAYBE --build-arg SET -t a .\n";
    let said = alone(&format!("export SET=1\n{script}"), &[], 0).0;
    assert_eq!(said[0]["build-arg"], ["SET=1"]);
}

#[test]
fn a_folder_that_only_the_shell_knows_is_given_by_the_shell() {
    let script = "cd \"$WHERE\"\ndocker build -t a -f sub/Dockerfile .\n";
    let said = alone(script, &[("WHERE", "deep/down")], 0).0;
    assert_eq!(said[0]["context"], ["deep/down"]);
    assert_eq!(said[0]["dockerfile"], ["deep/down/sub/Dockerfile"]);
}

#[test]
fn a_dockerfile_in_the_script_is_written_before_the_build() {
    let script = "B=alpine\ndocker build -t a -f - app <<EOF && touch after\nFROM $B\nEOF\n";
    let (said, status, pod) = alone(script, &[], 0);
    assert_eq!((said[0]["context"].clone(), status), (vec!["app".to_string()], 0));
    assert_eq!(std::fs::read_to_string(pod.path("gocd/kaniko-1.Dockerfile")).unwrap(), "FROM alpine\n");
    assert!(pod.path("workspace/after").exists());
}

#[test]
fn what_needs_a_person_fails() {
    let (said, status, _) =
        alone("set -e\ndocker run --rm --privileged node:20 npm test\ntouch after\n", &[], 0);
    assert_eq!((said.len(), status), (0, 97));
}

#[test]
fn pushes_in_a_loop_become_destinations_of_the_build() {
    let script = "docker build -t app .\nfor t in 1 latest; do\n  docker tag app r.example.com/app:$t\n  docker push r.example.com/app:$t\ndone\n";
    assert_eq!(
        alone(script, &[], 0).0[0]["destination"],
        ["r.example.com/app:1", "r.example.com/app:latest"]
    );
}

#[test]
fn the_result_of_a_build_decides_as_before() {
    let script = "if docker build -t r.example.com/a:1 .; then docker push r.example.com/a:1; touch good; else touch bad; exit 5; fi\n";
    let (said, status, pod) = alone(script, &[], 0);
    assert_eq!((said[0]["destination"].clone(), status), (vec!["r.example.com/a:1".to_string()], 0));
    assert!(pod.path("workspace/good").exists());
    let (_, status, pod) = alone(script, &[], 1);
    assert!(status == 5 && pod.path("workspace/bad").exists());
}

#[test]
fn a_loop_over_folders_builds_each_of_them() {
    let script = "mkdir -p images/one images/two\nfor d in images/*/; do\n\
        docker build -t r.example.com/img/$(basename $d):1 $d && docker push r.example.com/img/$(basename $d):1\ndone\n";
    let said = alone(script, &[], 0).0;
    let contexts: Vec<&str> = said.iter().map(|request| request["context"][0].as_str()).collect();
    assert_eq!(contexts, ["images/one", "images/two"]);
    assert_eq!(said[1]["destination"], ["r.example.com/img/two:1"]);
    assert!(said[0].contains_key("cleanup"));
}

#[test]
fn an_image_is_copied_from_registry_to_registry() {
    let script = "docker pull r.example.com/a:$V && docker tag r.example.com/a:$V r.example.com/a:latest && docker push r.example.com/a:latest\n";
    let gocd = serde_json::json!({"pipelines": {"p": {"stages": [{"s": {"tasks": [{"script": script}]}}]}}});
    let mut outcome = case::convert(&serde_json::json!({"gocd": gocd.to_string()}));
    outcome.jobs[0].variables.insert("V".to_string(), "7".to_string());
    let pod = Pod::new();
    assert_eq!(run(&pod, &outcome.jobs[0]), 0);
    assert_eq!(pod.requests(), [["crane", "crane", "copy", "r.example.com/a:7", "r.example.com/a:latest"]]);
}

#[test]
fn a_second_loop_over_the_same_words_pushes_what_the_first_one_built() {
    for words in ["api web", "$IMAGES"] {
        let script = format!(
            "IMAGES='api web'\nfor i in {words}; do docker build -t r.example.com/$i:1 $i; done\n\
             for i in {words}; do docker push r.example.com/$i:1; done\n"
        );
        let said = alone(&script, &[], 0).0;
        let destinations: Vec<&str> = said.iter().map(|request| request["destination"][0].as_str()).collect();
        assert_eq!(destinations, ["r.example.com/api:1", "r.example.com/web:1"]);
    }
}

#[test]
fn a_second_function_with_the_same_calls_pushes_what_the_first_one_built() {
    let script = "build() { docker build -t r.example.com/$1 $1; }\npublish() { docker push r.example.com/$1; }\n\
        build api\npublish api\n";
    assert_eq!(alone(script, &[], 0).0[0]["destination"], ["r.example.com/api"]);
}

#[test]
fn a_function_called_in_a_loop_cleans_up_between_builds() {
    let script = "image() { docker build -t r.example.com/$1:1 $1; docker push r.example.com/$1:1; }\n\
        for i in api web; do image $i; done\n";
    let said = alone(script, &[], 0).0;
    assert_eq!(said.len(), 2);
    assert!(said.iter().all(|request| request.contains_key("cleanup")));
    assert_eq!(said[1]["destination"], ["r.example.com/web:1"]);
}
