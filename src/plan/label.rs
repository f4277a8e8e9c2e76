//! Labels: `label_template`.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | `${COUNT}` | counter of the pipeline, kept in its state and taken by `prepare` | yes |
//! | `${material}`, `${material[:8]}` | revision, or the upstream run's label | yes |
//! | `${env:VAR}` | the pipeline's plain variable, written in at conversion | yes |
//!
//! The label is data (`GO_PIPELINE_LABEL`), never a name of an object. GoCD: `label_template`.

use serde::Serialize;

use super::Cx;
use super::variable::constant;
use crate::gocd::Pipeline;

crate::findings! {
    /// A label names something that is no material and no variable.
    ///
    /// ## Why it matters
    /// That part of the label stays empty.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     label_template: "${COUNT}-${env:NOWHERE}"
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Define the variable on the pipeline, or take the part out.
    pub LABEL_PART_EMPTY = "label-part-empty", Correctness, Warning, Converted;
}

/// A part of a label, as `prepare.sh` reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Token {
    /// Text as it is.
    Text {
        /// The text.
        text: String,
    },
    /// The counter.
    Count {
        /// Always true; tells this form from the others.
        count: bool,
    },
    /// A material's revision or label.
    Material {
        /// The material's key in `pipeline.json`.
        material: String,
        /// How many characters of it.
        #[serde(skip_serializing_if = "Option::is_none")]
        length: Option<usize>,
    },
}

/// Cuts a label template into tokens. `key_of` gives a material's key by its name.
pub fn plan(pipeline: &Pipeline, key_of: impl Fn(&str) -> Option<String>, cx: &mut Cx) -> Vec<Token> {
    if let Some(template) = &pipeline.label_template {
        cx.account.convert("label", template);
    }
    let mut tokens = Vec::new();
    let mut rest = pipeline.label_template();
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        push_text(&mut tokens, &rest[..start]);
        let inner = &rest[start + 2..start + length];
        token(inner, pipeline, &key_of, &mut tokens, cx);
        rest = &rest[start + length + 1..];
    }
    push_text(&mut tokens, rest);
    tokens
}

fn push_text(tokens: &mut Vec<Token>, text: &str) {
    if !text.is_empty() {
        tokens.push(Token::Text { text: text.to_string() });
    }
}

fn token(
    inner: &str,
    pipeline: &Pipeline,
    key_of: &impl Fn(&str) -> Option<String>,
    tokens: &mut Vec<Token>,
    cx: &mut Cx,
) {
    if inner.eq_ignore_ascii_case("count") {
        return tokens.push(Token::Count { count: true });
    }
    if let Some(name) = inner.strip_prefix("env:") {
        let value = pipeline.variables.iter().find(|variable| *variable.name == name).and_then(constant);
        match value {
            Some(value) => push_text(tokens, &value),
            None => report_empty(inner, pipeline, cx),
        }
        return;
    }
    let (name, length) = match inner.split_once("[:") {
        Some((name, length)) => (name, length.trim_end_matches(']').parse().ok()),
        None => (inner, None),
    };
    match key_of(name) {
        Some(material) => tokens.push(Token::Material { material, length }),
        None => report_empty(inner, pipeline, cx),
    }
}

fn report_empty(inner: &str, pipeline: &Pipeline, cx: &mut Cx) {
    if let Some(template) = &pipeline.label_template {
        let message = format!("`${{{inner}}}` names no material and no plain variable of the pipeline");
        cx.account.report(&LABEL_PART_EMPTY, template, message);
    }
}
