//! Generated tasks.

use serde_json::{Value, json};

use crate::generate::text;
use crate::random::Random;

/// What has been made so far: every command has an id among its words, so that it can be told to fail.
#[derive(Default)]
pub struct Made {
    pub ids: Vec<String>,
    /// Ids of commands that do not exist.
    pub broken: Vec<String>,
}

impl Made {
    fn id(&mut self) -> String {
        let id = format!("k{}.", self.ids.len());
        self.ids.push(id.clone());
        id
    }
}

const FOLDERS: [&str; 9] = ["sub", "a b/c", "bin/sub", "missing", "-dash", "we[i]rd", ".", "sub/../sub", "-"];

pub fn task(random: &mut Random, made: &mut Made) -> Value {
    let (kind, mut body) = match random.below(20) {
        0..=8 => ("exec", exec(random, made)),
        9..=11 => return json!({"script": script(random, made)}),
        12..=14 => ("plugin", plugin(random, made)),
        15 | 16 => ("fetch", fetch(random)),
        17 => ("ant", build(random, made)),
        18 => ("nant", build(random, made)),
        _ => ("rake", build(random, made)),
    };
    if random.chance(50) {
        body["run_if"] = json!(random.pick(&["passed", "failed", "any"]));
    }
    if !["plugin", "fetch"].contains(&kind) && random.chance(35) {
        body["working_directory"] = json!(random.pick(&FOLDERS));
    }
    json!({kind: body})
}

fn exec(random: &mut Random, made: &mut Made) -> Value {
    let mut arguments = vec![json!(made.id())];
    arguments.extend((0..random.below(4)).map(|_| json!(text(&random.hostile()))));
    // Names of shells' own words and of functions of the job's script are programs all the same.
    let command = *random.pick(&["tool", "make", "a tool", "echo", "task", "t1", "a=b", "$A", "nosuch"]);
    if command == "nosuch" {
        made.broken.extend(made.ids.last().cloned());
    }
    json!({"command": command, "arguments": arguments})
}

fn script(random: &mut Random, made: &mut Made) -> String {
    let first = match random.below(8) {
        0 => "#!/usr/bin/env interpreter\n",
        1 => "# no\n",
        _ => "",
    };
    let mut script = format!("{first}{}{}{}", random.hostile(), made.id(), random.hostile());
    if first.is_empty() && script.starts_with("#!") {
        script.insert(0, ' '); // no interpreter of that name
    }
    if random.chance(3) {
        let line = format!("{}\n", random.hostile());
        script.push_str(&line.repeat(100_000 / line.len()));
    }
    if random.chance(50) {
        script.push('\n');
    }
    text(&script)
}

fn plugin(random: &mut Random, made: &mut Made) -> Value {
    let mut options = json!({"script": script(random, made)});
    if random.chance(30) {
        options["shtype"] = json!(random.pick(&["bash", ""]));
    }
    json!({"configuration": {"id": "script-executor", "version": "1"}, "options": options})
}

fn fetch(random: &mut Random) -> Value {
    let (source, is_file) = *random.pick(&[
        ("pkg", false),
        ("pkg/d", false),
        ("app.jar", true),
        ("deep/er/f.txt", true),
        ("gone", false),
        ("pkg", true),
        ("pkg/", false),
        ("app.jar", false),
    ]);
    // GoCD compares names without case.
    let (pipeline, stage, job) = *random.pick(&[
        ("", "first", "prep"),
        ("P", "FIRST", "Prep"),
        ("", "First", "many-runInstance-2"),
        ("up", "make", "pack"),
        ("UP", "Make", "PACK"),
    ]);
    let mut fetch = json!({"stage": stage, "job": job, "source": source, "is_file": is_file});
    if !pipeline.is_empty() {
        fetch["pipeline"] = json!(pipeline);
    }
    if random.chance(50) {
        fetch["destination"] = json!(random.pick(&["lib", "a b", "new/deep", "sub"]));
    }
    fetch
}

fn build(random: &mut Random, made: &mut Made) -> Value {
    let id = made.id();
    let target =
        random.pick(&["clean", "clean  \"a b\" x", "'it s' -Dk=\"v w\"", " spaced ", "$(A) $$ {{x}}"]);
    let mut build = json!({"target": format!("{id} {target}")});
    if random.chance(50) {
        // A backslash would be a path on Windows.
        build["build_file"] = json!(text(&format!("b {}", random.hostile().replace('\\', "/"))));
    }
    build
}
