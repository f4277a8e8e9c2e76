//! Where a run's time goes, for every pipeline of the storefront fixture.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value as Json;

use crate::found::{Job, jobs, stages};
use crate::real::{Daemon, rig};
use crate::run::{Asked, Left, drop_namespace, free, run};
use crate::unit::{Place, Unit, units};

const DAY: f64 = 86400.0;

/// Seconds of the day, UTC.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() % DAY
}

/// Seconds of the day of `2026-11-26T00:10:47.712Z`.
fn seconds(time: &Json) -> f64 {
    let text = time.as_str().unwrap_or("T0:0:0Z");
    let clock = text.split('T').nth(1).unwrap_or("0:0:0").trim_end_matches('Z');
    clock.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().unwrap_or(0.0))
}

/// From one time to a later one, over midnight too.
fn between(from: f64, to: f64) -> f64 {
    (to - from + DAY) % DAY
}

#[test]
#[ignore = "needs ../shared/rig: see docs/performance.md"]
fn how_long_the_storefront_waits() {
    let gateway = std::env::var("RIG_GATEWAY").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/storefront"));
    let reading = gocd2argo::passes::read(&[root.to_path_buf()]).unwrap();
    let place = Place { folder: folder.path(), gateway: &gateway };
    let (units, programs) = units("storefront", reading, &place).unwrap();
    let _daemon = Daemon::start(folder.path(), &gateway);
    let rig = rig(&gateway, programs);
    println!(
        "| pipeline | to `prepare` | `prepare` | to the pod | checkout | to the command | submit → first command | stage → stage | pods: jobs + ours | all in all |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (number, unit) in units.iter().enumerate() {
        let namespace = format!("m{}-{number}", std::process::id());
        match run(&rig, unit, &namespace, &Asked::default()) {
            Ok(left) => println!("{}", row(unit, &left)),
            Err(problem) => println!("| {} | {problem} |", unit.pipeline),
        }
        free(&rig, &namespace);
        drop_namespace(&rig, &namespace);
    }
}

/// Times of the main container of that template: begin and end.
fn container<'l>(left: &'l Left, template: &str, container: &str) -> Option<&'l Json> {
    let is = |line: &&Json| {
        line["kind"] == "container" && line["template"] == template && line["container"] == container
    };
    left.trace.iter().find(is)
}

fn row(unit: &Unit, left: &Left) -> String {
    let all: Vec<Vec<Job>> =
        (0..stages(unit.template()).len()).map(|stage| jobs(unit, left, stage)).collect();
    let prepare = container(left, "prepare", "main");
    let time = |line: Option<&Json>, key: &str| line.map(|line| seconds(&line[key]));
    let (began, decided) = (time(prepare, "started"), time(prepare, "ended"));
    let first_job = all.first().and_then(|jobs| jobs.first());
    let checkout = first_job.and_then(|job| container(left, &job.template, "checkout"));
    let (fetching, fetched) = (time(checkout, "started"), time(checkout, "ended"));
    let first = first_job.and_then(|job| job.calls.first()).map(|call| seconds(&call.started));
    let span = |from: Option<f64>, to: Option<f64>| match (from, to) {
        (Some(from), Some(to)) => format!("{:.1}", between(from, to)),
        _ => "–".to_string(),
    };
    let mut gaps = Vec::new();
    for pair in all.windows(2) {
        let end = pair[0].iter().map(|job| seconds(&job.ended)).fold(f64::MIN, f64::max);
        let next = pair[1].iter().flat_map(|job| job.calls.first()).map(|call| seconds(&call.started));
        let next = next.fold(f64::MAX, f64::min);
        if end > f64::MIN && next < f64::MAX {
            gaps.push(format!("{:.1}", between(end, next)));
        }
    }
    let pods = left.nodes().filter(|node| node["type"] == "Pod").count();
    let of_jobs: usize = all.iter().flatten().map(|job| job.attempts).sum();
    let finished = Some(seconds(&left.workflow["status"]["finishedAt"]));
    format!(
        "| {} | {} | {} | {} | {} | {} | **{}** | {} | {of_jobs} + {} | {} |",
        unit.pipeline,
        span(Some(left.asked_at), began),
        span(began, decided),
        span(decided, fetching.or(first)),
        span(fetching, fetched),
        span(fetched, first),
        span(Some(left.asked_at), first),
        if gaps.is_empty() { "–".into() } else { format!("**{}**", gaps.join(", ")) },
        pods - of_jobs,
        span(Some(left.asked_at), finished),
    )
}
