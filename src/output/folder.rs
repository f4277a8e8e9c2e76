//! The output folder's own path, and the paths below it: neither may lead anywhere else.

use anyhow::{Context, bail};
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// The output folder's real path: absolute, without symbolic links and dots.
///
/// The folder and its parents need not exist. It is an error when the path is or passes through a file, or
/// through a symbolic link that leads out of the folder the link is in: a set is never written elsewhere than
/// the command line says.
pub fn resolve(out: &Path) -> anyhow::Result<PathBuf> {
    let mut real = if out.is_absolute() {
        PathBuf::new()
    } else {
        let current = std::env::current_dir().context("cannot tell the current folder")?;
        fs::canonicalize(&current).with_context(|| format!("cannot read `{}`", current.display()))?
    };
    for component in out.components() {
        match component {
            Component::Normal(name) => real = enter(&real, Path::new(name), out)?,
            Component::ParentDir => {
                real.pop();
            }
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => real.push(component),
        }
    }
    if real.file_name().is_none() {
        bail!("the output folder `{}` is the root of the file system: name a folder below it", out.display());
    }
    Ok(real)
}

/// One step down from a real folder.
fn enter(folder: &Path, name: &Path, out: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.join(name);
    let Some(metadata) = metadata(&path)? else { return Ok(path) };
    if metadata.is_dir() {
        return Ok(path);
    }
    if !metadata.is_symlink() {
        bail!("the output folder `{}` cannot be used: `{}` is a file", out.display(), path.display());
    }
    let target = fs::canonicalize(&path).with_context(|| {
        format!(
            "the output folder `{}` cannot be used: the link `{}` leads nowhere",
            out.display(),
            path.display()
        )
    })?;
    if !target.starts_with(folder) {
        bail!(
            "the output folder `{}` cannot be used: `{}` is a symbolic link that leads to `{}`; \
             name that folder itself if it is meant",
            out.display(),
            path.display(),
            target.display()
        );
    }
    if !target.is_dir() {
        bail!("the output folder `{}` cannot be used: `{}` is a file", out.display(), target.display());
    }
    Ok(target)
}

/// What is at a path, links not followed; `None` when nothing is.
pub fn metadata(path: &Path) -> anyhow::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

/// Refuses a path that is not plainly below the output folder, with `/` between plain names.
///
/// Control characters and `\` are refused as well: they would not survive in the lock file, whose lines are those
/// of `sha256sum`.
pub fn check_path(path: &str) -> anyhow::Result<()> {
    let plain = !path.is_empty()
        && !path.contains(|c: char| c.is_control() || c == '\\')
        && path.split('/').all(|name| !matches!(name, "" | "." | ".."));
    if !plain {
        bail!("`{}` is not a path below the output folder", path.escape_debug());
    }
    Ok(())
}

/// Refuses a folder in which nobody may write, even where the superuser could.
pub fn check_writable(real: &Path) -> anyhow::Result<()> {
    for folder in real.ancestors().filter(|folder| folder.parent().is_some()) {
        let Some(metadata) = metadata(folder)? else { continue };
        if metadata.permissions().readonly() {
            bail!("cannot write the output folder `{}`: `{}` is read-only", real.display(), folder.display());
        }
        // The folder itself and the one in which it is swapped count; what lies above is not touched.
        if folder != real {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_paths_are_below_the_folder() {
        for good in ["kustomization.yaml", "templates/a b/ü.yaml", "..a/b..", ".hidden"] {
            assert!(check_path(good).is_ok(), "{good}");
        }
        for bad in ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/", "a\\b", "a\nb", "a\u{1b}b"] {
            assert!(check_path(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_root_is_refused() {
        assert!(resolve(Path::new("/")).is_err());
        assert!(resolve(Path::new("/tmp/..")).is_err());
    }
}
