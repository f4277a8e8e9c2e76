//! Texts of compose files: `${NAME:-default}`, `$$`, and command lines, as words of shell.

use crate::plan::image::shell::{Part, Word, quote};
use std::collections::BTreeMap;

/// What fills in a compose file's variables besides the shell.
#[derive(Default)]
pub struct Values<'a> {
    /// Of `.env`.
    pub file: BTreeMap<String, String>,
    /// Values of `A=b` in front of the command.
    pub front: BTreeMap<String, Word>,
    /// May the shell have a variable of that name?
    pub shell: Option<&'a dyn Fn(&str) -> bool>,
}

impl Values<'_> {
    /// The text as one word that the shell completes; `None` for a form that is not understood.
    pub fn word(&self, text: &str) -> Option<Word> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            push(&mut parts, &rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                push(&mut parts, "$");
                rest = after;
            } else if let Some(inner) = rest.strip_prefix('{') {
                let (inside, after) = inner.split_once('}')?;
                self.variable(inside, &mut parts)?;
                rest = after;
            } else {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                if end == 0 {
                    push(&mut parts, "$");
                } else {
                    self.variable(&rest[..end], &mut parts)?;
                }
                rest = &rest[end..];
            }
        }
        push(&mut parts, rest);
        Some(spelled(parts))
    }

    /// A text with everything put in; `None` when the shell decides.
    pub fn plain(&self, text: &str) -> Option<String> {
        self.word(text)?.constant()
    }

    fn variable(&self, inside: &str, parts: &mut Vec<Part>) -> Option<()> {
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inside.len());
        let (name, rest) = inside.split_at(end);
        if name.is_empty() {
            return None;
        }
        let default = match rest {
            "" => None,
            rest if rest.starts_with(":?") || rest.starts_with('?') => None,
            rest => Some(rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-'))?),
        };
        if default.is_some_and(|text| text.contains(['$', '`', '"', '\'', '\\', '}'])) {
            return None;
        }
        if let Some(word) = self.front.get(name) {
            parts.extend(word.parts.iter().cloned());
            return Some(());
        }
        let default = self.file.get(name).map(String::as_str).or(default);
        if self.shell.is_none_or(|shell| shell(name)) {
            let plain = default.filter(|text| !text.contains(['$', '`', '"', '\'', '\\', '}']));
            if plain.is_none() && default.is_some() {
                return None;
            }
            parts.push(Part::Variable { name: name.to_string(), default: plain.map(str::to_string) });
        } else {
            push(parts, default.unwrap_or(""));
        }
        Some(())
    }
}

fn push(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Literal(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => parts.push(Part::Literal(text.to_string())),
    }
}

/// A word of these parts, in the shell's spelling.
pub fn spelled(parts: Vec<Part>) -> Word {
    let mut parts = parts;
    if parts.is_empty() {
        parts.push(Part::Literal(String::new()));
    }
    if let [Part::Literal(text)] = parts.as_slice() {
        return Word { source: quote(text), parts, range: 0..0 };
    }
    let mut source = String::from("\"");
    for part in &parts {
        match part {
            Part::Literal(text) => {
                for c in text.chars() {
                    if matches!(c, '$' | '`' | '"' | '\\') {
                        source.push('\\');
                    }
                    source.push(c);
                }
            }
            Part::Variable { name, default: None } => source.push_str(&format!("${{{name}}}")),
            Part::Variable { name, default: Some(text) } => {
                source.push_str(&format!("${{{name}:-{text}}}"));
            }
            Part::Substitution(text) | Part::Opaque(text) => source.push_str(text),
        }
    }
    source.push('"');
    Word { source, parts, range: 0..0 }
}

/// A command line as compose splits it: at blanks, with quotes and backslashes.
pub fn split(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quoted, c) {
            (Some(quote), c) if c == quote => quoted = None,
            (Some('"'), '\\') | (None, '\\') => {
                word.get_or_insert_default().extend(chars.next());
            }
            (None, '\'' | '"') => {
                quoted = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => out.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    out.extend(word);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_become_the_shells_own() {
        let shell = |name: &str| name != "UNSET";
        let values = Values {
            file: [("TAG".to_string(), "7".to_string())].into(),
            front: BTreeMap::new(),
            shell: Some(&shell),
        };
        for (text, source) in [
            ("r.example.com/a:${TAG}", "\"r.example.com/a:${TAG:-7}\""),
            ("$A-b", "\"${A}-b\""),
            ("${UNSET:-x}:$UNSET", "x:"),
            ("pa$$word", "'pa$word'"),
            ("it's", "'it'\\''s'"),
        ] {
            assert_eq!(values.word(text).unwrap().source, source, "{text}");
        }
        assert!(values.word("${A:+x}").is_none());
    }

    #[test]
    fn command_lines_are_split_as_compose_does() {
        assert_eq!(split("sh -c 'a  b' \"c\\\"d\" e\\ f"), ["sh", "-c", "a  b", "c\"d", "e f"]);
    }
}
