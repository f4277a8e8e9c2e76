//! Which parts of a script surely run or surely do not: branches whose condition is known before anything runs, arms
//! of a known `case`, functions that nobody calls.

use super::shell::{Command, FrameId, Kind, Script, Word};
use super::value;
use std::ops::Range;

/// Is the branch or arm of the frame taken? `None` when only the shell will know, or when the frame is no branch.
pub fn taken(script: &Script, text: &str, id: FrameId) -> Option<bool> {
    let frame = script.frames.get(id)?;
    let parent = frame.parent?;
    match &frame.kind {
        Kind::Branch { conditions, otherwise } => {
            let mut all = Some(true);
            for (index, range) in conditions.iter().enumerate() {
                let negated = *otherwise || index + 1 < conditions.len();
                match holds(script, text, range) {
                    Some(holds) if holds == negated => return Some(false),
                    Some(_) => {}
                    None => all = None,
                }
            }
            all
        }
        Kind::Arm { subject, patterns } => {
            let subject_text = words(text, subject).into_iter().next()?;
            let value = known(script, &subject_text, subject.start, parent)?;
            let own = matches(&value, patterns)?;
            let earlier = script.frames.iter().take(id).filter_map(|other| match &other.kind {
                Kind::Arm { subject: same, patterns } if same == subject => Some(matches(&value, patterns)),
                _ => None,
            });
            let earlier: Option<Vec<bool>> = earlier.collect();
            Some(own && !earlier?.contains(&true))
        }
        Kind::And(left) => holds(script, text, left).filter(|holds| !holds),
        Kind::Or(left) => holds(script, text, left).filter(|holds| *holds).map(|_| false),
        _ => None,
    }
}

/// Why a command never runs; `None` when it may.
pub fn dead(script: &Script, text: &str, command: &Command) -> Option<String> {
    if let Some(end) = ends(script)
        && end < command.range.start
        && !in_function(script, command)
    {
        return Some("the script has ended before".to_string());
    }
    script.around(command.frame).find_map(|(id, frame)| match &frame.kind {
        Kind::Function(name) => is_uncalled(script, text, name, &frame.range)
            .then(|| format!("the function `{name}` is never called")),
        _ => (taken(script, text, id) == Some(false)).then(|| "its condition never holds".to_string()),
    })
}

/// Where an `exit` stands that is surely reached.
fn ends(script: &Script) -> Option<usize> {
    let exit = script.commands.iter().find(|command| {
        command.frame == 0 && command.words.first().and_then(Word::constant).as_deref() == Some("exit")
    });
    exit.map(|command| command.range.start)
}

fn in_function(script: &Script, command: &Command) -> bool {
    script.around(command.frame).any(|(_, frame)| matches!(frame.kind, Kind::Function(_)))
}

/// A function whose name stands nowhere else, in a text where no name of a command is computed.
fn is_uncalled(script: &Script, text: &str, name: &str, own: &Range<usize>) -> bool {
    let elsewhere = text.match_indices(name).any(|(at, _)| {
        let longer = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !own.contains(&at) && !longer(before) && !longer(after)
    });
    // `"$@"` and `$1` call what the arguments name; where they are known, the name stands in the text.
    let computed = script.commands.iter().any(|command| {
        let Some(first) = command.words.first().filter(|word| word.constant().is_none()) else {
            return false;
        };
        let named = matches!(first.source.trim_matches('"'), "$@" | "$1" | "${1}" | "${@}")
            && text.contains("set -- ");
        !named && known(script, first, command.range.start, command.frame).is_none()
    });
    !name.is_empty() && !elsewhere && !computed && script.skipped.is_empty()
}

/// Does the condition in the bytes hold?
fn holds(script: &Script, text: &str, range: &Range<usize>) -> Option<bool> {
    let condition = text.get(range.clone())?.trim().trim_end_matches(['&', '|', ';']).trim();
    let mut commands = script.within(range);
    let command = commands.next()?;
    if commands.next().is_some() || command.broken {
        return None;
    }
    let bare = condition.trim_end_matches(';').trim();
    match bare {
        "true" | ":" => return Some(true),
        "false" => return Some(false),
        _ => {}
    }
    let inner = bare
        .strip_prefix("[[")
        .and_then(|rest| rest.strip_suffix("]]"))
        .or_else(|| bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')))
        .or_else(|| bare.strip_prefix("test "))?;
    let read = Script::read(&format!(": {inner}"));
    let all = read.commands.first().filter(|_| read.commands.len() == 1)?.words.get(1..)?;
    let value = |word: &Word| known(script, word, command.range.start, command.frame);
    match all {
        [word] => Some(!value(word)?.is_empty()),
        [sign, word] => match sign.source.as_str() {
            "-z" => Some(value(word)?.is_empty()),
            "-n" => Some(!value(word)?.is_empty()),
            _ => None,
        },
        [left, sign, right] => {
            // In `[[ … ]]` the right side may be a pattern.
            let plain = right.constant().is_none_or(|text| !text.contains(['*', '?', '[']));
            let (left, right) = (value(left)?, value(right).filter(|_| plain)?);
            match sign.source.as_str() {
                "=" | "==" | "-eq" => Some(left == right),
                "!=" | "-ne" => Some(left != right),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The words of a part of a text.
fn words(text: &str, range: &Range<usize>) -> Vec<Word> {
    let read = Script::read(&format!(": {}", text.get(range.clone()).unwrap_or("")));
    read.commands
        .into_iter()
        .next()
        .map(|command| command.words.into_iter().skip(1).collect())
        .unwrap_or_default()
}

/// The value of a word, with the argument of a function that is called once.
fn known(script: &Script, word: &Word, at: usize, frame: FrameId) -> Option<String> {
    let value = value::follow(script, word, at, frame);
    if let Some(text) = value.constant() {
        return Some(text);
    }
    let [value::Piece::Variable { name, .. }] = value.pieces.as_slice() else { return None };
    let number: usize = name.parse().ok()?;
    let function = script.around(frame).find_map(|(_, frame)| match &frame.kind {
        Kind::Function(name) => Some(name.clone()),
        _ => None,
    })?;
    let mut calls = script
        .commands
        .iter()
        .filter_map(|command| value::invocation(script, command).filter(|(name, _)| *name == function));
    let (Some((_, arguments)), None) = (calls.next(), calls.next()) else { return None };
    arguments.get(number.checked_sub(1)?).map_or(Some(String::new()), value::Value::constant)
}

/// Does a text match one of the patterns of an arm? `None` for patterns that are more than text and `*`.
fn matches(text: &str, patterns: &str) -> Option<bool> {
    let mut hit = false;
    for pattern in patterns.split('|') {
        let pattern = pattern.trim().trim_matches(['"', '\'']);
        if pattern.contains(['?', '[', '$', '`', '\\', '(']) {
            return None;
        }
        hit |= match pattern.split_once('*') {
            None => pattern == text,
            Some((before, "")) => text.starts_with(before),
            Some(("", after)) if !after.contains('*') => text.ends_with(after),
            Some(_) => return None,
        };
    }
    Some(hit)
}
