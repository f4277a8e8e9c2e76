//! The words of Kaniko's executor for a build.

use super::Options;
use super::build::Image;
use super::links::Transfer;
use super::request::{Context, Recipe, Request, Text};
use super::shell::quote;

/// Runs its further words in the container that is its first word, with the same files, and returns their status.
pub const RUN_IN: &str = "/gocd-lib/run-in.sh";
/// Fails and says what a person has to decide; its further words are what stood there.
pub const NEEDS_DECISION: &str = "/gocd-lib/needs-decision.sh";
/// The executor in Kaniko's image.
pub const EXECUTOR: &str = "/kaniko/executor";

mod git;
/// The cache repository that means one for each image.
pub const PER_IMAGE: &str = "per-image";

/// The container that copies images, and the program in it.
pub const COPIER: &str = "crane";

/// A name the image gets.
#[derive(Debug, Clone)]
pub struct Destination {
    /// For the command line.
    pub text: Text,
    /// With `:latest` where the source has no tag.
    pub shown: String,
    /// The shell condition of its push.
    pub condition: Option<String>,
    /// The same with everything put in that is known at conversion.
    pub known: String,
}

/// What the job's other commands ask of a build.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// What is pushed.
    pub destinations: Vec<Destination>,
    /// A tar file to write, and the name in it.
    pub tar: Option<(Text, Option<Destination>)>,
    /// A file for name and digest, in the pod.
    pub digest: bool,
    /// The registry has no TLS, or a certificate that is not to be checked.
    pub insecure: bool,
}

/// File in the pod with name and digest of what a container has pushed.
pub fn digest_file(container: &str) -> String {
    format!("/gocd/{container}.digest")
}

/// File in the pod with the digest alone, for the run's outputs.
pub fn bare_digest_file(container: &str) -> String {
    format!("/gocd/{container}.sha256")
}

/// File in the pod for a Dockerfile that comes through standard input.
pub fn written_dockerfile(container: &str) -> String {
    format!("/gocd/{container}.Dockerfile")
}

/// An empty folder in the pod, the context of a build without files.
pub fn empty_context(container: &str) -> String {
    format!("/gocd/{container}.empty")
}

/// A word `--name=value`.
fn option(name: &str, value: &Text) -> Text {
    Text {
        shell: format!("--{name}={}", value.shell),
        literal: value.literal.as_ref().map(|text| format!("--{name}={text}")),
        shown: format!("--{name}={}", value.shown),
    }
}

/// The executor and its words.
pub fn words(
    container: &str,
    request: &Request,
    wishes: &Wishes,
    options: &Options<'_>,
    cleanup: bool,
) -> Vec<Text> {
    let mut out = vec![Text::of(EXECUTOR)];
    out.extend(files(container, request));
    destinations(wishes, &mut out);
    for argument in &request.build_args {
        out.push(build_arg(request, argument, options));
    }
    out.extend(request.labels.iter().map(|label| option("label", label)));
    out.extend(request.target.iter().map(|target| option("target", target)));
    out.extend(request.platform.iter().map(|platform| option("custom-platform", platform)));
    match options.cache_repo {
        _ if request.no_cache => out.push(Text::of("--cache=false")),
        // Kaniko's own rule: `/cache` below the first destination.
        Some(PER_IMAGE) if wishes.destinations.is_empty() => {}
        Some(PER_IMAGE) => out.push(Text::of("--cache=true")),
        Some(repository) => {
            out.push(Text::of("--cache=true"));
            out.push(option("cache-repo", &Text::of(repository)));
        }
        None => {}
    }
    if request.squash {
        out.push(Text::of("--single-snapshot"));
    }
    if !wishes.destinations.is_empty() {
        out.push(option("digest-file", &Text::of(&bare_digest_file(container))));
    }
    if wishes.digest {
        out.push(option("image-name-with-digest-file", &Text::of(&digest_file(container))));
    }
    if is_insecure(wishes) {
        out.extend(["--insecure", "--skip-tls-verify"].map(Text::of));
    }
    if cleanup {
        out.push(Text::of("--cleanup"));
    }
    out.extend(options.extra_flags.iter().map(|flag| Text::of(flag)));
    out
}

fn files(container: &str, request: &Request) -> Vec<Text> {
    let mut out = Vec::new();
    match &request.context {
        Context::Folder(path) => out.push(option("context", &prefixed("dir://", path))),
        Context::Git { url, reference, folder } => {
            out.extend(git::words(url, reference.as_deref(), folder.as_deref()))
        }
        Context::Empty | Context::Unknown(_) => {
            out.push(option("context", &Text::of(&format!("dir://{}", empty_context(container)))));
        }
    }
    match &request.recipe {
        Recipe::File(path) => out.push(option("dockerfile", path)),
        Recipe::Input { .. } => out.push(option("dockerfile", &Text::of(&written_dockerfile(container)))),
    }
    out
}

/// `dir://` inside the quotes of a path that the shell completes.
fn prefixed(prefix: &str, path: &Text) -> Text {
    let shell = match path.shell.strip_prefix('"') {
        Some(rest) => format!("\"{prefix}{rest}"),
        None => format!("{prefix}{}", path.shell),
    };
    Text {
        shell,
        literal: path.literal.as_ref().map(|path| format!("{prefix}{path}")),
        shown: format!("{prefix}{}", path.shown),
    }
}

/// The condition of the push, when it is the same for all destinations.
pub(super) fn shared_condition(wishes: &Wishes) -> Option<String> {
    let first = wishes.destinations.first()?.condition.as_ref()?;
    wishes
        .destinations
        .iter()
        .all(|destination| destination.condition.as_ref() == Some(first))
        .then(|| first.clone())
}

/// Is the registry asked without TLS, as docker does for those on the same machine?
pub(super) fn is_insecure(wishes: &Wishes) -> bool {
    let local = |known: &str| known.starts_with("localhost:") || known.starts_with("127.0.0.1:");
    wishes.insecure || wishes.destinations.iter().any(|destination| local(&destination.known))
}

fn destinations(wishes: &Wishes, out: &mut Vec<Text>) {
    let shared = shared_condition(wishes);
    for destination in &wishes.destinations {
        let word = option("destination", &destination.text);
        match &destination.condition {
            Some(condition) if shared.is_none() => {
                let shell = format!("$(if {condition}; then echo {}; fi)", word.shell);
                out.push(Text { shell, literal: None, shown: word.shown });
            }
            _ => out.push(word),
        }
    }
    if let Some(condition) = shared {
        let shell = format!("$(if {condition}; then :; else echo --no-push; fi)");
        out.push(Text { shell, literal: None, shown: String::new() });
    }
    if let Some((path, name)) = &wishes.tar {
        if wishes.destinations.is_empty() {
            out.extend(name.iter().map(|name| option("destination", &name.text)));
        }
        out.push(option("tar-path", path));
    }
    if wishes.destinations.is_empty() {
        out.push(Text::of("--no-push"));
    }
}

/// `--build-arg NAME` passes the variable only when it is set.
fn build_arg(request: &Request, argument: &Text, options: &Options<'_>) -> Text {
    if_set(request, argument, option("build-arg", argument), options)
}

/// The word of such an argument, for a builder.
pub(super) fn if_set(request: &Request, argument: &Text, word: Text, options: &Options<'_>) -> Text {
    let name = argument.shell.split('=').next().unwrap_or("");
    let bare =
        argument.shell == format!("{name}=\"${name}\"") && request.optional_args.iter().any(|n| n == name);
    if !bare || options.variables.contains_key(name) {
        return word;
    }
    Text { shell: format!("${{{name}+{}}}", word.shell), ..word }
}

/// The command that has Kaniko build, in the shell's spelling; long ones over several lines.
pub fn command(container: &str, words: &[Text], indent: &str) -> String {
    let all: Vec<&str> = words.iter().map(|word| word.shell.as_str()).collect();
    let line = format!("{RUN_IN} {container} {}", all.join(" "));
    if line.len() <= 100 || all.len() < 2 || line.contains('\n') {
        return line;
    }
    // A program and its subcommand stay together.
    let head = all.iter().position(|word| word.starts_with('-')).unwrap_or(1).max(1);
    let rest: Vec<String> = all[head..].iter().map(|word| format!("{indent}  {word}")).collect();
    format!("{RUN_IN} {container} {} \\\n{}", all[..head].join(" "), rest.join(" \\\n"))
}

/// The same without a shell; `None` when a word needs one.
pub fn argv(container: &str, words: &[Text]) -> Option<Vec<String>> {
    let mut out = vec![RUN_IN.to_string(), container.to_string()];
    for word in words {
        out.push(word.literal.clone()?);
    }
    Some(out)
}

/// The request for a copy.
pub fn copy(copy: &Transfer) -> Vec<Text> {
    let verb = if copy.file { "push" } else { "copy" };
    let mut words: Vec<Text> = [RUN_IN, COPIER, COPIER, verb].map(Text::of).to_vec();
    words.extend([copy.from.clone(), copy.to.clone()]);
    words
}

/// A build as data for reports.
pub fn image(request: &Request, wishes: &Wishes) -> Image {
    let below = |path: &str| super::folder::below(path).unwrap_or(path).to_string();
    let pair = |text: &Text| {
        let (name, value) = text.shown.split_once('=').unwrap_or((&text.shown, ""));
        (name.to_string(), value.to_string())
    };
    let tar = wishes.tar.as_ref();
    let names = if wishes.destinations.is_empty() {
        tar.and_then(|tar| tar.1.as_ref()).into_iter().collect()
    } else {
        wishes.destinations.iter().collect::<Vec<_>>()
    };
    Image {
        context: match &request.context {
            Context::Folder(path) => Some(below(&path.shown)),
            Context::Git { url, .. } => Some(url.clone()),
            Context::Empty | Context::Unknown(_) => None,
        },
        dockerfile: match &request.recipe {
            Recipe::File(path) => below(&path.shown),
            Recipe::Input { file: Some(file), .. } => file.clone(),
            Recipe::Input { .. } => "<generated>".to_string(),
        },
        dockerfile_text: match &request.recipe {
            Recipe::Input { text, .. } => text.clone(),
            Recipe::File(_) => None,
        },
        destinations: names.iter().map(|name| name.shown.clone()).collect(),
        build_args: request.build_args.iter().map(pair).collect(),
        labels: request.labels.iter().map(pair).collect(),
        target: request.target.as_ref().map(|text| text.shown.clone()),
        platform: request.platform.as_ref().map(|text| text.shown.clone()),
        cache_from: request.cache_from.clone(),
        push: !wishes.destinations.is_empty(),
        push_condition: shared_condition(wishes),
        no_cache: request.no_cache,
        tar: tar.map(|(path, _)| below(&path.shown)),
        single_snapshot: request.squash,
        insecure: is_insecure(wishes),
        hosts: request.hosts.clone(),
        memory: request.memory.clone(),
        ..Image::default()
    }
}

/// A word without quotes that stands for a reason: letters, digits and blanks only.
pub fn no_op(reason: &str) -> String {
    format!(": {reason}")
}

/// A decision in front of words that stay visible.
pub fn decision(name: &str) -> String {
    format!("{NEEDS_DECISION} {} ", quote(name))
}
