//! Kaniko builds in place of docker builds.

pub mod folder;
pub mod shell;
pub mod value;
