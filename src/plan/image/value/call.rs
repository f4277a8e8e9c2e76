//! What calls hand over: arguments of functions, and where a script that was followed lies.

use super::{LONGEST, Value, assigned, expand, follow};
use crate::plan::image::folder;
use crate::plan::image::shell::{Command, FrameId, Script, Word};

/// The name a command calls, and the values it hands over; `"$@"` stands for what the caller has.
pub fn invocation(script: &Script, call: &Command) -> Option<(String, Vec<Value>)> {
    let first = call.words.first()?;
    if let Some(name) = first.constant() {
        return Some((name, arguments(script, call, &call.words[1..])));
    }
    let mut all = arguments(script, call, &call.words).into_iter();
    let name = all.next()?.constant().filter(|name| !name.is_empty())?;
    Some((name, all.collect()))
}

fn arguments(script: &Script, call: &Command, words: &[Word]) -> Vec<Value> {
    let mut out = Vec::new();
    for word in words {
        if !matches!(word.source.as_str(), "\"$@\"" | "$@" | "$*" | "\"$*\"") {
            out.push(follow(script, word, call.range.start, call.frame));
            continue;
        }
        for number in 1..=9 {
            let name = number.to_string();
            let Some((value, at, frame)) = assigned(script, &name, call.range.start, call.frame) else {
                break;
            };
            let value = follow(script, value, at, frame);
            if value.constant().is_some_and(|text| text.is_empty()) {
                break;
            }
            out.push(value);
        }
    }
    out
}

/// `$(dirname "$0")` and `$(cd X && pwd)` in a script that was followed: the script's folder, absolute.
pub(super) fn own_folder(
    script: &Script,
    text: &str,
    at: usize,
    frame: FrameId,
    depth: usize,
) -> Option<String> {
    let inner = text.strip_prefix("$(")?.strip_suffix(')')?.trim();
    if depth == 0 {
        return None;
    }
    if let Some(word) = inner.strip_prefix("dirname ") {
        let named = word.trim().trim_start_matches("-- ").trim_matches('"');
        let path = assigned(script, "GOCD_SCRIPT", at, frame)?.0.constant()?;
        let folder = path.rsplit_once('/')?.0;
        return matches!(named, "$0" | "${0}").then(|| folder.to_string());
    }
    let cd = inner.strip_prefix("cd ")?;
    let (target, rest) = cd.split_once("&&").or_else(|| cd.split_once(';'))?;
    if !matches!(rest.trim(), "pwd" | "pwd -P" | "pwd -L") {
        return None;
    }
    let target = target.trim().trim_end_matches(">/dev/null 2>&1").trim_end_matches(">/dev/null").trim();
    let read = Script::read(&format!(": {}", target.trim_start_matches("-- ")));
    let word = read.commands.first()?.words.get(1)?;
    let mut value = Value::default();
    expand(script, word, at, frame, depth - 1, &mut LONGEST.clone(), &mut value.pieces);
    let path = value.constant()?;
    path.starts_with('/').then(|| folder::join("", &path))
}
