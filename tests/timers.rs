//! Timers: over ten years, the minutes at which the CronWorkflow fires, decided from the manifest, are those of the Quartz
//! expression, computed by an implementation of its own (`reference/clock.rs`). `GOCD2ARGO_TIMERS`: how many expressions.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "behaviour/random.rs"]
#[allow(dead_code)]
mod random;

use gocd2argo::gocd::quartz::Quartz;
use gocd2argo::passes;
use gocd2argo::reference::clock;
use gocd2argo::settings::Settings;
use gocd2argo::simulate::Cluster;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use random::Random;

const LIMIT: usize = 20_000_000;

/// A value, a range, a step or a list of a field.
fn field(random: &mut Random, least: usize, most: usize) -> String {
    let size = most - least + 1;
    let mut value = || least + random.below(size);
    let (a, b, c) = (value(), value(), value());
    let every = 1 + random.below(most.min(20));
    match random.below(8) {
        0 => "*".to_string(),
        1 => format!("*/{every}"),
        2 => format!("{a}/{every}"),
        3 => format!("{a}-{b}"),
        4 => format!("{a}-{b}/{every}"),
        5 => format!("{a},{b},{c}"),
        6 => format!("{a}-{b},{c}"),
        _ => a.to_string(),
    }
}

fn expression(random: &mut Random) -> String {
    let names = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    let (mut month_day, mut week_day) = (field(random, 1, 31), "?".to_string());
    match random.below(12) {
        0 => month_day = "L".to_string(),
        1 => month_day = format!("L-{}", random.below(31)),
        2 => month_day = "LW".to_string(),
        3 => month_day = format!("{}W", 1 + random.below(31)),
        4 => month_day = format!("L-{}W", random.below(31)),
        kind @ 5..9 => {
            month_day = "?".to_string();
            week_day = match kind {
                5 => format!("{}##{}", 1 + random.below(7), 1 + random.below(5)),
                6 => format!("{}L", random.pick(&names)),
                7 => format!("{}-{}", random.pick(&names), random.pick(&names)),
                _ => field(random, 1, 7),
            };
        }
        _ => {}
    }
    // Few minutes of few hours: ten years of each minute are a slow test.
    let minutes = if random.chance(10) { field(random, 0, 59) } else { random.below(60).to_string() };
    let hours = if random.chance(30) { field(random, 0, 23) } else { random.below(24).to_string() };
    let year = ["", "", "", " *", " 2027", " 2026-2029", " 2026/3", " 2030,2033"][random.below(8)];
    let second = ["0", "0", "30", "59"][random.below(4)];
    let month = if random.chance(60) { "*".to_string() } else { field(random, 1, 12) };
    format!("{second} {minutes} {hours} {month_day} {month} {week_day}{year}")
}

fn minutes(times: &[Timestamp]) -> Vec<i64> {
    let mut minutes: Vec<i64> = times.iter().map(|time| time.as_second().div_euclid(60)).collect();
    minutes.dedup();
    minutes
}

#[test]
fn cron_fires_when_quartz_does() {
    let wanted: usize = std::env::var("GOCD2ARGO_TIMERS").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    let mut random = Random::new(5);
    let specs: Vec<String> = std::iter::repeat_with(|| expression(&mut random))
        .filter(|spec| Quartz::parse(&spec.replace("##", "#")).is_ok())
        .take(wanted)
        .collect();
    let mut text = "format_version: 10\npipelines:\n".to_string();
    for (n, spec) in specs.iter().enumerate() {
        text.push_str(&format!("  p{n}: {{group: g, timer: {{spec: '{spec}'}}, materials: {{c: {{git: 'https://github.com/a/b'}}}}, stages: [b: {{tasks: [exec: {{command: make}}]}}]}}\n"));
    }
    let mut reading = passes::read_texts(&[("all.gocd.yaml", &text)]);
    assert!(!reading.is_refused(), "{:?}", reading.account.findings.first());
    let engine = gocd2argo::render::engine::Engine::new(None).unwrap();
    let manifests = reading.convert(&Settings::default(), &engine).unwrap();
    let cluster = Cluster::new(&manifests);
    let (from, to) = ("2026-01-01T00:00:00Z".parse().unwrap(), "2036-01-01T00:00:00Z".parse().unwrap());
    let (mut fired, mut decisions) = (0, 0);
    for (n, spec) in specs.iter().enumerate() {
        let Some(cron) = cluster.timer(&format!("p{n}")).unwrap() else {
            decisions += 1;
            let days = spec.split(' ').nth(3).unwrap();
            assert!(days.contains(['W', 'L']), "{spec} has no CronWorkflow");
            continue;
        };
        let quartz = Quartz::parse(&spec.replace("##", "#")).unwrap();
        let expected = minutes(&clock::firings(&quartz, &TimeZone::UTC, from, to, LIMIT).unwrap());
        let found = minutes(&cron.firings(from, to, LIMIT).unwrap());
        fired += expected.len();
        let differs = expected.iter().zip(&found).find(|(a, b)| a != b);
        assert!(
            expected == found,
            "{spec}: {} times, found {}; first at {:?}",
            expected.len(),
            found.len(),
            differs.map(|(a, b)| [a, b].map(|minute| Timestamp::from_second(minute * 60).unwrap()))
        );
    }
    eprintln!(
        "{wanted} expressions, ten years: {fired} firings in the same minutes; {decisions} left to a person"
    );
}
