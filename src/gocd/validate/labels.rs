//! Label templates.

use crate::finding::{Account, suggest};
use crate::gocd::Pipeline;
use crate::span::Src;

crate::findings! {
    /// A label template that GoCD's server does not accept.
    ///
    /// ## Why it matters
    /// It needs at least one token: `${COUNT}`, `${env:NAME}`, or `${material}` with one of the pipeline's materials, which
    /// may be cut: `${material[:8]}`. GoCD refuses the whole repository otherwise.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     label_template: "1.0"
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Add a token: `1.0-${COUNT}`.
    pub INVALID_LABEL_TEMPLATE = "invalid-label-template", Refused, Error, Refused;
}

/// A token of a label, and where it stands in the template.
struct Token<'a> {
    text: &'a str,
    at: (usize, usize),
}

/// Checks a pipeline's label template.
pub fn check(pipeline: &Pipeline, account: &mut Account) {
    let Some(label) = &pipeline.label_template else { return };
    let tokens = tokens(label);
    if tokens.is_empty() {
        let message = if label.trim().is_empty() {
            "the label template is blank".to_string()
        } else {
            format!("the label template `{}` has no token", label.value)
        };
        report(account, label, message, None, "add one, for example `${COUNT}`");
        return;
    }
    for token in tokens {
        if let Some((message, help)) = problem(pipeline, token.text) {
            report(account, label, message, Some(token.at), &help);
        }
    }
}

fn report(
    account: &mut Account,
    label: &Src<String>,
    message: String,
    at: Option<(usize, usize)>,
    help: &str,
) {
    let finding = account.report(&INVALID_LABEL_TEMPLATE, label, message);
    finding.help(help);
    if let Some((start, end)) = at {
        finding.within(start, end);
    }
}

/// What stands between `${` and `}`.
fn tokens(label: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut from = 0;
    while let Some(start) = label[from..].find("${").map(|at| from + at) {
        let Some(length) = label[start + 2..].find('}') else { break };
        let end = start + 2 + length;
        tokens.push(Token { text: &label[start + 2..end], at: (start, end + 1) });
        from = end + 1;
    }
    tokens
}

fn problem(pipeline: &Pipeline, token: &str) -> Option<(String, String)> {
    let lower = token.to_lowercase();
    if lower == "count" || (lower.starts_with("env:") && lower.len() > 4) {
        return None;
    }
    if token.trim().is_empty() || lower == "env:" {
        return Some((
            format!("the token `${{{token}}}` names nothing"),
            "write `${COUNT}` or `${material}`".into(),
        ));
    }
    let (name, cut) = match token.split_once('[') {
        Some((name, cut)) => (name, Some(cut)),
        None => (token, None),
    };
    if let Some(cut) = cut {
        let digits = cut.strip_prefix(':').and_then(|cut| cut.strip_suffix(']'));
        let valid = digits.is_some_and(|digits| {
            !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
        });
        if !valid {
            let message = format!("`[{cut}` is no way to cut a revision");
            return Some((message, format!("write `${{{name}[:8]}}` for the first 8 characters")));
        }
    }
    if pipeline.materials.iter().any(|material| material.name.eq_ignore_ascii_case(name)) {
        return None;
    }
    let names = || pipeline.materials.iter().map(|material| material.name.as_str());
    let help = match suggest::nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            format!("its materials are {}", names().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "))
        }
    };
    Some((format!("the label template names `{name}`, but the pipeline has no such material"), help))
}
