//! Which commands use docker or a tool like it, and for what.

use super::shell::Word;

pub mod flags;
pub mod option;
pub mod other;
mod prefix;
mod program;

pub use prefix::Prefix;
pub use program::{base, is_relative, is_shell, program};

/// A command that builds, moves or runs images, or talks to a daemon.
#[derive(Debug, Clone)]
pub struct Call {
    /// What stands in front: `sudo`, `time`, `timeout 900`.
    pub prefix: Prefix,
    /// What it does.
    pub kind: Use,
    /// The words behind the subcommand.
    pub words: Vec<Word>,
    /// The tool: `docker`, `podman`, `buildah`, `nerdctl`, `compose`, …
    pub tool: String,
    /// A remote daemon was named with `-H`, `--host` or a context.
    pub remote: bool,
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// `build`, `buildx build`, `bud`.
    Build,
    /// `buildx bake`.
    Bake,
    /// `push`.
    Push,
    /// `tag`.
    Tag,
    /// `pull`.
    Pull,
    /// `save`.
    Save,
    /// `load`, `import`.
    Load,
    /// Logging in to a registry, with any tool.
    Login,
    /// Removes things from the daemon, logs out, or sets up builders: nothing is left of it.
    Clean,
    /// Asks whether docker is there, or lists what it has.
    Check,
    /// `export DOCKER_BUILDKIT=1` and the like.
    Environment,
    /// `inspect`.
    Inspect,
    /// `run`.
    Run,
    /// `create`, `cp`: files are taken out of an image.
    Extract,
    /// `exec`, `logs`, `wait`, `start`: a container kept across commands.
    Background,
    /// `commit`.
    Commit,
    /// A subcommand that is not in docker's list.
    Unknown,
    /// `manifest`, `buildx imagetools create`.
    Manifest,
    /// `compose up`, `run`, `exec`.
    ComposeUp,
    /// `compose build`, `compose push`.
    ComposeBuild,
    /// Another tool that needs a daemon.
    Daemon,
    /// For each file or line there is: `find -exec docker build`, `xargs docker build`.
    Each,
    /// By a shell of Windows.
    Windows,
    /// A shell text handed to another program, with docker in it.
    Nested,
    /// A script or target that is called.
    Script,
}

/// The tools that take docker's own command line.
const TOOLS: &[&str] = &["docker", "podman", "nerdctl", "buildah", "img", "docker.exe"];

/// Takes `sudo`, `time` and the like off the words.
pub fn prefix_of(words: &[Word]) -> (Prefix, &[Word]) {
    prefix::unwrap(words)
}

/// Recognises a command. `None`: it has nothing to do with images.
pub fn recognise(words: &[Word]) -> Option<Call> {
    let (prefix, rest) = prefix::unwrap(words);
    let first = rest.first()?;
    let name = first.constant();
    let name = name.as_deref().map(program).unwrap_or_default();
    if prefix.asks {
        return TOOLS.contains(&name).then(|| call(prefix, Use::Check, name, &rest[1..]));
    }
    if TOOLS.contains(&name) {
        return tool(prefix, name, &rest[1..]);
    }
    if matches!(name, "docker-compose" | "podman-compose") {
        return compose(prefix, &rest[1..]);
    }
    let (kind, skip) = other::recognise(name, rest)?;
    Some(call(prefix, kind, name, rest.get(skip..).unwrap_or(&[])))
}

fn call(prefix: Prefix, kind: Use, tool: &str, words: &[Word]) -> Call {
    Call { prefix, kind, words: words.to_vec(), tool: tool.to_string(), remote: false }
}

/// Options of docker itself that take a value.
const GLOBAL: &[&str] = &[
    "-H",
    "--host",
    "-c",
    "--context",
    "--config",
    "-l",
    "--log-level",
    "--tlscacert",
    "--tlscert",
    "--tlskey",
    "--connection",
    "--url",
    "--root",
    "--storage-driver",
    "-n",
    "--namespace",
    "--address",
    "-a",
];

/// A command line of docker or a tool that copies it.
fn tool(prefix: Prefix, name: &str, words: &[Word]) -> Option<Call> {
    let (skip, remote) = options(words, GLOBAL);
    let words = &words[skip..];
    let word = |index: usize| words.get(index).and_then(Word::constant).unwrap_or_default();
    let mut out = if word(0) == "compose" {
        compose(prefix, &words[1..])?
    } else {
        let (kind, taken) = subcommand(&word(0), &word(1));
        call(prefix, kind, name, words.get(taken..).unwrap_or(&[]))
    };
    out.remote = remote;
    Some(out)
}

/// How many words the options in front take, and whether they name a daemon.
fn options(words: &[Word], valued: &[&str]) -> (usize, bool) {
    let mut at = 0;
    let mut remote = false;
    while let Some(word) = words.get(at) {
        let head = word.head();
        if !head.starts_with('-') || head == "-" {
            break;
        }
        remote |= head.starts_with("-H") || head.starts_with("--host") || head.starts_with("--context");
        at += if valued.contains(&head) { 2 } else { 1 };
    }
    (at.min(words.len()), remote)
}

/// The use of a subcommand and how many words it takes.
fn subcommand(first: &str, second: &str) -> (Use, usize) {
    let single = match first {
        "build" | "bud" => Use::Build,
        "push" => Use::Push,
        "tag" => Use::Tag,
        "pull" => Use::Pull,
        "save" => Use::Save,
        "load" | "import" => Use::Load,
        "login" => Use::Login,
        "logout" | "rmi" | "rm" | "stop" | "kill" | "context" | "scan" => Use::Clean,
        "version" | "info" | "ps" | "images" | "stats" | "search" | "" | "--version" | "-v" => Use::Check,
        "inspect" | "history" => Use::Inspect,
        "run" => Use::Run,
        "create" | "cp" | "export" => Use::Extract,
        "commit" => Use::Commit,
        "manifest" => Use::Manifest,
        "image" | "builder" | "buildx" | "container" | "system" | "volume" | "network" => {
            return (nested(first, second), 2);
        }
        "exec" | "start" | "restart" | "logs" | "wait" | "attach" | "top" | "port" | "pause" | "unpause"
        | "update" | "rename" | "diff" | "events" | "swarm" | "service" | "stack" | "node" | "secret"
        | "config" | "pod" | "kube" => Use::Background,
        "from" | "copy" | "add" | "mount" | "umount" => Use::Commit,
        _ => Use::Unknown,
    };
    (single, 1)
}

fn nested(group: &str, command: &str) -> Use {
    match (group, command) {
        ("image" | "builder" | "buildx", "build" | "b") => Use::Build,
        ("buildx", "bake" | "f") => Use::Bake,
        ("buildx", "imagetools") => Use::Manifest,
        ("image", "push") => Use::Push,
        ("image", "tag") => Use::Tag,
        ("image", "pull") => Use::Pull,
        ("image", "save") => Use::Save,
        ("image", "load" | "import") => Use::Load,
        ("image" | "container", "inspect" | "history") => Use::Inspect,
        ("container", "run") => Use::Run,
        ("container", "create" | "cp" | "export") => Use::Extract,
        ("container", "commit") => Use::Commit,
        ("image" | "container" | "system" | "volume", "ls" | "list" | "ps" | "info" | "df") => Use::Check,
        // A volume or network of that name comes with the pod.
        ("volume" | "network", "create") => Use::Clean,
        ("buildx", _) | (_, "rm" | "prune" | "stop" | "kill" | "remove") => Use::Clean,
        _ => Use::Background,
    }
}

/// Options of compose itself that take a value.
const COMPOSE: &[&str] = &[
    "-f",
    "--file",
    "-p",
    "--project-name",
    "--env-file",
    "--profile",
    "--project-directory",
    "-H",
    "--host",
    "--ansi",
];

fn compose(prefix: Prefix, words: &[Word]) -> Option<Call> {
    let (skip, _) = options(words, COMPOSE);
    let command = words.get(skip).and_then(Word::constant).unwrap_or_default();
    let kind = match command.as_str() {
        "build" | "push" => Use::ComposeBuild,
        "down" | "rm" | "stop" | "kill" | "logs" | "pull" => Use::Clean,
        "config" | "ps" | "version" | "images" | "ls" | "" => Use::Check,
        _ => Use::ComposeUp,
    };
    Some(call(prefix, kind, "compose", words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::image::shell::Script;

    fn kind(text: &str) -> Option<Use> {
        recognise(&Script::read(text).commands[0].words).map(|call| call.kind)
    }

    #[test]
    fn tools_and_subcommands_are_told_apart() {
        for (text, expected) in [
            ("docker build .", Use::Build),
            ("/usr/bin/docker -H tcp://x:1 build .", Use::Build),
            ("sudo -E time timeout -k 5 900 docker image build .", Use::Build),
            ("env A=b docker buildx build .", Use::Build),
            ("buildah bud .", Use::Build),
            ("docker buildx create --use", Use::Clean),
            ("docker system prune -af", Use::Clean),
            ("docker compose -f x.yml up -d", Use::ComposeUp),
            ("docker-compose down", Use::Clean),
            ("command -v docker", Use::Check),
            ("which docker", Use::Check),
            ("docker images | xargs docker rmi", Use::Check),
            ("xargs -r docker rmi -f", Use::Clean),
            ("$(aws ecr get-login --no-include-email)", Use::Login),
            ("eval $(aws ecr get-login)", Use::Login),
            ("gcloud auth configure-docker --quiet", Use::Login),
            ("export DOCKER_BUILDKIT=1", Use::Environment),
            ("mvn -B jib:dockerBuild", Use::Daemon),
            ("bash -c 'docker build .'", Use::Nested),
            ("./ci/build.sh", Use::Script),
            ("make image", Use::Script),
        ] {
            assert_eq!(kind(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_commands_are_none_of_ours() {
        for text in [
            "echo docker build",
            "grep -r 'docker push' docs",
            "mvn jib:build",
            "ko build ./x",
            "command -v git",
            "/kaniko/executor --context=dir://x",
            "export TAG=1",
            "cp docker/build.txt out/",
            "bash -c 'make'",
        ] {
            let kind = kind(text);
            assert!(matches!(kind, None | Some(Use::Script)), "{text}: {kind:?}");
        }
    }
}
