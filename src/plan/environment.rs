//! GoCD environments: variables that many pipelines share.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | `environments.<e>.environment_variables` | ConfigMap `env-<e>`, taken in by `envFrom` of its pipelines' jobs | yes: `envFrom` has the lowest precedence, as in GoCD |
//! | `secure_variables` | Secret `env-<e>-secrets`, the same way | once a person fills it in |
//! | `pipelines` | which jobs take it in; `GO_ENVIRONMENT_NAME` | yes |
//! | `agents` | nothing: the nodes are named in `images` | no |

use serde::Serialize;

use super::variable::{constant, takes_name};
use super::{Cx, secret};
use crate::gocd;
use crate::gocd::variable::ValuePart;

crate::findings! {
    /// An environment names GoCD agents.
    ///
    /// ## Why it matters
    /// Agents are machines of the GoCD server. Its pipelines' jobs run on any node unless `images` says otherwise.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// environments:
    ///   prod: {pipelines: [app], agents: [01234567-89ab-cdef-0123-456789abcdef]}
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// If these agents were special, give the jobs' elastic profiles or resources a `node-selector` in `gocd2argo.yaml`.
    pub ENVIRONMENT_AGENTS = "environment-agents", Migration, Decision, Decision;

    /// An environment lists a pipeline that is in none of the files.
    ///
    /// ## Why it matters
    /// It may be defined in another repository or in the server's own configuration; there it would get these variables.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// environments:
    ///   prod: {pipelines: [elsewhere]}
    /// ```
    ///
    /// ## Instead
    /// Convert both repositories in one call (`gocd2argo convert repo-a repo-b`), or remove the entry.
    pub MEMBER_NOT_IN_INPUT = "member-not-in-input", Migration, Decision, Decision;
}

/// A ConfigMap with an environment's variables.
#[derive(Clone, Debug, Serialize)]
pub struct Environment {
    /// Original name.
    pub name: String,
    /// `env-<slug>`
    pub config_map: String,
    /// Variables, in order, each once; the last definition wins.
    pub variables: Vec<(String, String)>,
    /// Name of the Secret with its secure variables, if it has any.
    pub secret: Option<String>,
}

/// Plans all environments; parts of the same name are united.
pub fn plan(cx: &mut Cx) -> Vec<Environment> {
    let mut environments: Vec<Environment> = Vec::new();
    for source in cx.configuration.environments.iter().filter(|environment| !environment.refused) {
        book(source, cx);
        let Some(slug) = cx.names.environments.get(&source.name.to_lowercase()).map(|slug| slug.text.clone())
        else {
            continue;
        };
        let config_map = format!("env-{slug}");
        let index = match environments.iter().position(|known| known.config_map == config_map) {
            Some(index) => index,
            None => {
                environments.push(Environment {
                    name: source.name.value.clone(),
                    config_map: config_map.clone(),
                    variables: Vec::new(),
                    secret: None,
                });
                environments.len() - 1
            }
        };
        for variable in &source.variables {
            add(variable, &mut environments[index], cx);
        }
    }
    environments
}

fn book(source: &gocd::Environment, cx: &mut Cx) {
    cx.account.convert("environment", &source.name);
    for place in &source.containers {
        cx.account.convert("environment", place);
    }
    for member in &source.pipelines {
        cx.account.convert("environment", member);
        let name = member.value.as_deref().unwrap_or_default();
        let known =
            cx.configuration.pipelines.iter().any(|pipeline| pipeline.name.eq_ignore_ascii_case(name));
        if !known {
            cx.account
                .report(&MEMBER_NOT_IN_INPUT, member, format!("pipeline `{name}` is in none of the files"))
                .help("convert the repository that defines it in the same call, or remove the entry");
        }
    }
    let mut agents = source.agents.iter();
    if let Some(first) = agents.next() {
        cx.account
            .report(
                &ENVIRONMENT_AGENTS,
                first,
                format!("environment `{}` is bound to {} GoCD agents", source.name.value, source.agents.len()),
            )
            .help("give its jobs' elastic profiles or resources a `node-selector` if these machines were special");
    }
    for agent in agents {
        cx.account.book(agent, ENVIRONMENT_AGENTS.outcome, ENVIRONMENT_AGENTS.name);
    }
}

fn add(variable: &gocd::Variable, environment: &mut Environment, cx: &mut Cx) {
    if !takes_name(variable, cx) {
        return;
    }
    let name = variable.name.value.clone();
    if let Some(value) = constant(variable) {
        environment.variables.retain(|(known, _)| *known != name);
        environment.variables.push((name, value));
        return;
    }
    // A value with a secret in it is secret as a whole: it is one key of the environment's Secret.
    let secret = format!("{}-secrets", environment.config_map);
    let what = match variable.parts().as_slice() {
        [ValuePart::Secret { config, key }] => {
            format!("variable `{name}` of environment `{}` (in GoCD: `{config}`, `{key}`)", environment.name)
        }
        _ => format!("secure variable `{name}` of environment `{}`", environment.name),
    };
    secret::refer(&secret, &name, &what, variable.name.place, cx);
    environment.secret = Some(secret);
}
