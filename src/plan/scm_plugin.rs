//! Materials of SCM plugins: what each of the known ones watches, and what to do instead. None is converted.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | plugin for pull requests (`github.pr`, `stash.pr`, GitLab, Bitbucket) | a decision: WorkflowTemplate and Sensor are in `docs/pull-requests.md`, to be put beside the output | no |
//! | plugin for branches (`git.fb`) | a decision: one pipeline per branch, or a Sensor of your own | no |
//! | plugin for a folder (`git-path`) | a decision: a git material with `includes` says the same | no |
//!
//! GoCD: `../shared/spec/gocd-yaml.md` §2.4.

use crate::gocd::Material;

/// Part of a plugin's id, what it watches, and what to do instead. The first that fits counts.
const PLUGINS: [(&str, &str, &str); 6] = [
    (
        "git-path",
        "commits that touch a folder",
        "write it as a git material with `includes: [<folder>/**/*]`",
    ),
    (
        "git.fb",
        "every branch that matches",
        "write one git material per branch that lives long; for others, copy a trigger of the Sensor without its branch filter",
    ),
    (
        "github",
        "pull requests",
        "listen to `pull_request` of GitHub: docs/pull-requests.md has the manifests",
    ),
    (
        "gitlab",
        "merge requests",
        "listen to `merge_request` of GitLab: docs/pull-requests.md has the manifests",
    ),
    (
        "stash",
        "pull requests",
        "listen to `pr:opened` and `pr:from_ref_updated` of Bitbucket Server: docs/pull-requests.md has filter and parameters",
    ),
    (
        "bitbucket",
        "pull requests",
        "listen to `pullrequest:created` and `pullrequest:updated` of Bitbucket: docs/pull-requests.md has filter and parameters",
    ),
];

/// What the material is, and what to do instead, for people.
pub fn advice(material: &Material) -> (String, &'static str) {
    let Some(id) = &material.plugin_id else {
        let help =
            "look up which plugin it is: docs/pull-requests.md has what replaces it; or use a git material";
        return ("an SCM plugin's, configured on the GoCD server".to_string(), help);
    };
    let lower = id.to_lowercase();
    match PLUGINS.iter().find(|(part, ..)| lower.contains(part)) {
        Some((_, what, help)) => (format!("of the plugin `{}`, which looks for {what}", id.value), help),
        None => (
            format!("of the plugin `{}`", id.value),
            "let what the plugin looks at submit the WorkflowTemplate, or use a git material",
        ),
    }
}
