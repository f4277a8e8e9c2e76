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
