//! Keys of a material that mean nothing on its kind.

use crate::finding::Outcome;
use crate::gocd::{Material, MaterialKind};
use crate::source::Reader;
use crate::span::Place;

crate::findings! {
    /// A key of a material has no effect on a material of its kind.
    ///
    /// ## Why it matters
    /// GoCD passes it on and ignores it. A path filter on a dependency, for example, filters nothing.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {lib: {pipeline: lib, stage: build, destination: lib}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Remove the key; to get an upstream pipeline's files, use a `fetch` task.
    pub KEY_WITHOUT_EFFECT = "key-without-effect", Correctness, Warning, NoCounterpart;
}

/// The keys that mean something on a kind of material, besides those that make the kind.
fn effective(kind: &MaterialKind) -> Option<&'static [&'static str]> {
    Some(match kind {
        MaterialKind::Git => {
            &["url", "branch", "destination", "auto_update", "shallow_clone", "credentials", "filter"]
        }
        MaterialKind::Hg => &["url", "branch", "destination", "auto_update", "credentials", "filter"],
        MaterialKind::Svn => {
            &["url", "check_externals", "destination", "auto_update", "credentials", "filter"]
        }
        MaterialKind::P4 => {
            &["port", "view", "use_tickets", "destination", "auto_update", "credentials", "filter"]
        }
        MaterialKind::Tfs => {
            &["url", "project", "domain", "destination", "auto_update", "credentials", "filter"]
        }
        MaterialKind::Dependency => &["stage", "ignore_for_scheduling"],
        MaterialKind::Package => &[],
        MaterialKind::Plugin => &["destination", "auto_update", "filter"],
        MaterialKind::ConfigRepo => &["destination", "filter"],
        MaterialKind::Unknown(_) => return None,
    })
}

/// Reports them.
pub fn report(reader: &mut Reader<'_>, material: &Material) {
    let Some(effective) = effective(&material.kind.value) else { return };
    for (group, key, place) in written(material) {
        if effective.contains(&group) {
            continue;
        }
        reader
            .account
            .report(
                &KEY_WITHOUT_EFFECT,
                place,
                format!("`{key}` has no effect on this kind of material; GoCD ignores it"),
            )
            .help(format!("remove `{key}`, or check of what kind the material is meant to be"));
        for filter in [&material.filter, &material.other_filter].into_iter().flatten() {
            if filter.key.place == place {
                for pattern in &filter.patterns {
                    reader.account.book(pattern, Outcome::NoCounterpart, KEY_WITHOUT_EFFECT.name);
                }
            }
        }
    }
}

/// Every optional key that is written: its group in [`effective`], its name, its place.
fn written(material: &Material) -> Vec<(&'static str, &str, Place)> {
    let texts = [
        ("url", "url", &material.url),
        ("port", "port", &material.port),
        ("view", "view", &material.view),
        ("branch", "branch", &material.branch),
        ("destination", "destination", &material.destination),
        ("project", "project", &material.project),
        ("domain", "domain", &material.domain),
        ("credentials", "username", &material.username),
        ("credentials", "password", &material.password),
        ("credentials", "encrypted_password", &material.encrypted_password),
        ("stage", "stage", &material.stage),
    ];
    let flags = [
        ("auto_update", &material.auto_update),
        ("shallow_clone", &material.shallow_clone),
        ("check_externals", &material.check_externals),
        ("use_tickets", &material.use_tickets),
        ("ignore_for_scheduling", &material.ignore_for_scheduling),
    ];
    let mut written = Vec::new();
    for (group, key, text) in texts {
        written.extend(text.iter().map(|text| (group, key, text.place)));
    }
    for (key, flag) in flags {
        written.extend(flag.iter().map(|flag| (key, key, flag.place)));
    }
    for filter in [&material.filter, &material.other_filter].into_iter().flatten() {
        written.push(("filter", filter.key.value.as_str(), filter.key.place));
    }
    written
}
