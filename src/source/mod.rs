//! Files of the source, read into trees in which every text knows its place.

pub mod keys;
pub mod tree;

pub use keys::{At, Keys, Reader};
pub use tree::{Entry, Item, Node, NodeId, Tree, Value};

use crate::finding::Rule;

/// The rules of this room.
pub fn rules() -> Vec<&'static Rule> {
    [keys::RULES].concat()
}
