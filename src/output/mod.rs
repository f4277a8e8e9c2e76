//! The set of manifests on disk: what is there, what would change, and how it is written.
//!
//! In this order: [`repair`] (what a killed run left behind), [`LockFile::read`], [`compare()`], [`write()`].
//! [`compare()`] only reads, so a dry run ends there.

pub mod compare;
pub mod folder;
pub mod lock_file;
pub mod swap;
pub mod write;

pub use compare::{Action, Comparison, FileChange, compare};
pub use lock_file::LockFile;
pub use swap::repair;
pub use write::{Interrupted, write};

#[cfg(test)]
mod tests;
