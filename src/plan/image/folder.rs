//! The directory a command runs in, followed through `cd`, `pushd` and subshells.

use super::shell::{Command, FrameId, Kind, Part, Script, Word};
use super::value::{self, Piece};

/// Where the pipeline's working directory is in the pod.
pub const ROOT: &str = "/workspace";

/// A directory as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// Absolute and normalised; `None` when only the shell will know.
    pub path: Option<String>,
    /// For readers, where `path` is not known: the path with variables in it.
    pub loose: Option<String>,
    /// Is the shell there whatever happened before? Otherwise `path` is only the likely one.
    pub certain: bool,
}

impl Folder {
    /// A folder that is known.
    pub fn at(path: &str) -> Folder {
        Folder { path: Some(path.to_string()), loose: None, certain: true }
    }
}

/// `path` seen from `base`, without `.`, `..` and doubled slashes.
pub fn join(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { base };
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The path below the pipeline's working directory (`.` for itself); `None` when it lies elsewhere.
pub fn below(path: &str) -> Option<&str> {
    match path.strip_prefix(ROOT)? {
        "" => Some("."),
        rest => rest.strip_prefix('/'),
    }
}

/// For each command of the script, the folder it runs in.
pub fn folders(script: &Script, start: &str) -> Vec<Folder> {
    let mut out = Vec::with_capacity(script.commands.len());
    let mut walk = Walk { script, states: vec![(0, State { folder: Folder::at(start), stack: Vec::new() })] };
    for command in &script.commands {
        walk.enter(command.frame);
        out.push(walk.now().folder.clone());
        walk.step(command);
    }
    out
}

#[derive(Clone)]
struct State {
    folder: Folder,
    stack: Vec<Folder>,
}

/// States of the frames that are open; leaving one hands its state on, drops it, or blurs it.
struct Walk<'s> {
    script: &'s Script,
    states: Vec<(FrameId, State)>,
}

impl Walk<'_> {
    fn now(&self) -> &State {
        // The first state is never left.
        &self.states[self.states.len() - 1].1
    }

    fn enter(&mut self, frame: FrameId) {
        while self.states.len() > 1 && !self.script.encloses(self.states[self.states.len() - 1].0, frame) {
            self.leave();
        }
        let innermost = self.states[self.states.len() - 1].0;
        let mut missing: Vec<FrameId> =
            self.script.around(frame).map(|(id, _)| id).take_while(|id| *id != innermost).collect();
        while let Some(id) = missing.pop() {
            let mut state = self.now().clone();
            if matches!(self.script.frames[id].kind, Kind::Function(_)) {
                // Called from elsewhere; the likely folder is the script's own.
                state.folder.certain = false;
            }
            self.states.push((id, state));
        }
    }

    fn leave(&mut self) {
        let Some((id, inner)) = self.states.pop() else { return };
        let outer = self.states.len() - 1;
        let outer = &mut self.states[outer].1;
        match self.script.frames[id].kind {
            Kind::Subshell
            | Kind::Substitution
            | Kind::Pipe { .. }
            | Kind::Background
            | Kind::Function(_) => {}
            Kind::Branch { .. } | Kind::Arm { .. } | Kind::Loop { .. } | Kind::And(_) | Kind::Or(_) => {
                if inner.folder.path != outer.folder.path {
                    // `mkdir x && cd x` most likely went there; a branch may or may not have.
                    let likely = matches!(self.script.frames[id].kind, Kind::And(_));
                    let path = if likely { inner.folder.path } else { None };
                    *outer = State { folder: Folder { path, ..Folder::default() }, stack: inner.stack };
                }
            }
            _ => *outer = inner,
        }
    }

    fn step(&mut self, command: &Command) {
        let name = command.words.first().and_then(Word::constant).unwrap_or_default();
        let last = self.states.len() - 1;
        let target = command
            .words
            .iter()
            .skip(1)
            .find(|word| !matches!(word.head(), "-P" | "-L" | "--" | "-e" | "-q"));
        let state = &self.states[last].1;
        let next = match (name.as_str(), target) {
            ("cd" | "pushd", Some(word)) => Some(place(self.script, word, command, &state.folder)),
            ("cd" | "pushd", None) => Some(Folder::default()),
            ("popd", _) => Some(state.stack.last().cloned().unwrap_or(Folder::default())),
            _ => None,
        };
        let Some(next) = next else { return };
        let state = &mut self.states[last].1;
        match name.as_str() {
            "pushd" if state.stack.len() < 1000 => state.stack.push(state.folder.clone()),
            "popd" => drop(state.stack.pop()),
            _ => {}
        }
        state.folder = next;
    }
}

fn place(script: &Script, word: &Word, command: &Command, from: &Folder) -> Folder {
    match path(script, word, command, from) {
        // No file system has longer paths.
        Some(path) if path.starts_with('/') && path.len() <= 4096 => {
            Folder { path: Some(path), loose: None, certain: from.certain }
        }
        _ => {
            let value = value::follow(script, word, command.range.start, command.frame);
            let plain = |piece: &Piece| matches!(piece, Piece::Text(_) | Piece::Variable { .. });
            let base = from.path.as_deref().or(from.loose.as_deref());
            let loose = base.filter(|_| value.pieces.iter().all(plain)).map(|base| join(base, &value.text()));
            Folder { loose: loose.filter(|path| path.len() <= 4096), ..Folder::default() }
        }
    }
}

/// A path word as an absolute path, when it is known: constants, and `$PWD` or `$(pwd)` in front.
pub fn path(script: &Script, word: &Word, command: &Command, from: &Folder) -> Option<String> {
    let mut value = value::follow(script, word, command.range.start, command.frame);
    if word.source == "-" {
        return None;
    }
    let here = match value.pieces.first() {
        Some(Piece::Variable { name, version: 0 }) => name == "PWD",
        Some(Piece::Substitution(text)) => matches!(text.as_str(), "$(pwd)" | "`pwd`" | "$( pwd )"),
        _ => false,
    };
    if here {
        value.pieces[0] = Piece::Text(from.path.clone()?);
    }
    let text = value.constant()?;
    if text.starts_with('/') { Some(join("", &text)) } else { Some(join(from.path.as_deref()?, &text)) }
}

/// Does the word start with the shell's own directory (`$PWD`, `$(pwd)`), or with plain relative text?
pub fn relative(word: &Word) -> bool {
    match word.parts.first() {
        Some(Part::Literal(text)) => !text.starts_with('/'),
        _ => false,
    }
}
