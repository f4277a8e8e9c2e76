//! Alerts: a target is being missed, or the instruments are.
//!
//! Each target has a budget: what may go wrong over time. A fast burn is seen over a long window and still goes on in a
//! short one; the pairs and factors are those of the SRE workbook.

use super::{Alert, Rule, budget, quoted};
use crate::settings::Slo;

/// Long window, short window, how many times faster than allowed.
type Burn = (&'static str, &'static str, f64);

const FAST: &[Burn] = &[("1h", "5m", 14.4), ("6h", "30m", 6.0)];
const SLOW: &[Burn] = &[("1d", "2h", 3.0), ("3d", "6h", 1.0)];
/// An average has no budget: how many times the target it is.
const FAST_AVERAGE: &[Burn] = &[("1h", "5m", 2.0)];
const SLOW_AVERAGE: &[Burn] = &[("6h", "30m", 1.0), ("3d", "6h", 1.0)];

/// All alerts.
pub(super) fn all(slo: &Slo, averages: &[(String, f64)], namespace: &str) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (severity, burns, average_burns) in
        [("critical", FAST, FAST_AVERAGE), ("warning", SLOW, SLOW_AVERAGE)]
    {
        rules.push(ratio(
            ("PipelineSuccessBudgetBurns", severity, burns),
            ("gocd:failures:ratio", "gocd:runs:sum", slo.min_runs, budget(slo.success)),
            &format!("runs of {{{{ $labels.pipeline }}}} fail more often than {} % allow", slo.success),
            "Failed part of the runs in the longer window: {{ $value | humanizePercentage }}. Look at the failed Workflows \
             with the label gocd2argo.io/pipeline={{ $labels.pipeline }}; `argo retry` repeats what failed.",
        ));
        rules.push(ratio(
            ("PipelineStartBudgetBurns", severity, burns),
            ("gocd:late_starts:ratio", "gocd:starts:sum", slo.min_runs, budget(slo.start_percentage)),
            &format!("runs of {{{{ $labels.pipeline }}}} start later than after {} s", slo.start),
            "Late part of the starts in the longer window: {{ $value | humanizePercentage }}. Pods may wait for nodes or \
             images, runs for the mutex of `prepare`, or the controller for its queue (argo_workflows_queue_depth_gauge).",
        ));
        rules.push(average(slo, averages, severity, average_burns));
    }
    rules.extend(instruments(namespace));
    rules
}

fn ratio(
    (name, severity, burns): (&str, &'static str, &[Burn]),
    (series, counts, min, budget): (&str, &str, u32, f64),
    summary: &str,
    description: &str,
) -> Rule {
    let part = |(long, short, factor): &Burn| {
        // 14.4 × 0.005 is 0.072 and not 0.07200000000000001.
        let limit = (factor * budget * 1e9).round() / 1e9;
        format!(
            "(\n  {series}{long} > {limit}\n  and {series}{short} > {limit}\n  and {counts}{long} >= {min}\n  \
             and {series}{long} * {counts}{long} > 1.5\n)"
        )
    };
    let expr = burns.iter().map(part).collect::<Vec<_>>().join("\nor\n");
    alert(name, severity, "", expr, summary, description)
}

fn average(slo: &Slo, averages: &[(String, f64)], severity: &'static str, burns: &[Burn]) -> Rule {
    let mut parts = Vec::new();
    let slugs: Vec<&str> = averages.iter().map(|(slug, _)| slug.as_str()).collect();
    // Slugs have letters, digits and `-` only.
    let others =
        if slugs.is_empty() { String::new() } else { format!("{{pipeline!~{}}}", quoted(&slugs.join("|"))) };
    let own = averages.iter().map(|(slug, target)| (format!("{{pipeline={}}}", quoted(slug)), *target));
    for (filter, target) in std::iter::once((others, slo.average)).chain(own) {
        for (long, short, factor) in burns {
            let limit = factor * target;
            parts.push(format!(
                "(\n  gocd:run_seconds:avg{long}{filter} > {limit}\n  and gocd:run_seconds:avg{short} > {limit}\n  \
                 and gocd:runs:sum{long} >= {}\n)",
                slo.min_runs
            ));
        }
    }
    let summary = match severity {
        "critical" => "runs of {{ $labels.pipeline }} take twice as long as they may",
        _ => "runs of {{ $labels.pipeline }} take longer than they may",
    };
    let description =
        "Average in the longer window: {{ $value | humanizeDuration }}. The dashboard shows since when.";
    alert("PipelineSlow", severity, "", parts.join("\nor\n"), summary, description)
}

/// What must be in order for the other alerts to mean anything, and for runs to start at all.
fn instruments(namespace: &str) -> Vec<Rule> {
    vec![
        alert(
            "PipelinePrepareFails",
            "warning",
            "",
            "sum by (workflow_namespace, pipeline) (sum_over_time(gocd:prepare_failures:new[30m])) >= 3"
                .to_string(),
            "runs of {{ $labels.pipeline }} do not get started",
            "Their first step fails: a git host cannot be reached, credentials are wrong, or the state cannot be written. \
             Look at the log of the pod `prepare`.",
        ),
        alert(
            "PipelineTriggerFails",
            "warning",
            "",
            format!(
                "sum by (namespace, sensor_name, trigger_name) \
                 (increase(argo_events_action_retries_failed_total{{namespace={}}}[15m])) > 0",
                quoted(namespace)
            ),
            "the Sensor {{ $labels.sensor_name }} could not start {{ $labels.trigger_name }}",
            "gocd-reconcile finds what was missed within five minutes. Look at the Sensor's log.",
        ),
        alert(
            "PipelineMetricsAbsent",
            "warning",
            "15m",
            "absent(argo_workflows_is_leader == 1)".to_string(),
            "Prometheus does not see Argo's workflow controller",
            "No alert about pipelines can fire. Check the ServiceMonitor gocd-controller and the Service it selects.",
        ),
    ]
}

fn alert(
    name: &str,
    severity: &'static str,
    hold: &'static str,
    expr: String,
    summary: &str,
    description: &str,
) -> Rule {
    let (summary, description) = (summary.to_string(), description.to_string());
    Rule { name: name.to_string(), expr, alert: Some(Alert { severity, hold, summary, description }) }
}
