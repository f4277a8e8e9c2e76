//! Environment variables of a job, with GoCD's precedence.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | environment < pipeline < stage < job | `envFrom` for the environment, one `env` entry per name for the rest | yes |
//! | a job variable named `GO_…` | overrides what GoCD would set | yes |
//! | values are literal text | `$`, `{{` written so that neither Argo nor Kubernetes reads them | yes |
//! | secure variables, `{{SECRET:…}}` | `secretKeyRef`; text around a reference is joined by Kubernetes | see `secret-value-needed` |
//!
//! GoCD: `../shared/spec/gocd-yaml.md` §3.14. Kubernetes: the last of two equal names wins and server-side apply
//! refuses duplicates, so each name is written once.

use serde::Serialize;

use super::Cx;
use super::secret::{self, SecretRef};
use super::text::{BRACE, Part, Text};
use crate::gocd::variable::{ValuePart, secret_parts};
use crate::gocd::{Variable, VariableValue};

crate::findings! {
    /// A variable's name has characters that Kubernetes does not allow in the name of an environment variable.
    ///
    /// ## Why it matters
    /// The API server refuses a pod that declares it, so it is left out. No shell can read such a variable either.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     environment_variables: {"my var": x}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Use letters, digits and `_`.
    pub ILLEGAL_VARIABLE_NAME = "illegal-variable-name", Migration, Warning, NoCounterpart;

    /// A variable's name has a `.` or `-`, or is one that every shell sets itself: not every shell passes it on.
    ///
    /// ## Why it matters
    /// A GoCD agent started commands itself. Here a shell starts them: bash passes `my.name` on, dash and busybox's sh (the
    /// `sh` of most images) leave it out, and all of them set `IFS` and `OPTIND` anew.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     environment_variables: {my.name: x}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Use letters, digits and `_`, or an image whose `sh` is bash.
    pub VARIABLE_LOST_IN_SHELL = "variable-lost-in-shell", Migration, Warning, Approximated;
}

/// One entry of a container's `env`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnvVar {
    /// Name.
    pub name: String,
    /// The value as it stands in the manifest; empty when it comes from a Secret.
    pub value: String,
    /// Where the value comes from, if it is secret.
    pub secret: Option<SecretRef>,
    #[serde(skip)]
    needs_brace: bool,
}

impl EnvVar {
    /// A variable with text.
    pub fn text(name: &str, text: &Text) -> Self {
        EnvVar {
            name: name.to_string(),
            value: text.as_env_value(),
            secret: None,
            needs_brace: text.needs_brace(),
        }
    }

    /// A variable that comes from a Secret.
    pub fn secret(name: &str, secret: SecretRef) -> Self {
        EnvVar { name: name.to_string(), value: String::new(), secret: Some(secret), needs_brace: false }
    }
}

/// Collects variables in order of precedence: later ones replace earlier ones of the same name.
#[derive(Debug, Default)]
pub struct Env {
    vars: Vec<EnvVar>,
    helpers: usize,
}

impl Env {
    /// Adds or replaces.
    pub fn set(&mut self, var: EnvVar) {
        self.vars.retain(|old| old.name != var.name);
        self.vars.push(var);
    }

    /// Adds the variables of one level. `secret_name` and `prefix` say where ciphertexts go: level by level the same
    /// name may have different values, so the prefix keeps their keys apart.
    pub fn add(&mut self, variables: &[Variable], secret_name: &str, prefix: &str, cx: &mut Cx) {
        for variable in variables {
            if takes_name(variable, cx) {
                self.add_one(variable, secret_name, prefix, cx);
            }
        }
    }

    fn add_one(&mut self, variable: &Variable, secret_name: &str, prefix: &str, cx: &mut Cx) {
        let name = variable.name.value.as_str();
        if variable.is_encrypted() {
            let what = format!("secure variable `{name}`");
            let key = format!("{prefix}{name}");
            let reference = secret::refer(secret_name, &key, &what, variable.name.place, cx);
            return self.set(EnvVar::secret(name, reference));
        }
        let parts = variable.parts();
        if let [ValuePart::Secret { config, key }] = parts.as_slice() {
            let reference = secret_param(config, key, variable, cx);
            return self.set(EnvVar::secret(name, reference));
        }
        let mut text = Vec::new();
        for part in parts {
            match part {
                ValuePart::Text(literal) => text.push(Part::Literal(literal)),
                ValuePart::Secret { config, key } => {
                    self.helpers += 1;
                    let helper = format!("GOCD_SECRET_{}", self.helpers);
                    let reference = secret_param(&config, &key, variable, cx);
                    self.set(EnvVar::secret(&helper, reference));
                    text.push(Part::Variable(helper));
                }
            }
        }
        self.set(EnvVar::text(name, &Text(text)));
    }

    /// All entries, helpers that others refer to first.
    pub fn finish(mut self) -> Vec<EnvVar> {
        self.vars.sort_by_key(|var| !var.name.starts_with("GOCD_SECRET_"));
        if self.vars.iter().any(|var| var.needs_brace) {
            let brace = EnvVar { name: BRACE.into(), value: "{".into(), secret: None, needs_brace: false };
            self.vars.retain(|var| var.name != BRACE);
            self.vars.insert(0, brace);
        }
        self.vars
    }
}

fn secret_param(config: &str, key: &str, variable: &Variable, cx: &mut Cx) -> SecretRef {
    let name = super::names::single(config, super::names::LONG);
    let what = format!("variable `{}`", variable.name.value);
    secret::refer(&name, key, &what, variable.name.place, cx)
}

/// Names that every supported API server takes.
fn is_legal(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Books a variable and judges its name: whether a pod can declare it, and whether shells pass it on.
pub fn takes_name(variable: &Variable, cx: &mut Cx) -> bool {
    cx.account.convert("variable", &variable.name);
    let name = variable.name.value.as_str();
    if !is_legal(name) {
        let message = format!("`{name}` cannot be the name of an environment variable in a pod");
        cx.account.report(&ILLEGAL_VARIABLE_NAME, &variable.name, message);
        return false;
    }
    if name.contains(['-', '.']) || matches!(name, "IFS" | "OPTIND" | "PWD" | "OLDPWD") {
        let message = format!("the shell that starts the commands may not pass `{name}` on");
        let finding = cx.account.report(&VARIABLE_LOST_IN_SHELL, &variable.name, message);
        finding.help("use letters, digits and `_`, and no name that shells set themselves");
    }
    true
}

/// The plain text of a variable, when it is known at conversion time.
pub fn constant(variable: &Variable) -> Option<String> {
    match &variable.value {
        VariableValue::Plain(text)
            if secret_parts(text).iter().all(|part| matches!(part, ValuePart::Text(_))) =>
        {
            Some(text.clone())
        }
        VariableValue::Absent => Some(String::new()),
        VariableValue::Plain(_) | VariableValue::Encrypted(_) => None,
    }
}
