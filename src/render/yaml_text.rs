//! Any text as one YAML scalar that reads back as exactly that text.
//!
//! Four forms: plain for names that no YAML reader takes for anything else, a literal block for scripts, single quotes
//! for texts with quotes or backslashes in them, and double quotes for everything else. What goes in cannot break out:
//! the tests read it back.

/// A scalar on one line.
///
/// ```
/// use gocd2argo::render::yaml_text::scalar;
/// assert_eq!(scalar("shop-api"), "shop-api");
/// assert_eq!(scalar("node:22"), "node:22");
/// assert_eq!(scalar("yes"), "\"yes\"");
/// assert_eq!(scalar("a \"b\""), "'a \"b\"'");
/// assert_eq!(scalar("a: b\n"), "\"a: b\\n\"");
/// ```
pub fn scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_string()
    } else if text.contains(['"', '\\']) && text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        quoted(text)
    }
}

/// A literal block whose lines are indented by `indent`, or a quoted scalar where a block would not read back equal.
pub fn block(text: &str, indent: usize) -> String {
    if !fits_block(text) {
        return quoted(text);
    }
    let body = text.trim_end_matches('\n');
    let chomping = match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let margin = " ".repeat(indent);
    let mut out = format!("|{chomping}\n");
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if !line.is_empty() {
            out.push_str(&margin);
            out.push_str(line);
        }
        out.push('\n');
    }
    out.pop();
    out
}

/// Names, images and URLs: they start with a letter and are none of the words that YAML 1.1 or 1.2 read as something
/// else. A colon is not followed by a blank, for there are no blanks, and does not stand at the end.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 11] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-'))
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@'))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

fn fits_block(text: &str) -> bool {
    let first = text.split('\n').find(|line| !line.is_empty());
    let starts_well = first.is_some_and(|line| !line.starts_with([' ', '\t'])) && !text.starts_with('\n');
    starts_well && text.chars().all(|c| c == '\n' || c == '\t' || is_printable(c))
}

/// Is it seen as what it is? No control character, and no mark that changes how the text around it is shown.
pub fn is_printable(c: char) -> bool {
    let is_odd =
        matches!(c, '\u{7f}'..='\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    c >= ' ' && !is_odd && !is_format(c) && u32::from(c) & 0xfffe != 0xfffe
}

/// Marks that change how the text around them is shown: a reviewer has to see them.
fn is_format(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) <= 0xff => out.push_str(&format!("\\x{:02X}", u32::from(c))),
            c if u32::from(c) <= 0xffff => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOSTILE: &str = "([ -~\n\r\t\u{0}-\u{1f}\u{7f}\u{85}\u{a0}\u{2028}\u{202e}\u{feff}éñ🦀{}<>%:#'\"\\\\-]|---|: | #|\\{\\{|<<|%\\}|\\n){0,12}";

    fn read(yaml: &str) -> String {
        serde_yaml::from_str::<std::collections::BTreeMap<String, String>>(yaml)
            .unwrap()
            .remove("key")
            .unwrap()
    }

    proptest! {
        #[test]
        fn a_scalar_reads_back(text in HOSTILE) {
            let written = scalar(&text);
            prop_assert!(!written.contains('\n'));
            prop_assert_eq!(read(&format!("key: {written}\nother: x\n")), text);
        }

        #[test]
        fn a_block_reads_back(text in HOSTILE) {
            prop_assert_eq!(read(&format!("key: {}\nother: x\n", block(&text, 2))), text);
        }

        #[test]
        fn any_text_reads_back(text in "\\PC{0,20}") {
            prop_assert_eq!(read(&format!("key: {}\nother: x\n", scalar(&text))), text.clone());
            prop_assert_eq!(read(&format!("key: {}\nother: x\n", block(&text, 2))), text);
        }
    }

    #[test]
    fn scripts_are_blocks() {
        assert_eq!(block("a\n\n  b\n", 4), "|\n    a\n\n      b");
        assert_eq!(block("a", 2), "|-\n  a");
    }

    #[test]
    fn words_of_yaml_are_quoted() {
        for word in [
            "yes",
            "No",
            "null",
            "1",
            "1.10",
            "0x1f",
            "1e3",
            "~",
            "",
            "-",
            "y",
            "2001-01-01",
            ".inf",
            "a:",
            "---",
            "12:30",
            "a: b",
        ] {
            assert!(scalar(word).starts_with('"'), "{word}");
        }
    }
}
