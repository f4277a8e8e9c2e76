//! Runs: what starts them, and what their pods may do.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Timers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Timers {
    /// IANA name of the zone in which GoCD's server evaluated its timers. Default: `UTC`, reported as a guess.
    pub time_zone: Option<String>,
}

/// Runs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Runs {
    /// Whether a pipeline without any run yet starts at once, as GoCD does. Default: false, because everything
    /// would build and deploy on the day of the cut-over.
    pub first_run: bool,
    /// Last counter of each pipeline in GoCD, so that counting goes on from there. Default: 0.
    pub counters: BTreeMap<String, u64>,
    /// URL that scripts see as `GO_SERVER_URL`. Default: empty.
    pub server_url: Option<String>,
}

/// What pods may do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Security {
    /// Number of the user that all jobs run as, unless `user` beside their image says otherwise. Default: the image's own
    /// user, mostly root, for then every image works; such pods meet Pod Security's level *baseline*.
    pub job_user: Option<u32>,
}
