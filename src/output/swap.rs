//! Two sets of files exchanged in one step, and the repair of what a killed run left behind.
//!
//! A run works in a folder of its own beside the output folder, `.<name>.gocd2argo-new-*`:
//!
//! | in it | what |
//! |---|---|
//! | `set` | the new set while it is built; the old one after an exchange |
//! | `old` | the old set, where two folders cannot be exchanged in one step and two renames are needed |
//!
//! Its owner holds a lock on it that the system drops when the process ends, however it ends.

use super::folder;
use anyhow::{Context, bail};
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The new set while it is built.
const SET: &str = "set";
/// The old set, between two renames.
const OLD: &str = "old";

/// The folder in which a run builds the new set. Dropping it removes what is in it.
pub struct Staging {
    folder: TempDir,
    _lock: File,
}

impl Staging {
    /// Opens a staging folder beside the output folder, whose parent must exist.
    pub fn open(real: &Path) -> anyhow::Result<Staging> {
        let (parent, prefix) = beside(real)?;
        let opened = || -> io::Result<Staging> {
            let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(parent)?;
            let lock = File::open(folder.path())?;
            // Nobody else knows the name yet; on a file system without locks the run goes on unguarded.
            let _ = lock.try_lock();
            fs::create_dir(folder.path().join(SET))?;
            Ok(Staging { folder, _lock: lock })
        };
        opened().with_context(|| format!("cannot write beside the output folder, in `{}`", parent.display()))
    }

    /// Where the new set is built.
    pub fn set(&self) -> PathBuf {
        self.folder.path().join(SET)
    }

    /// Puts the new set in the place of the old one.
    pub fn swap(self, real: &Path) -> anyhow::Result<()> {
        self.exchange(real, exchange_in_one_step)
            .with_context(|| format!("cannot put the new files in place of `{}`", real.display()))?;
        // What is left is the old set. A folder in it without write permission would keep it from being removed.
        unlock(self.folder.path());
        Ok(())
    }

    fn exchange(&self, real: &Path, in_one_step: fn(&Path, &Path) -> io::Result<()>) -> io::Result<()> {
        if !real.exists() {
            return fs::rename(self.set(), real);
        }
        if in_one_step(&self.set(), real).is_ok() {
            return Ok(());
        }
        let old = self.folder.path().join(OLD);
        fs::rename(real, &old)?;
        fs::rename(self.set(), real).inspect_err(|_| {
            // The old set goes back; if even that fails, the next start does it.
            let _ = fs::rename(&old, real);
        })
    }
}

#[cfg(target_os = "linux")]
fn exchange_in_one_step(new: &Path, old: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
fn exchange_in_one_step(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Repairs what killed runs left beside the output folder: an old set that was moved away returns to its place,
/// everything else of theirs is removed. Returns whether there was anything.
///
/// It is an error when another run is at work on the same folder.
pub fn repair(out: &Path) -> anyhow::Result<bool> {
    let real = folder::resolve(out)?;
    let (parent, prefix) = beside(&real)?;
    let Ok(entries) = fs::read_dir(parent) else { return Ok(false) };
    let mut left: Vec<PathBuf> = Vec::new();
    for entry in entries.flatten() {
        let starts = entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes());
        if starts && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            left.push(entry.path());
        }
    }
    left.sort();
    for staging in &left {
        let failed = || format!("cannot clear up `{}`, left by an earlier run", staging.display());
        let lock = File::open(staging).with_context(failed)?;
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            bail!("another gocd2argo is writing `{}` at this moment", real.display());
        }
        let old = staging.join(OLD);
        if old.is_dir() && folder::metadata(&real)?.is_none() {
            fs::rename(&old, &real).with_context(failed)?;
        }
        unlock(staging);
        fs::remove_dir_all(staging).with_context(failed)?;
    }
    Ok(!left.is_empty())
}

/// The parent of the output folder and the start of a staging folder's name.
fn beside(real: &Path) -> anyhow::Result<(&Path, OsString)> {
    let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else {
        bail!("the output folder `{}` has no parent", real.display());
    };
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".gocd2argo-new-");
    Ok((parent, prefix))
}

/// Gives the owner write permission on every folder below, as far as that is possible.
fn unlock(folder: &Path) {
    for entry in
        walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_dir())
    {
        let Ok(metadata) = entry.metadata() else { continue };
        let mut permissions = metadata.permissions();
        if permissions.readonly() {
            make_writable(&mut permissions);
            let _ = fs::set_permissions(entry.path(), permissions);
        }
    }
}

#[cfg(unix)]
fn make_writable(permissions: &mut fs::Permissions) {
    use std::os::unix::fs::PermissionsExt;
    permissions.set_mode(permissions.mode() | 0o700);
}

#[cfg(not(unix))]
#[expect(clippy::permissions_set_readonly_false, reason = "there is no other way on such systems")]
fn make_writable(permissions: &mut fs::Permissions) {
    permissions.set_readonly(false);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn an_old_set_left_between_two_renames_returns() {
        let top = tempfile::tempdir().unwrap();
        let out = top.path().join("argo");
        put(&top.path().join(".argo.gocd2argo-new-abc/old/a.yaml"), "old");
        put(&top.path().join(".argo.gocd2argo-new-abc/set/a.yaml"), "new");
        assert!(repair(&out).unwrap());
        assert_eq!(fs::read_to_string(out.join("a.yaml")).unwrap(), "old");
        assert_eq!(fs::read_dir(top.path()).unwrap().count(), 1);
        assert!(!repair(&out).unwrap());
    }

    #[test]
    fn leftovers_beside_a_whole_set_are_removed() {
        let top = tempfile::tempdir().unwrap();
        let out = top.path().join("argo");
        put(&out.join("a.yaml"), "new");
        put(&top.path().join(".argo.gocd2argo-new-x/set/a.yaml"), "old");
        put(&top.path().join(".argo.gocd2argo-new-y/old/a.yaml"), "old");
        put(&top.path().join(".other.gocd2argo-new-x/set/a.yaml"), "not ours");
        assert!(repair(&out).unwrap());
        assert_eq!(fs::read_to_string(out.join("a.yaml")).unwrap(), "new");
        assert_eq!(fs::read_dir(top.path()).unwrap().count(), 2);
    }

    #[test]
    fn two_renames_do_where_one_step_is_impossible() {
        let top = tempfile::tempdir().unwrap();
        let out = fs::canonicalize(top.path()).unwrap().join("argo");
        put(&out.join("a.yaml"), "old");
        let staging = Staging::open(&out).unwrap();
        put(&staging.set().join("a.yaml"), "new");
        staging.exchange(&out, |_, _| Err(io::ErrorKind::Unsupported.into())).unwrap();
        assert_eq!(fs::read_to_string(out.join("a.yaml")).unwrap(), "new");
        drop(staging);
        assert_eq!(fs::read_dir(top.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_run_at_work_is_not_disturbed() {
        let top = tempfile::tempdir().unwrap();
        let out = top.path().join("argo");
        let staging = Staging::open(&fs::canonicalize(top.path()).unwrap().join("argo")).unwrap();
        let message = repair(&out).unwrap_err().to_string();
        assert!(message.starts_with("another gocd2argo is writing"), "{message}");
        drop(staging);
        assert!(!repair(&out).unwrap());
    }
}
