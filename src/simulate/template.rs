//! The templates over an event in a Sensor's parameters: the part of Go's templates and of sprig's functions that our Sensors
//! use. What else there is makes the parameter fall back to its fixed value, as an error does in Argo Events.

use regex::Regex;
use serde_json::Value;

/// Fills a template in; `None` when it has something that is not known here, or fails.
pub fn fill(template: &str, event: &Value) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (action, after) = after.split_once("}}")?;
        out.push_str(before);
        out.push_str(&shown(&pipeline(&words(action)?, event)?));
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// A word of an action.
#[derive(Clone, Debug, PartialEq)]
enum Word {
    Name(String),
    Text(String),
    /// What stands in parentheses, and members of its value.
    Group(Vec<Word>, Vec<String>),
    Pipe,
}

fn words(text: &str) -> Option<Vec<Word>> {
    let mut rest: &str = text;
    let words = group(&mut rest, 0)?;
    rest.is_empty().then_some(words)
}

fn group(rest: &mut &str, depth: usize) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    if depth > 8 {
        return None;
    }
    loop {
        *rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return Some(words) };
        match first {
            ')' => return Some(words),
            '|' => {
                *rest = &rest[1..];
                words.push(Word::Pipe);
            }
            '(' => {
                *rest = &rest[1..];
                let inner = group(rest, depth + 1)?;
                *rest = rest.strip_prefix(')')?;
                let end = rest.find([' ', ')', '|']).unwrap_or(rest.len());
                let (members, after) = rest.split_at(end);
                *rest = after;
                words.push(Word::Group(inner, members.split('.').skip(1).map(str::to_string).collect()));
            }
            '"' => {
                let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                let text = stream.next()?.ok()?;
                let end = stream.byte_offset();
                *rest = &rest[end..];
                words.push(Word::Text(text));
            }
            _ => {
                let end = rest.find([' ', ')', '|']).unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                *rest = after;
                words.push(Word::Name(name.to_string()));
            }
        }
    }
}

fn pipeline(words: &[Word], event: &Value) -> Option<Value> {
    let mut value = None;
    for call in words.split(|word| *word == Word::Pipe) {
        let (first, arguments) = call.split_first()?;
        let mut values = Vec::new();
        for argument in arguments {
            values.push(operand(argument, event)?);
        }
        values.extend(value.take());
        value = Some(match first {
            Word::Name(name) if !name.starts_with('.') => function(name, &values)?,
            _ if values.is_empty() => operand(first, event)?,
            _ => return None,
        });
    }
    value
}

fn operand(word: &Word, event: &Value) -> Option<Value> {
    match word {
        Word::Text(text) => Some(text.clone().into()),
        Word::Name(name) if name.starts_with(".Input.") => {
            let members = name.split('.').skip(2).map(str::to_string).collect::<Vec<_>>();
            member(event.clone(), &members)
        }
        Word::Name(name) => name.parse::<i64>().ok().map(Value::from),
        Word::Group(words, members) => member(pipeline(words, event)?, members),
        Word::Pipe => None,
    }
}

/// A member of nothing fails, a member that is not there is nothing.
fn member(value: Value, members: &[String]) -> Option<Value> {
    let mut value = value;
    for name in members {
        value = match value {
            Value::Object(mut members) => members.remove(name).unwrap_or(Value::Null),
            _ => return None,
        };
    }
    Some(value)
}

fn function(name: &str, values: &[Value]) -> Option<Value> {
    match (name, values) {
        ("toString", [value]) => Some(shown(value).into()),
        ("toJson", [value]) => Some(super::path::text(&Value::Array(vec![value.clone()])))
            .map(|list| list[1..list.len() - 1].to_string().into()),
        ("trunc", [length, text]) => {
            let length = usize::try_from(length.as_i64()?).ok()?;
            let text = text.as_str()?;
            Some(text.get(..length.min(text.len()))?.into())
        }
        ("regexReplaceAll", [regex, text, by]) => {
            let regex = Regex::new(regex.as_str()?).ok()?;
            Some(regex.replace_all(text.as_str()?, by.as_str()?).into_owned().into())
        }
        ("regexFind", [regex, text]) => {
            let regex = Regex::new(regex.as_str()?).ok()?;
            Some(regex.find(text.as_str()?).map_or("", |found| found.as_str()).into())
        }
        ("index", [Value::Array(items), index]) => items.get(usize::try_from(index.as_i64()?).ok()?).cloned(),
        _ => None,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_string(),
        other => super::path::text(other),
    }
}

#[cfg(test)]
mod tests {
    use super::fill;
    use serde_json::json;

    #[test]
    fn our_templates_are_filled_in() {
        let event = json!({"body": {"after": "abc0", "pusher": {"name": "eve {{=1}} \"x\" é"}, "changes": [{"to": "f00d"}]}});
        let user = r#"{"user":{{ regexReplaceAll "[^A-Za-z0-9 .]" (toString .Input.body.pusher.name) "" | trunc 6 | toJson }}}"#;
        assert_eq!(fill(user, &event).as_deref(), Some(r#"{"user":"eve 1 "}"#));
        let index = r#"{{ regexFind "^[0-9a-f]{4}$" (toString (index .Input.body.changes 0).to) | toJson }}"#;
        assert_eq!(fill(index, &event).as_deref(), Some("\"f00d\""));
        assert_eq!(fill("{{ .Input.body.nothing.x }}", &event), None);
        assert_eq!(fill("{{ env \"HOME\" }}", &event), None);
        assert_eq!(fill("{{ ((((((((((((((", &event), None);
    }
}
