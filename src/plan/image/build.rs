//! A Kaniko build as data: what the pod needs, and what reports and tests show.

use crate::span::Place;

/// One place in the job's scripts where an image is built: a container of the pod that waits for the request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// Below the pipeline's working directory (`.` for itself), a URL as written; `None` for an empty context.
    pub context: Option<String>,
    /// Below the pipeline's working directory; below the context for a URL; `<generated>` when the script writes it.
    pub dockerfile: String,
    /// The Dockerfile's text when it stands in the script.
    pub dockerfile_text: Option<String>,
    /// What is pushed, always with a tag when it is known; without a push the names inside a tar file.
    pub destinations: Vec<String>,
    /// `--build-arg`, in order.
    pub build_args: Vec<(String, String)>,
    /// `--label`, in order.
    pub labels: Vec<(String, String)>,
    /// `--target`.
    pub target: Option<String>,
    /// The only platform, if one is given.
    pub platform: Option<String>,
    /// References of `--cache-from`.
    pub cache_from: Vec<String>,
    /// False: nothing is pushed.
    pub push: bool,
    /// The shell condition under which the whole build runs.
    pub condition: Option<String>,
    /// The shell condition of the push alone.
    pub push_condition: Option<String>,
    /// Caching must be off.
    pub no_cache: bool,
    /// Tar file that is written, below the working directory.
    pub tar: Option<String>,
    /// File that receives name and digest, below the working directory.
    pub digest_file: Option<String>,
    /// One layer.
    pub single_snapshot: bool,
    /// The registry is asked without TLS.
    pub insecure: bool,
    /// `--add-host`: host and address, for the pod's host aliases.
    pub hosts: Vec<(String, String)>,
    /// Memory limit as written (`2g`), for the container.
    pub memory: Option<String>,
    /// Seconds of `timeout` in front.
    pub timeout: Option<u64>,
    /// What builds it.
    pub kind: Kind,
}

/// What builds an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Kaniko's executor.
    #[default]
    Kaniko,
    /// Rootless BuildKit.
    Buildkit,
    /// The same, with the key for `--ssh`.
    BuildkitSsh,
}

/// A build site: [`Image`] with its container. Reads like the image itself.
#[derive(Debug, Clone)]
pub struct ImageBuild {
    /// Name of the container that waits for the request: `kaniko-1`.
    pub container: String,
    /// What is built.
    pub image: Image,
    /// Hosts pushed to, where they are known (`docker.io` for names without one).
    pub registries: Vec<String>,
    /// The repository of the first name that is pushed, without tag, as far as it is known.
    pub repository: Option<String>,
    /// The task.
    pub place: Place,
    /// The container is used more than once, so Kaniko has to clean up after itself (`--cleanup`).
    pub cleanup: bool,
    /// Values of the loop variable or of the function's parameters for each run, when they are known; empty for a
    /// build that runs as written.
    pub runs: Vec<Vec<(String, String)>>,
}

impl std::ops::Deref for ImageBuild {
    type Target = Image;
    fn deref(&self) -> &Image {
        &self.image
    }
}

impl ImageBuild {
    /// The images this site builds: one per known run, with the run's values put in.
    pub fn images(&self) -> Vec<Image> {
        if self.runs.is_empty() {
            return vec![self.image.clone()];
        }
        self.runs.iter().map(|run| self.image.with(run)).collect()
    }
}

impl Image {
    /// The image with variables replaced by their values.
    pub fn with(&self, values: &[(String, String)]) -> Image {
        let put = |text: &str| with(text, values);
        let all = |texts: &[String]| texts.iter().map(|text| put(text)).collect();
        let pairs = |pairs: &[(String, String)]| pairs.iter().map(|(k, v)| (put(k), put(v))).collect();
        Image {
            context: self.context.as_deref().map(put),
            dockerfile: put(&self.dockerfile),
            destinations: all(&self.destinations),
            build_args: pairs(&self.build_args),
            labels: pairs(&self.labels),
            target: self.target.as_deref().map(put),
            platform: self.platform.as_deref().map(put),
            cache_from: all(&self.cache_from),
            ..self.clone()
        }
    }

    /// One line for findings.
    pub fn summary(&self) -> String {
        let context = self.context.as_deref().unwrap_or("nothing");
        if self.destinations.is_empty() || !self.push {
            return format!("`{context}` without a push");
        }
        let names: Vec<String> = self.destinations.iter().map(|name| format!("`{name}`")).collect();
        format!("`{context}` → {}", names.join(", "))
    }
}

/// The text with variables, also `${2:-default}`, replaced by their values.
pub fn with(text: &str, values: &[(String, String)]) -> String {
    let put = |text: String, (name, value): &(String, String)| text.replace(&format!("${{{name}}}"), value);
    let mut out = values.iter().fold(text.to_string(), put);
    for number in 1..=9 {
        let front = format!("${{{number}:-");
        let Some((before, rest)) = out.split_once(&front) else { continue };
        let Some((default, behind)) = rest.split_once('}') else { continue };
        let given = values.iter().find(|(name, value)| *name == number.to_string() && !value.is_empty());
        out = format!("{before}{}{behind}", given.map_or(default, |(_, value)| value));
    }
    out
}

/// The registry's host in a reference, `docker.io` for names without one; `None` when it is not known.
pub fn registry(reference: &str) -> Option<String> {
    let Some((host, _)) = reference.split_once('/') else {
        return (!reference.contains('$')).then(|| "docker.io".to_string());
    };
    if host.contains('$') {
        return None;
    }
    let is_host = host.contains(['.', ':']) || host == "localhost";
    Some(if is_host { host.to_string() } else { "docker.io".to_string() })
}

/// The reference with `:latest` when it has neither tag nor digest.
pub fn tagged(reference: &str) -> String {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    let dynamic = name.ends_with(['}', ')']) && !name.contains(':');
    if name.is_empty() || name.contains([':', '@']) || dynamic {
        return reference.to_string();
    }
    format!("{reference}:latest")
}
