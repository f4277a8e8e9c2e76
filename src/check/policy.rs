//! What must never be in the output, whatever the plan believed: privileges, the node's files, ciphertext,
//! broad rights.

use super::value::{items, texts, visit};
use super::{Facts, Object, Problem};
use crate::render::Manifest;

/// Keys that may not be true.
const NEVER_TRUE: &[&str] = &["privileged", "allowPrivilegeEscalation", "hostNetwork", "hostPID", "hostIPC"];
/// Keys whose value may not lead to a container engine's socket.
const PATHS: &[&str] = &["path", "mountPath", "hostPath", "subPath"];
const SOCKETS: &[&str] = &["docker.sock", "containerd.sock", "podman.sock", "crio.sock"];

/// Checks a parsed object.
pub(super) fn check(object: &Object<'_>, facts: &mut Facts) {
    let mut faults = Vec::new();
    visit(&object.value, &mut |key, value| {
        if NEVER_TRUE.contains(&key) && value.as_bool() == Some(true) {
            faults.push(format!("`{key}: true` gives a pod rights over its node"));
        }
        if key == "hostPath" && !value.is_null() {
            faults.push("a `hostPath` volume opens the node's files".to_string());
        }
        let socket = |path: &str| SOCKETS.iter().any(|socket| path.ends_with(socket));
        if PATHS.contains(&key) && value.as_str().is_some_and(socket) {
            faults.push("a container engine's socket is mounted".to_string());
        }
        if key == "podSpecPatch" && value.as_str().is_some_and(|patch| patch.contains("privileged: true")) {
            faults.push("`podSpecPatch` makes a pod privileged".to_string());
        }
    });
    if object.kind == "Role" {
        roles(object, &mut faults);
    }
    faults.into_iter().for_each(|fault| facts.problem(object, fault));
}

fn roles(object: &Object<'_>, faults: &mut Vec<String>) {
    let rules = items(&object.value, "rules");
    if rules.is_empty() {
        faults.push("the Role gives no rights at all".to_string());
    }
    for rule in rules {
        for key in ["apiGroups", "resources", "verbs"] {
            if texts(rule, key).next().is_none() || items(rule, key).iter().any(|item| !item.is_string()) {
                faults.push(format!("a rule without `{key}`"));
            }
            if texts(rule, key).any(|text| text == "*") {
                faults.push(format!("a rule with `*` among its `{key}`: name what is used"));
            }
        }
        if texts(rule, "resources").any(|resource| resource == "secrets") {
            faults.push("a rule opens Secrets: nothing in a set reads them through the API".to_string());
        }
    }
}

/// Looks for GoCD's ciphertext in the text of any file, parsed or not.
pub(super) fn check_text(manifest: &Manifest, facts: &mut Facts) {
    if manifest.text.match_indices("AES:").any(|(at, _)| ciphertext(&manifest.text[at + 4..])) {
        facts.problems.push(Problem {
            path: manifest.path.clone(),
            document: 1,
            kind: String::new(),
            name: String::new(),
            message: "GoCD's ciphertext (`AES:…`) is in the text".to_string(),
        });
    }
}

/// Two Base64 texts with a colon between them: the initialisation vector, always 24 characters, and the message.
fn ciphertext(text: &str) -> bool {
    let base64 = |text: &str| {
        let length = text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/' | '=' | '\\'));
        length.unwrap_or(text.len())
    };
    let first = base64(text);
    first >= 20 && text[first..].starts_with(':') && base64(&text[first + 1..]) >= 20
}
