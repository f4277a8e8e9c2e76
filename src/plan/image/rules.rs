//! The findings of this room: one page each, with an example. They are declared here, apart from the code that
//! reports them, because several places report the same one.

pub mod buildkit;
mod builds;
mod containers;
mod conversions;
mod daemon;
mod options;
mod pushes;
mod registries;
mod scripts;

use crate::finding::Rule;

/// About the words of a build.
#[allow(
    ambiguous_glob_reexports,
    reason = "each file has a list of that name, which nobody uses through here"
)]
pub mod build {
    pub use super::builds::*;
    pub use super::conversions::*;
    pub use super::options::*;
}

/// About names, pushes and uses of images.
#[allow(
    ambiguous_glob_reexports,
    reason = "each file has a list of that name, which nobody uses through here"
)]
pub mod push {
    pub use super::pushes::*;
    pub use super::registries::*;
}

/// About uses of docker that are no builds.
#[allow(
    ambiguous_glob_reexports,
    reason = "each file has a list of that name, which nobody uses through here"
)]
pub mod usage {
    pub use super::daemon::*;
    pub use super::scripts::*;
}

/// About images that are run.
pub mod container {
    pub use super::containers::*;
}

/// All of them.
pub fn all() -> Vec<&'static Rule> {
    [
        buildkit::RULES,
        builds::RULES,
        containers::RULES,
        conversions::RULES,
        daemon::RULES,
        options::RULES,
        pushes::RULES,
        registries::RULES,
        scripts::RULES,
    ]
    .concat()
}
