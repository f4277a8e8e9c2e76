//! The way from GoCD to Argo, in waves.

use serde::Deserialize;

/// Migration in waves, while GoCD and Argo stand side by side.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Migration {
    /// The GoCD server as the cluster reaches it, for example `https://gocd.example.com/go`. Used by the bridges of a partial
    /// conversion.
    pub gocd_url: Option<String>,
    /// Waves, in order: names of pipelines, or patterns with `*` and `?`. `gocd2argo plan --format config` prints them.
    /// Pipelines that fit none come in computed waves after these. Default: all waves are computed.
    pub waves: Vec<Vec<String>>,
}
