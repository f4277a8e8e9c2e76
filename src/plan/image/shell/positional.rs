//! `set -- WORDS` and `shift`: the positional parameters, as assignments of `1` … `9` and `#`.

use super::{Assignment, Command, Word};

/// Adds what the command does to the positional parameters.
pub(super) fn assign(command: &mut Command) {
    match command.words.first().and_then(Word::constant).as_deref() {
        Some("set") => {
            let Some(at) = command.words.iter().position(|word| word.source == "--") else { return };
            let words: Vec<Word> = command.words[at + 1..].to_vec();
            // `"$@"` and unquoted variables may be any number of words.
            let sure = words
                .iter()
                .take_while(|word| !word.source.contains(['@', '*']) || word.constant().is_some());
            let sure = sure.count();
            for number in 1..=9 {
                let value = words.get(number - 1).cloned().unwrap_or_else(|| Word::literal(""));
                let known = number <= sure || sure == words.len();
                push(command, number.to_string(), known.then_some(value));
            }
            let count = (sure == words.len()).then(|| Word::literal(&words.len().to_string()));
            push(command, "#".to_string(), count);
        }
        Some("shift") => {
            for number in 1..=9 {
                push(command, number.to_string(), None);
            }
            push(command, "#".to_string(), None);
        }
        _ => {}
    }
}

fn push(command: &mut Command, name: String, value: Option<Word>) {
    let append = value.is_none();
    command.assignments.push(Assignment {
        name,
        value,
        items: None,
        append,
        range: command.range.end..command.range.end,
    });
}
