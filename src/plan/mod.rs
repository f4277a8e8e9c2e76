//! What Argo needs for a configuration: plain data, no text of manifests.

pub mod image;

use crate::finding::Rule;

/// The rules of this room.
pub fn rules() -> Vec<&'static Rule> {
    image::rules()
}
