//! Filters: GoCD's rule (`reference/filter.rs`), the Sensor's filter as Argo Events itself decides it (`judge filter`), and the
//! first step of the run, with real git repositories, decide alike. Over every filter of the corpus and generated ones;
//! `GOCD2ARGO_PAIRS` says how many pairs of a filter and a change (default: 1,500).

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "agreement/change.rs"]
mod change;
#[path = "agreement/fan_in.rs"]
mod fan_in;
#[path = "behaviour/random.rs"]
#[allow(dead_code)]
mod random;
mod reference;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use change::Change;
use gocd2argo::gocd::Filter;
use gocd2argo::passes;
use gocd2argo::reference::filter::{Says, ask};
use gocd2argo::settings::Settings;
use random::Random;
use serde_json::{Value, json};

/// A filter: whether it is `includes`, and its patterns.
type Patterns = (bool, Vec<String>);

fn corpus() -> BTreeSet<Patterns> {
    let mut found = BTreeSet::new();
    for (_, files) in reference::sets().unwrap_or_default() {
        let Ok(reading) = passes::read(&files) else { continue };
        let materials = reading.configuration.pipelines.iter().flat_map(|pipeline| &pipeline.materials);
        for filter in materials.filter_map(|material| material.filter.as_ref()) {
            found.insert((filter.includes, texts(filter)));
        }
    }
    found.retain(|(_, patterns)| !patterns.is_empty());
    found
}

fn texts(filter: &Filter) -> Vec<String> {
    filter.patterns.iter().filter_map(|pattern| pattern.value.clone()).collect()
}

fn generated(random: &mut Random) -> Patterns {
    let pieces = [
        "**", "**", "*", "*", "a", "b", "doc", "src", "*.md", "a*", "*b*", "a*b.c", "**.java", "ü", "x y",
        "a?c", "[ab]", "{a,b}", "a.b", "(a|b)", "^a$", "a+", "-", "\\", "a\"b", "a&b", "<a>", "🦀*", "ａ",
        ",", "],[",
    ];
    let pattern = |random: &mut Random| {
        let length = 1 + random.below(4);
        let segments: Vec<&str> = (0..length).map(|_| pieces[random.below(pieces.len())]).collect();
        let slash = if random.below(12) == 0 { "/" } else { "" };
        format!("{slash}{}{}", segments.join("/"), if random.below(20) == 0 { "/" } else { "" })
    };
    let count = 1 + random.below(4);
    (random.below(2) == 0, (0..count).map(|_| pattern(random)).collect())
}

const HOSTS: [(&str, &str); 3] = [
    ("gocd-github", "https://github.com/acme/app.git"),
    ("gocd-gitlab", "https://gitlab.com/acme/app.git"),
    ("gocd-gitea-example-com", "https://gitea.example.com/acme/app.git"),
];

/// A configuration with a pipeline for each filter; their hosts take turns.
fn configuration(filters: &[Patterns]) -> String {
    let mut text = "format_version: 10\npipelines:\n".to_string();
    for (n, (includes, patterns)) in filters.iter().enumerate() {
        let key = if *includes { "includes" } else { "ignore" };
        let patterns: Vec<String> =
            patterns.iter().map(|pattern| json!(pattern).to_string().replace('#', "##")).collect();
        text.push_str(&format!(
            "  p{n}:\n    group: g\n    materials: {{c: {{git: \"{}\", branch: main, {key}: [{}]}}}}\n    stages: [b: {{tasks: [exec: {{command: make}}]}}]\n",
            HOSTS[n % 3].1,
            patterns.join(", ")
        ));
    }
    text
}

/// Which of the cases Argo Events lets through, by the judge, for the Sensors of a folder.
fn judged(judge: &Path, sensors: &[String], cases: &[(usize, Value)]) -> Vec<bool> {
    let folder = tempfile::tempdir().unwrap();
    let mut answers = vec![None; cases.len()];
    for (number, sensor) in sensors.iter().enumerate() {
        let file = folder.path().join(format!("{number}.yaml"));
        std::fs::write(&file, sensor).unwrap();
        let here: Vec<usize> = (0..cases.len())
            .filter(|index| sensor.contains(&format!("- name: p{}--c\n", cases[*index].0)))
            .collect();
        let lines: Vec<String> = here
            .iter()
            .map(|index| {
                let (pipeline, body) = &cases[*index];
                json!({"name": index.to_string(), "dependency": format!("p{pipeline}--c"), "data": {"body": body}}).to_string()
            })
            .collect();
        for line in run(Command::new(judge).arg("filter").arg(&file), &lines.join("\n")).lines() {
            let result: Value = serde_json::from_str(line).unwrap();
            assert!(result["error"].as_str().is_none_or(str::is_empty), "{line}");
            let index: usize = result["name"].as_str().unwrap().parse().unwrap();
            answers[index] = result["pass"].as_bool();
        }
    }
    answers.into_iter().map(Option::unwrap).collect()
}

fn run(command: &mut Command, input: &str) -> String {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_string();
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// What gocd.jq says of the files that git lists for each change, as prepare.sh asks for them.
fn first_steps(repository: &Path, pairs: &[(&Patterns, usize)]) -> Vec<bool> {
    let lines: Vec<String> = pairs
        .iter()
        .enumerate()
        .map(|(number, ((includes, patterns), _))| {
            let range = format!("refs/heads/base{number}..refs/heads/c{number}");
            let listed = run(
                Command::new("git").arg("-C").arg(repository).args([
                    "log",
                    "--format=",
                    "-c",
                    "--name-only",
                    "--no-renames",
                    "-z",
                    &range,
                ]),
                "",
            );
            let kind = if *includes { "includes" } else { "ignore" };
            json!({"filter": {"kind": kind, "patterns": patterns}, "listed": listed}).to_string()
        })
        .collect();
    // The program text of prepare.sh for the list of files.
    let program = r#"include "gocd"; .listed |= (split("\u0000") | map(ltrimstr("\n") | select(. != "")) | unique) | accepts(.filter; .listed)"#;
    let runtime = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/runtime");
    let answers = run(Command::new("jq").args(["-L", runtime, "-c", program]), &lines.join("\n"));
    answers.lines().map(|line| line == "true").collect()
}

#[test]
fn gocd_the_sensor_and_the_first_step_decide_alike() {
    let Some(judge) = reference::judge() else { return };
    if !["git", "jq"].iter().all(|name| Command::new(name).arg("--version").output().is_ok()) {
        eprintln!("skipped: git or jq is missing");
        return;
    }
    let wanted: usize = std::env::var("GOCD2ARGO_PAIRS").ok().and_then(|n| n.parse().ok()).unwrap_or(1500);
    let mut random = Random::new(8);
    let mut filters: Vec<Patterns> = corpus().into_iter().collect();
    let real = filters.len();
    while filters.len() < (real + 60).max(wanted / 25) {
        filters.push(generated(&mut random));
    }
    let mut reading = passes::read_texts(&[("all.gocd.yaml", &configuration(&filters))]);
    assert!(!reading.is_refused(), "{:?}", reading.account.findings.first());
    let settings = Settings::parse("git: {hosts: {gitea.example.com: {provider: gitea}}}").unwrap();
    let engine = gocd2argo::render::engine::Engine::new(None).unwrap();
    let manifests = reading.convert(&settings, &engine).unwrap();
    let sensors: Vec<String> =
        manifests.iter().filter(|m| m.text.contains("kind: Sensor")).map(|m| m.text.clone()).collect();
    assert!(sensors.iter().all(|text| text.len() < 96 * 1024), "a Sensor has to stay below 96 KiB");

    let repository = tempfile::tempdir().unwrap();
    let mut cases = Vec::new();
    let mut pairs = Vec::new();
    let mut changes = Vec::new();
    for number in 0..wanted {
        let pipeline = number % filters.len();
        let change = Change::new(&filters[pipeline].1, &mut random);
        cases.push((pipeline, change.payload(pipeline % 3, &mut random)));
        pairs.push((&filters[pipeline], pipeline));
        changes.push(change);
    }
    change::commit(repository.path(), &changes);
    let sensor = judged(&judge, &sensors, &cases);
    let step = first_steps(repository.path(), &pairs);

    let (mut yes, mut more, mut told) = (0, 0, 0);
    let mut wrong = Vec::new();
    for (number, change) in changes.iter().enumerate() {
        let pipeline = &reading.configuration.pipelines[pairs[number].1];
        let filter = pipeline.materials[0].filter.as_ref();
        let gocd = ask(filter, &change.files()) != Says::Skip;
        yes += usize::from(gocd);
        let what = || format!("{:?} {:?} {}", filters[pairs[number].1], change, cases[number].1);
        if gocd != step[number] {
            wrong.push(format!("first step {} GoCD {gocd}: {}", step[number], what()));
        }
        if gocd && !sensor[number] {
            wrong.push(format!("the Sensor says no, GoCD yes: {}", what()));
        }
        if sensor[number] && !gocd {
            more += 1;
            if change.can_tell() {
                told += 1;
                if told <= 3 {
                    eprintln!("let through although the payload can tell: {}", what());
                }
            }
        }
    }
    eprintln!(
        "{wanted} pairs of {} filters ({real} of the corpus): GoCD starts {yes}; the Sensor lets {more} more through, {told} of them with a payload that can tell; {} disagreements",
        filters.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(5)].join("\n"));
    assert_eq!(told, 0, "only payloads that cannot tell are let through");
}
