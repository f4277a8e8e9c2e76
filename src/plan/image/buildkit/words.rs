//! The words of BuildKit's client for a build. Flags and keys: `buildctl build --help` and BuildKit's README, v0.29.

use super::{SSH_FOLDER, metadata_file};
use crate::plan::digest;
use crate::plan::image::Options;
use crate::plan::image::kaniko::{self, Wishes};
use crate::plan::image::links::Build;
use crate::plan::image::request::{Context, Recipe, Request, Text};

/// Starts BuildKit, asks it for a build, and stops it.
const CLIENT: &str = "buildctl-daemonless.sh";

/// The client and its words.
pub(super) fn of(container: &str, build: &Build, options: &Options<'_>) -> Vec<Text> {
    let (request, wishes) = (&build.request, &build.wishes);
    let mut out = Vec::new();
    if !request.asked.variables.is_empty() {
        out.push(Text::of("env"));
        let word = |(name, shell): &(String, String)| Text {
            shell: shell.clone(),
            literal: None,
            shown: format!("{name}=${{{name}}}"),
        };
        out.extend(request.asked.variables.iter().map(word));
    }
    out.extend([CLIENT, "build", "--frontend=dockerfile.v0"].map(Text::of));
    files(container, request, &mut out);
    opts(request, options, &mut out);
    out.extend(request.asked.secrets.iter().map(|secret| glued("--secret=", secret)));
    out.extend(request.asked.keys.iter().map(|key| glued("--ssh=", key)));
    let agents = request.asked.agents.iter();
    out.extend(agents.map(|id| Text::of(&format!("--ssh={id}={SSH_FOLDER}/ssh-privatekey"))));
    out.extend(output(wishes));
    cache(request, wishes, options, &mut out);
    if !wishes.destinations.is_empty() {
        out.push(Text::of(&format!("--metadata-file={}", metadata_file(container))));
    }
    out.extend(options.buildkit.iter().flat_map(|choice| choice.flags).map(|flag| Text::of(flag)));
    out
}

fn glued(front: &str, text: &Text) -> Text {
    Text {
        shell: format!("{front}{}", text.shell),
        literal: text.literal.as_ref().map(|text| format!("{front}{text}")),
        shown: format!("{front}{}", text.shown),
    }
}

fn files(container: &str, request: &Request, out: &mut Vec<Text>) {
    match &request.context {
        Context::Folder(path) => out.push(glued("--local=context=", path)),
        Context::Git { url, .. } => out.push(Text::of(&format!("--opt=context={url}"))),
        Context::Empty | Context::Unknown(_) => {
            out.push(Text::of(&format!("--local=context={}", kaniko::empty_context(container))));
        }
    }
    let (folder, name) = match (&request.recipe, &request.context) {
        (Recipe::File(path), Context::Git { .. }) => (None, path.clone()),
        (Recipe::File(path), _) => {
            let (folder, name) = split(path);
            (Some(folder), name)
        }
        (Recipe::Input { .. }, _) => {
            let (folder, name) = split(&Text::of(&kaniko::written_dockerfile(container)));
            (Some(folder), name)
        }
    };
    out.extend(folder.map(|folder| glued("--local=dockerfile=", &folder)));
    if name.literal.as_deref() != Some("Dockerfile") {
        out.push(glued("--opt=filename=", &name));
    }
}

/// Folder and name of a file. What only the shell knows is split by the shell.
fn split(path: &Text) -> (Text, Text) {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if let Some((folder, name)) = path.literal.as_deref().and_then(|path| path.rsplit_once('/')) {
        return (Text::of(if folder.is_empty() { "/" } else { folder }), Text::of(name));
    }
    match path.shell.rsplit_once('/') {
        Some((folder, name)) if !folder.is_empty() && name.chars().all(plain) => {
            let shown = path.shown.rsplit_once('/').map_or("", |(folder, _)| folder).to_string();
            (Text { shell: folder.to_string(), literal: None, shown }, Text::of(name))
        }
        _ => {
            let by = |program: &str| Text {
                shell: format!("\"$({program} {})\"", path.shell),
                literal: None,
                shown: format!("$({program} {})", path.shown),
            };
            (by("dirname"), by("basename"))
        }
    }
}

fn opts(request: &Request, options: &Options<'_>, out: &mut Vec<Text>) {
    for argument in &request.build_args {
        let word = glued("--opt=build-arg:", argument);
        out.push(kaniko::if_set(request, argument, word, options));
    }
    out.extend(request.labels.iter().map(|label| glued("--opt=label:", label)));
    out.extend(request.target.iter().map(|target| glued("--opt=target=", target)));
    out.extend(request.platform.iter().map(|platform| glued("--opt=platform=", platform)));
    if !request.hosts.is_empty() {
        let hosts: Vec<String> =
            request.hosts.iter().map(|(host, address)| format!("{host}={address}")).collect();
        out.push(Text::of(&format!("--opt=add-hosts={}", hosts.join(","))));
    }
    if request.no_cache {
        out.push(Text::of("--no-cache"));
    }
}

/// One image with all names; several stand in quotes, for the value is a line of CSV.
fn output(wishes: &Wishes) -> Option<Text> {
    let names: Vec<&Text> = wishes.destinations.iter().map(|destination| &destination.text).collect();
    let end = if kaniko::is_insecure(wishes) { ",push=true,registry.insecure=true" } else { ",push=true" };
    let (open, close) = match names.len() {
        0 => return None,
        1 => ("name=", ""),
        _ => ("\"name=", "\""),
    };
    let joined =
        |part: fn(&Text) -> String| names.iter().map(|name| part(name)).collect::<Vec<_>>().join(",");
    let quoted = |text: &str| text.replace('"', "\\\"");
    let shell = joined(|name| name.shell.clone());
    let shell = format!("--output=type=image,{}{shell}{}{end}", quoted(open), quoted(close));
    let whole = |names: &str| format!("--output=type=image,{open}{names}{close}{end}");
    let literal: Option<Vec<String>> = names.iter().map(|name| name.literal.clone()).collect();
    let shown = whole(&joined(|name| name.shown.clone()));
    Some(match kaniko::shared_condition(wishes) {
        Some(condition) => {
            Text { shell: format!("$(if {condition}; then echo {shell}; fi)"), literal: None, shown }
        }
        None => Text { shell, literal: literal.map(|names| whole(&names.join(","))), shown },
    })
}

/// The cache of an image is one image, beside or below that of Kaniko.
fn cache(request: &Request, wishes: &Wishes, options: &Options<'_>, out: &mut Vec<Text>) {
    if request.no_cache {
        return;
    }
    for from in request.cache_from.iter().filter(|from| is_reference(from)) {
        out.push(Text::of(&format!("--import-cache=type=registry,ref={from}")));
    }
    let first = wishes.destinations.first().and_then(|first| digest::repository(&first.known));
    let Some(repository) = first.filter(|repository| is_reference(repository)) else { return };
    let reference = match options.cache_repo {
        None => return,
        Some(kaniko::PER_IMAGE) => format!("{repository}/cache:buildkit"),
        Some(cache) => format!("{cache}:{}", digest::without_host(&repository).replace('/', "-")),
    };
    out.push(Text::of(&format!("--import-cache=type=registry,ref={reference}")));
    out.push(Text::of(&format!("--export-cache=type=registry,ref={reference},mode=max")));
}

/// A name of an image, known at conversion.
pub(super) fn is_reference(text: &str) -> bool {
    !text.is_empty() && !text.contains(['$', '`', ',', '=', ' '])
}
