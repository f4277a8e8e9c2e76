//! A Sensor's filters, decided as Argo Events 1.9 decides them: the data filters, which are all that our Sensors have.

use regex::Regex;
use serde_json::Value as Json;
use serde_yaml::Value;

use super::objects::{at, items, text};
use super::path::{self, Found};

/// What the filters of a dependency say to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// The event passes.
    Pass,
    /// It does not; the path of the filter that refuses it.
    Refused(String),
    /// The Sensor has something that is not known here.
    Unknown(String),
}

/// Asks the filters of a dependency (`spec.dependencies[].filters`). All have to agree.
pub fn ask(filters: &Value, event: &Json) -> Says {
    let known = ["data"];
    if let Some(key) = super::objects::keys(filters).find(|key| !known.contains(key)) {
        return Says::Unknown(format!("`filters.{key}`"));
    }
    for filter in items(filters, "data") {
        let path = text(filter, "path").unwrap_or_default();
        match one(filter, path, event) {
            Ok(true) => {}
            Ok(false) => return Says::Refused(path.to_string()),
            Err(what) => return Says::Unknown(what),
        }
    }
    Says::Pass
}

fn one(filter: &Value, path: &str, event: &Json) -> Result<bool, String> {
    if !at(filter, "template").is_null() {
        return Err(format!("the template of `{path}`"));
    }
    let value = match path::find(event, path) {
        Found::Value(value) => value,
        // A path that is not there is an error, and that refuses the event.
        Found::Nothing => return Ok(false),
        Found::Unknown => return Err(format!("the path `{path}`")),
    };
    let values = items(filter, "value").iter().filter_map(Value::as_str);
    let comparator = text(filter, "comparator").unwrap_or("=");
    match text(filter, "type") {
        Some("string") => strings(values, comparator, &path::text(&value)),
        Some("bool") => {
            let actual = value.as_bool().unwrap_or_else(|| path::text(&value) == "true");
            Ok(values.into_iter().any(|value| value.parse() == Ok(actual)))
        }
        Some("number") => Ok(numbers(values, comparator, value.as_f64().unwrap_or(0.0))),
        other => Err(format!("the type `{}` of `{path}`", other.unwrap_or_default())),
    }
}

fn strings<'v>(
    values: impl Iterator<Item = &'v str>,
    comparator: &str,
    actual: &str,
) -> Result<bool, String> {
    for value in values {
        let regex = Regex::new(value).map_err(|_| format!("the expression `{value}`"))?;
        if regex.is_match(actual) == (comparator != "!=") {
            return Ok(true);
        }
    }
    Ok(false)
}

fn numbers<'v>(mut values: impl Iterator<Item = &'v str>, comparator: &str, actual: f64) -> bool {
    values.any(|value| {
        let Ok(value) = value.parse::<f64>() else { return false };
        match comparator {
            ">=" => actual >= value,
            ">" => actual > value,
            "<" => actual < value,
            "<=" => actual <= value,
            "!=" => actual != value,
            _ => actual == value,
        }
    })
}
