//! Secrets: what has to exist in the cluster, and who uses it. Never a value.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | `secure_variables` (ciphertext of one server) | key of a Secret named after the pipeline or environment | once a person fills it in |
//! | `{{SECRET:[config][key]}}` | key `key` of a Secret named like the config | once it exists |
//!
//! GoCD: secure variables, secret params. Kubernetes: `secretKeyRef`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Cx;
use crate::span::Place;

crate::findings! {
    /// A secret value stands in GoCD as ciphertext that only its server can read, or as a reference to a secret
    /// configuration on the server.
    ///
    /// ## Why it matters
    /// Pods that use it wait with `CreateContainerConfigError` until the Secret exists. Values in logs are not masked
    /// by Argo as GoCD does.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     secure_variables: {TOKEN: "AES:aaaa:bbbb"}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Create the Secret that the message names, by hand or with the External Secrets operator.
    pub SECRET_VALUE_NEEDED = "secret-value-needed", Security, Decision, Decision;
}

/// A Secret that a person has to create.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SecretNeed {
    /// Keys it must have, each with what it is for or was in GoCD, in a few words.
    pub keys: BTreeMap<String, BTreeSet<String>>,
}

/// Notes that a Secret with that key is needed.
pub fn need(secrets: &mut BTreeMap<String, SecretNeed>, name: &str, key: &str, purpose: &str) {
    let need = secrets.entry(name.to_string()).or_default();
    need.keys.entry(key.to_string()).or_default().insert(purpose.to_string());
}

/// A reference to a key of a Secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretRef {
    /// Name of the Secret.
    pub name: String,
    /// Key in it.
    pub key: String,
}

/// Refers to a key, and says once that somebody has to fill it in.
pub fn refer(name: &str, wanted: &str, what: &str, place: Place, cx: &mut Cx) -> SecretRef {
    let key = legal_key(wanted);
    let is_first = !cx.secrets.contains_key(name);
    need(&mut cx.secrets, name, &key, what);
    let namespace = cx.settings.namespace().to_string();
    let subject = format!("{name}/{key}");
    if let Some(finding) = cx.report_once(&SECRET_VALUE_NEEDED, &subject, place, || {
        format!("{what} comes from key `{key}` of the Secret `{name}`, which has to be created")
    }) {
        finding.help(match is_first {
            true => format!("kubectl -n {namespace} create secret generic {name} --from-literal={key}=…"),
            // `kubectl create` makes a Secret once, with all its keys.
            false => format!("one more `--from-literal={key}=…` for the Secret `{name}`"),
        });
    }
    SecretRef { name: name.to_string(), key }
}

/// Keys of Secrets may have letters, digits, `-`, `_` and `.`; anything else becomes `_`.
fn legal_key(wanted: &str) -> String {
    let key: String = wanted
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
        .take(253)
        .collect();
    if key.is_empty() { "_".to_string() } else { key }
}
