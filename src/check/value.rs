//! Reading YAML values: what is not there, or is of another form, reads as nothing.

use serde_yaml::Value;

static NOTHING: Value = Value::Null;

/// The value below a key; null when there is none.
pub(super) fn at<'v>(value: &'v Value, key: &str) -> &'v Value {
    value.as_mapping().and_then(|mapping| mapping.get(key)).unwrap_or(&NOTHING)
}

/// The value below a path of keys separated by dots.
pub(super) fn path<'v>(value: &'v Value, keys: &str) -> &'v Value {
    keys.split('.').fold(value, at)
}

/// The text below a key.
pub(super) fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    at(value, key).as_str()
}

/// The items of the list below a key.
pub(super) fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    at(value, key).as_sequence().map_or(&[], Vec::as_slice)
}

/// The texts of the list below a key.
pub(super) fn texts<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    items(value, key).iter().filter_map(Value::as_str)
}

/// The `name` of each item of the list below a key.
pub(super) fn names<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    items(value, key).iter().filter_map(|item| text(item, "name"))
}

/// Keys and values of the mapping below a key; keys that are no texts are left out.
pub(super) fn entries<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = (&'v str, &'v Value)> {
    pairs(at(value, key))
}

/// Keys and values of a mapping.
pub(super) fn pairs(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_mapping().into_iter().flatten().filter_map(|(key, value)| Some((key.as_str()?, value)))
}

/// Visits every key with its value, at any depth. The reader has limited the depth.
pub(super) fn visit<'v>(value: &'v Value, visitor: &mut dyn FnMut(&'v str, &'v Value)) {
    match value {
        Value::Mapping(_) => {
            for (key, value) in pairs(value) {
                visitor(key, value);
                visit(value, visitor);
            }
        }
        Value::Sequence(list) => list.iter().for_each(|item| visit(item, visitor)),
        _ => {}
    }
}

/// Visits every text that is a value, at any depth.
pub(super) fn visit_texts<'v>(value: &'v Value, visitor: &mut dyn FnMut(&'v str)) {
    match value {
        Value::String(text) => visitor(text),
        Value::Mapping(mapping) => mapping.iter().for_each(|(_, value)| visit_texts(value, visitor)),
        Value::Sequence(list) => list.iter().for_each(|item| visit_texts(item, visitor)),
        _ => {}
    }
}
