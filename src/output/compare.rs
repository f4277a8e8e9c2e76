//! What writing would do to each file. Reads the output folder, changes nothing.

use super::folder;
use super::lock_file::{self, Hash, LockFile, hash};
use crate::render::Manifest;
use anyhow::{Context, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What writing does to one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is not there.
    Create,
    /// It is ours, nobody edited it, and the new text differs.
    Update,
    /// It has the new text already, whoever wrote it.
    Unchanged,
    /// It is ours, nobody edited it, and it is no longer in the set.
    Remove,
    /// Somebody edited it since, or it is not ours, and writing would lose that. Kept unless forced.
    Conflict,
}

/// One file of the old set or the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Path below the output folder, with `/`.
    pub path: String,
    /// What writing does to it.
    pub action: Action,
    /// What is on disk; `None` where nothing is, and for an unchanged file.
    pub old: Option<String>,
    /// What the set says; `None` for a file that is no longer in the set.
    pub new: Option<String>,
    /// Original names of the pipelines it belongs to; empty for shared parts and removed files.
    pub pipelines: Vec<String>,
}

/// The new set against the folder.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Every file of the new set and every removed one, sorted by path.
    pub files: Vec<FileChange>,
    /// What was written last.
    pub(super) lock: LockFile,
    /// Path → hash of what is on disk, so that a change between comparing and writing is noticed.
    pub(super) seen: BTreeMap<String, Hash>,
}

impl Comparison {
    /// Whether anything is not as the set says.
    pub fn differs(&self) -> bool {
        self.files.iter().any(|file| file.action != Action::Unchanged)
    }

    /// The files with that action.
    pub fn with(&self, action: Action) -> impl Iterator<Item = &FileChange> {
        self.files.iter().filter(move |file| file.action == action)
    }
}

/// What is on disk at a path of the set.
enum OnDisk {
    Nothing,
    File {
        text: String,
        hash: Hash,
    },
    /// A link, a socket: somebody else's, never followed or read.
    Other(&'static str),
    Folder,
    /// A link or a file where a folder of the path should be; why nothing can be written there.
    Blocked(String),
}

/// Files larger than this are hashed but not shown, in bytes.
const SHOWN: u64 = 32 << 20;

/// Compares the new set with the folder and with what was written there last.
///
/// Errors: the folder's path (see [`folder::resolve`]); a path of the set that leads out of the folder, is listed
/// twice or passes through a symbolic link; a folder where a file of the set belongs; an unreadable file.
pub fn compare(out: &Path, manifests: &[Manifest], lock: &LockFile) -> anyhow::Result<Comparison> {
    let real = folder::resolve(out)?;
    let mut wanted = BTreeMap::new();
    for manifest in manifests {
        folder::check_path(&manifest.path)?;
        if manifest.path == lock_file::NAME || wanted.insert(manifest.path.as_str(), manifest).is_some() {
            bail!("the set holds `{}` twice", manifest.path);
        }
    }
    let paths: BTreeSet<&str> = wanted.keys().copied().chain(lock.files.keys().map(String::as_str)).collect();
    let mut comparison = Comparison { lock: lock.clone(), ..Comparison::default() };
    for path in paths {
        let on_disk = look(&real, path, lock)?;
        if let OnDisk::File { hash, .. } = &on_disk {
            comparison.seen.insert(path.to_string(), hash.clone());
        }
        comparison.files.extend(match wanted.get(path) {
            Some(manifest) => Some(wanted_file(manifest, on_disk, lock)?),
            None => gone_file(path, on_disk, lock),
        });
    }
    Ok(comparison)
}

/// A file of the new set.
fn wanted_file(manifest: &Manifest, on_disk: OnDisk, lock: &LockFile) -> anyhow::Result<FileChange> {
    let written = lock.files.get(&manifest.path);
    let (action, old) = match on_disk {
        OnDisk::Nothing => (Action::Create, None),
        OnDisk::File { hash: seen, .. } if seen == hash(manifest.text.as_bytes()) => {
            (Action::Unchanged, None)
        }
        OnDisk::File { text, hash } if written == Some(&hash) => (Action::Update, Some(text)),
        OnDisk::File { text, .. } => (Action::Conflict, Some(text)),
        OnDisk::Other(what) => (Action::Conflict, Some(format!("({what})\n"))),
        OnDisk::Folder => bail!("`{}` is a folder, but a file is to be written there", manifest.path),
        OnDisk::Blocked(why) => bail!(why),
    };
    let Manifest { path, text, pipelines } = manifest.clone();
    Ok(FileChange { path, action, old, new: Some(text), pipelines })
}

/// A file that was written once and is no longer in the set; `None` when nothing of it is left.
fn gone_file(path: &str, on_disk: OnDisk, lock: &LockFile) -> Option<FileChange> {
    let (action, old) = match on_disk {
        // Where somebody put something else, it is not ours any more.
        OnDisk::Nothing | OnDisk::Folder | OnDisk::Blocked(_) => return None,
        OnDisk::File { text, hash } if lock.files.get(path) == Some(&hash) => (Action::Remove, text),
        OnDisk::File { text, .. } => (Action::Conflict, text),
        OnDisk::Other(what) => (Action::Conflict, format!("({what})\n")),
    };
    Some(FileChange { path: path.to_string(), action, old: Some(old), new: None, pipelines: Vec::new() })
}

/// Looks at one path below the folder, following no link.
fn look(real: &Path, path: &str, lock: &LockFile) -> anyhow::Result<OnDisk> {
    for (index, _) in path.match_indices('/') {
        let parent = &path[..index];
        let Some(metadata) = folder::metadata(&real.join(parent))? else { return Ok(OnDisk::Nothing) };
        if metadata.is_symlink() {
            let why =
                format!("`{parent}` in the output folder is a symbolic link; nothing is written through it");
            return Ok(OnDisk::Blocked(why));
        }
        if !metadata.is_dir() {
            // A file of ours gives way to a folder of the same name.
            if lock.files.contains_key(parent) {
                return Ok(OnDisk::Nothing);
            }
            let why = format!("`{parent}` in the output folder is a file, but a folder is needed there");
            return Ok(OnDisk::Blocked(why));
        }
    }
    let file = real.join(path);
    let Some(metadata) = folder::metadata(&file)? else { return Ok(OnDisk::Nothing) };
    if metadata.is_dir() {
        return Ok(OnDisk::Folder);
    }
    if metadata.is_symlink() {
        return Ok(OnDisk::Other("a symbolic link"));
    }
    if !metadata.is_file() {
        return Ok(OnDisk::Other("not a regular file"));
    }
    if metadata.len() > SHOWN {
        return Ok(OnDisk::Other("a file too large to be read"));
    }
    let content = fs::read(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
    Ok(OnDisk::File { hash: hash(&content), text: String::from_utf8_lossy(&content).into_owned() })
}
