//! Digests of built images: each build tells later stages what it has pushed.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | a later stage deploys a tag and hopes that it is still what was built | an output parameter `digest-<image>` of the job, and `IMAGE_DIGEST_<IMAGE>` in the jobs of later stages | an addition |
//!
//! The name is the last part of the repository, in capitals: `registry.example.com/shop/api:7` is `IMAGE_DIGEST_API`. Where two
//! repositories of a pipeline end alike, the later one is named by its whole path: `IMAGE_DIGEST_LEGACY_API`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Cx, image};
use crate::span::Place;

crate::findings! {
    /// Two builds would give their digests to the same variable.
    ///
    /// ## Why it matters
    /// A digest is named after the last part of its repository. The later one is named by the whole path instead; of one repository
    /// that is built twice, the digest is the last one's.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - images:
    ///           tasks:
    ///             - script: |
    ///                 docker build -t registry.example.com/shop/api:1 . && docker push registry.example.com/shop/api:1
    ///                 docker build -t registry.example.com/old/api:1 old && docker push registry.example.com/old/api:1
    ///       - deploy: {tasks: [exec: {command: ./deploy}]}
    /// ```
    ///
    /// ## Instead
    /// Use the variable that the message names.
    pub DIGEST_NAME_CLASH = "digest-name-clash", Migration, Info, Converted;

    /// The digest of an image reaches no later stage.
    ///
    /// ## Why it matters
    /// Its variable would be named after the image, which is known only when the job runs, or one command builds several images.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - images:
    ///           tasks:
    ///             - script: |
    ///                 docker build -t registry.example.com/$(cat name):1 . && docker push registry.example.com/$(cat name):1
    ///       - deploy: {tasks: [exec: {command: ./deploy}]}
    /// ```
    ///
    /// ## Instead
    /// Write the image's name plainly, or one command per image, when a later stage shall deploy by digest.
    pub DIGEST_WITHOUT_NAME = "digest-without-name", Migration, Info, Converted;
}

/// An image's digest as an output of the job that builds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Digest {
    /// Name of the output parameter, in the job and in the run.
    pub output: String,
    /// File in the pod that holds it.
    pub path: String,
    /// The variable of later stages.
    pub variable: String,
}

/// The names given so far in a pipeline: repository by variable.
#[derive(Debug, Default)]
pub struct Digests {
    repositories: BTreeMap<String, String>,
    /// What the jobs of the stages so far give, once per name.
    pub known: Vec<Digest>,
}

/// A build whose digest is to be named.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its container.
    pub container: String,
    /// The repository that it pushes to, without tag; `None` when it is not known, or when there are several.
    pub repository: Option<String>,
    /// The task.
    pub place: Place,
}

impl Built {
    /// The builds of a job that push.
    pub fn of(builds: &[image::ImageBuild]) -> Vec<Built> {
        let pushing = builds.iter().filter(|build| build.image.push);
        pushing
            .map(|build| Built {
                container: build.container.clone(),
                repository: build.repository.clone().filter(|_| build.runs.len() < 2 && !build.cleanup),
                place: build.place,
            })
            .collect()
    }
}

impl Digests {
    /// Names the digests of a job. `is_last`: no stage comes later, so nothing is said about names.
    pub fn name(&mut self, built: &[Built], is_last: bool, cx: &mut Cx) -> Vec<Digest> {
        let mut out: Vec<Digest> = Vec::new();
        for build in built {
            let Some(repository) = &build.repository else {
                if !is_last {
                    let message =
                        "what this builds is named when the job runs, so its digest is in no variable";
                    cx.account.report(&DIGEST_WITHOUT_NAME, build.place, message);
                }
                continue;
            };
            let path = without_host(repository);
            let mut name = variable(path.rsplit('/').next().unwrap_or(path));
            let other = self.repositories.get(&name).filter(|other| *other != repository).cloned();
            if let Some(other) = other {
                name = variable(path);
                if !is_last {
                    let message =
                        format!("`{repository}` and `{other}` end alike: the digest of this one is `{name}`");
                    cx.account.report(&DIGEST_NAME_CLASH, build.place, message);
                }
            }
            let again = self.repositories.insert(name.clone(), repository.clone()).is_some();
            if again && !is_last {
                let message =
                    format!("`{repository}` is built more than once: `{name}` is the digest of the last one");
                cx.account.report(&DIGEST_NAME_CLASH, build.place, message);
            }
            let output = name.to_lowercase().replace('_', "-").replacen("image-digest-", "digest-", 1);
            out.retain(|there| there.output != output);
            let path = image::kaniko::bare_digest_file(&build.container);
            out.push(Digest { output, path, variable: name });
        }
        out
    }

    /// What the jobs of a stage give is known in the next ones.
    pub fn pass_on<'a>(&mut self, jobs: impl Iterator<Item = &'a Digest>) {
        for digest in jobs {
            if self.known.iter().all(|known| known.output != digest.output) {
                self.known.push(digest.clone());
            }
        }
    }
}

fn variable(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    format!("IMAGE_DIGEST_{plain}")
}

/// `registry.example.com/shop/api` without the registry.
pub fn without_host(repository: &str) -> &str {
    match repository.split_once('/') {
        Some((host, path)) if host.contains(['.', ':', '$']) || host == "localhost" => path,
        _ => repository,
    }
}

/// The repository of a reference: no tag, no digest. `None` when its last part is known only at run time.
pub fn repository(reference: &str) -> Option<String> {
    let name = reference.split('@').next().unwrap_or(reference);
    let start = name.rfind('/').map_or(0, |at| at + 1);
    let last = name[start..].split(':').next().unwrap_or("");
    let plain = !last.is_empty() && !last.contains(['$', '`', '(', '{', '}']);
    plain.then(|| format!("{}{last}", &name[..start]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_the_reference_without_its_tag() {
        for (reference, expected) in [
            ("registry.example.com:5000/shop/api:7", Some("registry.example.com:5000/shop/api")),
            ("${REGISTRY}/shop/api:${TAG}", Some("${REGISTRY}/shop/api")),
            ("api", Some("api")),
            ("r.example.com/$(cat name):1", None),
            ("r.example.com/a${X}:1", None),
        ] {
            assert_eq!(repository(reference).as_deref(), expected, "{reference}");
        }
        assert_eq!(without_host("${REGISTRY}/shop/api"), "shop/api");
        assert_eq!(variable("my-api.v2"), "IMAGE_DIGEST_MY_API_V2");
    }
}
