//! Targets: how often runs succeed, how long they take, how soon they start.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | durations and results on the server's pages | `workflow_completion_time`, `workflow_result_total`, `workflow_start_latency` of each pipeline, from `spec.metrics` and `prepare`; pokes that found nothing to do do not count | yes |
//! | waiting for an approval is not part of a stage | a pipeline with approvals measures its stages, one with none its whole runs | yes |
//! | analytics plugins | `components/monitoring`: rules, alerts, dashboard | – |
//!
//! The controller counts in memory, a pipeline runs a few times a day, and `increase()` loses the first value of each
//! series. So the rules count what is new each minute against the last known value, exactly, and sum that up.
//! Argo: `metrics.prometheus`. Prometheus: recording rules, multi-window burn rates.

use serde::Serialize;

use super::pipeline::Pipeline;
use crate::settings::Settings;

mod alerts;
mod records;

/// What the component `monitoring` is made of.
#[derive(Clone, Debug, Serialize)]
pub struct Monitoring {
    /// Namespace of the workflow controller.
    pub controller_namespace: String,
    /// Labels by which Prometheus finds it.
    pub labels: std::collections::BTreeMap<String, String>,
    /// Rules, in groups.
    pub groups: Vec<Group>,
    /// Upper bounds of the histogram of start latencies, in seconds, the target among them.
    pub start_buckets: Vec<f64>,
    /// The same for completion times.
    pub completion_buckets: Vec<f64>,
}

/// Rules that are evaluated one after another.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// Name.
    pub name: &'static str,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A rule of Prometheus.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    /// Name of the recorded series, or of the alert.
    pub name: String,
    /// PromQL.
    pub expr: String,
    /// What makes it an alert.
    pub alert: Option<Alert>,
}

/// What an alert says.
#[derive(Clone, Debug, Serialize)]
pub struct Alert {
    /// `critical`: somebody has to look now; `warning`: within days.
    pub severity: &'static str,
    /// How long it has to hold; empty for at once.
    pub hold: &'static str,
    /// One line.
    pub summary: String,
    /// What it means, and what to do.
    pub description: String,
}

/// Plans the monitoring of a set of pipelines.
pub fn plan(settings: &Settings, pipelines: &[Pipeline]) -> Monitoring {
    let slo = &settings.slo;
    let namespace = settings.namespace();
    let averages: Vec<(String, f64)> = pipelines
        .iter()
        .filter_map(|pipeline| Some((pipeline.slug.clone(), *slo.averages.get(&pipeline.name)?)))
        .collect();
    Monitoring {
        controller_namespace: settings
            .monitoring
            .controller_namespace
            .clone()
            .unwrap_or_else(|| "argo".to_string()),
        labels: settings.monitoring.labels.clone(),
        groups: vec![
            Group { name: "gocd-counts", rules: records::counts(slo, namespace) },
            Group { name: "gocd-windows", rules: records::windows() },
            Group { name: "gocd-alerts", rules: alerts::all(slo, &averages, namespace) },
        ],
        start_buckets: buckets(&[1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 120.0, 300.0], slo.start),
        completion_buckets: buckets(
            &[30.0, 60.0, 120.0, 180.0, 240.0, 300.0, 450.0, 600.0, 900.0, 1800.0],
            slo.average,
        ),
    }
}

fn buckets(usual: &[f64], target: f64) -> Vec<f64> {
    let mut buckets: Vec<f64> = usual.to_vec();
    if !buckets.contains(&target) {
        buckets.push(target);
        buckets.sort_by(f64::total_cmp);
    }
    buckets
}

/// Windows over which the rules look back, shortest first.
const WINDOWS: &[&str] = &["5m", "30m", "1h", "2h", "6h", "1d", "3d"];

/// A text as PromQL's double-quoted string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// A budget as a part of one: 99.5 % leave 0.005. Rounded, so that the rule reads as a person would write it.
fn budget(percentage: f64) -> f64 {
    ((100.0 - percentage) * 1e7).round() / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_among_the_buckets() {
        assert_eq!(buckets(&[1.0, 2.0], 1.5), [1.0, 1.5, 2.0]);
        assert_eq!(buckets(&[1.0, 2.0], 2.0), [1.0, 2.0]);
        let slo = crate::settings::Slo::default();
        assert_eq!((budget(slo.success), budget(slo.start_percentage)), (0.005, 0.01));
    }

    #[test]
    fn text_stays_in_its_string() {
        assert_eq!(quoted("a\"b\\c\n"), r#""a\"b\\c\n""#);
    }
}
