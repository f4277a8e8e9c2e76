//! Containers that a script runs: `docker run` and the services of compose files.
//!
//! Each becomes a container of the job's pod that waits for requests (`serve.sh`), like those that build. An image
//! whose name is known before the pod starts is the container's own. An image that the job itself builds, or whose
//! name only the shell knows, is unpacked in a small container when it is asked for, as Kaniko does with base images.

use super::request::Text;

pub mod draft;
pub mod mounts;
pub mod options;

pub use mounts::Mount;

/// Runs, starts and asks the containers of this file; in the job's container.
pub const CONTAINER: &str = "/gocd-lib/container.sh";

/// A container of the pod that runs an image for the script.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct RunContainer {
    /// Name: `run-1`.
    pub name: String,
    /// The image; empty when it is unpacked at the request.
    pub image: String,
    /// What is mounted besides the folders for requests.
    pub mounts: Vec<Mount>,
    /// User number, and group number if one is given.
    pub user: Option<(u32, Option<u32>)>,
    /// Memory limit as docker writes it; empty for none.
    pub memory: String,
    /// It keeps running while other commands run.
    pub background: bool,
    /// Ports it listens on, where they are known.
    pub ports: Vec<u16>,
}

impl RunContainer {
    /// May one container serve both? Not when one of them keeps running.
    pub fn serves(&self, other: &RunContainer) -> bool {
        let named = RunContainer { name: self.name.clone(), ..other.clone() };
        !self.background && !other.background && *self == named
    }
}

/// The words that ask a container for something.
#[derive(Debug, Clone, Default)]
pub struct Words(pub Vec<Text>);

impl Words {
    /// `container.sh VERB CONTAINER`.
    pub fn new(verb: &str, container: &str) -> Words {
        Words([CONTAINER, verb, container].map(Text::of).to_vec())
    }

    /// A word that is known.
    pub fn put(&mut self, word: &str) {
        self.0.push(Text::of(word));
    }

    /// An option and its value.
    pub fn option(&mut self, name: &str, value: Text) {
        self.put(name);
        self.0.push(value);
    }

    /// The words as one line of shell.
    pub fn line(&self) -> String {
        self.0.iter().map(|word| word.shell.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// Docker's `2g` as Kubernetes' `2Gi`; empty when it is no amount.
pub fn quantity(memory: &str) -> String {
    let lower = memory.to_lowercase();
    let number = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if number.is_empty() || !number.chars().all(|c| c.is_ascii_digit()) {
        return String::new();
    }
    match lower.get(number.len()..) {
        Some("k" | "kb") => format!("{number}Ki"),
        Some("m" | "mb") => format!("{number}Mi"),
        Some("g" | "gb") => format!("{number}Gi"),
        _ => number.to_string(),
    }
}
