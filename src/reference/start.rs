//! Which pipelines GoCD starts for a change of a repository, and why not the others. GoCD: §3.1, §3.2.
//!
//! It is taken that each pipeline has run before, that none is paused, locked or active, and that the change is all that
//! is new since its last run.

use std::collections::BTreeSet;

use serde::Serialize;

use super::fan_in::FanIn;
use super::filter::{Says, ask};
use crate::gocd::{Configuration, GitUrl, Material, MaterialKind, Pipeline, Stage};

/// A change of one branch (or tag) of one repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// URLs of the repository, in any form.
    pub urls: Vec<String>,
    /// The full name of what was pushed: `refs/heads/main`.
    pub reference: String,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The paths of all files that changed, if that is known.
    pub files: Option<Vec<String>>,
}

/// What happens to a pipeline, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether a run starts.
    pub starts: bool,
    /// The reason, for people.
    pub why: String,
}

impl Verdict {
    /// A run starts.
    pub fn yes(why: impl Into<String>) -> Verdict {
        Verdict { starts: true, why: why.into() }
    }

    /// No run starts.
    pub fn no(why: impl Into<String>) -> Verdict {
        Verdict { starts: false, why: why.into() }
    }
}

/// The repository with the GoCD files themselves, which materials of the type `configrepo` stand for.
#[derive(Clone, Debug)]
pub struct ConfigRepository {
    /// URL.
    pub url: String,
    /// Branch.
    pub branch: String,
}

/// What becomes of every pipeline that GoCD would run, in order. Several pushes: the changes of one event.
pub fn starts(
    configuration: &Configuration,
    own: Option<&ConfigRepository>,
    pushes: &[Push],
) -> Vec<(String, Verdict)> {
    let mut fan_in = FanIn::new(configuration, own);
    configuration
        .sound()
        .map(|pipeline| (pipeline.name.value.clone(), pipeline_starts(pipeline, own, pushes, &mut fan_in)))
        .collect()
}

fn pipeline_starts(
    pipeline: &Pipeline,
    own: Option<&ConfigRepository>,
    pushes: &[Push],
    fan_in: &mut FanIn,
) -> Verdict {
    let mut reasons = Vec::new();
    let mut seen = BTreeSet::new();
    for push in pushes {
        for material in &pipeline.materials {
            let Some((url, branch)) = followed(material, own) else { continue };
            let is_first = seen.insert((push.reference.clone(), url.clone(), branch.clone()));
            match judge(material, (&url, &branch), push) {
                // Two materials of one repository and branch are one for GoCD: the first one's filter holds.
                Some(_) if !is_first => {}
                Some(verdict) if verdict.starts => {
                    match fan_in.behind(&pipeline.name.value, &(url, branch)) {
                        None => return by_hand(pipeline, verdict),
                        Some(stage) => reasons.push(format!(
                            "material `{}` is also behind `{stage}`: it starts when that has passed with the new revision",
                            material.name.value
                        )),
                    }
                }
                Some(verdict) => reasons.push(verdict.why),
                None => {}
            }
        }
    }
    if reasons.is_empty() { Verdict::no(waits_for(pipeline)) } else { Verdict::no(reasons.join("; ")) }
}

/// The repository and the full name of the ref that a material follows.
pub(super) fn followed(material: &Material, own: Option<&ConfigRepository>) -> Option<(String, String)> {
    let (url, branch) = match material.kind.value {
        MaterialKind::Git => (material.url.as_ref()?.value.clone(), material.branch()),
        MaterialKind::ConfigRepo => (own?.url.clone(), own?.branch.as_str()),
        _ => return None,
    };
    let remote = branch.split(':').next().unwrap_or_default().trim_start_matches('+');
    let full = if remote.starts_with("refs/") { remote.to_string() } else { format!("refs/heads/{remote}") };
    Some((url, full))
}

/// What a push means for a material; `None` when it is of another repository.
fn judge(material: &Material, (url, branch): (&str, &str), push: &Push) -> Option<Verdict> {
    let name = &material.name.value;
    if !push.urls.iter().any(|pushed| same_repository(pushed, url)) {
        return None;
    }
    if push.reference != branch {
        return Some(Verdict::no(format!(
            "material `{name}` follows `{}`, not `{}`",
            short(branch),
            short(&push.reference)
        )));
    }
    if push.deleted {
        return Some(Verdict::no(format!(
            "`{}` was deleted: material `{name}` has nothing new",
            short(branch)
        )));
    }
    if !material.polls() {
        return Some(Verdict::no(format!("material `{name}` is not polled: `auto_update` is false")));
    }
    Some(by_filter(material, push.files.as_deref()))
}

fn by_filter(material: &Material, files: Option<&[String]>) -> Verdict {
    let name = &material.name.value;
    let Some(files) = files else {
        return Verdict::yes(match &material.filter {
            Some(filter) if !filter.patterns.is_empty() => format!(
                "material `{name}` has changed; which files is not known, so its `{}` may still say no",
                filter.key.value
            ),
            _ => format!("material `{name}` has changed"),
        });
    };
    let key = material.filter.as_ref().map_or("", |filter| filter.key.value.as_str());
    let includes = material.filter.as_ref().is_some_and(|filter| filter.includes);
    match ask(material.filter.as_ref(), files) {
        Says::Go(None) => Verdict::yes(format!("material `{name}` has changed")),
        Says::Go(Some(file)) if includes => {
            Verdict::yes(format!("material `{name}` has changed: `{file}` is in its `{key}`"))
        }
        Says::Go(Some(file)) => {
            Verdict::yes(format!("material `{name}` has changed: `{file}` is not in its `{key}`"))
        }
        Says::Skip if files.is_empty() => {
            Verdict::no(format!("no file of material `{name}` has changed, and it has a filter"))
        }
        Says::Skip if includes => {
            Verdict::no(format!("none of the changed files is in the `{key}` of material `{name}`"))
        }
        Says::Skip => Verdict::no(format!("all changed files are in the `{key}` of material `{name}`")),
    }
}

fn by_hand(pipeline: &Pipeline, verdict: Verdict) -> Verdict {
    match pipeline.stages.first().filter(|stage| Stage::is_manual(stage)) {
        Some(stage) => Verdict::no(format!("its first stage `{}` is started by hand", stage.name.value)),
        None => verdict,
    }
}

/// What starts a pipeline that has nothing to do with the push.
fn waits_for(pipeline: &Pipeline) -> String {
    let upstream: Vec<String> = pipeline
        .materials
        .iter()
        .filter(|material| !material.ignore_for_scheduling.as_ref().is_some_and(|flag| flag.value))
        .filter_map(|material| {
            Some(format!("`{}/{}`", material.pipeline.as_deref()?, material.stage.as_deref()?))
        })
        .collect();
    let repository = "none of its materials is this repository";
    if upstream.is_empty() {
        return repository.to_string();
    }
    format!("{repository}; it starts when {} has passed", upstream.join(" or "))
}

fn short(reference: &str) -> &str {
    reference.strip_prefix("refs/heads/").unwrap_or(reference)
}

/// Whether two URLs are of one repository.
pub fn same_repository(a: &str, b: &str) -> bool {
    if a.trim_end_matches('/') == b.trim_end_matches('/') {
        return true;
    }
    match (GitUrl::parse(a), GitUrl::parse(b)) {
        (Some(a), Some(b)) => a.repository() == b.repository(),
        _ => false,
    }
}
