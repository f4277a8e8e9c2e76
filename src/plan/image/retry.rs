//! Commands that are only tried again: in a loop, or behind `||`.

use super::docker::{self, Use};
use super::shell::{Command, Frame, Kind, Script, Word};

/// Does the loop only try the command again? `until docker push X`, `for i in 1 2 3; do docker push X && break; done`.
pub fn tries(script: &Script, frame: &Frame, command: &Command) -> bool {
    let Kind::Loop { variable, over } = &frame.kind else { return false };
    let mut inside = script.within(&frame.range);
    if variable.is_none() && over.is_none() {
        let first = inside.next().is_some_and(|first| first.range == command.range);
        return first || inside.any(leaves);
    }
    let used = variable.as_ref().is_some_and(|name| command.reads.contains(name));
    !used && inside.any(leaves)
}

fn leaves(command: &Command) -> bool {
    command.words.first().and_then(Word::constant).as_deref() == Some("break")
}

/// Is it tried again behind `||` of the same command?
pub fn again(script: &Script, command: &Command) -> bool {
    let last = |command: &Command| command.words.last().map(|word| word.source.clone());
    script.around(command.frame).any(|(_, frame)| match &frame.kind {
        Kind::Or(left) => script.within(left).any(|other| {
            let push = docker::recognise(&other.words).is_some_and(|call| call.kind == Use::Push);
            push && last(other) == last(command)
        }),
        _ => false,
    })
}
