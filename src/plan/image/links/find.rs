//! Finds the commands that have to do with images.

use super::*;
use crate::plan::image::shell::Script;
use crate::plan::image::value::{self, Value};

/// Commands that leave nothing of their own: they decide nothing about others.
pub(super) fn vanishes(kind: Use) -> bool {
    matches!(
        kind,
        Use::Build
            | Use::Push
            | Use::Tag
            | Use::Pull
            | Use::Save
            | Use::Login
            | Use::Clean
            | Use::Check
            | Use::Environment
    )
}

/// The commands of the job that have to do with images.
pub(super) fn sites(units: &[Unit], options: &Options<'_>) -> Vec<Site> {
    let mut sites = Vec::new();
    for (unit, read) in units.iter().enumerate() {
        for (index, command) in read.script.commands.iter().enumerate() {
            if shadowed(read, command) {
                if let Some(call) = handed_on(read, command) {
                    sites.push(Site { spot: (unit, index), call, fate: Fate::Keep });
                }
                continue;
            }
            let call = docker::recognise(&command.words).or_else(|| indirect(read, command, options));
            let call = call.or_else(|| hidden(read, command));
            if let Some(call) = call {
                sites.push(Site { spot: (unit, index), call, fate: Fate::Keep });
            }
        }
    }
    sites
}

/// `$DOCKER build`, with a variable whose value is known.
fn indirect(unit: &Unit, command: &Command, options: &Options<'_>) -> Option<Call> {
    let first = command.words.first().filter(|word| unit.has_shell() && word.constant().is_none())?;
    let value = unit.value(command, first);
    if let [Piece::Substitution(text)] = value.pieces.as_slice()
        && text.contains("ecr get-login ")
    {
        // What it prints is a login.
        return docker::recognise(&["docker", "login"].map(Word::literal));
    }
    let text = known(value, options)?;
    let mut words: Vec<Word> = text.split_whitespace().map(Word::literal).collect();
    words.extend_from_slice(command.words.get(1..)?);
    docker::recognise(&words).filter(|call| call.kind != Use::Script)
}

/// `${DOCKER:-docker}` is `docker` where nothing sets the variable.
pub(super) fn settled(mut value: Value, options: &Options<'_>) -> Value {
    for piece in &mut value.pieces {
        let Piece::Opaque(text) = &*piece else { continue };
        let Some((name, default)) = value::default(text) else { continue };
        let set = options.variables.get(name).filter(|text| !text.is_empty()).cloned();
        if set.is_some() || !options.sets(name) {
            *piece = Piece::Text(set.unwrap_or(default.to_string()));
        }
    }
    value
}

/// The text of a value, when nothing in it has to wait for the job.
pub(super) fn known(value: Value, options: &Options<'_>) -> Option<String> {
    let text = settled(value, options).with(options.variables);
    (!text.contains(['$', '`'])).then_some(text)
}

/// `eval "$COMMAND"`, and a shell that reads its script from a here-document: what runs is docker.
fn hidden(unit: &Unit, command: &Command) -> Option<Call> {
    let said = |command: &Command| -> Option<Vec<String>> {
        command.words.iter().map(|word| unit.value(command, word).constant()).collect()
    };
    let words = said(command)?;
    let (first, rest) = words.split_first()?;
    let shell = docker::is_shell(first);
    let text = match docker::program(first) {
        "eval" => rest.join(" "),
        _ if shell && rest.iter().all(|word| word.starts_with(['-', '+'])) => {
            let document = command.redirects.iter().find_map(|redirect| redirect.document.clone());
            document.or_else(|| Some(said(fed_by(unit, command)?)?.get(1..)?.join(" ")))?
        }
        _ => return None,
    };
    let uses = |call: Call| !matches!(call.kind, Use::Script | Use::Check | Use::Environment);
    let read = Script::read(&text);
    let hit = read.commands.iter().any(|command| docker::recognise(&command.words).is_some_and(uses));
    let nested = Call { kind: Use::Nested, ..docker::recognise(&["docker", "build"].map(Word::literal))? };
    hit.then_some(nested)
}

/// A function of the script has the name of a tool; `docker` itself is docker, whatever a function adds to it.
fn shadowed(unit: &Unit, command: &Command) -> bool {
    let Some(name) = command.words.first().and_then(Word::constant).filter(|name| name != "docker") else {
        return false;
    };
    unit.script
        .frames
        .iter()
        .any(|frame| matches!(&frame.kind, Kind::Function(function) if *function == name))
}

/// `try docker push X`, with a function `try` that runs its arguments: a wrapper like `retry`.
fn handed_on(unit: &Unit, command: &Command) -> Option<Call> {
    let (first, rest) = command.words.split_first()?;
    let mut call = docker::recognise(rest).filter(|call| call.kind != Use::Script)?;
    let name = first.constant()?;
    let body =
        unit.script.frames.iter().find(|frame| matches!(&frame.kind, Kind::Function(f) if *f == name))?;
    if !unit.slice(&body.range).contains("$@") {
        return None;
    }
    let loops = unit.script.frames.iter().any(|frame| {
        matches!(frame.kind, Kind::Loop { .. })
            && body.range.start < frame.range.start
            && frame.range.end <= body.range.end
    });
    call.prefix.length += 1;
    call.prefix.names.insert(0, if loops { "retry".to_string() } else { name });
    Some(call)
}

/// `echo TEXT | sh`: what prints the text.
fn fed_by<'u>(unit: &'u Unit, command: &Command) -> Option<&'u Command> {
    let all = unit.script.around(command.frame).find_map(|(_, frame)| match &frame.kind {
        Kind::Pipe { last: true, all } => Some(all),
        _ => None,
    })?;
    let first = unit.script.within(all).next().filter(|first| first.range != command.range)?;
    first.words.first().is_some_and(|word| matches!(word.head(), "echo" | "printf")).then_some(first)
}
