//! Which parts of a source line are secret and must not be shown.
//!
//! This does not rest on the model, because a file that GoCD refuses has none: it reads the text around the line,
//! and hides rather too much: ciphertext, the values of `encrypted_…` and password keys, everything below
//! `secure_variables`, passwords in URLs. What the model knows beside that, the caller adds.

use std::ops::Range;

/// What stands where a secret was.
pub const MASK: &str = "•••";

/// GoCD's key for secret variables.
const SECURE: &str = "secure_variables";

/// How far up the lines are searched for the keys that a line is below, in lines.
const CLIMB: usize = 2000;

/// Hides ciphertext and passwords in URLs in a text that is not a source line, such as a message.
pub fn mask_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut done = 0;
    for range in merge(evident(text)) {
        shown.push_str(&text[done..range.start]);
        shown.push_str(MASK);
        done = range.end;
    }
    shown.push_str(&text[done..]);
    shown
}

/// The secret bytes of one line of a file, as ranges in the file, in order and apart from each other.
pub fn secrets(text: &str, line: Range<usize>) -> Vec<Range<usize>> {
    let content = &text[line.clone()];
    let mut found: Vec<Range<usize>> =
        evident(content).into_iter().map(|range| line.start + range.start..line.start + range.end).collect();
    let start = match key_and_value(content) {
        Some((key, value)) if names_secret(key) => Some(value),
        Some((_, value)) if below_secret(text, &line) => Some(value),
        None if below_secret(text, &line) => Some(indentation(content)),
        _ => None,
    };
    // In a flow mapping the key stands somewhere in the line.
    let start = start.or_else(|| content.find(SECURE).map(|at| at + SECURE.len()));
    found.extend(start.map(|start| line.start + start..line.end));
    merge(found)
}

/// Whether a line is below a key whose value is secret.
fn below_secret(text: &str, line: &Range<usize>) -> bool {
    let mut depth = indentation(&text[line.clone()]);
    for above in text[..line.start].lines().rev().take(CLIMB) {
        let indent = indentation(above);
        if above.trim().is_empty() || above.trim_start().starts_with('#') || indent >= depth {
            continue;
        }
        if above.contains(SECURE) || key_and_value(above).is_some_and(|(key, _)| names_secret(key)) {
            return true;
        }
        depth = indent;
        if depth == 0 {
            break;
        }
    }
    false
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The key of a block mapping's line, and where its value begins.
fn key_and_value(line: &str) -> Option<(&str, usize)> {
    let start = line.len() - line.trim_start_matches([' ', '-', '?']).len();
    let colon = line[start..].find(':')? + start;
    let behind = &line[colon + 1..];
    if !behind.is_empty() && !behind.starts_with([' ', '\t', '\r']) {
        return None;
    }
    let blanks = behind.len() - behind.trim_start().len();
    Some((line[start..colon].trim_matches(['"', '\'', ' ']), colon + 1 + blanks))
}

fn names_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key == SECURE || key.starts_with("encrypted_") || key == "password" || key == "token"
}

/// What is secret whatever stands around it.
fn evident(text: &str) -> Vec<Range<usize>> {
    let mut found = ciphertext(text);
    found.extend(url_passwords(text));
    found
}

/// Passwords in URLs: `https://user:password@host`, and `https://token@host`, but not `ssh://git@host`.
fn url_passwords(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let authority = text[start..].find(|c: char| c.is_whitespace() || "/\"'`<>".contains(c));
        let authority = &text[start..authority.map_or(text.len(), |length| start + length)];
        let Some(user) = authority.rfind('@') else { continue };
        match authority[..user].find(':') {
            Some(colon) => found.push(start + colon + 1..start + user),
            None if text[..at].ends_with("http") || text[..at].ends_with("https") => {
                found.push(start..start + user)
            }
            None => {}
        }
    }
    found
}

/// GoCD's ciphertext, `AES:` with two Base64 texts.
fn ciphertext(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("AES:").map(|at| from + at) {
        let cipher =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | ':' | '-' | '_' | '\\');
        let length = text[start..].find(|c| !cipher(c)).unwrap_or(text.len() - start);
        found.push(start..start + length);
        from = start + length;
    }
    found
}

/// Sorts ranges and joins those that touch.
pub fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut shown = text.to_string();
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            lines.push(start..start + line.trim_end().len());
            start += line.len();
        }
        for range in lines.into_iter().flat_map(|line| secrets(text, line)).rev().collect::<Vec<_>>() {
            shown.replace_range(range, "…");
        }
        shown
    }

    #[test]
    fn secrets_are_found_where_gocd_has_them() {
        insta::assert_snapshot!(shown("\
pipelines:
  app:
    secure_variables:
      TOKEN: AES:abc=:def==
      OLD: \"sEcReT=\"   # old cipher
      LONG: |
        first
        second
    materials:
      m:
        git: https://x
        encrypted_password: hidden
        password: hidden
    environment_variables:
      PLAIN: shown
      ODD: x AES:abc:def y
    git: https://user:hidden@host/x
    ssh: ssh://git@host/x
    http: https://hidden@host/x
  flow: {secure_variables: {A: hidden}}
  flow: {a: {secure_variables: {A: hidden,
      B: hidden}}}
"), @r"
        pipelines:
          app:
            secure_variables:
              TOKEN: …
              OLD: …
              LONG: …
                …
                …
            materials:
              m:
                git: https://x
                encrypted_password: …
                password: …
            environment_variables:
              PLAIN: shown
              ODD: x … y
            git: https://user:…@host/x
            ssh: ssh://git@host/x
            http: https://…@host/x
          flow: {secure_variables…
          flow: {a: {secure_variables…
              B: …
        ");
    }
}
