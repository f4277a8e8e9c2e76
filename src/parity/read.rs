//! JSON files of any number of documents; an array counts as its members.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// Largest file that is read, in bytes.
const SIZE_LIMIT: u64 = 512 << 20;

/// A document and where it is from.
pub(super) struct Document {
    /// For messages: `file`, or `file: document 3`.
    pub name: String,
    /// What it says.
    pub value: Value,
}

/// All documents of the files and of the `*.json` files in the folders, in the order of their names.
pub(super) fn documents(paths: &[PathBuf]) -> anyhow::Result<Vec<Document>> {
    let mut documents = Vec::new();
    for path in paths {
        let before = documents.len();
        if path.is_dir() {
            for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
                let entry = entry.with_context(|| format!("cannot read `{}`", path.display()))?;
                let is_json = entry.path().extension().is_some_and(|ending| ending == "json");
                if entry.file_type().is_file() && is_json {
                    read(entry.path(), &mut documents)?;
                }
            }
        } else {
            read(path, &mut documents)?;
        }
        if documents.len() == before {
            bail!("there is no JSON document in `{}`", path.display());
        }
    }
    Ok(documents)
}

fn read(path: &Path, documents: &mut Vec<Document>) -> anyhow::Result<()> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("cannot read `{shown}`"))?;
    if file.metadata().is_ok_and(|metadata| metadata.len() > SIZE_LIMIT) {
        bail!("`{shown}` is larger than {} MiB: export fewer runs", SIZE_LIMIT >> 20);
    }
    let reader = BufReader::new(file.take(SIZE_LIMIT));
    for (index, value) in serde_json::Deserializer::from_reader(reader).into_iter::<Value>().enumerate() {
        let value = value.with_context(|| format!("`{shown}` is no JSON"))?;
        let name =
            if index == 0 { format!("`{shown}`") } else { format!("`{shown}`, document {}", index + 1) };
        match value {
            Value::Array(members) => documents.extend(
                members
                    .into_iter()
                    .enumerate()
                    .map(|(index, value)| Document { name: format!("{name}, item {}", index + 1), value }),
            ),
            value => documents.push(Document { name, value }),
        }
    }
    Ok(())
}
