//! A webhook's payload, from a file or stdin.

use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::Value;

/// Most bytes of a payload: GitHub sends none that is larger.
const LARGEST: u64 = 25 * 1024 * 1024;

/// Reads a payload; `-` is stdin.
///
/// # Errors
/// It cannot be read, is no JSON, or is larger than any host's.
pub fn read(path: &Path) -> anyhow::Result<Value> {
    let (name, input): (String, Box<dyn Read>) = match path.to_str() {
        Some("-") => ("stdin".to_string(), Box::new(std::io::stdin())),
        _ => {
            let name = format!("`{}`", path.display());
            let file = std::fs::File::open(path).with_context(|| format!("cannot read {name}"))?;
            (name, Box::new(file))
        }
    };
    let mut bytes = Vec::new();
    input.take(LARGEST + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {name}"))?;
    if bytes.len() as u64 > LARGEST {
        bail!("{name} is larger than 25 MB: no git host sends such a payload");
    }
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    serde_json::from_slice(text).with_context(|| format!("{name} is no JSON"))
}
