//! The room as a whole: sets written over each other, and what must never be lost.

mod conflicts;
mod interruption;
mod places;

use super::*;
use crate::render::Manifest;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder of its own with an output folder `argo` in it.
struct Scene {
    top: TempDir,
    out: PathBuf,
}

impl Scene {
    fn new() -> Scene {
        let top = tempfile::tempdir().unwrap();
        let out = fs::canonicalize(top.path()).unwrap().join("argo");
        Scene { top, out }
    }

    fn compare(&self, set: &[(&str, &str)]) -> Comparison {
        compare(&self.out, &manifests(set), &LockFile::read(&self.out).unwrap()).unwrap()
    }

    /// Writes a set as a run does, and returns what it did to each file.
    fn convert(&self, set: &[(&str, &str)], force: bool) -> Vec<(String, Action)> {
        let comparison = self.compare(set);
        write(&self.out, &comparison, force, &|| false).unwrap();
        comparison.files.into_iter().map(|file| (file.path, file.action)).collect()
    }

    fn put(&self, path: &str, text: &str) {
        let file = self.out.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Everything in the output folder but the lock file.
    fn content(&self) -> BTreeMap<String, String> {
        content(&self.out)
    }

    /// The names beside the output folder.
    fn beside(&self) -> Vec<String> {
        let names = fs::read_dir(self.top.path()).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn manifests(set: &[(&str, &str)]) -> Vec<Manifest> {
    let manifest = |(path, text): &(&str, &str)| Manifest {
        path: path.to_string(),
        text: text.to_string(),
        pipelines: vec![],
    };
    set.iter().map(manifest).collect()
}

fn content(out: &Path) -> BTreeMap<String, String> {
    let files = walkdir::WalkDir::new(out).into_iter().map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file() && entry.file_name() != lock_file::NAME);
    files
        .map(|entry| {
            let path = entry.path().strip_prefix(out).unwrap().to_str().unwrap().to_string();
            (path, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

fn pairs(set: &[(&str, &str)]) -> BTreeMap<String, String> {
    set.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
}

fn actions(list: &[(&str, Action)]) -> Vec<(String, Action)> {
    list.iter().map(|(path, action)| (path.to_string(), *action)).collect()
}
