//! What a Dockerfile says that matters for Kaniko: base images, mounts, newer syntax.

use super::rules::build as rule;
use crate::finding::Rule;

/// The instructions, continuation lines joined. Here-documents are not followed: their lines look like unknown
/// instructions, which nobody asks for.
fn instructions(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('#') || (line.is_empty() && !open) {
            continue;
        }
        let (part, more) = line.strip_suffix('\\').map_or((line, false), |part| (part, true));
        match out.last_mut().filter(|_| open) {
            Some(last) => {
                last.push(' ');
                last.push_str(part);
            }
            None => out.push(part.to_string()),
        }
        open = more;
    }
    out
}

/// Images behind `FROM` and `COPY --from=` that are not stages of the file itself.
pub fn bases(text: &str) -> Vec<String> {
    let mut stages: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for line in instructions(text) {
        let mut words = line.split_whitespace();
        let Some(instruction) = words.next().map(str::to_ascii_lowercase) else { continue };
        if instruction == "copy" {
            let from = words.find_map(|word| word.strip_prefix("--from="));
            let other = |from: &&str| {
                !from.starts_with(|c: char| c.is_ascii_digit()) && !stages.iter().any(|s| s == from)
            };
            out.extend(from.filter(other).map(str::to_string));
        }
        if instruction != "from" {
            continue;
        }
        let mut words = words.filter(|word| !word.starts_with("--"));
        let Some(image) = words.next() else { continue };
        if !stages.iter().any(|stage| stage == image) {
            out.push(image.to_string());
        }
        if words.next().is_some_and(|word| word.eq_ignore_ascii_case("as")) {
            stages.extend(words.next().map(str::to_string));
        }
    }
    out
}

/// Mounts that Kaniko cannot give.
pub fn needs(text: &str) -> Option<&'static Rule> {
    instructions(text).iter().find_map(|line| {
        if line.contains("--mount=type=secret") {
            return Some(&rule::BUILDKIT_SECRET);
        }
        line.contains("--mount=type=ssh").then_some(&rule::BUILDKIT_SSH)
    })
}

/// Does an image of the file run on Windows only?
pub fn is_for_windows(text: &str) -> bool {
    bases(text).iter().any(|image| {
        let image = image.to_ascii_lowercase();
        image.contains("/windows/") || image.contains("nanoserver") || image.contains("windowsservercore")
    })
}

/// Syntax that builds, with less effect.
pub fn newer_syntax(text: &str) -> Option<String> {
    let of_a_line = instructions(text).iter().find_map(|line| {
        let word = line.split_whitespace().next().unwrap_or("");
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        let copy = is("copy") || is("add");
        if is("run") && line.contains("--mount=") {
            return Some("`RUN --mount`");
        }
        if (is("run") || copy) && line.contains("<<") {
            return Some("here-documents");
        }
        (copy && (line.contains("--link") || line.contains("--parents")))
            .then_some("`COPY --link` or `--parents`")
    });
    of_a_line.map(str::to_string).or_else(|| frontend(text).map(|image| format!("the frontend `{image}`")))
}

/// `# syntax=IMAGE` at the top, with another frontend than docker's own, whose newer syntax is found by itself.
fn frontend(text: &str) -> Option<&str> {
    let directives = text.lines().map_while(|line| line.trim().strip_prefix('#'));
    let image = directives
        .filter_map(|line| line.split_once('='))
        .find_map(|(name, image)| name.trim().eq_ignore_ascii_case("syntax").then(|| image.trim()))?;
    let bare = image.strip_prefix("docker.io/").unwrap_or(image);
    let own = bare.split([':', '@']).next() == Some("docker/dockerfile");
    (!own && !image.is_empty()).then_some(image)
}
