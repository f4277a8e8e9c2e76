//! Scripts, make targets and npm scripts that a task calls: whether they use docker.

use super::docker::{self, Call, Use};
use super::folder::{self, Folder};
use super::shell::{Command, Script};
use std::collections::BTreeSet;

/// What is known about a called script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// It has nothing to do with docker, as far as anybody can see.
    Harmless,
    /// It is not at hand, and its name or arguments speak of docker, images or a registry.
    Absent(String),
    /// It uses docker; the command.
    UsesDocker(String),
    /// It is no shell, and speaks of docker.
    NotUnderstood(String),
}

/// Is the text for an interpreter that is no shell?
fn is_other_language(path: &str, tool: &str, text: &str) -> bool {
    if matches!(tool, "make" | "gmake" | "npm" | "yarn" | "pnpm") {
        return false;
    }
    let first = text.strip_prefix("#!").and_then(|rest| rest.lines().next()).unwrap_or("");
    let ending = path.rsplit('.').next().unwrap_or("");
    ["python", "ruby", "perl", "node", "groovy", "php", "rake"]
        .iter()
        .any(|name| first.contains(name) || tool.starts_with(name))
        || matches!(ending, "py" | "rb" | "pl" | "js" | "groovy" | "php" | "ts")
}

/// Does a line that is no comment name docker as a word of its own?
fn speaks_of_docker(text: &str) -> bool {
    let code = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '/', '*']));
    code.flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && !"_-./".contains(c))).any(
        |word| matches!(docker::base(word), "docker" | "docker-compose" | "podman" | "buildah" | "nerdctl"),
    )
}

/// Looks at a called script.
pub fn called(
    call: &Call,
    command: &Command,
    from: &Folder,
    files: &dyn Fn(&str) -> Option<String>,
) -> Called {
    Look { files, seen: BTreeSet::new() }.called(call, command, from, DEEPEST)
}

/// A look into scripts that call scripts.
struct Look<'a> {
    files: &'a dyn Fn(&str) -> Option<String>,
    /// Calls and the folders they are made in: each is looked into once, because they may call each other.
    seen: BTreeSet<(String, Option<String>)>,
}

impl Look<'_> {
    fn called(&mut self, call: &Call, command: &Command, from: &Folder, depth: usize) -> Called {
        let files = self.files;
        let words: Vec<String> =
            command.words.iter().map(|word| word.constant().unwrap_or(word.source.clone())).collect();
        let key = (words.join(" "), from.path.clone());
        if self.seen.contains(&key) {
            return Called::Harmless;
        }
        let file = |name: &str| {
            let path = folder::join(from.path.as_deref()?, name);
            files(folder::below(&path)?)
        };
        let (name, text) = match call.tool.as_str() {
            "make" | "gmake" => ("make".to_string(), make(&words, &file)),
            "rake" => ("Rakefile".to_string(), file("Rakefile")),
            "npm" | "yarn" | "pnpm" => (words.join(" "), npm(&words, &file)),
            _ => {
                let path = words
                    .iter()
                    .skip(call.prefix.length)
                    .find(|word| !word.starts_with('-') && is_path(word, &call.tool));
                let path = path.cloned().unwrap_or_default();
                let text = file(&path);
                (path, text)
            }
        };
        match text {
            Some(text) if is_other_language(&name, &call.tool, &text) => {
                if speaks_of_docker(&text) {
                    Called::NotUnderstood(name)
                } else {
                    Called::Harmless
                }
            }
            Some(text) => {
                let looks = self.seen.len() < MOST && self.seen.insert(key);
                let uses = if looks { self.uses(&text, from, depth) } else { None };
                uses.map_or(Called::Harmless, Called::UsesDocker)
            }
            None if speaks(&words) => Called::Absent(if name.is_empty() { words.join(" ") } else { name }),
            None => Called::Harmless,
        }
    }

    /// The first command of a shell text that needs docker, also in scripts that it calls.
    fn uses(&mut self, text: &str, from: &Folder, depth: usize) -> Option<String> {
        let script = Script::read(text);
        let folders = folder::folders(&script, from.path.as_deref().unwrap_or(folder::ROOT));
        let mut deeper = |(command, from): (&Command, &Folder)| {
            let call =
                docker::recognise(&command.words).filter(|call| call.kind == Use::Script && depth > 0)?;
            match self.called(&call, command, from, depth - 1) {
                Called::UsesDocker(what) | Called::NotUnderstood(what) => Some(what),
                _ => None,
            }
        };
        let hit = script.commands.iter().find(|command| {
            let harmless = |call: &Call| matches!(call.kind, Use::Script | Use::Check | Use::Environment);
            docker::recognise(&command.words).is_some_and(|call| !harmless(&call))
        });
        let own = hit.map(|command| text.get(command.range.clone()).unwrap_or("").to_string());
        own.or_else(|| script.commands.iter().take(500).zip(&folders).find_map(&mut deeper))
    }
}

fn is_path(word: &str, tool: &str) -> bool {
    docker::base(word) != tool || word.contains('/')
}

/// Do the words speak of docker, images or a registry?
fn speaks(words: &[String]) -> bool {
    let text = words.join(" ").to_lowercase();
    ["docker", "image", "registry"].iter().any(|word| text.contains(word))
}

/// How deep calls within calls are looked into.
const DEEPEST: usize = 20;
/// Most calls that are looked into.
const MOST: usize = 500;

/// The recipes of the targets that make is asked for, with those they need; `None` without a Makefile.
fn make(words: &[String], file: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let option =
        |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1)).cloned();
    let folder = option("-C").map(|folder| format!("{folder}/")).unwrap_or_default();
    let names = match option("-f") {
        Some(name) => vec![name],
        None => ["GNUmakefile", "makefile", "Makefile"].map(str::to_string).to_vec(),
    };
    let text = names.iter().find_map(|name| file(&format!("{folder}{name}")))?;
    let mut wanted: Vec<String> =
        words.iter().skip(1).filter(|w| !w.starts_with('-') && !w.contains('=')).cloned().collect();
    if wanted.iter().all(|word| option("-C").as_ref() == Some(word) || option("-f").as_ref() == Some(word)) {
        wanted.extend(text.lines().find_map(rule).map(|(target, _)| target));
    }
    let mut seen = BTreeSet::new();
    let mut out = String::new();
    while let Some(target) = wanted.pop() {
        if !seen.insert(target.clone()) || seen.len() > 100 {
            continue;
        }
        let mut inside = false;
        for line in text.lines() {
            match line.strip_prefix('\t') {
                Some(recipe) if inside => {
                    out.push_str(recipe.trim_start_matches(['@', '-', '+']));
                    out.push('\n');
                }
                Some(_) => {}
                None => {
                    let read = rule(line);
                    inside = read.as_ref().is_some_and(|(name, _)| *name == target);
                    if let Some((_, needs)) = read.filter(|_| inside) {
                        wanted.extend(needs);
                    }
                }
            }
        }
    }
    Some(out)
}

/// `target: needs`.
fn rule(line: &str) -> Option<(String, Vec<String>)> {
    let (target, needs) = line.split_once(':')?;
    let plain =
        !target.starts_with(['#', '.', ' ', '\t']) && !target.contains('=') && !needs.starts_with('=');
    plain.then(|| (target.trim().to_string(), needs.split_whitespace().map(str::to_string).collect()))
}

/// The text of an npm script.
fn npm(words: &[String], file: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(&file("package.json")?).ok()?;
    let name = words
        .iter()
        .skip(1)
        .find(|word| !word.starts_with('-') && !matches!(word.as_str(), "run" | "run-script"))?;
    Some(json.get("scripts")?.get(name)?.as_str()?.to_string())
}
