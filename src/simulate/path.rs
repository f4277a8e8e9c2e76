//! gjson paths, as Argo Events reads an event with them: the part that our Sensors use.
//!
//! `a.b`, `a.0`, `a.#` (how many), `a.#.b` (each one's `b`), `[p,q]` (a list of what these paths find; what is not there is
//! left out). A `\` takes the meaning from the next character.

use serde_json::Value;

/// What a path finds.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A value.
    Value(Value),
    /// Nothing.
    Nothing,
    /// The path uses something that is not known here.
    Unknown,
}

/// Follows a path.
pub fn find(value: &Value, path: &str) -> Found {
    if let Some(inner) = path.strip_prefix('[') {
        return several(value, inner);
    }
    let (key, rest) = step(path);
    if key.contains(['*', '?', '|', '@', '{', '!']) {
        return Found::Unknown;
    }
    match (value, key.as_str(), rest) {
        (Value::Array(items), "#", None) => Found::Value(items.len().into()),
        (Value::Array(items), "#", Some(rest)) => each(items, rest),
        (_, "#", _) => Found::Nothing,
        (Value::Array(items), index, rest) => {
            further(index.parse().ok().and_then(|n: usize| items.get(n)), rest)
        }
        (Value::Object(members), key, rest) => further(members.get(key), rest),
        _ => Found::Nothing,
    }
}

fn further(value: Option<&Value>, rest: Option<&str>) -> Found {
    match (value, rest) {
        (None, _) => Found::Nothing,
        (Some(value), None) => Found::Value(value.clone()),
        (Some(value), Some(rest)) => find(value, rest),
    }
}

fn each(items: &[Value], path: &str) -> Found {
    let mut found = Vec::new();
    for item in items {
        match find(item, path) {
            Found::Value(value) => found.push(value),
            Found::Nothing => {}
            Found::Unknown => return Found::Unknown,
        }
    }
    Found::Value(found.into())
}

/// `p,q]`
fn several(value: &Value, inner: &str) -> Found {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0usize, 0);
    for (at, c) in inner.char_indices() {
        let ends = match c {
            '[' => {
                depth += 1;
                false
            }
            ']' if depth > 0 => {
                depth -= 1;
                false
            }
            ']' | ',' => depth == 0,
            _ => false,
        };
        if !ends {
            continue;
        }
        match find(value, inner.get(start..at).unwrap_or_default()) {
            Found::Value(value) => found.push(value),
            Found::Nothing => {}
            Found::Unknown => return Found::Unknown,
        }
        start = at + 1;
        if c == ']' {
            return if start == inner.len() { Found::Value(found.into()) } else { Found::Unknown };
        }
    }
    Found::Unknown
}

/// The first key, and what follows its dot.
fn step(path: &str) -> (String, Option<&str>) {
    let mut key = String::new();
    let mut characters = path.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => key.extend(characters.next().map(|(_, c)| c)),
            '.' => return (key, path.get(at + 1..)),
            c => key.push(c),
        }
    }
    (key, None)
}

/// A value as Argo Events compares it: a text itself, all else as JSON.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => json(other),
    }
}

/// JSON as Go writes it: `<`, `>`, `&` and two line ends are escaped.
fn json(value: &Value) -> String {
    let mut out = String::new();
    for c in value.to_string().chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_find_what_gjson_finds() {
        let event = json!({"body": {"commits": [{"added": ["a"], "removed": []}, {"added": ["<"]}], "x.y": 1, "ref": "r"}});
        let cases = [
            ("body.ref", "r"),
            ("body.x\\.y", "1"),
            ("body.commits.#", "2"),
            ("body.commits.1.added.0", "<"),
            ("body.commits.#.[added,removed]", r#"[[["a"],[]],[["\u003c"]]]"#),
            ("[body.nothing,body.ref,body.commits.#]", r#"["r",2]"#),
        ];
        for (path, expected) in cases {
            let Found::Value(value) = find(&event, path) else { panic!("{path}") };
            assert_eq!(text(&value), expected, "{path}");
        }
        assert_eq!(find(&event, "body.nothing.x"), Found::Nothing);
        assert_eq!(find(&event, "body.commits|@reverse"), Found::Unknown);
    }
}
