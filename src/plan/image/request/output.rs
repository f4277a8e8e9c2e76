//! `--output`: an image for a registry, a file with the image, or something that is no image.

use super::Request;
use crate::plan::image::rules::{build as rule, push as push_rule};
use crate::plan::image::shell::Word;
use crate::plan::image::value::Value;

impl Request {
    /// `type=registry`, `type=image,name=…,push=true`, `type=docker,dest=FILE`, `type=local,dest=FOLDER`, `FOLDER`.
    pub(super) fn output(&mut self, shown: &str) {
        let member = |name: &str| {
            shown
                .split(',')
                .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
                .filter(|v| !v.is_empty())
        };
        let kind = member("type").unwrap_or("local");
        match (kind, member("dest")) {
            ("registry" | "image" | "docker" | "oci", None) => {}
            ("docker", Some(file)) if !file.contains('$') && file != "-" => {
                self.saved = Some(file.to_string());
                return;
            }
            ("local" | "tar", _) => {
                return self.refuse(
                    &push_rule::EXTRACT_FROM_IMAGE,
                    format!("`--output {shown}` writes files of the image, which Kaniko cannot"),
                );
            }
            _ => {
                return self.refuse(
                    &rule::UNKNOWN_BUILD_OPTION,
                    format!("`--output {shown}` writes something else than an image"),
                );
            }
        }
        self.push |= kind == "registry" || member("push") == Some("true");
        if let Some(name) = member("name").filter(|name| !name.contains(['$', '`'])) {
            self.tags.push((Word::literal(name), Value::of(name)));
        }
    }
}
