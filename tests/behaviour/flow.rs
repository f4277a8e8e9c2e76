//! Which stages and jobs run, by the manifests: stages in order, gates, failures, and who is told when a stage has passed.

use std::collections::BTreeMap;

use gocd2argo::passes::read_texts;
use gocd2argo::reference::{Approvals, Failure, Outcome, Request, StageState, Trace, trace};
use gocd2argo::render::engine::Engine;
use gocd2argo::settings::Settings;
use serde_json::{Value, json};

use crate::cluster;
use crate::random::Random;

const CASES: u64 = 200;

struct Case {
    yaml: String,
    failing: Vec<String>,
    approved: Vec<String>,
}

fn case(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let (mut failing, mut approved, mut stages, mut ids) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let count = 1 + random.below(5);
    for number in 0..count {
        let mut jobs = serde_json::Map::new();
        for job in 0..1 + random.below(3) {
            let id = format!("k{ids}.");
            ids += 1;
            let mut body = json!({"tasks": [{"exec": {"command": "tool", "arguments": [&id]}}]});
            if random.chance(25) {
                body["run_instances"] = json!(1 + random.below(3));
            }
            jobs.insert(format!("Job{job}"), body);
            if random.chance(12) {
                failing.push(id);
            }
        }
        let name = format!("Stage_{number}");
        let mut stage = json!({"jobs": jobs});
        match random.below(6) {
            0 => stage["approval"] = json!("manual"),
            1 => stage["approval"] = json!({"type": "manual", "allow_only_on_success": true}),
            2 => stage["approval"] = json!({"type": "success", "allow_only_on_success": true}),
            _ => {}
        }
        if random.chance(60) {
            approved.push(name.clone());
        }
        stages.push(json!({name: stage}));
    }
    let mut pipelines = json!({"p": {"group": "g", "stages": stages,
        "materials": {"code": {"git": "https://git.example.com/acme/code.git"}}}});
    for number in 0..random.below(3) {
        let stage = format!("Stage_{}", random.below(count));
        let mut up = json!({"pipeline": "p", "stage": stage});
        if random.chance(30) {
            up["ignore_for_scheduling"] = json!(true);
        }
        let end = json!([{"s": {"tasks": [{"exec": {"command": "tool"}}]}}]);
        pipelines[format!("down{number}")] = json!({"group": "g", "materials": {"up": up}, "stages": end});
    }
    let yaml = json!({"format_version": 10, "pipelines": pipelines}).to_string();
    Case { yaml, failing, approved }
}

/// What Argo does with the DAG of stages.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ran {
    /// Per stage: its jobs by `GO_JOB_NAME`, and whether it has passed.
    stages: BTreeMap<String, (Vec<String>, bool)>,
    /// Gates that are open to a person.
    waiting: Vec<String>,
    /// Stages of which other pipelines are told.
    told: Vec<String>,
}

/// The value of a job's variable, with the tags of this instance.
fn variable(template: &Value, name: &str, instance: Option<u32>) -> String {
    let all = template["script"]["env"].as_array().unwrap();
    let found = all.iter().find(|variable| variable["name"] == *name).unwrap()["value"].as_str().unwrap();
    found.replace("{{inputs.parameters.run-index}}", &instance.unwrap_or(0).to_string())
}

fn argo(documents: &[Value], case: &Case) -> Ran {
    let is_p =
        |document: &&Value| document["kind"] == "WorkflowTemplate" && document["metadata"]["name"] == "p";
    let templates = documents.iter().find(is_p).unwrap()["spec"]["templates"].as_array().unwrap();
    let template = |name: &Value| templates.iter().find(|template| template["name"] == *name).unwrap();
    let dag = &template(&json!("pipeline"))["dag"];
    assert_eq!(dag["failFast"], false);
    let mut ran = Ran::default();
    let mut succeeded: BTreeMap<String, bool> = BTreeMap::new();
    // The DAG is written in the order of its stages, so that whatever a task depends on stands before it.
    for task in dag["tasks"].as_array().unwrap() {
        let name = task["name"].as_str().unwrap().to_string();
        let starts = task["depends"].as_str().is_none_or(|depends| {
            let before = depends.strip_suffix(".Succeeded").unwrap();
            succeeded.get(before).copied().unwrap_or(false)
        });
        if !starts {
            continue;
        }
        let this = template(&task["template"]);
        if this.get("suspend").is_some() {
            let stage = name.strip_prefix("gate-").unwrap().replace('-', "_");
            let approved = case.approved.iter().any(|known| known.eq_ignore_ascii_case(&stage));
            if !approved {
                ran.waiting.push(stage);
            }
            succeeded.insert(name, approved);
            continue;
        }
        if this.get("script").is_some() {
            ran.told.push(name.strip_prefix("passed-").unwrap().to_string());
            continue;
        }
        let passed = run_stage(&this["steps"], &template, case, &mut ran);
        succeeded.insert(name, passed);
    }
    ran
}

/// Argo: the steps of a group run at the same time, all to their end; the next group only when all have succeeded.
fn run_stage<'t>(steps: &Value, template: &impl Fn(&Value) -> &'t Value, case: &Case, ran: &mut Ran) -> bool {
    let groups = steps.as_array().unwrap();
    let (mut jobs, mut passed, mut stage) = (Vec::new(), true, String::new());
    for step in groups[0].as_array().unwrap() {
        let job = template(&step["template"]);
        let count = step["withSequence"]["count"].as_str().map(|count| count.parse::<u32>().unwrap());
        let instances: Vec<Option<u32>> = count.map_or(vec![None], |count| (1..=count).map(Some).collect());
        for instance in instances {
            jobs.push(variable(job, "GO_JOB_NAME", instance));
            stage = variable(job, "GO_STAGE_NAME", instance);
        }
        passed &=
            !case.failing.iter().any(|id| job["script"]["source"].as_str().unwrap().contains(id.as_str()));
    }
    ran.stages.insert(stage, (jobs, passed));
    passed
}

/// What GoCD does, in the same form. Where a person may go on after a failure, Argo offers nothing: the trace ends there,
/// and the conversion says so.
fn gocd(trace: &Trace, warned: bool) -> Ran {
    let mut ran = Ran::default();
    for stage in &trace.stages {
        let after_failure = stage.why.contains("has failed");
        if after_failure && stage.state != StageState::Unreached {
            assert!(warned, "nobody is told that {} is not offered", stage.name);
            break;
        }
        match stage.state {
            StageState::Ran => {
                let jobs = stage.jobs.iter().map(|job| job.name.clone()).collect();
                ran.stages.insert(stage.name.clone(), (jobs, stage.result == Some(Outcome::Passed)));
                if trace.downstream.iter().any(|next| next.stage == stage.name) {
                    ran.told.push(stage.name.to_lowercase().replace('_', "-"));
                }
            }
            StageState::Waits => ran.waiting.push(stage.name.to_lowercase()),
            StageState::Unreached => {}
        }
    }
    ran
}

#[test]
fn stages_follow_each_other_as_in_gocd() {
    let engine = Engine::new(None).unwrap();
    for seed in 0..CASES {
        let case = case(seed);
        let mut reading = read_texts(&[("p.gocd.yaml", &case.yaml)]);
        assert!(!reading.is_refused(), "{}", case.yaml);
        let request = Request {
            pipeline: "p".into(),
            fail: case.failing.iter().map(|id| Failure::parse(id)).collect(),
            approve: Approvals::Named(case.approved.clone()),
            ..Request::default()
        };
        let expected = trace(&reading.configuration, &request).unwrap();
        let manifests = reading.convert(&Settings::default(), &engine).unwrap();
        let warned =
            reading.account.findings.iter().any(|finding| finding.rule.name == "manual-after-failure");
        let found = argo(&cluster::documents(&manifests), &case);
        assert_eq!(
            found,
            gocd(&expected, warned),
            "case {seed}: {:?} {:?}\n{}",
            case.failing,
            case.approved,
            case.yaml
        );
    }
    println!("behaviour: order {CASES} of {CASES} agree");
}
