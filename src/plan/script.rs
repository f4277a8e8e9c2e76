//! Shell text that survives the three engines between the manifest and the shell.
//!
//! Argo replaces `{{…}}`, Kubernetes turns `$$` into `$` and fills in `$(NAME)` (a script travels through an environment
//! variable of the pod's init container), and the shell reads what is left. None of them has an escape for all three, so
//! the pairs that they look for are pulled apart: in quoted words by closing and opening the quotes, in here-documents
//! by a separator that `gocd_script` takes out again.

/// One shell word that is exactly this text. Without quotes where every shell takes it as it stands, so that a reviewer
/// sees the command.
///
/// ```
/// use gocd2argo::plan::script::word;
/// assert_eq!(word("--dir=src/main"), "--dir=src/main");
/// assert_eq!(word("it's"), r"'it'\''s'");
/// assert_eq!(word("{{.State}}"), "'{''{.State}}'");
/// assert_eq!(word("$$"), "'$''$'");
/// ```
pub fn word(text: &str) -> String {
    if is_bare(text) {
        return text.to_string();
    }
    let mut out = String::from("'");
    let mut copied = 0;
    for at in dangerous(text) {
        out.push_str(&quoted(&text[copied..at]));
        out.push_str("''");
        copied = at;
    }
    out.push_str(&quoted(&text[copied..]));
    out.push('\'');
    out
}

/// Longest command on one line, in bytes.
const LINE: usize = 100;

/// Several words, separated by blanks; a long command with several options has a line for each.
///
/// ```
/// use gocd2argo::plan::script::words;
/// assert_eq!(words(["make", "-j", "a b"]), "make -j 'a b'");
/// ```
pub fn words<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<(bool, String)> =
        texts.into_iter().map(|text| (text.starts_with('-'), word(text))).collect();
    let length: usize = words.iter().map(|(_, word)| word.len() + 1).sum();
    let options = words.iter().filter(|(is_option, _)| *is_option).count();
    let breaks = length > LINE && options > 1 && !words.iter().any(|(_, word)| word.contains('\n'));
    let mut out = String::new();
    for (is_option, word) in &words {
        if !out.is_empty() {
            out.push_str(if breaks && *is_option { " \\\n  " } else { " " });
        }
        out.push_str(word);
    }
    out
}

/// Whether no shell sees anything but letters in it, wherever a word may stand that is not the first of a command.
fn is_bare(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'-' | b'_' | b'.' | b'/' | b':' | b'=' | b'@' | b'%' | b'+' | b',')
        })
}

/// Words as GoCD splits the targets of a build tool: at blanks outside of quotes, which are taken off. A quote that
/// nothing closes is a character.
///
/// ```
/// use gocd2argo::plan::script::split;
/// assert_eq!(split(r#"clean "-Dname=a b" it's"#), ["clean", "-Dname=a b", "it's"]);
/// ```
pub fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        match (c, after.find(c)) {
            ('"' | '\'', Some(end)) => {
                word.get_or_insert_default().push_str(&after[..end]);
                rest = &after[end + 1..];
            }
            (c, _) if c.is_whitespace() => {
                words.extend(word.take());
                rest = after;
            }
            (c, _) => {
                word.get_or_insert_default().push(c);
                rest = after;
            }
        }
    }
    words.extend(word);
    words
}

/// A call of `gocd_script` with the text as a here-document that nothing expands. `shell` runs it, where it is not bash.
pub fn here_document(text: &str, shell: Option<&str>) -> String {
    let (separator, body) = match separated(text) {
        Some((separator, body)) => (separator, body),
        None => (String::new(), text.to_string()),
    };
    let mut delimiter = String::from("GOCD_EOF");
    while body.lines().any(|line| line == delimiter) {
        delimiter.push('_');
    }
    let line_end = if body.ends_with('\n') || body.is_empty() { "" } else { "\n" };
    let options = match (separator.as_str(), shell) {
        ("", None) => String::new(),
        (separator, None) => format!(" {separator}"),
        (separator, Some(shell)) => format!(" {} {}", word(separator), word(shell)),
    };
    format!("gocd_script{options} <<'{delimiter}'\n{body}{line_end}{delimiter}\n")
}

/// The text with a separator between dangerous pairs, and the separator; `None` when there are none.
fn separated(text: &str) -> Option<(String, String)> {
    let places = dangerous(text);
    if places.is_empty() {
        return None;
    }
    let mut separator = String::from("@@");
    while text.contains(&separator) {
        separator.insert(1, '_');
    }
    let mut out = String::new();
    let mut copied = 0;
    for at in places {
        out.push_str(&text[copied..at]);
        out.push_str(&separator);
        copied = at;
    }
    out.push_str(&text[copied..]);
    // A separator next to the same characters could be found one place earlier; a longer one cannot.
    if out.replace(&separator, "") == text { Some((separator, out)) } else { None }
}

/// Byte positions before which the text has to be pulled apart: inside `{{`, inside `$$`, and inside `$(` where a
/// name of capitals follows, which is how Kubernetes' own variables are called.
fn dangerous(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut places = Vec::new();
    for at in 1..bytes.len() {
        let pair = (bytes[at - 1], bytes[at]);
        let pulls = match pair {
            (b'{', b'{') | (b'$', b'$') => true,
            (b'$', b'(') => is_reference(&bytes[at + 1..]),
            _ => false,
        };
        if pulls {
            places.push(at);
        }
    }
    places
}

fn is_reference(rest: &[u8]) -> bool {
    let name =
        rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')).count();
    name > 0 && rest.get(name) == Some(&b')') && rest.iter().take(name).any(u8::is_ascii_uppercase)
}

fn quoted(text: &str) -> String {
    text.replace('\'', r"'\''")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    fn shell(script: &str) -> String {
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_word_is_one_argument(text in "[a'\"${}()\\\\A-C \n*~=:%@,+/.-]{0,24}") {
            let written = word(&text);
            prop_assert!(!written.contains("{{") && !written.contains("$$"), "{}", written);
            prop_assert_eq!(shell(&format!("printf %s. {written}")), format!("{text}."));
        }

        #[test]
        fn a_here_document_is_the_text(text in "[a'@_\"${}()-C \n-]{0,24}") {
            let call = here_document(&text, None);
            prop_assert!(!call.contains("{{") && !call.contains("$$"), "{}", call);
            let define = "gocd_script() { if [ -n \"$1\" ]; then sed \"s/$1//g\"; else cat; fi; }\n";
            let expected = if text.is_empty() || text.ends_with('\n') { text } else { text + "\n" };
            prop_assert_eq!(shell(&format!("{define}{call}")), expected);
        }
    }

    #[test]
    fn long_commands_have_a_line_for_each_option() {
        let long = "x".repeat(90);
        let command = words(["tool", "build", "--first", &long, "--second=1", "."]);
        assert_eq!(command, format!("tool build \\\n  --first {long} \\\n  --second=1 ."));
        assert_eq!(shell(&format!("set -- {command}; printf %s \"$#\"")), "6");
    }

    #[test]
    fn the_delimiter_is_no_line_of_the_text() {
        let call = here_document("a\nGOCD_EOF\nb\n", None);
        assert!(call.contains("<<'GOCD_EOF_'") && call.ends_with("GOCD_EOF_\n"), "{call}");
    }
}
