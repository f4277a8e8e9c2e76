//! A service that is built, as the words of `docker build`.

use serde_yaml::{Mapping, Value as Yaml};

use super::service::{Reader, Refused, scalar};
use crate::plan::image::folder;
use crate::plan::image::shell::Word;

impl Reader<'_> {
    /// The words of `docker build`, if it is built.
    pub fn build(&self) -> Result<Option<Vec<Word>>, Refused> {
        let Some(build) = self.body.get("build") else { return Ok(None) };
        let mut out = Vec::new();
        let inner = Mapping::new();
        let body = build.as_mapping().unwrap_or(&inner);
        let reader = Reader { body, ..*self };
        for key in body.keys().filter_map(Yaml::as_str) {
            let known = [
                "context",
                "dockerfile",
                "args",
                "target",
                "labels",
                "cache_from",
                "network",
                "platforms",
                "extra_hosts",
                "no_cache",
                "pull",
                "shm_size",
                "tags",
                "ssh",
                "secrets",
                "cache_to",
                "privileged",
            ];
            if !known.contains(&key) {
                return Err(format!("`build.{key}` of the service `{}` is not followed", self.name));
            }
        }
        let context = build.as_str().map(str::to_string).or_else(|| body.get("context").and_then(scalar));
        let context = context.unwrap_or_else(|| ".".to_string());
        let place =
            if context.contains("://") { context } else { folder::join(&self.project.folder, &context) };
        if let Some(image) = self.image()? {
            out.extend([Word::literal("-t"), image]);
        }
        if let Some(file) = body.get("dockerfile").and_then(scalar) {
            reader.put(&mut out, "-f", &folder::join(&place, &file))?;
        }
        reader.pairs("args", &mut out, "--build-arg")?;
        reader.pairs("labels", &mut out, "--label")?;
        for (key, option) in [("target", "--target"), ("network", "--network")] {
            if let Some(text) = body.get(key).and_then(scalar) {
                reader.put(&mut out, option, &text)?;
            }
        }
        for (key, option) in [
            ("cache_from", "--cache-from"),
            ("extra_hosts", "--add-host"),
            ("tags", "-t"),
            ("secrets", "--secret"),
            ("ssh", "--ssh"),
        ] {
            reader.each(key, &mut out, option, &str::to_string)?;
        }
        if let Some(Yaml::Sequence(list)) = body.get("platforms") {
            let all: Vec<String> = list.iter().filter_map(scalar).collect();
            reader.put(&mut out, "--platform", &all.join(","))?;
        }
        if body.get("no_cache").and_then(Yaml::as_bool) == Some(true) {
            out.push(Word::literal("--no-cache"));
        }
        out.push(self.word(&place)?);
        Ok(Some(out))
    }
}
