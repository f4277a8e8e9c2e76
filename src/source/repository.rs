//! Other files of the repository that the GoCD files are in: Dockerfiles, scripts, compose files.

use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

/// Largest file that is read, in bytes.
const LIMIT: u64 = 1 << 20;

/// The folder that a path given by the user stands for: itself, or the one that a file is in.
pub fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        _ if path.is_dir() => path.to_path_buf(),
        // A bare file name has the parent "", which is no path to the system.
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// The folders given by the user, or around the files given by the user.
#[derive(Debug, Default)]
pub struct Repository {
    roots: Vec<PathBuf>,
}

impl Repository {
    /// The folders of these paths.
    pub fn new(paths: &[PathBuf]) -> Self {
        let roots = paths.iter().map(|path| folder_of(path));
        Repository { roots: roots.filter_map(|root| root.canonicalize().ok()).collect() }
    }

    /// The text of a file below one of the folders, by a path with `/`; `None` when it is not there, is no regular file,
    /// is larger than 1 MiB or not UTF-8, or would lead outside.
    pub fn read(&self, path: &str) -> Option<String> {
        let relative = Path::new(path);
        let stays_inside =
            relative.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        if !stays_inside {
            return None;
        }
        self.roots.iter().find_map(|root| read_below(root, relative))
    }
}

fn read_below(root: &Path, relative: &Path) -> Option<String> {
    let real = root.join(relative).canonicalize().ok()?;
    if !real.starts_with(root) || !real.is_file() {
        return None;
    }
    let mut text = String::new();
    let read = std::fs::File::open(real).ok()?.take(LIMIT + 1).read_to_string(&mut text).ok()?;
    u64::try_from(read).is_ok_and(|read| read <= LIMIT).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_file_name_is_in_the_current_folder() {
        assert_eq!(folder_of(Path::new("nothing.gocd.yaml")), Path::new("."));
        assert_eq!(folder_of(Path::new("a/nothing.gocd.yaml")), Path::new("a"));
        assert_eq!(folder_of(Path::new("src")), Path::new("src"));
    }

    #[test]
    fn nothing_outside_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("repo");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("Dockerfile"), "FROM x\n").unwrap();
        std::fs::write(folder.path().join("secret"), "s").unwrap();
        std::os::unix::fs::symlink("../secret", root.join("link")).unwrap();
        let repository = Repository::new(&[root]);
        assert_eq!(repository.read("./Dockerfile").as_deref(), Some("FROM x\n"));
        for path in ["../secret", "link", "/etc/passwd", "a/../../secret", "nothing"] {
            assert_eq!(repository.read(path), None, "{path}");
        }
    }
}
