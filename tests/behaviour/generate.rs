//! Generated pipelines, as GoCD YAML, with the files that their jobs find.

use gocd2argo::reference::World;
use serde_json::{Map, Value, json};

use crate::random::Random;
use crate::tasks;

/// One case: a job, and what happens around it.
pub struct Case {
    /// GoCD YAML (its JSON form).
    pub yaml: String,
    /// The files.
    pub world: World,
    /// Ids in the words of the commands that fail.
    pub failing: Vec<String>,
    /// The job that is run, of stage `main`.
    pub job: &'static str,
    /// Number of the instance that is run, when the job has instances.
    pub instance: Option<u32>,
}

const FILES: [&str; 16] = [
    "bin/a.jar",
    "bin/sub/b.jar",
    "bin/sub/deep/c",
    "out/bin/c",
    "out/bin/.hidden",
    "a/b/app.jar",
    "top.txt",
    "README",
    "target/x/t2.xml",
    "target/-t.xml",
    "a b/c/ü.txt",
    "sub/x",
    "-dash/x",
    "empty/",
    "we[i]rd/f(1)+.txt",
    "-/x",
];

const SOURCES: [&str; 29] = [
    "bin",
    "bin/",
    "bin/**",
    "bin/*",
    "bin/**/*",
    "out/bin",
    "a/b/app.jar",
    "*.txt",
    "*",
    "**/*",
    "*.*",
    "**/*.*",
    "target/**/*.xml",
    "target/*.xml",
    "?EADME",
    "a b/c",
    "a b/**/*.txt",
    "**/c",
    "**/sub/**",
    "*/*/c",
    "./bin",
    "empty",
    "we[i]rd",
    "we[i]rd/*.txt",
    "-dash",
    "missing",
    "missing/**/*",
    "pkg",
    "lib/**/*",
];

const NAMES: [&str; 13] = [
    "A",
    "B_1",
    "X",
    "GO_PIPELINE_NAME",
    "GO_STAGE_NAME",
    "GO_JOB_NAME",
    "GO_REVISION_CODE",
    "GO_ENVIRONMENT_NAME",
    "GO_SERVER_URL",
    "GO_AGENT_RESOURCES",
    "lower",
    "my.var",
    "GO_TRIGGER_USER",
];

/// `#` begins a parameter in every text of a pipeline.
pub fn text(text: &str) -> String {
    text.replace('#', "##")
}

pub fn case(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let files: Vec<String> =
        FILES.iter().filter(|_| random.chance(70)).map(|file| (*file).to_string()).collect();
    let mut world = World { files, ..World::default() };
    for place in ["p/first/prep", "p/first/many-runinstance-2", "up/make/pack"] {
        let found =
            ["pkg/one", "pkg/d/two", "app.jar", "deep/er/f.txt"].into_iter().filter(|_| random.chance(80));
        world.artifacts.insert(place.into(), found.map(String::from).collect());
    }
    let mut made = tasks::Made::default();
    let list: Vec<Value> = (0..1 + random.below(6)).map(|_| tasks::task(&mut random, &mut made)).collect();
    let mut job = Map::new();
    job.insert("tasks".into(), list.into());
    job.insert("artifacts".into(), artifacts(&mut random).into());
    let instance = random.chance(15).then(|| 1 + random.below(3));
    if instance.is_some() {
        job.insert("run_instances".into(), json!(3));
    }
    if random.chance(20) {
        job.insert("resources".into(), json!(["linux", "x"]));
    }
    if random.chance(10) {
        job.insert("timeout".into(), json!(5));
    }
    variables(&mut random, &mut job, true);
    let alone = random.chance(15);
    let yaml = configuration(&mut random, job, alone);
    let mut failing: Vec<String> = made.ids.iter().filter(|_| random.chance(25)).cloned().collect();
    failing.extend(made.broken);
    let instance = instance.map(|number| u32::try_from(number).unwrap());
    Case { yaml, world, failing, job: if alone { "main" } else { "work" }, instance }
}

/// The job is that of a stage without `jobs`, or one of two.
fn configuration(random: &mut Random, job: Map<String, Value>, alone: bool) -> String {
    let step = json!({"tasks": [{"exec": {"command": "tool"}}]});
    let many = json!({"run_instances": 2, "tasks": [{"exec": {"command": "tool"}}]});
    let mut main = Map::new();
    match alone {
        true => main.extend(job),
        false => {
            main.insert("jobs".into(), json!({"work": job, "beside": step}));
            variables(random, &mut main, true);
        }
    }
    let mut p = Map::new();
    let code = json!({"git": "https://git.example.com/acme/code.git", "branch": "release/1"});
    p.insert("group".into(), json!("Some.group"));
    p.insert("materials".into(), json!({"code": code, "up": {"pipeline": "up", "stage": "make"}}));
    p.insert("stages".into(), json!([{"first": {"jobs": {"prep": step, "many": many}}}, {"main": main}]));
    variables(random, &mut p, true);
    let up = json!({"group": "g", "materials": {"code": {"git": "https://git.example.com/acme/code.git"}},
                    "stages": [{"make": {"jobs": {"pack": step}}}]});
    let mut environment = Map::new();
    environment.insert("pipelines".into(), json!(["p"]));
    variables(random, &mut environment, false);
    let mut all = json!({"format_version": 10, "pipelines": {"p": p, "up": up}});
    if random.chance(60) {
        all["environments"] = json!({"prod": environment});
    }
    all.to_string()
}

fn variables(random: &mut Random, level: &mut Map<String, Value>, parameters: bool) {
    let mut plain = Map::new();
    let mut secure = Map::new();
    for _ in 0..random.below(4) {
        let name = random.pick(&NAMES).to_string();
        let mut value = random.hostile();
        if random.chance(10) {
            value.push_str("{{SECRET:[vault][key]}}");
            value.push_str(&random.hostile());
        }
        if random.chance(15) && !plain.contains_key(&name) {
            secure.insert(name, json!("AES:YWJj:ZGVm"));
        } else if !secure.contains_key(&name) {
            plain.insert(name, json!(if parameters { text(&value) } else { value }));
        }
    }
    level.insert("environment_variables".into(), plain.into());
    level.insert("secure_variables".into(), secure.into());
}

fn artifacts(random: &mut Random) -> Vec<Value> {
    let mut seen = Vec::new();
    let count = if random.chance(30) { 0 } else { 1 + random.below(3) };
    (0..count)
        .filter_map(|_| {
            let mut body = json!({"source": random.pick(&SOURCES)});
            match random.below(5) {
                0 => body["destination"] = json!("dest"),
                1 => body["destination"] = json!("de st/ü/x"),
                2 => body["destination"] = json!("dest/"),
                _ => {}
            }
            let kind = if random.chance(70) { "build" } else { "test" };
            let artifact = json!({kind: body});
            let new = !seen.contains(&artifact);
            seen.push(artifact.clone());
            new.then_some(artifact)
        })
        .collect()
}
