//! Recording rules: what is new each minute, and what that makes over the windows.

use super::{Rule, WINDOWS, quoted};
use crate::settings::Slo;

/// What was new in the last minute, by pipeline. The group must be evaluated once a minute.
pub(super) fn counts(slo: &Slo, namespace: &str) -> Vec<Rule> {
    let own = format!("workflow_namespace={}", quoted(namespace));
    // Prometheus 3 writes a bound as `30.0` where Argo exports `30`.
    let bound = format!("le=~{}", quoted(&bound(slo.start)));
    vec![
        new("gocd:runs:new", &format!("argo_workflows_workflow_result_total{{{own}}}"), ", status"),
        new("gocd:run_seconds:new", &format!("argo_workflows_workflow_completion_time_sum{{{own}}}"), ""),
        new("gocd:starts:new", &format!("argo_workflows_workflow_start_latency_count{{{own}}}"), ""),
        new(
            "gocd:starts_in_time:new",
            &format!("argo_workflows_workflow_start_latency_bucket{{{own},{bound}}}"),
            "",
        ),
        new(
            "gocd:prepare_failures:new",
            &format!("argo_workflows_workflow_prepare_failed_total{{{own}}}"),
            "",
        ),
    ]
}

/// A bucket's bound as a regular expression that takes both spellings.
fn bound(seconds: f64) -> String {
    let text = seconds.to_string().replace('.', "\\.");
    if seconds.fract() == 0.0 { format!("{text}(\\.0)?") } else { text }
}

/// Increase of a counter since the minute before, against its last known value within an hour, so that a scrape that
/// failed loses nothing. A counter that was not there before counts from 0 if its target was; a restart counts from 0.
fn new(name: &str, series: &str, more: &str) -> Rule {
    let expr = format!(
        "sum by (workflow_namespace, pipeline{more}) (\n  (\n    ({series} >= last_over_time({series}[1h] offset 1m))\n      \
         - last_over_time({series}[1h] offset 1m)\n  )\n  or\n  ({series} and on (job, instance) last_over_time(up[1h] offset 1m))\n)"
    );
    Rule { name: name.to_string(), expr, alert: None }
}

/// The windows of all targets, and the two figures of a day that people look at.
pub(super) fn windows() -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut add = |name: String, expr: String| rules.push(Rule { name, expr, alert: None });
    for window in WINDOWS {
        let over = |series: &str| {
            format!("sum by (workflow_namespace, pipeline) (sum_over_time({series}[{window}]))")
        };
        let runs = over("gocd:runs:new");
        let (passed, starts) = (over("gocd:runs:new{status=\"Succeeded\"}"), over("gocd:starts:new"));
        let in_time = over("gocd:starts_in_time:new");
        add(format!("gocd:runs:sum{window}"), runs);
        add(format!("gocd:starts:sum{window}"), starts);
        add(
            format!("gocd:failures:ratio{window}"),
            format!("1 - ({passed} or gocd:runs:sum{window} * 0) / (gocd:runs:sum{window} > 0)"),
        );
        add(
            format!("gocd:late_starts:ratio{window}"),
            format!("1 - ({in_time} or gocd:starts:sum{window} * 0) / (gocd:starts:sum{window} > 0)"),
        );
        add(
            format!("gocd:run_seconds:avg{window}"),
            format!("{} / (gocd:runs:sum{window} > 0)", over("gocd:run_seconds:new")),
        );
    }
    add("workflow_success_rate".to_string(), "1 - gocd:failures:ratio1d".to_string());
    add("workflow_completion_time".to_string(), "gocd:run_seconds:avg1d".to_string());
    rules
}
