//! Cancelling a job: no further task, nothing published; `on_cancel` instead of killing the task in progress.

use gocd2argo::passes::read_texts;
use gocd2argo::reference::{Action, Request, trace};
use gocd2argo::render::engine::Engine;
use gocd2argo::settings::Settings;
use serde_json::json;

use crate::pod::{LIB, Pod, Shell, signal};
use crate::{cluster, record};

#[test]
fn a_cancelled_job_does_what_gocd_did() {
    let clean = json!({"exec": {"command": "tool", "arguments": ["clean", "$(A) {{x}} 'q'", "a\nb"], "working_directory": "sub"}});
    let script = json!({"script": "tool \"$A\"; echo $$ {{y}}\n"});
    for on_cancel in [None, Some(clean), Some(script)] {
        Shell::each(|shell| check(shell, on_cancel.as_ref()));
    }
}

fn check(shell: Shell, on_cancel: Option<&serde_json::Value>) {
    let mut slow = json!({"command": "slow"});
    if let Some(task) = on_cancel {
        slow["on_cancel"] = task.clone();
    }
    let next = json!({"exec": {"command": "make", "run_if": "any"}});
    let yaml = json!({"format_version": 10, "pipelines": {"p": {
        "group": "g", "materials": {"code": {"git": "https://git.example.com/acme/code.git"}},
        "stages": [{"main": {"jobs": {"work": {
            "tasks": [{"exec": slow}, next], "artifacts": [{"build": {"source": "started"}}],
        }}}}],
    }}});
    let mut reading = read_texts(&[("p.gocd.yaml", &yaml.to_string())]);
    let request = Request { pipeline: "p".into(), ..Request::default() };
    let expected =
        trace(&reading.configuration, &request).unwrap().stages[0].jobs[0].tasks[0].on_cancel.clone();
    let manifests = reading.convert(&Settings::default(), &Engine::new(None).unwrap()).unwrap();
    let ready = cluster::ready(&cluster::documents(&manifests), "job-main-work", None, &[]).unwrap();

    let pod = Pod::new(shell);
    record::install(&pod, &[]);
    // Left alone it ends by itself, when the on_cancel task has begun; killed it says nothing.
    pod.program("slow", "#!/bin/sh\n: >started\nwhile [ ! -s ../calls ]; do sleep 0.1; done\n: >ended\n");
    pod.write("workspace/sub/x", "");
    pod.write("job.sh", ready.source.replacen("/gocd-lib/lib.sh", &format!("'{LIB}/lib.sh'"), 1));
    let child = pod.start("job.log", &[pod.path("job.sh").to_str().unwrap()], &[]);
    pod.wait_for("workspace/started");
    signal(&child, "-TERM", true);
    let ran = pod.end(child, "job.log");

    let calls = record::calls(&pod);
    let called: Vec<Vec<String>> =
        calls.iter().map(|call| [vec![call.program.clone()], call.arguments.clone()].concat()).collect();
    let wanted: Vec<Vec<String>> = expected
        .into_iter()
        .map(|action| match action {
            Action::Exec { words } => words,
            Action::Script { text, interpreter } => vec![interpreter, text],
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(called, wanted, "{shell:?} {}", ran.text);
    assert_eq!(ran.status, 143, "{shell:?} {}", ran.text);
    assert_eq!(
        pod.exists("workspace/ended"),
        !wanted.is_empty(),
        "{shell:?}: the task in progress is left alone, or killed"
    );
    assert_eq!(pod.files("gocd/artifacts"), ["cruise-output/console.log"], "{shell:?}");
}
