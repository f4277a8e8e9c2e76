//! Builds by rootless BuildKit, for the images whose configuration says so: the same request in place, to another container.

use super::build::{ImageBuild, Kind};
use super::kaniko;
use super::links::{Build, Links};
use super::request::{Context, Recipe, Text};
use super::rules::{build as rule, buildkit as own};
use super::unit::{Note, Unit};
use super::{Options, folder};
use crate::plan::{digest, secret};
use crate::settings::{self, Builder, Settings};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

pub mod asked;
#[cfg(test)]
mod tests;
mod words;

/// Where the Secret with the key for `--ssh` is mounted.
pub const SSH_FOLDER: &str = "/gocd-ssh";

/// What the containers have in common.
#[derive(Debug, Clone, Serialize)]
pub struct Containers {
    /// Their image.
    pub image: String,
    /// Their resources.
    pub resources: settings::Resources,
    /// Secret with the key for `--ssh`; empty for none.
    pub ssh_secret: String,
}

impl Containers {
    /// As configured.
    pub fn of(settings: &Settings) -> Containers {
        Containers {
            image: settings.buildkit_image().to_string(),
            resources: settings.buildkit.resources.clone(),
            ssh_secret: settings.buildkit.ssh_secret.clone().unwrap_or_default(),
        }
    }
}

/// Which images BuildKit builds, and with what.
#[derive(Clone, Copy)]
pub struct Choice<'a> {
    /// Builders by repository.
    pub builds: &'a BTreeMap<String, settings::Build>,
    /// Further words for each build.
    pub flags: &'a [String],
    /// There is a key for `--ssh`.
    pub has_key: bool,
}

impl<'a> Choice<'a> {
    /// As configured.
    pub fn of(settings: &'a Settings) -> Choice<'a> {
        let has_key = settings.buildkit.ssh_secret.as_ref().is_some_and(|name| !name.is_empty());
        Choice { builds: &settings.builds, flags: &settings.buildkit.flags, has_key }
    }

    /// A build is found by what it pushes, or by its tags when it pushes nothing.
    fn takes(&self, build: &Build, options: &Options<'_>) -> bool {
        let mut names: Vec<String> = build.wishes.destinations.iter().map(|to| to.known.clone()).collect();
        if names.is_empty() {
            names = build.request.tags.iter().map(|(_, value)| value.with(options.variables)).collect();
        }
        let repository = |name: &String| digest::repository(name).unwrap_or_else(|| name.clone());
        names.iter().any(|name| settings::builder(self.builds, &repository(name)) == Builder::Buildkit)
    }
}

/// File in the pod with what BuildKit says about the image. `run-in.sh` takes the digest out of it.
pub fn metadata_file(container: &str) -> String {
    format!("/gocd/{container}.metadata")
}

/// The name of a build's container.
pub fn container(build: &Build, number: usize) -> String {
    format!("{}-{number}", if build.buildkit { "buildkit" } else { "kaniko" })
}

/// What builds it.
pub fn kind(build: &Build) -> Kind {
    match (build.buildkit, build.request.asked.agents.is_empty()) {
        (false, _) => Kind::Kaniko,
        (true, true) => Kind::Buildkit,
        (true, false) => Kind::BuildkitSsh,
    }
}

/// The words for a build, of the one or the other.
pub fn words(container: &str, build: &Build, options: &Options<'_>, repeated: bool) -> Vec<Text> {
    match build.buildkit {
        true => words::of(container, build, options),
        false => kaniko::words(container, &build.request, &build.wishes, options, repeated),
    }
}

/// The Secret with the key for `--ssh`, where a build needs it.
pub fn secrets(
    builds: &[ImageBuild],
    settings: &Settings,
    secrets: &mut BTreeMap<String, secret::SecretNeed>,
) {
    let Some(name) = &settings.buildkit.ssh_secret else { return };
    if builds.iter().any(|build| build.kind == Kind::BuildkitSsh) {
        secret::need(secrets, name, "ssh-privatekey", "the key for `--ssh` of image builds");
    }
}

/// Chooses the builder of each build, once all its names are known.
pub fn choose(links: &mut Links, units: &[Unit], options: &Options<'_>) {
    for number in 0..links.builds.len() {
        let build = &links.builds[number];
        let range = units[build.spot.0].script.commands[build.spot.1].range.clone();
        let unit = build.spot.0;
        let chosen = options.buildkit.filter(|choice| choice.takes(build, options));
        match (chosen, build.request.asked.lacking) {
            (None, Some(lacking)) => {
                let help = advice(build);
                let build = &mut links.builds[number];
                build.refused.get_or_insert(lacking);
                let about = |note: &&mut Note| {
                    note.unit == unit && note.range == range && note.rule.name == lacking.name
                };
                links.notes.iter_mut().filter(about).for_each(|note| note.help = Some(help.clone()));
            }
            (None, None) => {}
            (Some(_), _) if build.refused.is_some() => {}
            (Some(choice), _) => match unsupported(build, choice) {
                None => links.builds[number].buildkit = true,
                Some(message) => {
                    let rule = &own::BUILDKIT_UNSUPPORTED;
                    links.builds[number].refused = Some(rule);
                    links.notes.push(Note { rule, message, help: None, unit, range });
                }
            },
        }
    }
}

fn advice(build: &Build) -> String {
    let name = build.wishes.destinations.first().and_then(|first| digest::repository(&first.known));
    let name = name.filter(|name| words::is_reference(name)).unwrap_or_else(|| "<repository>".to_string());
    format!(
        "`builds: {{\"{name}\": {{builder: buildkit}} }}` in gocd2argo.yaml gives it to rootless BuildKit"
    )
}

/// What BuildKit, as it is asked here, cannot do.
fn unsupported(build: &Build, choice: Choice<'_>) -> Option<String> {
    let (request, wishes) = (&build.request, &build.wishes);
    let conditional = wishes.destinations.iter().any(|to| to.condition.is_some());
    let remote = match &request.context {
        Context::Git { url, .. } => Some(url),
        _ => None,
    };
    let why = if let Some(trouble) = &request.asked.trouble {
        trouble.clone()
    } else if !request.asked.agents.is_empty() && !choice.has_key {
        "`--ssh` takes the agent's key, which is not in the pod: name a Secret with a key in `buildkit.ssh-secret`"
            .to_string()
    } else if request.squash {
        "BuildKit has no `--squash`".to_string()
    } else if let Some((path, _)) = &wishes.tar {
        let path = folder::below(&path.shown).unwrap_or(&path.shown);
        format!("the image is saved to `{path}`, where BuildKit's user may not write")
    } else if conditional && kaniko::shared_condition(wishes).is_none() {
        "the names of the image are pushed on different conditions, and BuildKit pushes all or none"
            .to_string()
    } else if remote
        .is_some_and(|url| !url.starts_with("http") || matches!(request.recipe, Recipe::Input { .. }))
    {
        "this context would need a key, or has its Dockerfile elsewhere".to_string()
    } else {
        return None;
    };
    Some(why)
}

/// Rules that only a build by Kaniko breaks.
const MOOT: &[&crate::finding::Rule] = &[
    &rule::BUILDKIT_SECRET,
    &rule::BUILDKIT_SSH,
    &rule::MULTI_PLATFORM,
    &rule::BUILDKIT_SYNTAX,
    &rule::BUILDKIT_REQUESTED,
];

/// Says of BuildKit's builds what is the case with them.
pub fn tell(units: &[Unit], links: &mut Links, builds: &[ImageBuild], options: &Options<'_>) {
    let place = |build: &Build| {
        let range = &units[build.spot.0].script.commands[build.spot.1].range;
        (build.spot.0, range.start, range.end)
    };
    let sound = || links.builds.iter().filter(|build| build.refused.is_none());
    // A compose file has several builds at one place.
    let others: BTreeSet<_> = links.builds.iter().filter(|build| !build.buildkit).map(place).collect();
    let cached = |build: &&Build| build.request.cache_from.iter().all(|from| words::is_reference(from));
    let cached: BTreeSet<_> = sound().filter(cached).map(place).collect();
    let ours: BTreeSet<_> =
        sound().filter(|build| build.buildkit).map(place).filter(|place| !others.contains(place)).collect();
    let at = |note: &Note| (note.unit, note.range.start, note.range.end);
    links.notes.retain(|note| {
        let moot = MOOT.iter().any(|rule| rule.name == note.rule.name)
            || note.rule.name == rule::CACHE_FROM_APPROXIMATED.name && cached.contains(&at(note));
        !(moot && ours.contains(&at(note)))
    });
    for note in links.notes.iter_mut().filter(|note| ours.contains(&at(note))) {
        note.message = note.message.replace("Kaniko", "BuildKit");
        if note.rule.name == rule::DOCKER_TO_KANIKO.name {
            note.rule = &own::DOCKER_TO_BUILDKIT;
            note.help = options.registry_secret.is_empty().then(|| {
                "BuildKit's image has no login helper of a cloud: name a Secret in `kaniko.credentials-secret`".into()
            });
        }
    }
    let containers: Vec<&str> = builds
        .iter()
        .filter(|build| build.kind != Kind::Kaniko)
        .map(|build| build.container.as_str())
        .collect();
    let first = links.builds.iter().find(|build| build.buildkit && build.refused.is_none());
    let Some(spot) = first.map(|build| build.spot) else { return };
    links.notes.push(Note {
        rule: &own::BUILDKIT_UNCONFINED,
        message: format!(
            "`{}` runs without seccomp and AppArmor profiles, so the job's pod does not meet the Pod Security level \
             `baseline`",
            containers.join("`, `")
        ),
        help: Some("a namespace that enforces `baseline` refuses the pod; see docs/kaniko.md".to_string()),
        unit: spot.0,
        range: units[spot.0].script.commands[spot.1].range.clone(),
    });
}
