//! Which files are GoCD's: `*.gocd.yaml` and `*.gocd.yml` below the given folders, and every file given by name.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use ignore::{DirEntry, WalkBuilder};

/// The files to read, each once, sorted by the path as it is shown.
///
/// Folders are searched with their dot-folders, but without `.git` and what .gitignore files inside them name.
/// Links to folders are not followed. Nothing outside the given paths matters: no .gitignore above, no user's
/// git configuration.
///
/// # Errors
/// A path is missing or unreadable, or a folder holds no such file.
///
/// ```
/// let missing = gocd2argo::source::discover(&["no/such/folder".into()]);
/// assert!(missing.unwrap_err().to_string().starts_with("cannot read `no/such/folder`"));
/// ```
pub fn discover(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        let facts = std::fs::metadata(path).with_context(|| format!("cannot read `{}`", shown(path)))?;
        if !facts.is_dir() {
            found.push(path.clone());
            continue;
        }
        let files = search(path)?;
        if files.is_empty() {
            bail!("no GoCD file found in `{}`: looked for `*.gocd.yaml` and `*.gocd.yml`", shown(path));
        }
        found.extend(files);
    }
    found.sort_by_key(|path| shown(path));
    let mut seen = HashSet::new();
    let mut files = Vec::new();
    for path in found {
        let real = path.canonicalize().with_context(|| format!("cannot read `{}`", shown(&path)))?;
        if seen.insert(real) {
            files.push(path);
        }
    }
    Ok(files)
}

/// A path as messages show it: with `/`, and without a leading `./`.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if std::path::MAIN_SEPARATOR == '\\' { text.replace('\\', "/").into() } else { text };
    let mut text = text.as_ref();
    while let Some(rest) = text.strip_prefix("./") {
        text = rest.trim_start_matches('/');
    }
    if text.is_empty() { ".".to_string() } else { text.to_string() }
}

fn search(folder: &Path) -> Result<Vec<PathBuf>> {
    // Each switch by name: the result must not depend on what lies outside the folder.
    let walk = WalkBuilder::new(folder)
        .hidden(false)
        .git_global(false)
        .git_exclude(false)
        .git_ignore(true)
        .ignore(false)
        .parents(false)
        .require_git(false)
        .follow_links(false)
        .filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git")
        .build();
    let mut files = Vec::new();
    for entry in walk {
        let entry = entry.with_context(|| format!("cannot read `{}`", shown(folder)))?;
        if is_gocd(&entry) {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

fn is_gocd(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let named = name.ends_with(".gocd.yaml") || name.ends_with(".gocd.yml");
    // A link may point to a folder; one that points nowhere is kept, so that reading it says so.
    named && !std::fs::metadata(entry.path()).is_ok_and(|facts| facts.is_dir())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A folder with empty files of these names.
    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        folder
    }

    fn found(folder: &Path, paths: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| folder.join(path)).collect();
        let files = discover(&paths).unwrap();
        files.iter().map(|file| shown(file.strip_prefix(folder).unwrap())).collect()
    }

    #[test]
    fn names_are_those_of_gocd() {
        let folder = folder(&[
            "b.gocd.yaml",
            "a.gocd.yml",
            ".gocd.yaml",
            ".gocd/ci.gocd.yaml",
            "sub/.hidden/x.gocd.yml",
            "gocd.yaml",
            "ci.yaml",
            ".gocd/pipeline.yaml",
            "x.gocd.YAML",
            "x.GOCD.yaml",
            "x.gocd.yaml.bak",
            "x.gocd.yaml~",
            ".git/x.gocd.yaml",
            "sub/.git/x.gocd.yaml",
            "dir.gocd.yaml/readme",
        ]);
        assert_eq!(
            found(folder.path(), &[""]),
            [".gocd.yaml", ".gocd/ci.gocd.yaml", "a.gocd.yml", "b.gocd.yaml", "sub/.hidden/x.gocd.yml"]
        );
    }

    #[test]
    fn only_ignore_files_inside_the_folder_count() {
        let folder = folder(&["repo/a.gocd.yaml", "repo/build/b.gocd.yaml", "repo/sub/c.gocd.yaml"]);
        std::fs::write(folder.path().join(".gitignore"), "*").unwrap();
        std::fs::write(folder.path().join("repo/.ignore"), "*").unwrap();
        std::fs::write(folder.path().join("repo/.gitignore"), "build/\n").unwrap();
        std::fs::write(folder.path().join("repo/sub/.gitignore"), "c.*\n").unwrap();
        assert_eq!(found(folder.path(), &["repo"]), ["repo/a.gocd.yaml"]);
        assert_eq!(found(folder.path(), &["repo/build/b.gocd.yaml"]), ["repo/build/b.gocd.yaml"]);
    }

    #[test]
    fn a_file_found_twice_is_read_once_and_a_named_one_whatever_its_name() {
        let folder = folder(&["a.gocd.yaml", "sub/b.gocd.yaml", "ci.yaml"]);
        let paths = ["sub", "ci.yaml", "", "sub/b.gocd.yaml", "sub/../a.gocd.yaml"];
        assert_eq!(found(folder.path(), &paths), ["a.gocd.yaml", "ci.yaml", "sub/b.gocd.yaml"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_make_no_loops_and_broken_ones_are_errors() {
        let folder = folder(&["a.gocd.yaml"]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("a.gocd.yaml"), folder.path().join("b.gocd.yaml"))
            .unwrap();
        assert_eq!(found(folder.path(), &[""]), ["a.gocd.yaml"]);
        std::os::unix::fs::symlink("nowhere", folder.path().join("c.gocd.yaml")).unwrap();
        let error = discover(&[folder.path().to_path_buf()]).unwrap_err().to_string();
        assert!(error.starts_with("cannot read `") && error.ends_with("c.gocd.yaml`"), "{error}");
    }

    #[test]
    fn nothing_found_says_what_was_looked_for() {
        let folder = folder(&["ci.yaml"]);
        let error = discover(&[folder.path().to_path_buf()]).unwrap_err().to_string();
        assert!(error.starts_with("no GoCD file found in `") && error.contains("`*.gocd.yaml`"), "{error}");
        assert_eq!(shown(Path::new("././ci/a.yaml")), "ci/a.yaml");
        assert_eq!(shown(Path::new("./")), ".");
    }
}
