//! `simulate`: what a push or a moment starts, on both sides. The payloads are those of each git host, with hostile texts.

use super::json::follows;
use super::run::Folder;
use serde_json::{Value, json};

const REPO: &str = include_str!("../payloads/repo/all.gocd.yaml");
const SETTINGS: &str = include_str!("../payloads/repo/gocd2argo.yaml");

/// A payload by the name of its host, which is also that of the pipeline it starts.
const PAYLOADS: &[(&str, &str)] = &[
    ("github", include_str!("../payloads/github.json")),
    ("gitlab", include_str!("../payloads/gitlab.json")),
    ("bitbucket", include_str!("../payloads/bitbucket.json")),
    ("bitbucket-server", include_str!("../payloads/bitbucket-server.json")),
    ("gitea", include_str!("../payloads/gitea.json")),
    ("azure-devops", include_str!("../payloads/azure-devops.json")),
    ("codecommit", include_str!("../payloads/codecommit.json")),
    ("webhook", include_str!("../payloads/webhook.json")),
];

fn simulate(payload: &str, arguments: &[&str]) -> Value {
    let folder = Folder::new().with("repo/all.gocd.yaml", REPO).with("repo/gocd2argo.yaml", SETTINGS);
    folder.put("push.json", payload);
    let arguments = [&["simulate", "repo", "--format", "json"], arguments].concat();
    follows(&folder.run(&arguments).exits(0), include_str!("../../docs/simulate.schema.json"))
}

/// Names of the pipelines that start, in GoCD and in Argo.
fn starting(report: &Value) -> [Vec<&str>; 2] {
    ["gocd", "argo"].map(|side| {
        let lines = report["pipelines"].as_array().unwrap().iter();
        lines
            .filter(|line| line[side]["starts"] == true)
            .map(|line| line["pipeline"].as_str().unwrap())
            .collect()
    })
}

fn event(payload: &Value) -> Value {
    simulate(&payload.to_string(), &["--event", "push.json"])
}

#[test]
fn the_push_of_each_host_starts_its_pipeline() {
    for (name, payload) in PAYLOADS {
        for arguments in [&["--event", "push.json"][..], &["--event", "push.json", "--provider", name]] {
            let report = simulate(payload, arguments);
            assert_eq!(starting(&report), [vec![*name], vec![*name]], "{name}");
            let lines = report["pipelines"].as_array().unwrap();
            assert_eq!(lines.len(), 10);
            let line = lines.iter().find(|line| line["pipeline"] == *name).unwrap();
            let parameters = &line["argo"]["parameters"];
            assert_eq!([&parameters["trigger"], &parameters["force"]], ["push", "false"], "{name}");
            let cause = parameters["cause"].as_str().unwrap();
            let read: Value = serde_json::from_str(cause).unwrap();
            assert_eq!([&read["material"], &read["branch"]], ["code", "main"], "{name}");
            // Nothing that Argo, Kubernetes or a shell would read.
            let inner = &cause[1..cause.len() - 1];
            assert!(!inner.contains(['{', '}', '$', '(', '`', '\\', '\'', ';']), "{name}: {cause}");
        }
    }
}

#[test]
fn what_is_no_push_of_the_branch_starts_nothing() {
    let github: Value = serde_json::from_str(PAYLOADS[0].1).unwrap();
    let with = |changes: Value| {
        let mut payload = github.clone();
        for (key, value) in changes.as_object().unwrap() {
            payload[key] = value.clone();
        }
        payload
    };
    let zeros = "0".repeat(40);
    for (payload, why) in [
        (with(json!({"ref": "refs/heads/main2"})), "follows `main`, not `main2`"),
        (with(json!({"ref": "refs/tags/main"})), "follows `main`, not `refs/tags/main`"),
        (with(json!({"deleted": true, "after": zeros, "commits": []})), "was deleted"),
        (
            with(json!({"commits": [{"added": ["doc/a/b"], "modified": [], "removed": ["x.md"]}]})),
            "all changed files",
        ),
        (with(json!({"commits": [{"added": [], "modified": [], "removed": []}]})), "no file"),
    ] {
        let report = event(&payload);
        assert_eq!(starting(&report), [[""; 0].to_vec(), Vec::new()], "{why}");
        let found = report["pipelines"][0]["gocd"]["why"].as_str().unwrap();
        assert!(found.contains(why), "{found}");
    }
    // What a payload cannot tell is let through.
    for payload in [
        with(json!({"commits": []})),
        with(json!({"forced": true, "commits": [{"added": ["x.md"], "modified": [], "removed": []}]})),
        with(json!({"commits": [{"added": ["x.md"], "modified": [], "removed": []}, {"id": "1"}]})),
    ] {
        assert_eq!(starting(&event(&payload)), [["github"], ["github"]]);
    }
}

#[test]
fn others_say_what_they_wait_for() {
    let report = simulate(PAYLOADS[0].1, &["--event", "push.json"]);
    let why = |pipeline: &str, side: &str| {
        let lines = report["pipelines"].as_array().unwrap().iter();
        let line = lines.clone().find(|line| line["pipeline"] == pipeline).unwrap();
        line[side]["why"].as_str().unwrap().to_string()
    };
    assert!(why("after", "gocd").contains("it starts when `github/build` has passed"));
    assert!(why("by-hand", "gocd").contains("its first stage `build` is started by hand"));
    assert!(why("by-hand", "argo").contains("no Sensor waits for this push"));
}

#[test]
fn a_change_is_described_by_hand() {
    let any = |arguments: &[&str]| simulate("{}", arguments);
    let https = ["--repo", "https://github.com/Acme/App", "--branch", "main", "--files"];
    assert_eq!(starting(&any(&[&https[..], &["src/x,README.md"]].concat())), [["github"], ["github"]]);
    assert_eq!(starting(&any(&[&https[..], &["doc/x,README.md"]].concat())), [[""; 0].to_vec(), Vec::new()]);
    let gitea = ["--repo", "git@gitea.example.com:acme/app.git", "--branch", "main", "--files"];
    assert_eq!(starting(&any(&[&gitea[..], &["src/x"]].concat())), [["gitea"], ["gitea"]]);
    assert_eq!(starting(&any(&[&gitea[..], &["x"]].concat())), [[""; 0].to_vec(), Vec::new()]);
}

#[test]
fn what_no_webhook_tells_is_found_by_reconcile() {
    let folder = Folder::new().with(
        "repo/a.gocd.yaml",
        "format_version: 10\npipelines:\n  pr:\n    group: a\n    materials: {c: {git: 'https://github.com/a/b', branch: 'refs/pull/1/head:pr'}}\n    stages: [b: {tasks: [exec: {command: make}]}]\n  polled:\n    group: a\n    materials: {c: {git: 'https://code.example.com/a/b'}}\n    stages: [b: {tasks: [exec: {command: make}]}]\n",
    );
    folder.put("repo/gocd2argo.yaml", "git: {hosts: {code.example.com: {provider: poll}}}\n");
    for (url, branch, pipeline) in [
        ("https://github.com/a/b", "refs/pull/1/head", "pr"),
        ("https://code.example.com/a/b", "master", "polled"),
    ] {
        let run =
            folder.run(&["simulate", "repo", "--format", "json", "--repo", url, "--branch", branch]).exits(0);
        let report = follows(&run, include_str!("../../docs/simulate.schema.json"));
        assert_eq!(starting(&report), [[pipeline], [pipeline]]);
        let line =
            report["pipelines"].as_array().unwrap().iter().find(|line| line["pipeline"] == pipeline).unwrap();
        assert_eq!(line["argo"]["parameters"]["trigger"], "reconcile");
    }
}

const SHARED: &str = "format_version: 10
pipelines:
  lib: {group: a, materials: {c: {git: 'https://github.com/a/b', includes: [lib/**/*]}}, stages: [b: {tasks: [exec: {command: make}]}]}
  mid: {group: a, materials: {u: {pipeline: LIB, stage: b}}, stages: [b: {tasks: [exec: {command: make}]}]}
  app: {group: a, materials: {c: {git: 'https://github.com/a/b', destination: c}, d: {git: 'https://github.com/a/d', destination: d}, u: {pipeline: mid, stage: b, ignore_for_scheduling: true}}, stages: [b: {tasks: [exec: {command: make}]}]}
  two: {group: a, materials: {x: {git: 'https://github.com/a/two', destination: x, ignore: ['*.md']}, y: {git: 'https://github.com/a/two', destination: y, includes: ['*.md']}}, stages: [b: {tasks: [exec: {command: make}]}]}
";

/// GoCD: §3.3. `app` has the repository behind `mid` too, two pipelines up.
#[test]
fn a_repository_that_is_also_behind_a_dependency_starts_the_first_pipeline_only() {
    let folder = Folder::new().with("repo/a.gocd.yaml", SHARED);
    let ask = |repository: &str, files: &str| {
        let arguments = ["simulate", "repo", "--format", "json", "--repo", repository, "--files", files];
        follows(&folder.run(&arguments).exits(0), include_str!("../../docs/simulate.schema.json"))
    };
    let report = ask("https://github.com/a/b", "lib/x");
    assert_eq!(starting(&report), [["lib"], ["lib"]]);
    let app = &report["pipelines"][2];
    assert_eq!(
        app["gocd"]["why"],
        "material `c` is also behind `mid/b`: it starts when that has passed with the new revision"
    );
    let why = app["argo"]["why"].as_str().unwrap();
    assert!(why.contains("no Sensor waits for this push; `c` stays at the revision"), "{why}");
    assert_eq!(starting(&ask("https://github.com/a/b", "src")), [[""; 0].to_vec(), Vec::new()]);
    assert_eq!(starting(&ask("https://github.com/a/d", "src")), [["app"], ["app"]]);
}

/// GoCD: §2.4. Both materials are one to it, with the filter of the first.
#[test]
fn of_two_materials_of_one_repository_the_first_filter_holds() {
    let folder = Folder::new().with("repo/a.gocd.yaml", SHARED);
    for (files, starts) in [("a.md", false), ("a.c", true), ("a.md,a.c", true)] {
        let arguments =
            ["simulate", "repo", "--format", "json", "--repo", "https://github.com/a/two", "--files", files];
        let report =
            follows(&folder.run(&arguments).exits(0), include_str!("../../docs/simulate.schema.json"));
        let expected = if starts { vec!["two"] } else { Vec::new() };
        assert_eq!(starting(&report), [expected.clone(), expected], "{files}");
    }
}

#[test]
fn what_is_no_push_starts_nothing() {
    for (event, name) in [
        (json!({"zen": "x", "hook_id": 1, "repository": {"full_name": "acme/app"}}), "ping"),
        (
            json!({"action": "opened", "pull_request": {}, "repository": {"full_name": "acme/app"}}),
            "pull_request",
        ),
        (
            json!({"object_kind": "merge_request", "project": {"path_with_namespace": "acme/app"}}),
            "merge_request",
        ),
        (json!({"eventKey": "pr:opened", "pullRequest": {}}), "pr:opened"),
        (json!({"test": true}), "connection test"),
        (json!({"eventType": "git.pullrequest.created", "resource": {}}), "git.pullrequest.created"),
    ] {
        let report = self::event(&event);
        assert_eq!(starting(&report), [[""; 0].to_vec(), Vec::new()], "{name}");
        for side in ["gocd", "argo"] {
            let why = report["pipelines"][0][side]["why"].as_str().unwrap();
            assert!(why.contains(&format!("the event is no push but `{name}`")), "{why}");
        }
    }
}

/// GoCD's timer counts the second of two equal hours; Argo's counts both.
#[test]
fn a_change_of_the_clocks_is_told() {
    let folder = Folder::new()
        .with("repo/a.gocd.yaml", TIMERS.replace("30 15 2 L * ?", "0 30 2 * * ?"))
        .with("repo/gocd2argo.yaml", "timers: {time-zone: Europe/Berlin}\n");
    let ask = |from: &str, to: &str| {
        let run = folder.run(&["simulate", "repo", "--format", "json", "--from", from, "--to", to]).exits(0);
        let report = follows(&run, include_str!("../../docs/simulate.schema.json"));
        ["gocd", "argo"].map(|side| report["timers"][0][side].clone())
    };
    assert_eq!(ask("2026-03-29", "2026-03-30"), [json!([]), json!([])]);
    assert_eq!(
        ask("2026-10-25", "2026-10-26"),
        [json!(["2026-10-25T01:30:00Z"]), json!(["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"])]
    );
}

#[test]
fn hostile_payloads_are_errors() {
    let folder = Folder::new().with("repo/all.gocd.yaml", REPO).with("repo/gocd2argo.yaml", SETTINGS);
    let cut = r#"{"object_kind": "push", "project": {}}"#;
    for (payload, message) in [
        ("[".repeat(100_000), "recursion limit exceeded"),
        (r#"{"ref": NaN}"#.to_string(), "no JSON"),
        (r#"{"ref": 1, "after": [], "repository": "x"}"#.to_string(), "no push of a git host"),
        (cut.to_string(), "no push of a git host"),
        (" ".repeat(25 * 1024 * 1024 + 1), "larger than 25 MB"),
    ] {
        folder.put("push.json", &payload);
        let run = folder.run(&["simulate", "repo", "--event", "push.json"]).exits(2);
        assert!(run.stderr.contains(message), "{message}: {}", run.stderr);
    }
}

const TIMERS: &str = "format_version: 10
pipelines:
  night: {group: a, timer: {spec: '30 15 2 L * ?'}, materials: {c: {git: 'https://github.com/a/b'}}, stages: [b: {tasks: [exec: {command: make}]}]}
  work: {group: a, timer: {spec: '0 0 9 ? * 2-6', only_on_changes: true}, materials: {c: {git: 'https://github.com/a/b'}}, stages: [b: {tasks: [exec: {command: make}]}]}
  none: {group: a, materials: {c: {git: 'https://github.com/a/b'}}, stages: [b: {tasks: [exec: {command: make}]}]}
";

#[test]
fn timers_fire_at_the_same_minutes() {
    let folder = Folder::new()
        .with("repo/a.gocd.yaml", TIMERS)
        .with("repo/gocd2argo.yaml", "timers: {time-zone: Europe/Berlin}\n");
    let ask = |arguments: &[&str]| {
        let run = folder.run(&[&["simulate", "repo", "--format", "json"], arguments].concat()).exits(0);
        follows(&run, include_str!("../../docs/simulate.schema.json"))
    };
    let report = ask(&["--at", "2026-02-02T08:00:41Z"]);
    assert_eq!(starting(&report), [["work"], ["work"]]);
    assert_eq!(report["pipelines"][1]["argo"]["parameters"], json!({"trigger": "timer", "force": "false"}));
    assert_eq!(starting(&ask(&["--at", "2026-02-28T02:15:00"])), [["night"], ["night"]]);
    assert_eq!(starting(&ask(&["--at", "2026-02-27T01:15:00Z"])), [[""; 0].to_vec(), Vec::new()]);

    let report = ask(&["--from", "2026-02-26T00:00:00+01:00", "--to", "2026-03-03"]);
    assert_eq!(report["timers"].as_array().unwrap().len(), 2);
    assert_eq!(
        report["timers"][0],
        json!({"pipeline": "night", "gocd": ["2026-02-28T01:15:30Z"], "argo": ["2026-02-28T01:15:00Z"]})
    );
    let days = json!(["2026-02-26T08:00:00Z", "2026-02-27T08:00:00Z", "2026-03-02T08:00:00Z"]);
    assert_eq!(report["timers"][1], json!({"pipeline": "work", "gocd": days, "argo": days}));
}

#[test]
fn people_are_told_too_and_mistakes_are_errors() {
    let folder = Folder::new().with("repo/all.gocd.yaml", REPO).with("repo/gocd2argo.yaml", SETTINGS);
    let run = folder
        .run(&["simulate", "repo", "--repo", "https://code.example.com/acme/app", "--branch", "main"])
        .exits(0);
    assert!(
        run.stdout
            .contains("webhook\n  GoCD starts it: material `code` has changed\n  Argo starts it: trigger"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("10 pipelines: GoCD starts 1, Argo starts 1"));
    folder.put("push.json", "{\"zen\": \"x\"}");
    folder.put("bad.json", "{");
    for arguments in [
        &["simulate", "repo"][..],
        &["simulate", "repo", "--event", "push.json"],
        &["simulate", "repo", "--event", "bad.json"],
        &["simulate", "repo", "--event", "none.json"],
        &["simulate", "repo", "--event", "push.json", "--provider", "github"],
        &["simulate", "repo", "--event", "push.json", "--provider", "sourceforge"],
        &["simulate", "repo", "--at", "noon"],
        &["simulate", "repo", "--from", "2026-01-01"],
        &["simulate", "repo", "--from", "2026-01-01", "--to", "x"],
    ] {
        folder.run(arguments).exits(2);
    }
}
