//! The fast layer: no cluster, one job per case.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use gocd2argo::finding::Severity;
use gocd2argo::passes::read_texts;
use gocd2argo::reference::{Failure, JobTrace, Request, trace};
use gocd2argo::render::engine::Engine;
use gocd2argo::settings::Settings;

use crate::generate::{Case, case};
use crate::pod::{LIB, Pod, Shell};
use crate::{cluster, compare, record};

const USUAL_CASES: u64 = 250;

#[test]
fn converted_jobs_do_what_gocd_did() {
    let asked = std::env::var("GOCD2ARGO_BEHAVIOUR_CASES").ok().and_then(|text| text.parse().ok());
    let cases: u64 = asked.unwrap_or(USUAL_CASES);
    let first: u64 =
        std::env::var("GOCD2ARGO_BEHAVIOUR_FIRST").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let shells = Shell::all();
    let next = AtomicU64::new(first);
    let disagreements: Mutex<Vec<(u64, String)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 16) {
            scope.spawn(|| {
                let engine = Engine::new(None).unwrap();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + cases {
                        break;
                    }
                    // Usually the shells take turns; when asked for a number, each case runs in all of them.
                    let turn = usize::try_from(seed).unwrap() % shells.len();
                    for shell in shells.iter().enumerate().filter(|(at, _)| asked.is_some() || *at == turn) {
                        let wrong = run(&case(seed), *shell.1, &engine);
                        let text = format!("case {seed} in {}:\n{}", shell.1.words(), wrong.join("\n"));
                        disagreements.lock().unwrap().extend((!wrong.is_empty()).then_some((seed, text)));
                    }
                }
            });
        }
    });
    let disagreements = disagreements.into_inner().unwrap();
    let disagreeing: BTreeSet<u64> = disagreements.iter().map(|(seed, _)| *seed).collect();
    println!("behaviour: fast {} of {cases} agree", cases - u64::try_from(disagreeing.len()).unwrap());
    let shown: Vec<&str> = disagreements.iter().take(10).map(|(_, text)| text.as_str()).collect();
    assert!(disagreements.is_empty(), "{}", shown.join("\n\n"));
}

/// Runs a case; gives what differs.
fn run(case: &Case, shell: Shell, engine: &Engine) -> Vec<String> {
    let mut reading = read_texts(&[("p.gocd.yaml", &case.yaml)]);
    reading.account.settle();
    if reading.is_refused() {
        let errors =
            reading.account.findings.iter().filter(|finding| finding.rule.severity == Severity::Error);
        let errors =
            errors.map(|finding| format!("no sound case: {}: {}", finding.rule.name, finding.message));
        return errors.collect();
    }
    let expected = expected(case, &reading.configuration);
    let mut settings = Settings::default();
    settings.runs.server_url = Some("https://gocd.example.com/go".into());
    let manifests = match reading.convert(&settings, engine) {
        Ok(manifests) => manifests,
        Err(error) => return vec![format!("not converted: {error:#}")],
    };
    let secrets = cluster::environment_secrets(&reading.configuration);
    let documents = cluster::documents(&manifests);
    let ready = match cluster::ready(&documents, &format!("job-main-{}", case.job), case.instance, &secrets) {
        Ok(ready) => ready,
        Err(problem) => return vec![problem],
    };
    let mut pod = Pod::new(shell);
    set_up(case, &mut pod, &ready);
    let ran = pod.run(&[pod.path("job.sh").to_str().unwrap()], &[]);
    let calls = record::calls(&pod);
    let mut wrong = compare::differences(&expected, &pod, &ran, &calls, "https://gocd.example.com/go");
    // A shell that is not bash leaves such names out; then the conversion has to say so.
    let warned = reading.account.findings.iter().any(|finding| finding.rule.name == "variable-lost-in-shell");
    let lost = |problem: &String| problem.starts_with("my.var is None") && warned && shell.words() != "bash";
    wrong.retain(|problem| !lost(problem));
    let key = format!("pipelines/p/7/main/1/{}/", expected.name);
    if ready.output != key {
        wrong.push(format!("artifacts go to {}, not to {key}", ready.output));
    }
    if !wrong.is_empty() {
        wrong.push(format!("output:\n{:.1500}\nscript:\n{:.3000}", ran.text, ready.source));
    }
    wrong
}

/// The job under test as GoCD runs it.
fn expected(case: &Case, configuration: &gocd2argo::gocd::Configuration) -> JobTrace {
    let request = Request {
        pipeline: "p".into(),
        fail: case.failing.iter().map(|id| Failure::parse(id)).collect(),
        world: Some(case.world.clone()),
        ..Request::default()
    };
    let traced = trace(configuration, &request).unwrap();
    let index = usize::try_from(case.instance.unwrap_or(1) - 1).unwrap();
    let is_work = |job: &&JobTrace| job.name.starts_with(case.job);
    traced.stages[1].jobs.iter().filter(is_work).nth(index).unwrap().clone()
}

fn set_up(case: &Case, pod: &mut Pod, ready: &cluster::Ready) {
    record::install(pod, &case.failing);
    for file in &case.world.files {
        match file.strip_suffix('/') {
            Some(folder) => std::fs::create_dir_all(pod.path("workspace").join(folder)).unwrap(),
            None => pod.write(&format!("workspace/{file}"), file),
        }
    }
    for (place, key) in [
        ("p/first/prep", "pipelines/p/7/first/1/prep"),
        ("p/first/many-runinstance-2", "pipelines/p/7/first/1/many-runInstance-2"),
        ("up/make/pack", "pipelines/up/3/make/1/pack"),
    ] {
        for file in &case.world.artifacts[place] {
            pod.write(&format!("bucket/{key}/{file}"), file);
        }
    }
    for (key, place) in &ready.inputs {
        cluster::load(pod, key, place);
    }
    for (name, value) in &ready.env {
        pod.set(name, value);
    }
    pod.write("job.sh", ready.source.replacen("/gocd-lib/lib.sh", &format!("'{LIB}/lib.sh'"), 1));
}
