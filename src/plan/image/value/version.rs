//! Which assignment, loop or call a name belongs to at a place.

use super::last;
use crate::plan::image::shell::{FrameId, Kind, Part, Script, Word};

/// Tells apart what a name may mean at a place: 0 is the environment of the task.
pub(super) fn of(script: &Script, name: &str, at: usize, frame: FrameId) -> usize {
    let special = name.len() == 1 && !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    for (id, around) in script.around(frame) {
        match &around.kind {
            Kind::Function(function) if special => return same_calls(script, function).unwrap_or(id) + 1,
            Kind::Loop { variable: Some(variable), over } if variable == name => {
                return same_loop(script, variable, over.as_deref()).unwrap_or(around.range.start) + 1;
            }
            _ => {}
        }
    }
    if let Some((command, _)) = last(script, name, at, frame) {
        return command.range.start + 1;
    }
    // `read NAME`, `printf -v NAME` before the place: set by a command, not by the environment.
    script.set.get(name).filter(|end| **end <= at).map_or(0, |end| end + 1)
}

/// Start of the first loop of the script over the same words: what one loop builds, the next one pushes.
fn same_loop(script: &Script, name: &str, words: Option<&[Word]>) -> Option<usize> {
    let words = words?;
    let settled = |part: &Part| match part {
        Part::Literal(_) => true,
        Part::Variable { name, .. } => {
            script
                .commands
                .iter()
                .flat_map(|command| &command.assignments)
                .filter(|a| a.name == *name)
                .count()
                < 2
        }
        _ => false,
    };
    if !words.iter().flat_map(|word| &word.parts).all(settled) {
        return None;
    }
    script.frames.iter().find_map(|frame| match &frame.kind {
        Kind::Loop { variable: Some(variable), over: Some(over) } => {
            let same = variable == name && over.iter().map(|w| &w.source).eq(words.iter().map(|w| &w.source));
            same.then_some(frame.range.start)
        }
        _ => None,
    })
}

/// The first function of the script that is called with the same words, call by call.
fn same_calls(script: &Script, function: &str) -> Option<FrameId> {
    let calls = |name: &str| -> Vec<Vec<&str>> {
        let called = script.commands.iter().filter(|command| {
            matches!(command.words.first().map(|word| word.parts.as_slice()), Some([Part::Literal(first)]) if first == name)
        });
        called
            .take(100)
            .map(|command| command.words.iter().skip(1).map(|word| word.source.as_str()).collect())
            .collect()
    };
    let own = calls(function);
    let found = script.frames.iter().position(|frame| match &frame.kind {
        Kind::Function(name) => name == function || calls(name) == own,
        _ => false,
    });
    found.filter(|_| !own.is_empty())
}
