//! What becomes of a command that has to do with images.

use crate::finding::Rule;
use crate::plan::image::docker::Call;
use crate::plan::image::guard::Spot;

/// A command that has to do with images.
#[derive(Debug)]
pub struct Site {
    /// Where.
    pub spot: Spot,
    /// What it does.
    pub call: Call,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a command.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It stays as it is.
    Keep,
    /// Nothing is left to do; the words say why.
    Nothing(&'static str),
    /// A person decides; the rule says what.
    Decide(&'static Rule),
    /// It is build number n.
    Build(usize),
    /// It is part of build number n: a tag, a push, a saved file.
    Merged(usize),
    /// It prints the digest of build number n.
    Digest(usize),
    /// It is copy number n.
    Copy(usize),
    /// It is a request to a container, number n.
    Run(usize),
    /// It is several of these, one after the other.
    All(Vec<Fate>),
    /// A build of an earlier job does it.
    Joined,
    /// It never runs.
    Dead,
}

impl Fate {
    /// Is it a part of that build?
    pub(super) fn merges(&self, build: usize) -> bool {
        match self {
            Fate::Merged(number) => *number == build,
            Fate::All(all) => all.iter().any(|fate| fate.merges(build)),
            _ => false,
        }
    }
}

impl super::Links {
    /// Seconds that the command of a build may take, as `timeout` in front of it says.
    pub fn timeout(&self, build: &super::Build) -> Option<u64> {
        let site = self.sites.iter().find(|site| site.spot == build.spot)?;
        site.call.prefix.timeout
    }
}
