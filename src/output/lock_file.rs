//! `.gocd2argo.lock`: which files of the output folder are this program's, and what it wrote last.
//!
//! A header line, then one line per file as `sha256sum` writes them, sorted by path; so
//! `sha256sum -c .gocd2argo.lock` in the output folder names the files that somebody has edited since.

use super::folder;
use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The lock file's name in the output folder.
pub const NAME: &str = ".gocd2argo.lock";

const HEADER: &str =
    "# gocd2argo lock 1: files written by gocd2argo; `sha256sum -c` names those edited since";

/// Largest lock file that is read, in bytes: about 500,000 lines.
const SIZE_LIMIT: u64 = 64 << 20;

/// A SHA-256 in lower-case hexadecimal.
pub type Hash = String;

/// The hash of a text or of a file's content.
pub fn hash(content: &[u8]) -> Hash {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What was written last: a hash for each path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockFile {
    /// Path below the output folder → hash of what this program wrote there.
    pub files: BTreeMap<String, Hash>,
}

impl LockFile {
    /// Reads the lock file of an output folder; no folder or no lock file means that nothing there is ours.
    ///
    /// A damaged lock file is an error, not an empty one: taking it for empty would turn every file into a
    /// conflict, and taking it at its word could remove files that are not ours.
    pub fn read(out: &Path) -> anyhow::Result<LockFile> {
        let path = folder::resolve(out)?.join(NAME);
        let Some(metadata) = folder::metadata(&path)? else { return Ok(LockFile::default()) };
        if !metadata.is_file() {
            bail!("the lock file `{}` is not a regular file", path.display());
        }
        if metadata.len() > SIZE_LIMIT {
            bail!("the lock file `{}` is larger than {} MiB", path.display(), SIZE_LIMIT >> 20);
        }
        let mut bytes = Vec::new();
        File::open(&path)
            .and_then(|file| file.take(SIZE_LIMIT).read_to_end(&mut bytes))
            .with_context(|| format!("cannot read the lock file `{}`", path.display()))?;
        let text = String::from_utf8(bytes)
            .with_context(|| format!("the lock file `{}` is damaged: not UTF-8", path.display()))?;
        LockFile::parse(&text).with_context(|| {
            format!(
                "the lock file `{}` is damaged; \
                 restore it, or remove it to have every file that differs listed as a conflict",
                path.display()
            )
        })
    }

    /// Reads the text of a lock file.
    pub fn parse(text: &str) -> anyhow::Result<LockFile> {
        let mut lines = text.lines().enumerate();
        if lines.next().is_none_or(|(_, line)| !line.starts_with("# gocd2argo lock 1")) {
            bail!("line 1: `# gocd2argo lock 1` is not there");
        }
        let mut files = BTreeMap::new();
        for (index, line) in lines {
            let (hash, path) = parse_line(line).with_context(|| format!("line {}", index + 1))?;
            if files.insert(path.to_string(), hash.to_string()).is_some() {
                bail!("line {}: `{path}` is listed twice", index + 1);
            }
        }
        Ok(LockFile { files })
    }

    /// The text of the lock file.
    pub fn render(&self) -> String {
        let mut text = format!("{HEADER}\n");
        for (path, hash) in &self.files {
            text.push_str(&format!("{hash}  {path}\n"));
        }
        text
    }
}

fn parse_line(line: &str) -> anyhow::Result<(&str, &str)> {
    let Some((hash, path)) = line.split_once("  ") else {
        bail!("two blanks between hash and path are expected");
    };
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if hash.len() != 64 || !hash.bytes().all(hexadecimal) {
        bail!("`{}` is not a SHA-256 in lower-case hexadecimal", hash.escape_debug());
    }
    folder::check_path(path)?;
    if path == NAME {
        bail!("the lock file lists itself");
    }
    Ok((hash, path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_text_is_that_of_sha256sum() {
        let mut lock = LockFile::default();
        lock.files.insert("b/x.yaml".into(), hash(b"b"));
        lock.files.insert("a.yaml".into(), hash(b""));
        insta::assert_snapshot!(lock.render(), @r"
        # gocd2argo lock 1: files written by gocd2argo; `sha256sum -c` names those edited since
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.yaml
        3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d  b/x.yaml
        ");
    }

    #[test]
    fn damaged_and_hostile_texts_are_refused() {
        let hash = hash(b"");
        let header = "# gocd2argo lock 1\n";
        let bad = [
            String::new(),
            format!("{hash}  a.yaml\n"),
            format!("{header}{hash} a.yaml\n"),
            format!("{header}{}  a.yaml\n", &hash[1..]),
            format!("{header}{}  a.yaml\n", hash.to_uppercase()),
            format!("{header}{hash}  ../a.yaml\n"),
            format!("{header}{hash}  /etc/passwd\n"),
            format!("{header}{hash}  a/./b\n"),
            format!("{header}{hash}  {NAME}\n"),
            format!("{header}{hash}  a\n{hash}  a\n"),
            format!("{header}\n"),
            format!("{header}<<<<<<< HEAD\n"),
        ];
        for text in bad {
            assert!(LockFile::parse(&text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(paths in prop::collection::btree_set("[a-z .#ü]{1,8}(/[a-z.]{3,5})?", 0..6)) {
            let paths = paths.into_iter().filter(|path| folder::check_path(path).is_ok() && path != NAME);
            let lock = LockFile { files: paths.map(|path| (path.clone(), hash(path.as_bytes()))).collect() };
            prop_assert_eq!(LockFile::parse(&lock.render()).unwrap(), lock);
        }

        #[test]
        fn no_text_panics(text in "(# gocd2argo lock 1\n)?[\\PC\n]{0,200}") {
            let _ = LockFile::parse(&text);
        }
    }
}
