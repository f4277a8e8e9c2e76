//! What stands in for the world around a pipeline: a repository in place of its materials, and programs of other names in
//! place of those that the rig itself needs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use gocd2argo::gocd::{Job, MaterialKind, Pipeline, Task, TaskKind};
use gocd2argo::span::Src;

/// Programs that the scripts of the output need themselves: a task that calls one gets another path for it.
const OURS: [&str; 26] = [
    "sh", "cat", "chmod", "cp", "find", "grep", "mkdir", "sed", "mkfifo", "tee", "sleep", "wc", "rm", "mv",
    "ls", "git", "jq", "kubectl", "curl", "mktemp", "printf", "env", "head", "tail", "svn", "hg",
];

/// The recorder of the rig, as the kubelet mounts it.
const RECORDER: &str = "/.rig/stub";

/// A program that is not stood in for: it says so when it has come to its end.
const REAL: &str = "#!/bin/sh\necho begins\nsleep 12\ntool ended\n";

/// Changes a pipeline before it is converted and traced: its materials become one repository at `url`; programs that
/// cannot be replaced by the recorder under their own name are called by another path.
pub fn adapt(pipeline: &mut Pipeline, url: &str) {
    for material in &mut pipeline.materials {
        if material.kind.value == MaterialKind::Git {
            let place = material.kind.place;
            material.url = Some(Src::new(url.to_string(), place));
            material.username = None;
            material.password = None;
            material.encrypted_password = None;
        }
    }
    for task in tasks_mut(pipeline) {
        rename(task);
    }
}

fn tasks_mut(pipeline: &mut Pipeline) -> impl Iterator<Item = &mut Task> {
    pipeline.stages.iter_mut().flat_map(|stage| &mut stage.jobs).flat_map(|job| &mut job.tasks)
}

fn rename(task: &mut Task) {
    if let Some(on_cancel) = &mut task.on_cancel {
        rename(on_cancel);
    }
    if let TaskKind::Exec { command: Some(command), .. } = &mut task.kind.value {
        let name = command.value.clone();
        if name.starts_with('/') {
            command.value = format!("/rig{name}");
        } else if OURS.contains(&name.as_str()) {
            command.value = format!("/rig/bin/{name}");
        }
    }
}

/// All names of programs that tasks of this pipeline call, for the rig's `stub` list.
pub fn programs(pipeline: &Pipeline) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for task in pipeline.stages.iter().flat_map(|stage| &stage.jobs).flat_map(|job| &job.tasks) {
        add_program(task, &mut names);
    }
    names
}

fn add_program(task: &Task, names: &mut BTreeSet<String>) {
    if let Some(on_cancel) = &task.on_cancel {
        add_program(on_cancel, names);
    }
    match &task.kind.value {
        TaskKind::Exec { command: Some(command), .. } => drop(names.insert(command.value.clone())),
        TaskKind::Build { tool, nant_path: Some(folder), .. } => {
            names.insert(format!("{}/{tool}", folder.value));
        }
        TaskKind::Plugin { options, .. } => {
            for option in options.iter().filter(|option| option.value.0 == "shtype") {
                names.extend(option.value.1.as_ref().map(|shell| format!("/bin/{}", shell.trim())));
            }
        }
        _ => {}
    }
}

/// The files of a pipeline's repository: what its tasks and artifacts look for, and links to the recorder where a task calls
/// a program by a relative path. Content by path; `None` is such a link.
pub fn files(pipeline: &Pipeline) -> BTreeMap<String, Option<String>> {
    let mut found = BTreeMap::from([("README".to_string(), Some("a stand-in\n".to_string()))]);
    let mut add = |path: &str, content: Option<String>| {
        for below in below(pipeline, path) {
            let clean =
                !below.is_empty() && below.split('/').all(|part| !["", ".", "..", ".git"].contains(&part));
            // A folder cannot also be a file.
            let clashes = |other: &String| {
                other.starts_with(&format!("{below}/")) || below.starts_with(&format!("{other}/"))
            };
            if clean && !found.keys().any(clashes) {
                found.insert(below, content.clone());
            }
        }
    };
    for job in pipeline.stages.iter().flat_map(|stage| &stage.jobs) {
        for program in relative_programs(job) {
            let real = program.starts_with("real/");
            add(&program, real.then(|| REAL.to_string()));
        }
        for task in &job.tasks {
            let folder = task.working_directory.as_ref().map_or("", |folder| folder.value.as_str());
            // Where a file is fetched to, there is no folder.
            if let TaskKind::Fetch(fetch) = &task.kind.value
                && fetch.is_file.as_ref().is_some_and(|flag| flag.value)
            {
                let text = |value: &Option<Src<String>>| {
                    value.as_ref().map_or(String::new(), |text| text.value.clone())
                };
                let name = text(&fetch.source).rsplit('/').next().unwrap_or_default().to_string();
                add(
                    &normal(&format!("{}/{name}", text(&fetch.destination))),
                    Some("to be replaced\n".into()),
                );
            }
            if !folder.is_empty() {
                add(&normal(&format!("{folder}/there.txt")), Some("there\n".into()));
            }
        }
        for artifact in &job.artifacts {
            let source = artifact.source.as_ref().map_or("", |source| source.value.as_str());
            if !source.is_empty() {
                add(&example(source), Some(format!("{source}\n")));
            }
        }
    }
    found
}

/// The programs that tasks call by a path below the working directory.
pub fn relative_programs(job: &Job) -> Vec<String> {
    let programs = job.tasks.iter().filter_map(|task| {
        let TaskKind::Exec { command: Some(command), .. } = &task.kind.value else { return None };
        let folder = task.working_directory.as_ref().map_or("", |folder| folder.value.as_str());
        let relative = command.contains('/') && !command.starts_with('/');
        relative.then(|| normal(&format!("{folder}/{}", command.value)))
    });
    programs.collect()
}

/// The path within each repository that is checked out above it.
fn below(pipeline: &Pipeline, path: &str) -> Vec<String> {
    let destinations = destinations(pipeline);
    let inside = destinations.iter().filter_map(|destination| match destination.as_str() {
        "." => Some(path.to_string()),
        folder => path.strip_prefix(folder)?.strip_prefix('/').map(str::to_string),
    });
    inside.collect()
}

/// Where the git materials are checked out.
pub fn destinations(pipeline: &Pipeline) -> Vec<String> {
    let sources = pipeline
        .materials
        .iter()
        .filter(|material| matches!(material.kind.value, MaterialKind::Git | MaterialKind::ConfigRepo));
    sources
        .map(|material| {
            let written = material.destination.as_ref().map_or("", |folder| folder.value.as_str());
            let folder = normal(written);
            if folder.is_empty() { ".".into() } else { folder }
        })
        .collect()
}

/// Without `.` and empty segments, with `..` resolved.
fn normal(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// A path that an artifact's pattern matches.
fn example(pattern: &str) -> String {
    let pattern = if pattern.ends_with('/') { format!("{pattern}**") } else { pattern.to_string() };
    let segments: Vec<&str> = pattern.split('/').collect();
    let last = segments.len() - 1;
    let made = segments.iter().enumerate().map(|(at, segment)| match *segment {
        "**" if at == last => "d/file".to_string(),
        "**" => "d".to_string(),
        segment => segment.replace('*', "x").replace('?', "q"),
    });
    let path = made.collect::<Vec<_>>().join("/");
    // Without an extension it looks like a folder.
    let wild = pattern.contains(['*', '?']);
    if wild || path.rsplit('/').next().unwrap_or_default().contains('.') {
        path
    } else {
        format!("{path}/file")
    }
}

/// Makes a bare repository of one commit, with these branches; gives the commit.
pub fn make(folder: &Path, files: &BTreeMap<String, Option<String>>, branches: &BTreeSet<String>) -> String {
    let git = |arguments: &[&str], input: &[u8]| {
        let mut child = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_string()
    };
    std::fs::create_dir_all(folder).unwrap();
    git(&["init", "-q", "--bare", "-b", "master", "."], b"");
    let mut stream =
        String::from("commit refs/heads/master\ncommitter a <a@example.com> 1700000000 +0000\ndata 3\none\n");
    for (path, content) in files {
        let (mode, text) = match content {
            Some(text) if text.starts_with("#!") => ("100755", text.as_str()),
            Some(text) => ("100644", text.as_str()),
            None => ("120000", RECORDER),
        };
        let path = path.replace('\\', "\\\\").replace('"', "\\\"");
        stream.push_str(&format!("M {mode} inline \"{path}\"\ndata {}\n{text}\n", text.len()));
    }
    for branch in branches.iter().filter(|branch| *branch != "refs/heads/master") {
        stream.push_str(&format!("reset {branch}\nfrom refs/heads/master\n"));
    }
    git(&["fast-import", "--quiet"], stream.as_bytes());
    git(&["rev-parse", "refs/heads/master"], b"")
}

/// The refs that the materials of a pipeline follow.
pub fn branches(pipeline: &Pipeline) -> BTreeSet<String> {
    let materials = pipeline.materials.iter();
    materials
        .map(|material| {
            let source = material.branch().split(':').next().unwrap_or_default().trim_start_matches('+');
            if source.starts_with("refs/") { source.to_string() } else { format!("refs/heads/{source}") }
        })
        .collect()
}
