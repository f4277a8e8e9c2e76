//! Every job of the public corpus, as GoCD's own plugin understood it: nothing panics, no docker command is left
//! where a shell would execute it, and what came out is counted.

use crate::case;
use gocd2argo::finding::{Account, Severity};
use gocd2argo::plan::image::docker::{Use, recognise};
use gocd2argo::plan::image::shell::Script;
use gocd2argo::plan::image::{self, Form, NewForm, Options, TaskText};
use gocd2argo::span::{FileId, Place, Span};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    jobs: usize,
    with_docker: usize,
    wholly: usize,
    partly: usize,
    not: usize,
    builds: usize,
}

#[test]
fn every_job_of_the_corpus_is_planned() {
    let folder = format!("{}/corpus/understood", case::shared());
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: {folder} is not there");
        return;
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut counts = Counts::default();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for path in paths {
        let set: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let all = |json: &Json, key: &str| json[key].as_array().cloned().unwrap_or_default();
        for (_, file) in set["files"].as_object().into_iter().flatten() {
            for pipeline in all(file, "pipelines") {
                let pipeline = expanded(&pipeline);
                for stage in all(&pipeline, "stages") {
                    for body in all(&stage, "jobs") {
                        job(&all(&body, "tasks"), &mut counts, &mut reasons);
                    }
                }
            }
        }
    }
    println!("{counts:?}\n{reasons:?}");
    assert!(counts.jobs > 500 && counts.builds > 10, "{counts:?}");
}

/// Parameters put in, as GoCD does before anything runs.
fn expanded(pipeline: &Json) -> Json {
    let parameters = pipeline["parameters"].as_array().into_iter().flatten();
    let quoted = |json: &Json| json.to_string().trim_matches('"').to_string();
    let text = parameters.fold(pipeline.to_string(), |text, parameter| {
        text.replace(&format!("#{{{}}}", quoted(&parameter["name"])), &quoted(&parameter["value"]))
    });
    serde_json::from_str(&text).unwrap_or(pipeline.clone())
}

fn job(tasks: &[Json], counts: &mut Counts, reasons: &mut BTreeMap<&str, usize>) {
    let argvs: Vec<Vec<String>> = tasks.iter().map(argv).collect();
    let place = Place::unbooked(Span { file: FileId(0), start: 0, end: 0 });
    let texts: Vec<TaskText<'_>> = tasks
        .iter()
        .zip(&argvs)
        .map(|(task, argv)| {
            let form = match (task["type"].as_str(), task["configuration"][0]["key"].as_str()) {
                (Some("exec"), _) => Form::Exec(argv),
                (_, Some("script")) => Form::Script(task["configuration"][0]["value"].as_str().unwrap_or("")),
                _ => Form::Other,
            };
            TaskText { place, item: place, form, directory: task["working_directory"].as_str().unwrap_or("") }
        })
        .collect();
    let (variables, secure) = (BTreeMap::new(), BTreeSet::new());
    let mut account = Account::default();
    let options = Options::new(&variables, &secure, &|_| None);
    let planned = image::plan(&texts, &options, &mut account);
    counts.jobs += 1;
    for (text, new) in texts.iter().zip(&planned.tasks) {
        left(text, new);
    }
    let findings: Vec<_> = account.findings.iter().filter(|f| f.rule.name != "script-not-found").collect();
    if findings.is_empty() {
        return;
    }
    counts.with_docker += 1;
    counts.builds += planned.builds.len();
    let decisions: Vec<&str> = findings
        .iter()
        .filter(|finding| {
            finding.rule.severity == Severity::Decision && finding.rule.name != "registry-credentials"
        })
        .map(|finding| finding.rule.name)
        .collect();
    for name in &decisions {
        *reasons.entry(name).or_default() += 1;
    }
    match (planned.builds.is_empty() && planned.copies.is_empty(), decisions.is_empty()) {
        (_, true) => counts.wholly += 1,
        (false, false) => counts.partly += 1,
        (true, false) => counts.not += 1,
    }
    if std::env::var("SHOW").is_ok() {
        for (text, new) in texts.iter().zip(&planned.tasks) {
            println!("--- {:?}\n+++ {new:?}", text.form);
        }
        for finding in &account.findings {
            println!("    {:?} {}: {}", finding.rule.severity, finding.rule.name, finding.message);
        }
        println!("==========");
    }
}

fn argv(task: &Json) -> Vec<String> {
    let arguments = task["arguments"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|word| word.as_str().unwrap_or("").to_string());
    std::iter::once(task["command"].as_str().unwrap_or("").to_string()).chain(arguments).collect()
}

/// No docker command in a place where it would be executed.
fn left(text: &TaskText<'_>, new: &NewForm) {
    let text = match (text.form, new) {
        (_, NewForm::Script(text)) => text.clone(),
        (Form::Script(text), NewForm::Unchanged) => text.to_string(),
        (_, NewForm::Exec(argv)) if argv.len() > 2 && argv[1].starts_with('-') => argv[2].clone(),
        _ => return,
    };
    let script = Script::read(&text);
    for command in script.commands {
        let kind = recognise(&command.words).map(|call| call.kind);
        assert!(matches!(kind, None | Some(Use::Script)), "{:?} is left in {text}", &text[command.range]);
    }
}

/// The table of `docs/kaniko.md`: what became of the corpus's jobs that use images, by `gocd2argo builds` itself.
#[test]
fn the_table_of_the_corpus() {
    let folder = format!("{}/corpus/gocd", case::shared());
    let Ok(sets) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: {folder} is not there");
        return;
    };
    let (mut outcomes, mut reasons) = (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
    let (mut built, mut refused) = (0, 0);
    let mut sets: Vec<_> = sets.map(|set| set.unwrap().path()).collect();
    sets.sort();
    for set in sets {
        let files = std::fs::read_dir(&set).unwrap().map(|file| file.unwrap().path());
        let files: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end != "json")).collect();
        let mut reading = gocd2argo::passes::read(&files).unwrap();
        let settings = gocd2argo::settings::Settings::default();
        let text = reading.builds(&settings, |builds| builds.json()).unwrap();
        let document: Json = serde_json::from_str(&text).unwrap();
        for job in document["jobs"].as_array().unwrap() {
            let commands = job["commands"].as_array().unwrap();
            let left = |command: &&Json| command["became"] == "left for a person";
            let is_build = |command: &&Json| command["command"].as_str().unwrap().contains("docker build");
            built += commands
                .iter()
                .filter(|command| command["became"].as_str().unwrap().starts_with("build in"))
                .count();
            refused += commands.iter().filter(left).filter(is_build).count();
            // Scripts that are not in the corpus are kept; nobody knows whether they use docker.
            if commands.iter().all(|command| command["became"] == "kept") {
                continue;
            }
            *outcomes.entry(job["outcome"].as_str().unwrap().to_string()).or_default() += 1;
            let mut names: Vec<&str> = commands
                .iter()
                .filter(left)
                .flat_map(|command| command["why"].as_array().unwrap())
                .map(|why| why["finding"].as_str().unwrap())
                .collect();
            names.sort_unstable();
            names.dedup();
            for name in names.into_iter().filter(|name| *name != "registry-credentials") {
                *reasons.entry(name.to_string()).or_default() += 1;
            }
            if std::env::var("SHOW").is_ok() {
                println!("=== {} {}:{} {}", job["job"], job["file"], job["line"], job["outcome"]);
                for command in commands {
                    println!(
                        "  {}\n     -> {} {}",
                        command["command"].as_str().unwrap(),
                        command["became"],
                        command["why"]
                    );
                }
                println!("  builds {}\n  steps {}", job["builds"], job["steps"]);
            }
        }
    }
    println!("{outcomes:?}; {built} builds converted, {refused} not\n{reasons:?}");
    // The oracle leaves a build to a person when its image is used without ever being pushed (3); one command line is a
    // single word, which docker refuses.
    assert_eq!((built, refused), (15, 4));
}
