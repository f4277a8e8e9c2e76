//! Finds the commands that have to do with images.

use super::*;

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
            let call = docker::recognise(&command.words).or_else(|| indirect(read, command, options));
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
    let text = value.with(options.variables);
    if text.contains(['$', '`']) {
        return None;
    }
    let mut words: Vec<Word> = text.split_whitespace().map(Word::literal).collect();
    words.extend_from_slice(command.words.get(1..)?);
    docker::recognise(&words).filter(|call| call.kind != Use::Script)
}
