//! Passwords that stand in the text of a login are not told.

use crate::plan::image::docker::Use;
use crate::plan::image::links::Site;
use crate::plan::image::shell::{Kind, Part, Script, Word};
use std::ops::Range;

/// What stands where a password was.
const MASK: &str = "•••";

/// The text of a statement without the passwords of the logins in it.
pub(super) fn text(script: &Script, sites: &[&Site], range: &Range<usize>, text: String) -> String {
    let mut out = text;
    for site in sites.iter().filter(|site| site.call.kind == Use::Login) {
        let Some(command) = script.commands.get(site.spot.1) else { continue };
        let inside = range.is_empty() || range.contains(&command.range.start);
        if !inside {
            continue;
        }
        let mut secrets = options(&command.words);
        secrets.extend(
            command
                .redirects
                .iter()
                .filter(|r| r.operator == "<<<")
                .filter_map(|r| r.target.as_ref())
                .filter_map(literal),
        );
        for (_, frame) in script.around(command.frame) {
            let Kind::Pipe { all, .. } = &frame.kind else { continue };
            let feeding = script.within(all).filter(|other| other.range.start < command.range.start);
            let says = |word: &Word| matches!(word.constant().as_deref(), Some("echo" | "printf"));
            let feeding = feeding.filter(|other| other.words.first().is_some_and(says));
            secrets.extend(feeding.flat_map(|other| other.words.iter().skip(1).filter_map(literal)));
        }
        for secret in secrets {
            // A short one would be found in other words as well.
            out = match secret.len() {
                0..4 => out.replace(&format!(" {secret} "), &format!(" {MASK} ")),
                _ => out.replace(&secret, MASK),
            };
        }
    }
    out
}

/// Values of `-p` and `--password`, glued or not.
fn options(words: &[Word]) -> Vec<String> {
    let mut out = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match word.head() {
            "-p" | "--password" => out.extend(words.get(at + 1).and_then(literal)),
            head if head.starts_with("--password=") => {
                out.extend(
                    head.split_once('=')
                        .map(|(_, value)| value.to_string())
                        .filter(|value| !value.is_empty()),
                );
            }
            head if head.starts_with("-p") && !head.starts_with("--") => {
                out.extend(Some(head[2..].to_string()).filter(|value| !value.is_empty()));
            }
            _ => {}
        }
    }
    out
}

/// The literal part of a word that may be a password.
fn literal(word: &Word) -> Option<String> {
    let text: String = match word.parts.as_slice() {
        [Part::Literal(text)] => text.clone(),
        _ => return None,
    };
    (!text.is_empty() && !text.starts_with('-')).then_some(text)
}
