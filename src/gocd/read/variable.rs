//! Mappings of free names to texts: variables, parameters, options, tabs.

use super::{item, key_place};
use crate::gocd::{Variable, VariableValue};
use crate::source::{Keys, Value};
use crate::span::{Place, Src};

/// A name and its text; `None` for a key without a value.
pub type Pair = Src<(String, Option<String>)>;

/// The pairs below a key, in source order, and the key's place; the place of a pair is its key.
/// Nothing written, or an empty text, counts as no pairs. A list, a text or a nested value is refused.
pub fn pairs(keys: &mut Keys<'_, '_>, key: &'static str, containers: &mut Vec<Place>) -> Vec<Pair> {
    let Some(at) = keys.take(key) else { return Vec::new() };
    containers.push(key_place(at));
    let reader = &mut *keys.reader;
    match &reader.tree.node(at.node).value {
        Value::Null => return Vec::new(),
        Value::Text(text) if text.is_empty() => return Vec::new(),
        Value::Map(_) => {}
        Value::Text(_) | Value::List(_) => {
            reader.wrong_form(at, &format!("`{key}`"), "a mapping of names to texts");
            return Vec::new();
        }
    }
    let mut pairs = Vec::new();
    for (name, value) in item::entries(reader, at) {
        let written = match &reader.tree.node(value.node).value {
            Value::Null => None,
            Value::Text(text) => Some(text.clone()),
            Value::List(_) | Value::Map(_) => {
                reader.wrong_form(value, &format!("the value of `{}`", name.value), "a text");
                continue;
            }
        };
        pairs.push(Src::new((name.value, written), name.place));
    }
    pairs
}

/// `environment_variables`, then `secure_variables`.
pub fn variables(keys: &mut Keys<'_, '_>, containers: &mut Vec<Place>) -> Vec<Variable> {
    let plain = pairs(keys, "environment_variables", containers);
    let secure = pairs(keys, "secure_variables", containers);
    let plain = plain.into_iter().map(|pair| variable(pair, VariableValue::Plain));
    let secure = secure.into_iter().map(|pair| variable(pair, VariableValue::Encrypted));
    plain.chain(secure).collect()
}

fn variable(pair: Pair, value: impl FnOnce(String) -> VariableValue) -> Variable {
    let Src { value: (name, text), place } = pair;
    Variable { name: Src::new(name, place), value: text.map_or(VariableValue::Absent, value) }
}

/// A list of texts; its key goes to `containers`.
pub fn texts(
    keys: &mut Keys<'_, '_>,
    key: &'static str,
    containers: &mut Vec<Place>,
) -> Vec<Src<Option<String>>> {
    let Some((key, texts)) = keys.texts(key) else { return Vec::new() };
    containers.push(key.place);
    texts
}

#[cfg(test)]
mod tests {
    use crate::gocd::VariableValue;
    use crate::gocd::testing::{findings, pipeline};

    #[test]
    fn plain_variables_come_first_and_nothing_is_typed() {
        let read = pipeline(
            "secure_variables: {S: 'AES:YQ==:YQ==', T: }\nenvironment_variables: {A: yes, B: ~, C: , D: ''}",
        );
        let variables: Vec<_> = read.variables.iter().map(|v| (v.name.as_str(), &v.value)).collect();
        let plain = |text: &str| VariableValue::Plain(text.to_string());
        assert_eq!(
            variables,
            [
                ("A", &plain("yes")),
                ("B", &plain("~")),
                ("C", &VariableValue::Absent),
                ("D", &plain("")),
                ("S", &VariableValue::Encrypted("AES:YQ==:YQ==".to_string())),
                ("T", &VariableValue::Absent),
            ]
        );
        assert!(pipeline("environment_variables: ''").variables.is_empty());
    }

    #[test]
    fn lists_and_nested_values_are_refused() {
        assert_eq!(
            findings("environment_variables: [A: b]"),
            [
                "!4:28 wrong-form: `environment_variables` must be a mapping of names to texts, but a list is written"
            ]
        );
        assert_eq!(
            findings("parameters: {a: {b: c}}"),
            ["!4:21 wrong-form: the value of `a` must be a text, but a mapping is written"]
        );
    }
}
