//! Materials of one pipeline.

use super::text::{PATH_OUTSIDE, normal_path};
use super::{missing, require};
use crate::finding::{Account, suggest};
use crate::gocd::{Material, MaterialKind, Pipeline};
use crate::span::Src;
use std::collections::HashMap;

crate::findings! {
    /// A material of which GoCD cannot tell the kind.
    ///
    /// ## Why it matters
    /// It has no short key (`git`, `svn`, `hg`, `p4`, `pipeline`, `scm`, `plugin_configuration`, `package`) with a value, and
    /// no `type` that GoCD knows; case matters. GoCD's server cannot read the repository at all.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {url: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write the short key, here `git:` in place of `url:`.
    pub UNKNOWN_MATERIAL_KIND = "unknown-material-kind", Refused, Error, Refused;

    /// A material has both `ignore` and `includes` (or their old names).
    ///
    /// ## Why it matters
    /// GoCD's server refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git", ignore: [docs/**/*], includes: [src/**/*]}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Keep one of them.
    pub FILTER_BOTH_WAYS = "filter-both-ways", Refused, Error, Refused;

    /// The credentials of a material are written twice.
    ///
    /// ## Why it matters
    /// Either `password` and `encrypted_password`, or a user in the URL and `username` besides. GoCD's server refuses the
    /// whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://me@git.example.com/acme/app.git", username: me}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write them once, as `username` and `encrypted_password`.
    pub CREDENTIALS_TWICE = "credentials-twice", Refused, Error, Refused;

    /// The destinations of a pipeline's materials collide: one is missing, or they are equal or inside each other.
    ///
    /// ## Why it matters
    /// With more than one material that is checked out, each needs a folder of its own. GoCD's server refuses the whole
    /// repository otherwise.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials:
    ///       code: {git: "https://git.example.com/acme/app.git"}
    ///       docs: {git: "https://git.example.com/acme/docs.git", destination: docs}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Give each a `destination`, none inside another.
    pub DESTINATION_CLASH = "destination-clash", Refused, Error, Refused;

    /// Two materials of a pipeline depend on the same upstream pipeline.
    ///
    /// ## Why it matters
    /// GoCD's server allows one dependency per upstream pipeline and refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials:
    ///       built: {pipeline: lib, stage: build}
    ///       tested: {pipeline: lib, stage: test}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Keep the one on the later stage.
    pub DEPENDENCY_TWICE = "dependency-twice", Refused, Error, Refused;
}

const KINDS: [&str; 9] = ["git", "svn", "hg", "p4", "tfs", "dependency", "package", "plugin", "configrepo"];

/// Checks the materials of a pipeline.
pub fn check(pipeline: &Pipeline, account: &mut Account) {
    for material in &pipeline.materials {
        required(material, account);
        credentials(material, account);
        if let Some(other) = &material.other_filter {
            account
                .report(
                    &FILTER_BOTH_WAYS,
                    &other.key,
                    "a material cannot have a positive and a negative path filter",
                )
                .help("keep one of them");
        }
        outside(material, account);
    }
    destinations(pipeline, account);
    dependencies(pipeline, account);
}

fn required(material: &Material, account: &mut Account) {
    let place = material.name.place;
    let mut need =
        |text: &Option<Src<String>>, what: &str, key: &str| require(account, text, place, what, key);
    match &material.kind.value {
        MaterialKind::Git => need(&material.url, "a git material", "git"),
        MaterialKind::Svn => need(&material.url, "an svn material", "svn"),
        MaterialKind::Hg => need(&material.url, "an hg material", "hg"),
        MaterialKind::P4 => {
            need(&material.port, "a p4 material", "p4");
            need(&material.view, "a p4 material", "view");
        }
        MaterialKind::Tfs => {
            need(&material.url, "a tfs material", "url");
            need(&material.username, "a tfs material", "username");
            need(&material.project, "a tfs material", "project");
        }
        MaterialKind::Dependency => {
            need(&material.pipeline, "a dependency", "pipeline");
            need(&material.stage, "a dependency", "stage");
        }
        MaterialKind::Package => need(&material.package, "a package material", "package"),
        MaterialKind::Plugin => {
            if material.scm.is_none() && material.plugin_id.is_none() {
                missing(account, place, "a plugin material", "scm` or `plugin_configuration");
            }
        }
        MaterialKind::ConfigRepo => {}
        MaterialKind::Unknown(kind) => unknown(material, kind.as_deref(), account),
    }
}

fn unknown(material: &Material, kind: Option<&str>, account: &mut Account) {
    let name = &material.name.value;
    let (message, help) = match kind {
        Some(kind) => {
            let help = match suggest::nearest(kind, KINDS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("GoCD knows {}", KINDS.map(|kind| format!("`{kind}`")).join(", ")),
            };
            (format!("`{kind}` is not a type of material"), help)
        }
        None if material.unknown.iter().any(|copied| copied.value.0 == "tfs") => {
            let help = "there is no short key for TFS: write `type: tfs` and `url`".to_string();
            (format!("nothing says of what kind the material `{name}` is"), help)
        }
        None => {
            let help = "write a short key with a value, for example `git: https://…`".to_string();
            (format!("nothing says of what kind the material `{name}` is"), help)
        }
    };
    account.report(&UNKNOWN_MATERIAL_KIND, &material.kind, message).help(help);
}

fn credentials(material: &Material, account: &mut Account) {
    if let (Some(clear), Some(encrypted)) = (&material.password, &material.encrypted_password) {
        account
            .report(&CREDENTIALS_TWICE, encrypted, "the password is written twice, in clear and encrypted")
            .related(clear.place.span, "in clear here")
            .help("keep `encrypted_password`");
    }
    let takes = matches!(material.kind.value, MaterialKind::Git | MaterialKind::Svn | MaterialKind::Hg);
    let user = [&material.username, &material.password, &material.encrypted_password];
    let written = user.into_iter().flatten().find(|text| !text.trim().is_empty());
    let Some(url) = material.url.as_ref().filter(|_| takes) else { return };
    if let Some(written) = written
        && has_user(url)
    {
        account
            .report(&CREDENTIALS_TWICE, url, "the URL names a user, and the material does so again")
            .related(written.place.span, "again here")
            .help("take the user out of the URL");
    }
}

/// Whether a URL with a scheme other than ssh carries a user.
fn has_user(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    scheme.to_ascii_lowercase().starts_with("http") && authority.contains('@')
}

fn outside(material: &Material, account: &mut Account) {
    let Some(destination) = material.destination.as_ref().filter(|_| material.is_scm()) else { return };
    if normal_path(destination).is_none() {
        account
            .report(
                &PATH_OUTSIDE,
                destination,
                format!("`{}` leads out of the pipeline's working directory", destination.value),
            )
            .help("write a relative path that stays inside");
    }
}

fn destinations(pipeline: &Pipeline, account: &mut Account) {
    let scms: Vec<&Material> = pipeline.materials.iter().filter(|material| material.is_scm()).collect();
    if scms.len() < 2 {
        return;
    }
    let mut taken: Vec<(Vec<String>, &Src<String>)> = Vec::new();
    for material in scms {
        let Some(destination) = material.destination.as_ref().filter(|path| !path.trim().is_empty()) else {
            account
                .report(
                    &DESTINATION_CLASH,
                    &material.name,
                    format!(
                        "`{}` needs a `destination`, as the pipeline checks out several materials",
                        material.name.value
                    ),
                )
                .help("give each of them a folder of its own");
            continue;
        };
        let Some(path) = normal_path(destination) else { continue };
        let path: Vec<String> = path.into_iter().map(str::to_lowercase).collect();
        let clash = taken.iter().find(|(other, _)| path.starts_with(other) || other.starts_with(&path));
        if let Some((other, first)) = clash {
            let how = if *other == path { "is taken already" } else { "is inside another one, or holds it" };
            account
                .report(
                    &DESTINATION_CLASH,
                    destination,
                    format!("the destination `{}` {how}", destination.value),
                )
                .related(first.place.span, "by this one")
                .help("give each material a folder of its own, none inside another");
        }
        taken.push((path, destination));
    }
}

fn dependencies(pipeline: &Pipeline, account: &mut Account) {
    let mut seen: HashMap<String, &Src<String>> = HashMap::new();
    let dependencies = pipeline.materials.iter().filter(|m| m.kind.value == MaterialKind::Dependency);
    for upstream in dependencies.filter_map(|material| material.pipeline.as_ref()) {
        let Some(first) = seen.get(&upstream.to_lowercase()) else {
            seen.insert(upstream.to_lowercase(), upstream);
            continue;
        };
        account
            .report(
                &DEPENDENCY_TWICE,
                upstream,
                format!("the pipeline depends on `{}` twice", upstream.value),
            )
            .related(first.place.span, "first here")
            .help("keep the dependency on the later stage");
    }
}
