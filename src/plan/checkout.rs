//! Checkout: every material of the pipeline, at the run's revision, into its destination.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | each job checks all materials out | init container `checkout` runs `checkout.sh` on the pod's workspace | yes |
//! | exact revision, forced, submodules, `shallow_clone` | the same with git's own commands | yes |
//! | `fetch_materials: false` | no init container | the directory is empty, not what an earlier job left |
//! | working directory reused between runs | always new | leftovers cannot be relied on |
//! | `clean_workspace` | always so | yes |
//!
//! Argo's `git` input artifact cannot choose the local branch, deepen a shallow clone, or follow GoCD's refspec branches,
//! and fails as the executor's user; commands can, and a reviewer can read them. GoCD: `../shared/spec/gocd-yaml.md` §3.4.

use serde::Serialize;

use super::Cx;
use super::description::Material;
use super::text::Text;
use super::variable::EnvVar;
use crate::gocd::Stage;

crate::findings! {
    /// A stage checks nothing out, so its jobs start in an empty directory.
    ///
    /// ## Why it matters
    /// In GoCD they start in whatever an earlier job left on that agent. If they relied on it, they fail here.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {fetch_materials: false, tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Fetch what the job needs as an artifact, or remove `fetch_materials: false`.
    pub WORKSPACE_ALWAYS_CLEAN = "workspace-always-clean", Migration, Warning, Approximated;
}

/// What the init container needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checkout {
    /// `REV_<KEY>` and `FROM_<KEY>` of each material.
    pub env: Vec<EnvVar>,
}

/// The checkout of a stage's jobs; `None` when there is nothing to check out.
pub fn plan(stage: &Stage, materials: &[Material], cx: &mut Cx) -> Option<Checkout> {
    for flag in [&stage.fetch_materials, &stage.clean_workspace].into_iter().flatten() {
        cx.account.convert("checkout", flag);
    }
    if let Some(flag) = stage.fetch_materials.as_ref().filter(|flag| !flag.value) {
        cx.account
            .report(&WORKSPACE_ALWAYS_CLEAN, flag, "the jobs start in an empty directory")
            .help("if they use what an earlier job left there, fetch it as an artifact");
        return None;
    }
    let mut checkout = Checkout::default();
    for material in materials.iter().filter(|material| material.is_checked_out()) {
        let suffix = material.key.to_uppercase().replace('-', "_");
        for (prefix, output) in [("REV", "rev"), ("FROM", "from")] {
            let value = Text::output(&format!("{output}-{}", material.key));
            checkout.env.push(EnvVar::text(&format!("{prefix}_{suffix}"), &value));
        }
    }
    if checkout.env.is_empty() { None } else { Some(checkout) }
}
