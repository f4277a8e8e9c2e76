//! Much of it: time and memory grow with the input, not with its square.

use super::processor::processor_time;
use super::run::{Folder, PROGRAM};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A pipeline as repositories have them.
fn pipeline(n: usize) -> String {
    format!(
        "  pipeline-{n}:
    group: group-{}
    materials:
      code:
        git: https://git.example.com/acme/app-{n}.git
        branch: main
    stages:
      - build:
          jobs:
            compile:
              resources: [linux, docker]
              tasks:
                - exec:
                    command: make
                    arguments: [-C, src, all]
                - script: |
                    set -e
                    docker build -t app:${{GO_PIPELINE_LABEL}} .
                    docker push app:${{GO_PIPELINE_LABEL}}
",
        n % 7
    )
}

fn file(pipelines: impl Iterator<Item = usize>) -> String {
    "format_version: 10\npipelines:\n".to_string() + &pipelines.map(pipeline).collect::<String>()
}

/// Runs in 4 GB of address space; returns the processor time and the most memory that was used, in MB.
fn measured(folder: &Folder, arguments: &[&str], limit: Duration) -> (Duration, u64) {
    let begin = Instant::now();
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -v 4000000; exec \"$0\" \"$@\"", PROGRAM])
        .args(arguments)
        .current_dir(folder.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut memory, mut ticks) = (0, 0);
    let status = loop {
        ticks = processor_time(&child.id().to_string()).unwrap_or_default().max(ticks);
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let high = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        memory = high
            .and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok())
            .map_or(memory, |kb| kb / 1024);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begin.elapsed() > limit {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{arguments:?} takes more than {limit:?}, with {memory} MB");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(status.code(), Some(0), "{arguments:?} after {:?}, with {memory} MB", begin.elapsed());
    let time = Duration::from_millis(10) * ticks;
    eprintln!("{arguments:?}: {:?}, {time:?} of a processor, {memory} MB", begin.elapsed());
    (time, memory)
}

#[test]
fn ten_thousand_pipelines_in_one_file() {
    let folder = Folder::new().with("repo/a.gocd.yaml", file(0..10_000));
    let (_, memory) = measured(&folder, &["convert", "repo"], Duration::from_secs(240));
    assert!(memory < 1500, "{memory} MB");
    assert!(folder.has("argo/base/templates/group-3/pipeline-9999.yaml"));
}

#[test]
fn ten_thousand_files() {
    let folder = Folder::new();
    (0..10_000).for_each(|n| folder.put(&format!("repo/{}/{n}.gocd.yaml", n % 100), file(n..n + 1)));
    let (_, memory) = measured(&folder, &["show", "repo"], Duration::from_secs(120));
    assert!(memory < 1500, "{memory} MB");
}

#[test]
#[ignore = "10,000 files converted, and again: a minute"]
fn ten_thousand_files_converted() {
    let folder = Folder::new();
    (0..10_000).for_each(|n| folder.put(&format!("repo/{}/{n}.gocd.yaml", n % 100), file(n..n + 1)));
    measured(&folder, &["convert", "repo"], Duration::from_secs(240));
    measured(&folder, &["convert", "repo"], Duration::from_secs(240));
    measured(&folder, &["diff", "repo"], Duration::from_secs(240));
}

/// Run by hand: `cargo test --release --test hostile -- --ignored --nocapture 100_mb`.
#[test]
#[ignore = "a file of 100 MB takes minutes without optimisation"]
fn a_file_of_100_mb() {
    let count = 100_000_000 / pipeline(100_000).len();
    let folder = Folder::new().with("repo/a.gocd.yaml", file(0..count));
    eprintln!("{count} pipelines");
    measured(&folder, &["show", "repo"], Duration::from_secs(600));
    measured(&folder, &["convert", "repo"], Duration::from_secs(1800));
}

/// 100 MB in a few texts instead of many pipelines.
#[test]
fn enormous_texts() {
    let comment = format!("# {}\n", "x".repeat(98)).repeat(100_000);
    let value = "y".repeat(10_000_000);
    let text = super::run::APP.to_string() + &comment + &format!("common: {{a: {value}, b: \"{value}\"}}\n");
    let folder = Folder::new().with("repo/a.gocd.yaml", text);
    measured(&folder, &["convert", "repo"], Duration::from_secs(60));
}

/// Whatever is asked about pairs of builds and pushes ends, and a job beyond what is read is left to a person.
#[test]
fn a_thousand_image_commands_in_a_job() {
    let script = |count: usize| {
        let build = "docker build -t r.example.com/a:1 .";
        let lines: String = (0..count)
            .map(|n| format!("                    if [ $X = {n} ]; then {build}; fi\n"))
            .chain((0..count).map(|_| "                    docker push r.example.com/a:1\n".to_string()))
            .collect();
        let head = file(0..1);
        format!("{}{lines}", &head[..head.find("                    set -e").unwrap()])
    };
    for (count, finding) in [(200, "push-condition-unclear"), (500, "too-many-image-commands")] {
        let folder = Folder::new().with("repo/a.gocd.yaml", script(count));
        measured(&folder, &["builds", "repo"], Duration::from_secs(60));
        let ran = folder.run(&["builds", "repo"]).exits(0);
        assert!(ran.stdout.contains(finding), "{finding}: {:.400}", ran.stdout);
    }
}

/// Twice as much must not take four times as long, however pipelines depend on each other.
#[test]
fn time_grows_with_the_input() {
    type Shape = fn(usize, usize) -> String;
    let shapes: [(&str, Shape); 6] = [
        ("chain", |n, _| if n == 0 { git(0) } else { up(n - 1) }),
        ("fan-out", |n, _| if n == 0 { git(0) } else { up(0) }),
        ("one repository", |_, _| git(0)),
        ("tree", |n, _| if n == 0 { git(0) } else { up((n - 1) / 2) }),
        ("diamonds", |n, _| match n {
            0 => git(0),
            1 => up(0),
            _ => up(n - 1) + &up(n - 2),
        }),
        ("groups of fifty", |n, count| {
            if n % 50 == 0 && n > 0 { (n - 49..n).map(up).collect() } else { git(n % count) }
        }),
    ];
    for (name, materials) in shapes {
        let time = |count: usize| {
            let pipelines: String = (0..count)
                .map(|n| {
                    format!(
                        "  p{n}:\n    group: g{}\n    materials:\n{}    stages: [s: {{tasks: [exec: {{command: make}}]}}]\n",
                        n % 5,
                        materials(n, count)
                    )
                })
                .collect();
            let folder = Folder::new()
                .with("repo/a.gocd.yaml", format!("format_version: 10\npipelines:\n{pipelines}"));
            measured(&folder, &["convert", "repo"], Duration::from_secs(120)).0
        };
        let (small, large) = (time(100), time(400));
        let factor = large.as_secs_f64() / small.as_secs_f64().max(0.05);
        assert!(
            factor < 10.0,
            "{name}: four times as much takes {factor:.1} times as long ({small:?}, {large:?})"
        );
    }
}

fn git(n: usize) -> String {
    format!("      code: {{git: \"https://git.example.com/acme/app-{n}.git\"}}\n")
}

fn up(n: usize) -> String {
    format!("      up{n}: {{pipeline: p{n}, stage: s}}\n")
}

/// Jobs, beyond which Argo refuses the WorkflowTemplate: that pipeline becomes a decision, the others stay what they are.
#[test]
fn a_pipeline_beyond_argos_limits_is_a_decision() {
    let wide = |jobs: usize| {
        let jobs: String =
            (0..jobs).map(|n| format!("            j{n}: {{tasks: [exec: {{command: make}}]}}\n")).collect();
        format!(
            "  wide:\n    group: g\n    materials: {{code: {{git: 'https://git.example.com/a.git'}}}}\n    stages:\n      - all:\n          jobs:\n{jobs}"
        )
    };
    for (jobs, fits) in [(193, true), (194, false)] {
        let folder = Folder::new();
        folder.put("a.gocd.yaml", file(0..1) + &wide(jobs));
        let ran = folder.run(&["convert", ".", "--out", "argo"]).exits(0);
        assert_eq!(ran.stderr.contains("pipeline-too-large"), !fits, "{}", ran.stderr);
        let manifest = folder.read("argo/base/templates/g/wide.yaml");
        assert_eq!(manifest.contains("job-all-j1\n"), fits);
        assert_eq!(manifest.contains("stages-to-be-written"), !fits);
        assert!(folder.read("argo/base/templates/group-0/pipeline-0.yaml").contains("job-build-compile"));
        super::judge::accepts(&[folder.path("argo")]);
    }
}
