//! Ciphertext: only its form can be judged, and it is never printed.

use crate::finding::Account;
use crate::gocd::{Pipeline, TaskKind, Variable, VariableValue};
use crate::span::Place;

crate::findings! {
    /// A secure value is no ciphertext of GoCD.
    ///
    /// ## Why it matters
    /// `secure_variables`, `encrypted_password` and `secure_options` hold what GoCD's server encrypted itself:
    /// `AES:…:…`. It cannot decrypt anything else and refuses the whole repository. If it is a secret in clear, it is now in
    /// the history of the repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     secure_variables: {TOKEN: "not encrypted!"}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Encrypt it with GoCD (Admin → Config repositories, or the API), or write a reference: `{{SECRET:[config][key]}}`.
    pub INVALID_CIPHERTEXT = "invalid-ciphertext", Refused, Error, Refused;
}

/// Checks the secure values of a pipeline.
pub fn check(pipeline: &Pipeline, account: &mut Account) {
    check_variables(&pipeline.variables, account);
    for material in &pipeline.materials {
        if let Some(password) = &material.encrypted_password {
            judge(password, password.place, "`encrypted_password`", account);
        }
        options(&material.secure_options, account);
    }
    for stage in &pipeline.stages {
        check_variables(&stage.variables, account);
        for job in &stage.jobs {
            check_variables(&job.variables, account);
            job.artifacts.iter().for_each(|artifact| options(&artifact.secure_options, account));
            for task in &job.tasks {
                match &task.kind.value {
                    TaskKind::Plugin { secure_options, .. } => options(secure_options, account),
                    TaskKind::Fetch(fetch) => options(&fetch.secure_options, account),
                    _ => {}
                }
            }
        }
    }
}

/// Checks the secure variables of one level.
pub fn check_variables(variables: &[Variable], account: &mut Account) {
    for variable in variables {
        if let VariableValue::Encrypted(text) = &variable.value {
            judge(text, variable.name.place, &format!("`{}`", variable.name.value), account);
        }
    }
}

fn options(options: &[crate::span::Src<(String, Option<String>)>], account: &mut Account) {
    for option in options {
        if let (name, Some(text)) = &option.value {
            judge(text, option.place, &format!("`{name}`"), account);
        }
    }
}

fn judge(text: &str, place: Place, what: &str, account: &mut Account) {
    if text.contains("{{SECRET:[") || is_ciphertext(text) {
        return;
    }
    account
        .report(&INVALID_CIPHERTEXT, place, format!("the value of {what} is no ciphertext of GoCD"))
        .help("encrypt it with GoCD, or write `{{SECRET:[config][key]}}`; if it is a secret in clear, change that secret");
}

/// `AES:<base64>:<base64>`, or base64 alone, the older form; empty is an empty value.
fn is_ciphertext(text: &str) -> bool {
    match text.strip_prefix("AES:") {
        None => text.trim().is_empty() || is_base64(text),
        Some(rest) => rest
            .split_once(':')
            .is_some_and(|(iv, data)| !iv.is_empty() && !data.is_empty() && is_base64(iv) && is_base64(data)),
    }
}

fn is_base64(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let body = text.trim_end_matches('=');
    text.len() - body.len() <= 2
        && text.len().is_multiple_of(4)
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
}

#[cfg(test)]
mod tests {
    use super::is_ciphertext;

    #[test]
    fn the_form_of_ciphertext() {
        for text in ["", "AES:c2FsdA==:ZGF0YQ==", "NQJXCgXvHwzebDC27DfhkpsmjcMjRNwb"] {
            assert!(is_ciphertext(text), "{text}");
        }
        for text in ["AES:", "AES::", "AES:c2FsdA==", "s&Du#@$xsSa", "hello", "AES:c2FsdA==:%%%="] {
            assert!(!is_ciphertext(text), "{text}");
        }
    }
}
