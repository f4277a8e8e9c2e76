//! `-v` and `--mount`: which folders a container sees.

use crate::finding::Rule;
use crate::plan::image::folder::{self, Folder};
use crate::plan::image::request::Text;
use crate::plan::image::rules::usage;
use crate::plan::image::shell::{Command, Part, Script, Word, quote};

/// A folder that a container sees.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Mount {
    /// `workspace`, or `gocd` for docker's named volumes, which live as long as the pod.
    pub volume: String,
    /// The folder below the volume; empty for the volume itself.
    pub sub_path: String,
    /// Where the container sees it.
    pub target: String,
    /// May not be written.
    pub read_only: bool,
}

/// What became of a mount.
#[derive(Debug, Clone)]
pub enum Mounted {
    /// A folder, and the source in the shell's spelling when the folder has to be compared when it is used.
    Folder(Mount, Option<Text>),
    /// A volume that docker would have kept from run to run.
    Named(Mount),
    /// Nothing that a pod needs.
    Dropped(String),
}

/// Where a mount is looked at from.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The script.
    pub script: &'a Script,
    /// The command.
    pub command: &'a Command,
    /// The folder it runs in.
    pub folder: &'a Folder,
}

type Refusal = (&'static Rule, String);

/// `-v source:target[:options]`, `-v target`.
pub fn volume(view: View<'_>, word: &Word) -> Result<Mounted, Refusal> {
    if word.source.trim_start_matches('"').starts_with('~') {
        return Err((&usage::HOST_PATH_MOUNT, host(&word.source)));
    }
    let parts = split(word, ':');
    match parts.as_slice() {
        [target] => named(view, "", target),
        [source, target] => mount(view, source, target, false),
        [source, target, options, ..] => {
            let options = options.constant().unwrap_or_default();
            mount(view, source, target, options.split(',').any(|option| option == "ro"))
        }
        [] => Err(unknown(word)),
    }
}

/// `--mount type=bind,source=…,target=…`.
pub fn long(view: View<'_>, word: &Word) -> Result<Mounted, Refusal> {
    let parts = split(word, ',');
    let value = |names: &[&str]| {
        parts.iter().find_map(|part| names.iter().find_map(|name| part.without(&format!("{name}="))))
    };
    let kind = value(&["type"]).and_then(|kind| kind.constant()).unwrap_or_else(|| "volume".to_string());
    let target = value(&["target", "dst", "destination"]).ok_or_else(|| unknown(word))?;
    let read_only = parts.iter().any(|part| matches!(part.head(), "readonly" | "ro" | "readonly=true"));
    match (kind.as_str(), value(&["source", "src"])) {
        ("bind", Some(source)) => mount(view, &source, &target, read_only),
        ("volume", source) => {
            named(view, &source.and_then(|word| word.constant()).unwrap_or_default(), &target)
        }
        ("tmpfs", _) => Ok(Mounted::Dropped("a tmpfs".to_string())),
        _ => Err(unknown(word)),
    }
}

/// Files of the agent that only made the container look like it.
const COSMETIC: &[&str] = &["/etc/localtime", "/etc/timezone", "/etc/passwd", "/etc/group"];

fn mount(view: View<'_>, source: &Word, target: &Word, read_only: bool) -> Result<Mounted, Refusal> {
    let text = source.constant();
    if source.source.contains("docker.sock") {
        let message = "the daemon's socket is handed to a container".to_string();
        return Err((&usage::DOCKER_SOCKET_MOUNT, message));
    }
    if let Some(name) = text.as_deref().filter(|text| !text.contains('/') && !text.starts_with(['.', '~'])) {
        return named(view, name, target);
    }
    let shown = source.source.trim_matches('"').to_string();
    let host = (&usage::HOST_PATH_MOUNT, host(&shown));
    if matches!(source.parts.first(), Some(Part::Variable { name, .. }) if name == "HOME") {
        return Err(host);
    }
    let path = folder::path(view.script, source, view.command, view.folder);
    let Some(path) = path else {
        let message = format!("which folder `{shown}` is, is known only when the job runs");
        return Err((&usage::DOCKER_RUN, message));
    };
    if COSMETIC.contains(&path.as_str()) {
        return Ok(Mounted::Dropped(format!("`{path}` of the agent")));
    }
    let Some(below) = folder::below(&path) else { return Err(host) };
    let sub_path = if below == "." { String::new() } else { below.to_string() };
    let target = absolute(view, target)?;
    let compared = (!sub_path.is_empty() || !view.folder.certain).then(|| spelled(source)).flatten();
    Ok(Mounted::Folder(Mount { volume: "workspace".to_string(), sub_path, target, read_only }, compared))
}

fn host(shown: &str) -> String {
    format!("`{shown}` is a path of the agent, and no pod has it")
}

fn named(view: View<'_>, name: &str, target: &Word) -> Result<Mounted, Refusal> {
    let target = absolute(view, target)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let folder: String = match name {
        "" => target.chars().map(|c| if plain(c) { c } else { '-' }).collect(),
        name => name.chars().filter(|c| plain(*c)).collect(),
    };
    let sub_path = format!("volumes/{}", folder.trim_start_matches(['.', '-']));
    Ok(Mounted::Named(Mount { volume: "gocd".to_string(), sub_path, target, read_only: false }))
}

/// The folder in the container: absolute, and none that the pod needs for itself.
fn absolute(view: View<'_>, target: &Word) -> Result<String, Refusal> {
    let path = folder::path(view.script, target, view.command, view.folder);
    let path = path.filter(|_| target.head().starts_with('/') || target.constant().is_none());
    let own = |path: &str| {
        ["/gocd", "/gocd-lib", "/proc", "/sys", "/dev", "/var/run/argo"]
            .iter()
            .any(|own| path == *own || path.starts_with(&format!("{own}/")))
    };
    match path {
        Some(path) if path != "/" && !own(&path) && !path.contains([':', '{']) => Ok(path),
        _ => Err(unknown(target)),
    }
}

fn unknown(word: &Word) -> Refusal {
    (&usage::DOCKER_RUN, format!("the mount `{}` is not understood", word.source))
}

/// The word cut at each `at` of its plain text.
fn split(word: &Word, at: char) -> Vec<Word> {
    let mut out = vec![Word::default()];
    for part in &word.parts {
        let Part::Literal(text) = part else {
            if let Some(last) = out.last_mut() {
                last.parts.push(part.clone());
            }
            continue;
        };
        for (index, piece) in text.split(at).enumerate() {
            if index > 0 {
                out.push(Word::default());
            }
            if let Some(last) = out.last_mut().filter(|_| !piece.is_empty()) {
                last.parts.push(Part::Literal(piece.to_string()));
            }
        }
    }
    for word in &mut out {
        word.source = spelled(word).map(|text| text.shell).unwrap_or_default();
    }
    out
}

/// The word in double quotes, as the shell completes it.
fn spelled(word: &Word) -> Option<Text> {
    if let Some(text) = word.constant() {
        return Some(Text { shell: quote(&text), literal: Some(text.clone()), shown: text });
    }
    let mut shell = String::from("\"");
    for part in &word.parts {
        match part {
            Part::Literal(text) => {
                for c in text.chars() {
                    if matches!(c, '$' | '`' | '"' | '\\') {
                        shell.push('\\');
                    }
                    shell.push(c);
                }
            }
            Part::Variable { name, default: None } => shell.push_str(&format!("${{{name}}}")),
            Part::Variable { name, default: Some(default) } => {
                shell.push_str(&format!("${{{name}:-{default}}}"));
            }
            Part::Substitution(text) => shell.push_str(text),
            Part::Opaque(text) if text.starts_with('~') => return Some(Text::of(text)),
            Part::Opaque(_) => return None,
        }
    }
    shell.push('"');
    Some(Text { shown: shell.clone(), shell, literal: None })
}
