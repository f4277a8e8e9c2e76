//! How docker's client reads options, whatever the subcommand.

use crate::plan::image::shell::Word;

/// The options of a subcommand: name, letter (a blank for none), whether it takes a value, and its meaning.
pub type Table<F> = [(&'static str, char, bool, F)];

/// One option as given.
#[derive(Debug, Clone)]
pub struct Given<F> {
    /// Its meaning.
    pub flag: F,
    /// The option's name as written, for messages.
    pub name: String,
    /// Its value, if it takes one.
    pub value: Option<Word>,
}

/// `-t value`, `-tvalue`, `-qt value`. `unknown` is the meaning of letters that are not in the table. True: the next word
/// was the value of the last one.
pub fn letters<F: Copy>(
    table: &Table<F>,
    unknown: F,
    (word, next): (&Word, Option<&Word>),
    given: &mut Vec<Given<F>>,
) -> bool {
    let mut seen = String::from("-");
    for letter in word.head().chars().skip(1) {
        seen.push(letter);
        let entry = table.iter().find(|entry| entry.1 == letter);
        let (takes, flag) = entry.map_or((false, unknown), |entry| (entry.2, entry.3));
        let name = format!("-{letter}");
        if !takes {
            given.push(Given { flag, name, value: None });
            continue;
        }
        let glued = word.without(&seen).filter(|rest| !rest.parts.is_empty());
        let used = glued.is_none();
        let glued = glued.map(|rest| rest.without("=").unwrap_or(rest));
        given.push(Given { flag, name, value: glued.or_else(|| next.cloned()) });
        return used;
    }
    false
}
