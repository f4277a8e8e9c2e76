//! Writes a compared set: all of it or nothing.
//!
//! The new folder is built whole beside the old one: what stays (unchanged files, conflicts, files that are not
//! ours) is hard-linked into it, or copied where that is impossible; then the two are exchanged ([`super::swap`]).
//! Whatever ends the process, the folder holds the old set or the new one.
//!
//! A conflict that is not forced stays as it is on disk, and the lock file keeps its line as it was: so it stays a
//! conflict until somebody forces it, undoes the edit, or has the same text as the set.

use super::compare::{Action, Comparison, FileChange};
use super::folder;
use super::lock_file::{self, LockFile, hash};
use super::swap::Staging;
use anyhow::{Context, bail};
use std::collections::HashMap;
use std::fmt;
use std::fs::{self, Metadata, Permissions};
use std::io;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The error of a run that was asked to stop before the new set was in place: nothing has changed.
#[derive(Debug)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted: nothing was written")
    }
}

impl std::error::Error for Interrupted {}

/// Writes the new set into the output folder. `force` overwrites or removes conflicts as well.
///
/// `interrupted` is asked between any two files; once it says yes, the folder stays as it was and the error is
/// [`Interrupted`]. Nothing is touched when nothing would change, nor on any other error.
pub fn write(
    out: &Path,
    comparison: &Comparison,
    force: bool,
    interrupted: &dyn Fn() -> bool,
) -> anyhow::Result<()> {
    let real = folder::resolve(out)?;
    let lock = lock_after(comparison, force);
    let old_lock = folder::metadata(&real.join(lock_file::NAME))?;
    if comparison.files.iter().all(|file| stays(file, force)) && lock == comparison.lock && old_lock.is_some()
    {
        return Ok(());
    }
    check_place(&real)?;
    let made = make_parents(&real)?;
    let result = build(&real, comparison, force, &lock, interrupted);
    if result.is_err() {
        // Only what is empty goes: these folders are new.
        made.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
    }
    result
}

/// Whether a file stays as it is on disk.
fn stays(file: &FileChange, force: bool) -> bool {
    file.action == Action::Unchanged || (file.action == Action::Conflict && !force)
}

/// What the lock file says afterwards.
fn lock_after(comparison: &Comparison, force: bool) -> LockFile {
    let mut lock = LockFile::default();
    for file in &comparison.files {
        let written = match &file.new {
            _ if file.action == Action::Conflict && !force => comparison.lock.files.get(&file.path).cloned(),
            Some(text) => Some(hash(text.as_bytes())),
            None => None,
        };
        lock.files.extend(written.map(|hash| (file.path.clone(), hash)));
    }
    lock
}

/// Refuses places in which folders cannot or should not be exchanged.
fn check_place(real: &Path) -> anyhow::Result<()> {
    folder::check_writable(real)?;
    let current = std::env::current_dir().and_then(fs::canonicalize);
    if current.is_ok_and(|current| current.starts_with(real)) {
        bail!(
            "the output folder `{}` is the current folder or above it, and is replaced as a whole: \
             run gocd2argo from another folder",
            real.display()
        );
    }
    let parent = real.parent().map(folder::metadata).transpose()?.flatten();
    if let (Some(own), Some(parent)) = (folder::metadata(real)?, parent)
        && device(&own) != device(&parent)
    {
        bail!(
            "the output folder `{}` is a mount point and cannot be replaced: name a folder below it",
            real.display()
        );
    }
    Ok(())
}

/// Creates the folders above the output folder; returns those that were not there, outermost first.
fn make_parents(real: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let missing = |folder: &&Path| !folder.exists();
    let mut made: Vec<PathBuf> =
        real.ancestors().skip(1).take_while(missing).map(Path::to_path_buf).collect();
    made.reverse();
    if let Some(parent) = real.parent() {
        fs::create_dir_all(parent)
            .with_context(|| format!("cannot create the folder `{}`", parent.display()))?;
    }
    Ok(made)
}

fn build(
    real: &Path,
    comparison: &Comparison,
    force: bool,
    lock: &LockFile,
    interrupted: &dyn Fn() -> bool,
) -> anyhow::Result<()> {
    let staging = Staging::open(real)?;
    let set = staging.set();
    let modes = carry_over(real, &set, comparison, force, interrupted)?;
    for file in comparison.files.iter().filter(|file| !stays(file, force)) {
        let Some(text) = &file.new else { continue };
        if interrupted() {
            return Err(Interrupted.into());
        }
        create(&set, &file.path, text).with_context(|| format!("cannot write `{}`", file.path))?;
    }
    create(&set, lock_file::NAME, &lock.render())
        .with_context(|| format!("cannot write `{}`", lock_file::NAME))?;
    for (folder, permissions) in modes.into_iter().rev() {
        fs::set_permissions(&folder, permissions)
            .with_context(|| format!("cannot set the mode of `{}`", folder.display()))?;
    }
    if interrupted() {
        return Err(Interrupted.into());
    }
    staging.swap(real)
}

/// Creates one file of the set with its folders, with the permissions that the user's umask leaves.
fn create(set: &Path, path: &str, text: &str) -> io::Result<()> {
    let file = set.join(path);
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(file, text)
}

/// Brings what stays into the new folder. Returns the modes its folders must get when they are filled.
fn carry_over(
    real: &Path,
    set: &Path,
    comparison: &Comparison,
    force: bool,
    interrupted: &dyn Fn() -> bool,
) -> anyhow::Result<Vec<(PathBuf, Permissions)>> {
    let replaced = comparison.files.iter().filter(|file| !stays(file, force) && file.old.is_some());
    let replaced: HashMap<PathBuf, &FileChange> =
        replaced.map(|file| (real.join(&file.path), file)).collect();
    let mut modes = Vec::new();
    let Some(top) = folder::metadata(real)? else { return Ok(modes) };
    for entry in WalkDir::new(real).follow_links(false).sort_by_file_name() {
        if interrupted() {
            return Err(Interrupted.into());
        }
        let entry = entry.with_context(|| format!("cannot read `{}`", real.display()))?;
        let below = entry.path().strip_prefix(real).context("a path outside the folder that is walked")?;
        let failed = || format!("cannot carry over `{}`", entry.path().display());
        let metadata = entry.metadata().with_context(failed)?;
        if device(&metadata) != device(&top) {
            bail!("`{}` is a mount point, and its folder cannot be replaced", entry.path().display());
        }
        if let Some(file) = replaced.get(entry.path()) {
            check_seen(entry.path(), file, comparison)?;
            refuse_read_only(entry.path())?;
        } else if metadata.is_dir() {
            modes.push((set.join(below), metadata.permissions()));
            fs::create_dir_all(set.join(below)).with_context(failed)?;
        } else if below != Path::new(lock_file::NAME) {
            link_or_copy(entry.path(), &set.join(below), &metadata).with_context(failed)?;
        }
    }
    Ok(drop_emptied(set, modes, &replaced, real))
}

/// Removes folders in which nothing is left but files that are replaced or removed; new files create them again.
fn drop_emptied(
    set: &Path,
    modes: Vec<(PathBuf, Permissions)>,
    replaced: &HashMap<PathBuf, &FileChange>,
    real: &Path,
) -> Vec<(PathBuf, Permissions)> {
    let removed = replaced.values().filter(|file| file.new.is_none());
    let mut candidates: Vec<PathBuf> = removed
        .flat_map(|file| Path::new(&file.path).ancestors().skip(1).map(Path::to_path_buf).collect::<Vec<_>>())
        .filter(|folder| !folder.as_os_str().is_empty() && real.join(folder).is_dir())
        .collect();
    // Longest first, so that a folder is empty when its turn comes; one with something in it stays.
    candidates.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
    candidates.dedup();
    candidates.iter().for_each(|folder| drop(fs::remove_dir(set.join(folder))));
    modes.into_iter().filter(|(folder, _)| folder.exists()).collect()
}

/// Refuses to replace a file that somebody changed after the comparison.
fn check_seen(path: &Path, file: &FileChange, comparison: &Comparison) -> anyhow::Result<()> {
    let Some(seen) = comparison.seen.get(&file.path) else { return Ok(()) };
    let content = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    if hash(&content) != *seen {
        bail!("`{}` was changed while gocd2argo was running: run it again", file.path);
    }
    Ok(())
}

fn refuse_read_only(path: &Path) -> anyhow::Result<()> {
    let Some(parent) = path.parent() else { return Ok(()) };
    if folder::metadata(parent)?.is_some_and(|metadata| metadata.permissions().readonly()) {
        bail!("cannot write `{}`: the folder `{}` is read-only", path.display(), parent.display());
    }
    Ok(())
}

fn link_or_copy(from: &Path, to: &Path, metadata: &Metadata) -> io::Result<()> {
    if metadata.is_symlink() {
        return link_again(&fs::read_link(from)?, to);
    }
    match fs::hard_link(from, to) {
        // Reading a pipe or a device would wait for ever.
        Err(_) if metadata.is_file() => fs::copy(from, to).map(drop),
        result => result,
    }
}

#[cfg(unix)]
fn link_again(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn link_again(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
fn device(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::dev(metadata)
}

#[cfg(not(unix))]
fn device(_: &Metadata) -> u64 {
    0
}
