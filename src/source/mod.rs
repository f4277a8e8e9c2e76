//! Files of the source, read into trees in which every text knows its place.

mod alias;
mod build;
mod dialect;
mod discover;
mod document;
mod events;
pub mod keys;
mod mapping;
mod merge;
mod narrow;
mod problem;
mod read;
pub mod reader;
pub mod repository;
mod text;
pub mod tree;

pub use discover::{discover, shown};
pub use keys::Keys;
pub use read::{SourceFile, Sources};
pub use reader::{At, Reader};
pub use text::{Position, Text};
pub use tree::{Entry, Item, Node, NodeId, Tree, Value};

use crate::finding::Rule;

/// The rules of this room.
pub fn rules() -> Vec<&'static Rule> {
    [
        keys::RULES,
        alias::RULES,
        dialect::RULES,
        document::RULES,
        mapping::RULES,
        merge::RULES,
        read::RULES,
        reader::RULES,
    ]
    .concat()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
