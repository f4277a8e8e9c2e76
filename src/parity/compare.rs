//! Both sides' figures, and whether Argo's are as good as they have to be.

use std::collections::BTreeMap;

use super::{DURATION, Figures, Objectives, Outcome, Parity, Pipeline, Run, START, SUCCESS};
use crate::plan::names;

/// How much worse a share may be than GoCD's, and how much longer a time.
const SHARE: f64 = 0.005;
const TIMES: f64 = 1.1;

/// Compares runs of GoCD, by original names, with runs of Argo, by slugs.
pub(super) fn compare(gocd: &[Run], argo: &[Run], pokes: usize, least_runs: usize) -> Parity {
    let by_name = |runs: &[Run]| {
        let mut by_name: BTreeMap<String, Vec<Run>> = BTreeMap::new();
        for run in runs {
            by_name.entry(run.pipeline.clone()).or_default().push(run.clone());
        }
        by_name
    };
    let (there, mut here) = (by_name(gocd), by_name(argo));
    let slugs = names::slugs(there.keys().map(String::as_str), names::LONG);
    let mut pipelines: Vec<Pipeline> = there
        .iter()
        .map(|(name, runs)| {
            let slug = slugs.get(name).map_or(name.as_str(), |slug| slug.text.as_str());
            let argo = here.remove(slug);
            judge(name, Some(figures(runs)), argo.map(|runs| figures(&runs)), least_runs)
        })
        .collect();
    pipelines.extend(here.iter().map(|(slug, runs)| judge(slug, None, Some(figures(runs)), least_runs)));
    pipelines.sort_by(|a, b| a.pipeline.cmp(&b.pipeline));
    Parity {
        version: 1,
        holds: !pipelines.is_empty() && pipelines.iter().all(|pipeline| pipeline.holds),
        objectives: Objectives {
            success: SUCCESS,
            duration_seconds: DURATION,
            start_seconds: START,
            runs: least_runs,
        },
        pokes,
        pipelines,
    }
}

/// Of runs that ended by themselves; the others are counted only.
fn figures(runs: &[Run]) -> Figures {
    let count = |outcome: Outcome| runs.iter().filter(|run| run.outcome == outcome).count();
    let (passed, failed) = (count(Outcome::Passed), count(Outcome::Failed));
    let ended = || runs.iter().filter(|run| matches!(run.outcome, Outcome::Passed | Outcome::Failed));
    let durations: Vec<i64> = ended().filter_map(|run| run.duration).collect();
    let starts: Vec<i64> = ended().filter_map(|run| run.start).collect();
    Figures {
        runs: runs.len(),
        passed,
        failed,
        cancelled: count(Outcome::Cancelled),
        open: count(Outcome::Open),
        success: (passed + failed > 0).then(|| passed as f64 / (passed + failed) as f64),
        duration_average_seconds: average(&durations),
        duration_p95_seconds: p95(durations),
        start_average_seconds: average(&starts),
        start_p95_seconds: p95(starts),
    }
}

fn average(milliseconds: &[i64]) -> Option<f64> {
    let total: f64 = milliseconds.iter().map(|value| *value as f64).sum();
    (!milliseconds.is_empty()).then(|| rounded(total / milliseconds.len() as f64))
}

/// The nearest rank: a time that occurred.
fn p95(mut milliseconds: Vec<i64>) -> Option<f64> {
    milliseconds.sort_unstable();
    let rank = (milliseconds.len() * 95).div_ceil(100);
    milliseconds.get(rank.checked_sub(1)?).map(|value| rounded(*value as f64))
}

/// Seconds with one digit.
fn rounded(milliseconds: f64) -> f64 {
    (milliseconds / 100.0).round() / 10.0
}

fn judge(name: &str, gocd: Option<Figures>, argo: Option<Figures>, least_runs: usize) -> Pipeline {
    let mut reasons = Vec::new();
    match &argo {
        None => reasons.push("it has no runs on Argo".to_string()),
        Some(argo) => {
            let ended = argo.passed + argo.failed;
            if ended < least_runs {
                reasons
                    .push(format!("{ended} finished runs on Argo are too few: {least_runs} are asked for"));
            }
            reasons.extend(measures(gocd.as_ref(), argo));
        }
    }
    Pipeline { pipeline: name.to_string(), holds: reasons.is_empty(), reasons, gocd, argo }
}

/// What neither meets its objective nor is as good as GoCD's.
fn measures(gocd: Option<&Figures>, argo: &Figures) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(success) = argo.success {
        let before = gocd.and_then(|gocd| gocd.success);
        if success < SUCCESS && before.is_none_or(|before| success < before - SHARE) {
            let before = before
                .map_or("no figure in GoCD".into(), |before| format!("{:.1} % in GoCD", before * 100.0));
            reasons.push(format!("{:.1} % of the runs passed, {before}", success * 100.0));
        }
    }
    let times = [
        (
            "a run takes",
            argo.duration_average_seconds,
            gocd.and_then(|gocd| gocd.duration_average_seconds),
            DURATION,
        ),
        (
            "the first job begins after",
            argo.start_average_seconds,
            gocd.and_then(|gocd| gocd.start_average_seconds),
            START,
        ),
    ];
    for (what, here, before, objective) in times {
        let Some(here) = here else { continue };
        if here > objective && before.is_none_or(|before| here > before * TIMES) {
            let before = before.map_or("no figure in GoCD".into(), |before| format!("{before:.1} s in GoCD"));
            reasons.push(format!("{what} {here:.1} s on average, {before}"));
        }
    }
    reasons
}
