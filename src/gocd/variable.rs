//! Environment variables, plain and secure.

use crate::span::Src;

/// A variable of an environment, pipeline, stage or job.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name; the place is its key.
    pub name: Src<String>,
    /// Its value.
    pub value: VariableValue,
}

/// What a variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableValue {
    /// Text. It may contain `{{SECRET:[config][key]}}` references: see [`Variable::parts`].
    Plain(String),
    /// Ciphertext that only that GoCD server can read. It never leaves the program, except to
    /// `show --format gocd-json`, masked.
    Encrypted(String),
    /// A key without a value: empty text. (A secure variable without a value is not secure to GoCD.)
    Absent,
}

/// A part of a value: text, or a reference to a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValuePart {
    /// Text as it is.
    Text(String),
    /// `{{SECRET:[config][key]}}`
    Secret {
        /// Id of the secret configuration on the server.
        config: String,
        /// Key in it.
        key: String,
    },
}

impl Variable {
    /// The value cut at `{{SECRET:[config][key]}}`; an encrypted value has no parts.
    pub fn parts(&self) -> Vec<ValuePart> {
        match &self.value {
            VariableValue::Encrypted(text) if !text.contains("{{SECRET:[") => Vec::new(),
            VariableValue::Absent => Vec::new(),
            VariableValue::Plain(text) | VariableValue::Encrypted(text) => secret_parts(text),
        }
    }

    /// Whether the value is secret as a whole: ciphertext without a reference in it.
    pub fn is_encrypted(&self) -> bool {
        matches!(&self.value, VariableValue::Encrypted(text) if !text.is_empty() && !text.contains("{{SECRET:["))
    }
}

/// Cuts a text at its `{{SECRET:[config][key]}}` references. GoCD: secret params.
pub fn secret_parts(text: &str) -> Vec<ValuePart> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{SECRET:[") {
        let reference = &rest[start + "{{SECRET:[".len()..];
        let Some((config, after)) = reference.split_once("][") else { break };
        let Some((key, after)) = after.split_once("]}}") else { break };
        if start > 0 {
            parts.push(ValuePart::Text(rest[..start].to_string()));
        }
        parts.push(ValuePart::Secret { config: config.to_string(), key: key.to_string() });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(ValuePart::Text(rest.to_string()));
    }
    parts
}
