//! Images that are not built by Kaniko, as `gocd2argo.yaml` says it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Resources;

/// How the images of a repository are built.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Build {
    /// `kaniko`, or `buildkit` for a rootless BuildKit, whose pod does not meet the Pod Security level *baseline*; see
    /// `docs/kaniko.md`.
    pub builder: Builder,
}

/// A program that builds images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Builder {
    /// Kaniko's executor.
    Kaniko,
    /// Rootless BuildKit.
    Buildkit,
}

/// Rootless BuildKit, for the images whose `builds.<name>.builder` says so.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct BuildKit {
    /// Image with `buildctl-daemonless.sh`, a shell, and the user 1000. Default: a pinned one, below.
    pub image: Option<String>,
    /// Secret of type `kubernetes.io/ssh-auth` with the key that `--ssh` hands to builds in place of the agent of GoCD's
    /// agents. Default: none; then such builds are left to a person, unless they name a key file in the working directory.
    pub ssh_secret: Option<String>,
    /// Further flags of `buildctl build`, for every build.
    pub flags: Vec<String>,
    /// Container resources.
    pub resources: Resources,
}

/// The builder for a repository: the longest name that fits it decides. `*` stands for any characters.
pub fn builder(builds: &BTreeMap<String, Build>, repository: &str) -> Builder {
    let fitting = builds.iter().filter(|(pattern, _)| fits(pattern, repository));
    let best = fitting.max_by_key(|(pattern, _)| pattern.len());
    best.map_or(Builder::Kaniko, |(_, build)| build.builder)
}

/// Each piece between the stars is looked for as early as possible, which leaves the most for those after it.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*') {
        let Some(at) = text.find(piece) else { return false };
        text = &text[at + piece.len()..];
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, expected) in [
            ("r.io/shop/api", "r.io/shop/api", true),
            ("r.io/shop/api", "r.io/shop/api2", false),
            ("r.io/*", "r.io/shop/api", true),
            ("*/api", "r.io/shop/api", true),
            ("r.io/*/a*i", "r.io/shop/api", true),
            ("r.io/*/b*i", "r.io/shop/api", false),
            ("ab*ba", "aba", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn the_longest_name_decides() {
        let text = "r.io/*: {builder: buildkit}\nr.io/shop/*: {builder: kaniko}\n";
        let builds: BTreeMap<String, Build> = serde_yaml::from_str(text).unwrap();
        assert_eq!(builder(&builds, "r.io/tools/x"), Builder::Buildkit);
        assert_eq!(builder(&builds, "r.io/shop/x"), Builder::Kaniko);
        assert_eq!(builder(&builds, "other.io/x"), Builder::Kaniko);
    }
}
