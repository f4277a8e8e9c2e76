//! The members of `expect` in `../shared/spec/docker-to-kaniko.json`, computed from what the plan says about jobs. The
//! meanings are those of its `fields` and `rules`; `docs/builds.schema.json` repeats them.

use crate::finding::{Rule, Severity};
use crate::plan::image::build::Kind;
use crate::plan::image::outcome::{Became, Event, JobOutcome};
use crate::plan::image::{ContainerStep, Image, ImageBuild, ImageCopy};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The members, for one job or for all of them.
#[derive(Debug, Serialize)]
pub struct Members {
    /// `kaniko`, `partly`, `decision` or `unchanged`.
    pub outcome: &'static str,
    /// Kaniko builds in order of execution.
    pub builds: Vec<Value>,
    /// What runs before the first build; without a build everything that is kept.
    pub commands_before: Vec<String>,
    /// What runs after the last build, with what sets up the shell for it.
    pub commands_after: Vec<String>,
    /// Names of findings about images.
    pub findings: Vec<&'static str>,
    /// What has no counterpart.
    pub removed: Vec<String>,
    /// `docker run` as container steps.
    pub steps: Vec<Value>,
    /// Copies without a build.
    pub copies: Vec<Value>,
    /// `run_if` of all `commands_after`, where it is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_run_if: Option<&'static str>,
}

/// Findings that leave the outcome as it is: the secret is filled in once, whatever is built.
const NO_DECISION: &[&str] = &["registry-credentials"];

/// The members for these jobs, and for what was found about pipelines as a whole.
pub fn members(jobs: &[&JobOutcome], beside: &[&'static Rule]) -> Members {
    let images: Vec<Image> =
        jobs.iter().flat_map(|job| in_order(job)).flat_map(|build| build.images()).collect();
    let mut rules: Vec<&'static Rule> = jobs.iter().flat_map(|job| job.findings.iter().copied()).collect();
    rules.extend(beside);
    rules.sort_unstable_by_key(|rule| rule.name);
    rules.dedup();
    let kept = Kept::of(jobs);
    let removed = jobs.iter().flat_map(|job| &job.events).filter(|event| event.became == Became::Removed);
    let removed: Vec<String> = removed.map(|event| event.text.clone()).collect();
    let copies: Vec<Value> = jobs.iter().flat_map(|job| &job.copies).flat_map(copies).collect();
    let steps: Vec<Value> = jobs.iter().flat_map(|job| &job.steps).map(step).collect();
    let made = !images.is_empty() || !copies.is_empty() || !steps.is_empty();
    let asks = |rule: &&Rule| rule.severity == Severity::Decision && !NO_DECISION.contains(&rule.name);
    Members {
        outcome: match (made, rules.iter().copied().any(|rule| asks(&rule))) {
            (true, true) => "partly",
            (true, false) => "kaniko",
            (false, true) => "decision",
            (false, false) if !removed.is_empty() => "kaniko",
            (false, false) => "unchanged",
        },
        builds: images.iter().map(build).collect(),
        commands_before: kept.before,
        commands_after: kept.after,
        findings: rules.iter().map(|rule| rule.name).collect(),
        removed,
        steps,
        copies,
        after_run_if: kept.run_if,
    }
}

/// The builds of a job in order of execution, which is that of its commands.
fn in_order(job: &JobOutcome) -> Vec<&ImageBuild> {
    let mut numbers: Vec<usize> = Vec::new();
    let told = job.events.iter().filter_map(|event| match event.became {
        Became::Build(number) => Some(number),
        _ => None,
    });
    for number in told.chain(0..job.builds.len()) {
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers.into_iter().filter_map(|number| job.builds.get(number)).collect()
}

/// The commands that are kept.
#[derive(Default)]
struct Kept {
    before: Vec<String>,
    after: Vec<String>,
    run_if: Option<&'static str>,
}

impl Kept {
    fn of(jobs: &[&JobOutcome]) -> Kept {
        // What runs on cancel is neither before nor after anything.
        let in_order = |(number, job): (usize, &&JobOutcome)| -> Vec<(usize, Event, Option<&'static str>)> {
            let run_if = |event: &Event| job.run_if.get(event.task).copied().flatten();
            let events = job.events.iter().filter(|event| run_if(event).is_some());
            events.map(|event| (number, event.clone(), run_if(event))).collect()
        };
        let events: Vec<_> = jobs.iter().enumerate().flat_map(in_order).collect();
        let builds = |(_, event, _): &(usize, Event, _)| matches!(event.became, Became::Build(_));
        let kept =
            |(_, event, _): &&(usize, Event, _)| matches!(event.became, Became::Kept | Became::KeptState);
        let texts = |part: &[(usize, Event, _)]| -> Vec<String> {
            part.iter().filter(kept).map(|(_, event, _)| event.text.clone()).collect()
        };
        let (Some(first), Some(last)) = (events.iter().position(builds), events.iter().rposition(builds))
        else {
            return Kept { before: texts(&events), ..Kept::default() };
        };
        let (job, build, _) = &events[last];
        let rest = &events[last + 1..];
        let same = |(number, event, _): &&(usize, Event, _)| number == job && event.task == build.task;
        let goes_on = rest.iter().filter(kept).any(|event| same(&event));
        let state = events[..last].iter().filter(|event| goes_on && same(event));
        let state = state.filter(|(_, event, _)| event.became == Became::KeptState);
        let mut after: Vec<String> = state.map(|(_, event, _)| event.text.clone()).collect();
        after.extend(texts(rest));
        let mut conditions: Vec<_> = rest.iter().filter(kept).map(|(_, _, run_if)| *run_if).collect();
        conditions.dedup();
        let run_if = if let [only] = conditions[..] { only } else { None };
        Kept { before: texts(&events[..first]), after, run_if }
    }
}

/// The members that a value has only where there is something to say.
fn optional(out: &mut Map<String, Value>, name: &str, value: Value) {
    if !matches!(value, Value::Null | Value::Bool(false)) && value != json!({}) {
        out.insert(name.to_string(), value);
    }
}

fn pairs(pairs: &[(String, String)]) -> Value {
    json!(pairs.iter().cloned().collect::<BTreeMap<_, _>>())
}

fn build(image: &Image) -> Value {
    let mut out = Map::new();
    let always = [
        ("context", json!(image.context)),
        ("dockerfile", json!(image.dockerfile)),
        ("destinations", json!(image.destinations)),
        ("build_args", pairs(&image.build_args)),
        ("target", json!(image.target)),
        ("labels", pairs(&image.labels)),
        ("push", json!(image.push)),
        ("condition", json!(image.condition)),
        ("cache_from", json!(image.cache_from)),
    ];
    out.extend(always.map(|(name, value)| (name.to_string(), value)));
    optional(&mut out, "push_condition", json!(image.push_condition));
    optional(&mut out, "dockerfile_text", json!(image.dockerfile_text));
    optional(&mut out, "no_cache", json!(image.no_cache));
    optional(&mut out, "platform", json!(image.platform));
    optional(&mut out, "tar", json!(image.tar));
    optional(&mut out, "digest_file", json!(image.digest_file));
    optional(&mut out, "single_snapshot", json!(image.single_snapshot));
    optional(&mut out, "insecure", json!(image.insecure));
    optional(&mut out, "hosts", pairs(&image.hosts));
    optional(&mut out, "memory", json!(image.memory));
    optional(&mut out, "timeout", json!(image.timeout));
    let builder = (image.kind != Kind::Kaniko).then_some("buildkit");
    optional(&mut out, "builder", json!(builder));
    Value::Object(out)
}

fn step(step: &ContainerStep) -> Value {
    let mut out = Map::new();
    out.insert("image".to_string(), json!(step.image));
    optional(&mut out, "command", json!(step.command));
    out.insert("args".to_string(), json!(step.args));
    out.insert("env".to_string(), pairs(&step.env));
    out.insert("workdir".to_string(), json!(step.workdir));
    out.insert("workspace".to_string(), json!(step.workspace));
    Value::Object(out)
}

/// A copy, once for each run that is known.
fn copies(copy: &ImageCopy) -> Vec<Value> {
    if copy.runs.is_empty() {
        return vec![one_copy(copy)];
    }
    let run = |run: &Vec<(String, String)>| {
        let put = |text: &str| crate::plan::image::build::with(text, run);
        one_copy(&ImageCopy { from: put(&copy.from), to: put(&copy.to), ..copy.clone() })
    };
    copy.runs.iter().map(run).collect()
}

fn one_copy(copy: &ImageCopy) -> Value {
    let mut out = Map::new();
    out.insert("from".to_string(), json!(copy.from));
    out.insert("to".to_string(), json!(copy.to));
    optional(&mut out, "condition", json!(copy.condition));
    Value::Object(out)
}
