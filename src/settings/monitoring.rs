//! What the component `monitoring` watches, and the targets it holds the pipelines to.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// The component `monitoring`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Monitoring {
    /// Namespace of Argo's workflow controller. Default: `argo`.
    pub controller_namespace: Option<String>,
    /// Labels by which Prometheus finds its ServiceMonitors and rules, such as `release: kube-prometheus-stack`. Default:
    /// none.
    pub labels: BTreeMap<String, String>,
}

/// Targets (SLOs) of every pipeline, for alerts and the dashboard.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Slo {
    /// Percentage of runs that succeed, above 0 and below 100. Default: `99.5`.
    #[serde(deserialize_with = "percentage")]
    pub success: f64,
    /// Average seconds of a run, without waiting for approvals. Default: `300`.
    #[serde(deserialize_with = "positive")]
    pub average: f64,
    /// The same by pipeline, where it differs.
    pub averages: BTreeMap<String, f64>,
    /// Seconds from the creation of a run to the decision that it goes. Default: `30`.
    #[serde(deserialize_with = "positive")]
    pub start: f64,
    /// Percentage of runs that start within that time. Default: `99`.
    #[serde(deserialize_with = "percentage")]
    pub start_percentage: f64,
    /// Runs within a window below which it says nothing. Default: `10`.
    pub min_runs: u32,
}

impl Default for Slo {
    fn default() -> Self {
        Slo {
            success: 99.5,
            average: 300.0,
            averages: BTreeMap::new(),
            start: 30.0,
            start_percentage: 99.0,
            min_runs: 10,
        }
    }
}

fn percentage<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if number > 0.0 && number < 100.0 {
        return Ok(number);
    }
    Err(serde::de::Error::custom(format!("{number} is no percentage above 0 and below 100")))
}

fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if number > 0.0 && number.is_finite() {
        return Ok(number);
    }
    Err(serde::de::Error::custom(format!("{number} is no positive number of seconds")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::settings::Settings;

    #[test]
    fn targets_have_a_range() {
        let settings = Settings::parse("slo: {success: 99, start: 12}").unwrap();
        assert_eq!((settings.slo.success, settings.slo.start, settings.slo.average), (99.0, 12.0, 300.0));
        for wrong in
            ["{success: 100}", "{success: 0}", "{average: -1}", "{start: .inf}", "{start-percentage: x}"]
        {
            assert!(Settings::parse(&format!("slo: {wrong}")).is_err(), "{wrong}");
        }
    }
}
