//! Regular expressions for Sensors, in the syntax of Go's engine: exact texts, and GoCD's path patterns.

/// Matches exactly this text.
pub fn exactly(text: &str) -> String {
    format!("^{}$", literal(text))
}

/// Matches exactly this text, in upper or lower case: hosts do not tell repositories apart by case.
pub fn any_case(text: &str) -> String {
    format!("(?i)^{}$", literal(text))
}

/// The text itself, as part of an expression.
pub fn literal(text: &str) -> String {
    let mut regex = String::new();
    for c in text.chars() {
        // Go refuses a backslash before anything that is not ASCII.
        if c.is_ascii()
            && !c.is_ascii_alphanumeric()
            && !matches!(c, '/' | '-' | '_' | ' ' | ':' | '@' | '#' | '%' | '&' | '~' | ',' | '=')
        {
            regex.push('\\');
        }
        regex.push(c);
    }
    regex
}

/// The text as it may stand inside a JSON string: each character itself, or written as an escape.
pub fn in_json(text: &str) -> String {
    let mut regex = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => regex.push_str(&format!("\\\\{}", literal(&c.to_string()))),
            ' '..='~' if !matches!(c, '<' | '>' | '&') => regex.push_str(&literal(&c.to_string())),
            _ => {
                let mut units = [0; 2];
                let escapes: String =
                    c.encode_utf16(&mut units).iter().map(|unit| format!("\\\\u{unit:04x}")).collect();
                let itself =
                    if c.is_control() { String::new() } else { format!("{}|", literal(&c.to_string())) };
                regex.push_str(&format!("(?:{itself}(?i:{escapes}))"));
            }
        }
    }
    regex
}

/// A file's path that a GoCD pattern matches, as it stands in a JSON string. A path with an escape in it is matched only
/// where the pattern has that character: `*` does not reach over escapes.
pub fn path_in_json(pattern: &str) -> String {
    let segments: Vec<&str> = pattern.strip_prefix('/').unwrap_or(pattern).split('/').collect();
    let mut regex = String::new();
    for (index, segment) in segments.iter().enumerate() {
        if *segment == "**" {
            regex.push_str("(?:[^/\"\\\\]+/)*");
            continue;
        }
        let mut texts = segment.split('*').peekable();
        while let Some(text) = texts.next() {
            regex.push_str(&in_json(text));
            let star = texts.peek().is_some();
            if star && !regex.ends_with("[^/\"\\\\]*") {
                regex.push_str("[^/\"\\\\]*");
            }
        }
        if index + 1 < segments.len() {
            regex.push('/');
        }
    }
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_nothing_else() {
        assert_eq!(exactly("acme/a.b+c"), "^acme/a\\.b\\+c$");
        assert_eq!(exactly("é🦀\u{2028}$"), "^é🦀\u{2028}\\$$");
    }

    #[test]
    fn json_texts_may_be_escaped() {
        assert_eq!(in_json("a.b"), "a\\.b");
        assert_eq!(in_json("é"), "(?:é|(?i:\\\\u00e9))");
        assert_eq!(in_json("🦀"), "(?:🦀|(?i:\\\\ud83e\\\\udd80))");
        assert_eq!(path_in_json("doc/**/*.md"), "doc/(?:[^/\"\\\\]+/)*[^/\"\\\\]*\\.md");
    }
}
