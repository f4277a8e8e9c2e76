//! bridge.sh against a GoCD server made of answers: what it asks, what it records, and what it starts there.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::prepare::{git, output, pipeline, prepare, state};
use crate::rig::{Pod, Ran, on_path, tools_shell, tools_shells};

/// Status and body by `METHOD PATH`.
type Answers = HashMap<String, (u16, Vec<u8>)>;

/// A server: answers by `METHOD PATH`, 404 for the rest. Keeps what it was asked.
#[derive(Clone)]
struct Server {
    url: String,
    answers: Arc<Mutex<Answers>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

#[derive(Clone, Debug)]
struct Asked {
    what: String,
    headers: String,
    body: String,
}

impl Server {
    fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Server {
            url: format!("http://{}/go", listener.local_addr().unwrap()),
            answers: Arc::default(),
            asked: Arc::default(),
        };
        let serving = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                serving.serve(stream);
            }
        });
        server
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                break;
            }
            lines.push(line.trim_end().to_string());
        }
        let Some(first) = lines.first() else { return };
        let what: Vec<&str> = first.split(' ').take(2).collect();
        let length =
            lines.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).unwrap();
        let what = what.join(" ");
        let (status, text) =
            self.answers.lock().unwrap().get(&what).cloned().unwrap_or((404, b"{}".to_vec()));
        let body = String::from_utf8_lossy(&body).into_owned();
        self.asked.lock().unwrap().push(Asked { what, headers: lines.join("\n"), body });
        let head =
            format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", text.len());
        drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&text)));
    }

    fn answers(&self, what: &str, status: u16, body: impl AsRef<[u8]>) {
        self.answers.lock().unwrap().insert(what.to_string(), (status, body.as_ref().to_vec()));
    }

    fn asked(&self, what: &str) -> Vec<Asked> {
        self.asked.lock().unwrap().iter().filter(|asked| asked.what == what).cloned().collect()
    }
}

/// A run as GoCD's API `pipelines/:name/history` tells it.
fn run(counter: u64, label: &str, materials: Value, stages: &[(&str, &str, &str)]) -> Value {
    let stages: Vec<Value> = stages
        .iter()
        .map(
            |(name, counter, result)| json!({"name": name, "counter": counter, "result": result, "jobs": []}),
        )
        .collect();
    json!({"name": "UP", "counter": counter, "label": label, "scheduled_date": 1,
           "build_cause": {"trigger_forced": false, "material_revisions": materials}, "stages": stages})
}

fn revision(name: &str, revision: &str) -> Value {
    json!({"changed": true, "material": {"name": name, "fingerprint": format!("f-{name}"), "type": "Git"},
           "modifications": [{"revision": revision}, {"revision": "older"}]})
}

fn history(runs: &[Value]) -> String {
    json!({"_links": {}, "pipelines": runs}).to_string()
}

/// Pipeline UP, stage Build, in GoCD; its artifact `dist` is fetched here.
fn source(url: &str) -> Value {
    json!({"pipeline": "UP", "slug": "up", "stages": [{"name": "Build", "slug": "build"}], "materials": [git("App", url)],
           "artifacts": [{"stage": "Build", "job": "jar", "source": "dist", "isFile": false},
                         {"stage": "Build", "job": "jar", "source": "out/version file.txt", "isFile": true}]})
}

fn bridge(pod: &Pod, server: &Server, description: Value, mode: &str, more: &[(&str, &str)]) -> Ran {
    let mut description = description;
    description["server"] = json!(server.url);
    pod.write("bridge.json", description.to_string());
    let (place, out) = (pod.path("bridge.json"), pod.path("out-bridge"));
    let stages = server.url.replace("/go", "/passed");
    let env = [
        ("GOCD_BRIDGE", place.to_str().unwrap()),
        ("OUT", out.to_str().unwrap()),
        ("GOCD_TOKEN", "s3cr3t-t0k3n"),
        ("TOKEN", "st4ges"),
        ("GOCD_STAGES_URL", &stages),
    ];
    let ran = pod.script("bridge.sh", &[mode], &[&env[..], more].concat());
    assert!(!ran.text.contains("s3cr3t-t0k3n") && !ran.text.contains("st4ges"), "{}", ran.text);
    ran
}

/// `look` and `record` with what it found.
fn look_and_record(pod: &Pod, server: &Server, description: &Value) -> String {
    let looked = bridge(pod, server, description.clone(), "look", &[]);
    assert_eq!(looked.status, 0, "{}", looked.text);
    let passes = pod.read("out-bridge/passes");
    let ran = bridge(pod, server, description.clone(), "record", &[("PASSES", &passes)]);
    assert_eq!(ran.status, 0, "{}", ran.text);
    looked.text + &ran.text
}

fn has_tools() -> bool {
    let found = on_path("curl") && on_path("unzip");
    if !found {
        eprintln!("skipped: there is no curl or unzip here");
    }
    found
}

#[test]
fn a_stage_that_passed_in_gocd_starts_a_pipeline_here_with_its_identity() {
    for shell in tools_shells().into_iter().filter(|_| has_tools()) {
        let pod = Pod::new(shell);
        let server = Server::start();
        let url = pod.repository("app");
        let head = pod.commit("app", "a", "main");
        server.answers("POST /passed", 200, "{}");
        // What passed before the first look is recorded, and nobody is told.
        let old = run(416, "1.0.416", json!([revision("app", &head)]), &[("build", "1", "Passed")]);
        server.answers("GET /go/api/pipelines/UP/history", 200, history(std::slice::from_ref(&old)));
        let description = json!({"fromGocd": [source(&url)], "toGocd": []});
        look_and_record(&pod, &server, &description);
        assert!(server.asked("POST /passed").is_empty(), "{shell:?}");
        let passing = run(
            417,
            "1.0.417",
            json!([revision("app", &head)]),
            &[("build", "2", "Passed"), ("Ship", "1", "Failed")],
        );
        let running = run(418, "1.0.418", json!([revision("app", &head)]), &[("build", "1", "Unknown")]);
        server.answers("GET /go/api/pipelines/UP/history", 200, history(&[running, passing, old]));
        let text = look_and_record(&pod, &server, &description);
        assert!(text.contains("passed in GoCD: UP/417/Build/2"), "{shell:?} {text}");
        let asked = &server.asked("GET /go/api/pipelines/UP/history")[0];
        assert!(asked.headers.contains("Accept: application/vnd.go.cd.v1+json"), "{}", asked.headers);
        assert!(asked.headers.contains("Authorization: Bearer s3cr3t-t0k3n"), "{}", asked.headers);
        let copies: Value = serde_json::from_str(&pod.read("out-bridge/copies")).unwrap();
        assert_eq!(
            copies,
            json!([{"locator": "UP/417/Build/2/jar", "source": "dist", "file": "false"},
                   {"locator": "UP/417/Build/2/jar", "source": "out/version file.txt", "file": "true"}])
        );
        let posted = server.asked("POST /passed");
        let message = json!({"pipeline": "UP", "counter": 417, "label": "1.0.417", "stage": "Build", "stageCounter": 2});
        assert_eq!(serde_json::from_str::<Value>(&posted[0].body).unwrap(), message);
        assert!(posted[0].headers.contains("Authorization: Bearer st4ges"));

        // The pipeline here sees the pass as if it were one of ours, with the commit pinned.
        pod.commit("app", "b", "main");
        let on_up = json!({"name": "up", "key": "up", "type": "dependency", "pipeline": "UP", "slug": "up", "stage": "Build",
                           "stageSlug": "build", "ignoreForScheduling": false});
        let down = pipeline("down", json!([on_up, git("app", &url)]));
        prepare(&pod, &down, "d1", "upstream", &[]);
        for (name, value) in [
            ("go", "true"),
            ("dep-counter-up", "417"),
            ("dep-stage-counter-up", "2"),
            ("dep-label-up", "1.0.417"),
            ("dep-locator-up", "UP/417/Build/2"),
            ("rev-app", &head),
        ] {
            assert_eq!(output(&pod, "d1", name), value, "{shell:?} {name}");
        }

        // The same history again: nothing new, nothing written, nobody told. And the counter goes on when UP moves.
        let before = pod.read("kube/configmap-gocd-state-up.json");
        look_and_record(&pod, &server, &description);
        assert_eq!(pod.read("kube/configmap-gocd-state-up.json"), before);
        assert_eq!(server.asked("POST /passed").len(), 1);
        let mut up = pipeline("up", json!([git("App", &url)]));
        up["counterStart"] = json!(5);
        prepare(&pod, &up, "u1", "push", &[]);
        assert_eq!(output(&pod, "u1", "counter"), "419", "{shell:?}");
    }
}

#[test]
fn ancestors_in_gocd_count_in_fan_in_and_fetches() {
    for shell in tools_shell().into_iter().filter(|_| has_tools()) {
        let pod = Pod::new(shell);
        let server = Server::start();
        server.answers("POST /passed", 200, "{}");
        let dependency = |name: &str| {
            json!({"name": name, "key": name, "type": "dependency", "pipeline": name.to_uppercase(), "slug": name, "stage": "Build",
                   "stageSlug": "build", "ignoreForScheduling": false})
        };
        let part = |name: &str, materials: Value| {
            json!({"pipeline": name.to_uppercase(), "slug": name, "stages": [{"name": "Build", "slug": "build"}],
                   "materials": materials, "artifacts": []})
        };
        let lib = part("lib", json!([git("code", "file:///lib.git")]));
        let (left, right) =
            (part("left", json!([dependency("lib")])), part("right", json!([dependency("lib")])));
        let built = |counter, materials| run(counter, "l", materials, &[("Build", "1", "Passed")]);
        let of_lib = |counter: u64| json!([revision("lib", &format!("LIB/{counter}/Build/1"))]);
        server.answers(
            "GET /go/api/pipelines/LIB/history",
            200,
            history(&[
                built(2, json!([revision("code", "bbb")])),
                built(1, json!([revision("code", "aaa")])),
            ]),
        );
        server.answers(
            "GET /go/api/pipelines/LEFT/history",
            200,
            history(&[built(12, of_lib(2)), built(11, of_lib(1))]),
        );
        server.answers("GET /go/api/pipelines/RIGHT/history", 200, history(&[built(21, of_lib(1))]));
        let description = json!({"fromGocd": [lib, left, right], "toGocd": []});
        look_and_record(&pod, &server, &description);
        let mut join = pipeline("join", json!([dependency("left"), dependency("right")]));
        join["ancestors"] = json!([{"key": "1", "path": ["lib", "left"]}]);
        prepare(&pod, &join, "j1", "upstream", &[]);
        let told =
            ["go", "dep-counter-left", "dep-counter-right", "anc-1"].map(|name| output(&pod, "j1", name));
        assert_eq!(told, ["true", "11", "21", "1"], "right has not built lib 2 yet");
        assert_eq!(state(&pod, "left", "passed.build")[1]["revisions"]["git file:///lib.git main"], "bbb");
    }
}

#[test]
fn artifacts_are_copied_as_they_lie_there() {
    for shell in tools_shells().into_iter().filter(|_| has_tools() && on_path("zip")) {
        let pod = Pod::new(shell);
        let server = Server::start();
        pod.write("packed/dist/sub/a.txt", "A");
        let mut zip = std::process::Command::new("zip");
        zip.args(["-qr", "../dist.zip", "dist"]).current_dir(pod.path("packed"));
        assert!(zip.status().unwrap().success());
        server.answers(
            "GET /go/files/UP/417/Build/2/jar/dist.zip",
            200,
            std::fs::read(pod.path("dist.zip")).unwrap(),
        );
        server.answers("GET /go/files/UP/417/Build/2/jar/out/version%20file.txt", 200, "1.0\n");
        server.answers("GET /go/files/UP/417/Build/2/jar/broken", 500, "");
        let copy = |source: &str, file: &str, to: &str| {
            let to = pod.path(to);
            let env = [
                ("LOCATOR", "UP/417/Build/2/jar"),
                ("SOURCE", source),
                ("IS_FILE", file),
                ("COPY_TO", to.to_str().unwrap()),
            ];
            bridge(&pod, &server, json!({"fromGocd": [], "toGocd": []}), "copy", &env)
        };
        assert_eq!(copy("dist", "false", "c1/artifact").status, 0, "{shell:?}");
        assert_eq!(pod.read("c1/artifact/sub/a.txt"), "A");
        assert_eq!(copy("out/version file.txt", "true", "c2/artifact").status, 0);
        assert_eq!(pod.read("c2/artifact"), "1.0\n");
        let gone = copy("gone", "false", "c3/artifact");
        assert!(
            gone.status == 0 && gone.text.contains("does not have it") && !pod.exists("c3/artifact"),
            "{}",
            gone.text
        );
        assert_eq!(copy("broken", "true", "c4/artifact").status, 1);
    }
}

#[test]
fn a_stage_that_passed_here_starts_the_stand_in_in_gocd() {
    for shell in tools_shells().into_iter().filter(|_| has_tools()) {
        let pod = Pod::new(shell);
        let server = Server::start();
        let url = pod.repository("app");
        pod.commit("app", "a", "main");
        let lib = pipeline("lib", json!([git("App", &url)]));
        let description = json!({"fromGocd": [], "toGocd": [{"pipeline": "LIB", "slug": "lib", "materials": [git("App", &url)],
            "stages": [{"name": "Build", "slug": "build"}, {"name": "Deploy", "slug": "deploy"}]}]});
        let pass = |run: &str, stage: &str| {
            prepare(&pod, &lib, run, "push", &[]);
            let place = pod.path("pipeline-lib.json");
            let counter = output(&pod, run, "counter");
            let env = [
                ("GOCD_PIPELINE", place.to_str().unwrap()),
                ("STAGE", stage),
                ("COUNTER", &counter),
                ("TOKEN", "t"),
                ("GOCD_STAGES_URL", "http://127.0.0.1:9/"),
                ("GOCD_POLL_SECONDS", "0"),
            ];
            assert_eq!(pod.script("stage-passed.sh", &[], &env).status, 0);
        };
        let schedule = "POST /go/api/pipelines/LIB/schedule";
        let there = |runs: &[Value]| server.answers("GET /go/api/pipelines/LIB/history", 200, history(runs));
        // What had passed before the bridge came is not told.
        pass("r1", "build");
        there(&[]);
        look_and_record(&pod, &server, &description);
        assert_eq!(server.asked(schedule).len(), 0, "{shell:?}");

        let head = pod.commit("app", "b", "main");
        pass("r2", "build");
        there(&[run(7, "7", json!([revision("app", "old")]), &[("Build", "1", "Passed")])]);
        server.answers(
            schedule,
            409,
            r#"{"message": "Failed to trigger pipeline [LIB] because it is running"}"#,
        );
        assert!(
            look_and_record(&pod, &server, &description).contains("busy"),
            "it is found again a minute later"
        );
        server.answers(schedule, 202, r#"{"message": "accepted"}"#);
        look_and_record(&pod, &server, &description);
        look_and_record(&pod, &server, &description);
        let asked = server.asked(schedule);
        assert_eq!(asked.len(), 2, "once refused, once accepted, then no more");
        assert!(asked[1].headers.contains("Accept: application/vnd.go.cd.v1+json"), "{}", asked[1].headers);
        assert_eq!(
            serde_json::from_str::<Value>(&asked[1].body).unwrap(),
            json!({"environment_variables": [{"name": "ARGO_COUNTER", "value": "2", "secure": false}, {"name": "ARGO_LABEL", "value": "2", "secure": false}],
                   "materials": [{"fingerprint": "f-app", "revision": head}], "update_materials_before_scheduling": true})
        );

        // A later stage belongs to the stand-in's run with the same label.
        pass("r2", "deploy");
        there(&[run(8, "2", json!([]), &[("Build", "1", "Passed")])]);
        let stage = "POST /go/api/stages/LIB/8/Deploy/run";
        server.answers(stage, 202, "{}");
        look_and_record(&pod, &server, &description);
        assert_eq!(server.asked(stage).len(), 1);
        pod.commit("app", "c", "main");
        pass("r3", "build");
        pass("r3", "deploy");
        look_and_record(&pod, &server, &description);
        assert_eq!(server.asked("POST /go/api/stages/LIB/9/Deploy/run").len(), 0, "its run is not there yet");
        there(&[run(9, "3", json!([]), &[("Build", "1", "Passed")])]);
        server.answers("POST /go/api/stages/LIB/9/Deploy/run", 202, "{}");
        look_and_record(&pod, &server, &description);
        let asked = server.asked("POST /go/api/stages/LIB/9/Deploy/run");
        assert_eq!(asked.len(), 1);
        assert!(
            asked[0].headers.contains("X-GoCD-Confirm: true")
                && asked[0].headers.contains("application/vnd.go.cd.v2+json")
        );
    }
}

#[test]
fn a_server_that_does_not_answer_makes_the_bridge_red_and_loses_nothing() {
    for shell in tools_shell().into_iter().filter(|_| has_tools()) {
        let pod = Pod::new(shell);
        let server = Server::start();
        server.answers("POST /passed", 200, "{}");
        let description = json!({"fromGocd": [source("file:///x.git")], "toGocd": []});
        for (status, body) in [
            (401, r#"{"message": "You are not authenticated"}"#),
            (200, "<html>login</html>"),
            (200, r#"{"pipelines": 3}"#),
        ] {
            server.answers("GET /go/api/pipelines/UP/history", status, body);
            let looked = bridge(&pod, &server, description.clone(), "look", &[]);
            assert_eq!(looked.status, 0, "{}", looked.text);
            assert_eq!(pod.read("out-bridge/passes"), "[]\n");
            let ran = bridge(&pod, &server, description.clone(), "record", &[("PASSES", "[]")]);
            assert!(
                ran.status == 1 && ran.text.contains("the runs of UP cannot be read"),
                "{shell:?} {}",
                ran.text
            );
        }
        assert!(
            !pod.exists("kube/configmap-gocd-state-up.json"),
            "nothing is recorded of a pipeline that was never read"
        );
        // Odd members are no runs; the rest counts.
        let odd = json!({"pipelines": [{"counter": "x"}, {"counter": 3, "label": null, "stages": [{"name": "Build", "counter": 4, "result": "Passed"}],
            "build_cause": {"material_revisions": [{"material": {"name": 5}, "modifications": []}, {"material": {"name": "App"}}]}}]});
        server.answers("GET /go/api/pipelines/UP/history", 200, odd.to_string());
        look_and_record(&pod, &server, &description);
        assert_eq!(state(&pod, "up", "passed.build")[0]["label"], "3");
    }
}

#[test]
fn a_poke_from_a_task_waits_for_the_end_of_its_stage() {
    for shell in tools_shell().into_iter().filter(|_| has_tools()) {
        let pod = Pod::new(shell);
        let server = Server::start();
        let at = |result: &str| run(5, "5", json!([]), &[("Build", "1", result)]);
        server.answers("GET /go/api/pipelines/UP/5", 200, at("Unknown").to_string());
        server.answers("GET /go/api/pipelines/UP/history", 200, history(&[at("Passed")]));
        let ending = server.clone();
        let end = std::thread::spawn(move || {
            while ending.asked("GET /go/api/pipelines/UP/5").len() < 2 {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            ending.answers("GET /go/api/pipelines/UP/5", 200, at("Passed").to_string());
        });
        let description = json!({"fromGocd": [source("file:///x.git")], "toGocd": []});
        let cause = r#"{"pipeline": "UP", "counter": "5", "stage": "Build"}"#;
        let ran = bridge(
            &pod,
            &server,
            description.clone(),
            "look",
            &[("CAUSE", cause), ("GOCD_POLL_SECONDS", "0")],
        );
        assert_eq!(ran.status, 0, "{}", ran.text);
        end.join().unwrap();
        assert_eq!(pod.read("out-bridge/passes"), "[\"up/build/5/1\"]\n", "{shell:?} {}", ran.text);
        for cause in [
            "",
            "no json",
            "[1]",
            r#"{"pipeline": "OTHER", "counter": 1}"#,
            r#"{"pipeline": "UP", "counter": "$(id)", "stage": "Build"}"#,
        ] {
            let ran = bridge(&pod, &server, description.clone(), "look", &[("CAUSE", cause)]);
            assert_eq!(ran.status, 0, "{cause}: {}", ran.text);
        }
    }
}
