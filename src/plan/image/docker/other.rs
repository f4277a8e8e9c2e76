//! Commands that are not docker's own but speak of it: logins of clouds, build tools, called scripts.

use super::{Use, program, recognise as call};
use crate::plan::image::shell::{Part, Script, Word};

/// Variables that only docker's client reads.
const VARIABLES: &[&str] = &[
    "DOCKER_BUILDKIT",
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "BUILDKIT_PROGRESS",
    "COMPOSE_DOCKER_CLI_BUILD",
    "DOCKER_CLI_EXPERIMENTAL",
    "DOCKER_SCAN_SUGGEST",
    "DOCKER_CONTENT_TRUST",
    "BUILDX_BUILDER",
    "DOCKER_API_VERSION",
    "DOCKER_TLS_CERTDIR",
    "DOCKER_CONFIG",
];

/// Is it a variable that only docker's client reads?
pub fn is_docker_variable(name: &str) -> bool {
    VARIABLES.contains(&name)
}

/// The use of a command and how many of its words name it.
pub(super) fn recognise(name: &str, words: &[Word]) -> Option<(Use, usize)> {
    let word = |index: usize| words.get(index).and_then(Word::constant).unwrap_or_default();
    if let Some(Part::Substitution(text)) = words.first().and_then(|word| word.parts.first()) {
        return text.contains("ecr get-login").then_some((Use::Login, 1));
    }
    let (one, two) = (word(1), word(2));
    let said = match (name, one.as_str(), two.as_str()) {
        ("eval", ..) if words.iter().any(|word| word.source.contains("ecr get-login")) => {
            Some((Use::Login, 1))
        }
        ("gcloud", "auth", "configure-docker") | ("az", "acr", "login") | ("doctl", "registry", "login") => {
            Some((Use::Login, 3))
        }
        ("gcloud", "docker", _) | ("ibmcloud", "cr", "login") | ("oc", "registry", "login") => {
            Some((Use::Login, 2))
        }
        ("service" | "systemctl", "docker", "start") | ("systemctl", "start" | "restart", "docker") => {
            Some((Use::Clean, 3))
        }
        ("dockerd" | "dockerd-entrypoint.sh", ..) => Some((Use::Clean, 1)),
        ("export" | "declare" | "unset" | "readonly", ..) => environment(words),
        (
            "docker-machine"
            | "minikube"
            | "kind"
            | "act"
            | "lein-docker"
            | "earthly"
            | "container-structure-test"
            | "dive"
            | "docker-slim",
            ..,
        ) => Some((Use::Daemon, 1)),
        ("s2i", "build", _)
        | ("skaffold", "build" | "run" | "dev", _)
        | ("faas-cli", "build" | "publish" | "up", _) => Some((Use::Daemon, 1)),
        ("skopeo", "copy", _) if words.iter().any(|word| word.head().starts_with("docker-daemon:")) => {
            Some((Use::Push, 2))
        }
        ("ko", "build" | "publish" | "resolve" | "apply" | "create" | "run", _)
            if words.iter().any(|word| matches!(word.head(), "-L" | "--local")) =>
        {
            Some((Use::Daemon, 1))
        }
        ("k3d", ..) | ("pack", "build", _) | ("sam", "build", _) => {
            let daemonless = name == "sam" && !words.iter().any(|w| w.head() == "--use-container");
            (!daemonless).then_some((Use::Daemon, 1))
        }
        ("find", ..) => {
            let at = words.iter().position(|w| matches!(w.head(), "-exec" | "-execdir" | "-ok" | "-okdir"));
            return each(words.get(at? + 1..)?);
        }
        ("cmd" | "cmd.exe" | "powershell" | "powershell.exe", ..) => return windows(words),
        ("mvn" | "mvnw" | "gradle" | "gradlew" | "sbt" | "lein" | "bazel" | "bazelisk", ..) => daemon(words),
        _ => None,
    };
    said.or_else(|| nested(name, words)).or_else(|| script(name, words))
}

/// What `find` calls for each file.
fn each(words: &[Word]) -> Option<(Use, usize)> {
    match call(words)?.kind {
        Use::Script => None,
        kind @ (Use::Clean | Use::Check) => Some((kind, 1)),
        _ => Some((Use::Each, 1)),
    }
}

/// What a shell of Windows runs.
fn windows(words: &[Word]) -> Option<(Use, usize)> {
    let text: Vec<String> =
        words.iter().skip(1).filter_map(Word::constant).filter(|w| !is_switch(w)).collect();
    let read = Script::read(&text.join(" "));
    let hit = read.commands.iter().any(|command| call(&command.words).is_some_and(|c| c.kind != Use::Script));
    hit.then_some((Use::Windows, 1))
}

/// `/c`, `-Command`.
fn is_switch(word: &str) -> bool {
    word.len() < 20 && word.strip_prefix(['/', '-']).is_some_and(|w| w.chars().all(char::is_alphabetic))
}

/// `export DOCKER_…`: only when nothing else is exported with it.
fn environment(words: &[Word]) -> Option<(Use, usize)> {
    let names: Vec<&str> =
        words[1..].iter().map(|word| word.head().split('=').next().unwrap_or("")).collect();
    let ours =
        !names.is_empty() && names.iter().all(|name| name.starts_with('-') || is_docker_variable(name));
    ours.then_some((Use::Environment, 1))
}

/// Goals and tasks of build tools that load their image into a daemon.
const GOALS: &[&str] = &[
    "dockerBuild",
    "jibDockerBuild",
    "bootBuildImage",
    "build-image",
    "docker:build",
    "docker:push",
    "dockerfile:build",
    "dockerfile:push",
    "docker:publish",
    "docker:publishLocal",
    "docker:start",
    "dockerPush",
    "dockerPushImage",
    "dockerBuildImage",
    "docker:run",
    "container_push",
];

fn daemon(words: &[Word]) -> Option<(Use, usize)> {
    let hit = words.iter().skip(1).any(|word| {
        let text = word.head();
        let goal = text.rsplit(':').next().unwrap_or(text);
        !text.starts_with('-') && (GOALS.contains(&text) || GOALS.contains(&goal))
    });
    hit.then_some((Use::Daemon, 1))
}

/// A text that another program will run as shell, with docker in a place where that would execute it.
fn nested(name: &str, words: &[Word]) -> Option<(Use, usize)> {
    if !matches!(
        name,
        "sh" | "bash"
            | "dash"
            | "ash"
            | "zsh"
            | "ksh"
            | "eval"
            | "trap"
            | "watch"
            | "parallel"
            | "su"
            | "script"
    ) {
        return None;
    }
    let mut uses = words.iter().skip(1).filter(|word| word.source.contains("docker")).flat_map(|word| {
        let text = word.constant().unwrap_or_else(|| word.source.trim_matches('"').to_string());
        // One level: the text's own nested texts are words like any other.
        Script::read(&text).commands.into_iter().filter_map(|command| {
            let words = command.words.iter().map(|word| word.constant()).next()??;
            let plain = matches!(program(&words), "docker" | "docker-compose" | "podman" | "sudo");
            plain.then(|| call(&command.words).map(|call| call.kind)).flatten()
        })
    });
    let first = uses.next()?;
    let harmless = |kind: Use| matches!(kind, Use::Clean | Use::Check | Use::Login);
    let clean = harmless(first) && uses.all(harmless) && matches!(name, "trap");
    Some((if clean { Use::Clean } else { Use::Nested }, 1))
}

/// A called script, make target or npm script.
fn script(name: &str, words: &[Word]) -> Option<(Use, usize)> {
    let path = |word: Option<&Word>| word.and_then(Word::constant).filter(|text| looks_like_script(text));
    match name {
        "make" | "gmake" | "rake" => Some((Use::Script, 1)),
        "npm" | "yarn" | "pnpm" => {
            let run = words.get(1).is_some_and(|word| matches!(word.head(), "run" | "run-script"))
                || name == "yarn";
            run.then_some((Use::Script, 1))
        }
        "sh" | "bash" | "dash" | "ash" | "zsh" | "source" | "." | "python" | "python3" | "ruby" | "node"
        | "perl" => {
            let file = words.iter().skip(1).position(|word| !word.head().starts_with('-'))? + 1;
            (file < words.len()).then_some((Use::Script, file))
        }
        "mvnw" | "gradlew" | "sbt" | "bazelisk" => None,
        _ => {
            let computed =
                words.first().is_some_and(|word| word.constant().is_none() && ends_like_script(word));
            (computed || path(words.first()).is_some()).then_some((Use::Script, 0))
        }
    }
}

/// `"$DIR/build.sh"`.
fn ends_like_script(word: &Word) -> bool {
    matches!(word.parts.last(), Some(Part::Literal(text)) if text.starts_with('/') && looks_like_script(text))
}

fn looks_like_script(text: &str) -> bool {
    let ending = [".sh", ".bash", ".py", ".rb", ".pl", ".js"].iter().any(|ending| text.ends_with(ending));
    (ending || super::is_relative(text)) && !text.contains("kaniko")
}
