//! Environments.

use super::{duplicates, names, text};
use crate::finding::{Account, Rule};
use crate::gocd::complete::refuse_environment;
use crate::gocd::{Configuration, Environment};
use crate::span::Place;
use std::collections::HashMap;

crate::findings! {
    /// A pipeline is a member of two environments.
    ///
    /// ## Why it matters
    /// GoCD allows one. Its server refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// environments:
    ///   test: {pipelines: [app]}
    ///   prod: {pipelines: [app]}
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Remove it from one of them.
    pub TWO_ENVIRONMENTS = "two-environments", Refused, Error, Refused;

    /// Two definitions of one environment give a variable different values.
    ///
    /// ## Why it matters
    /// GoCD unites all definitions of an environment, whichever files they are in, and cannot decide between two values. Its
    /// server refuses the whole repository.
    ///
    /// ## Example
    /// One file with `environments: {prod: {environment_variables: {REGION: eu}}}`, another with
    /// `environments: {prod: {environment_variables: {REGION: us}}}`.
    ///
    /// ## Instead
    /// Define the variable once.
    pub ENVIRONMENT_VARIABLE_CLASH = "environment-variable-clash", Refused, Error, Refused;
}

/// Checks an environment's definition in one file.
pub fn check(environment: &Environment, account: &mut Account) {
    names::check_variables(&environment.variables, account);
    duplicates::check_variables(&environment.variables, account);
    text::check_items(account, &environment.pipelines, "pipelines");
    text::check_items(account, &environment.agents, "agents");
}

/// Checks all environments together. Members that are not in the files are unknown, not wrong.
pub fn check_all(configuration: &mut Configuration, account: &mut Account) {
    let mut refused: Vec<(usize, &'static Rule)> = Vec::new();
    let mut members: HashMap<String, (String, Place)> = HashMap::new();
    let mut variables = HashMap::new();
    for (number, environment) in configuration.environments.iter().enumerate() {
        let key = environment.name.to_lowercase();
        for member in &environment.pipelines {
            let Some(name) = &member.value else { continue };
            match members.get(&name.to_lowercase()) {
                Some((other, first)) if *other != key => {
                    account
                        .report(
                            &TWO_ENVIRONMENTS,
                            member,
                            format!("`{name}` is a member of two environments"),
                        )
                        .related(first.span, "first here")
                        .help("remove it from one of them");
                    refused.push((number, &TWO_ENVIRONMENTS));
                }
                Some(_) => {}
                None => {
                    members.insert(name.to_lowercase(), (key.clone(), member.place));
                }
            }
        }
        for variable in &environment.variables {
            let id = (key.clone(), variable.name.to_lowercase());
            let (first_number, first) = *variables.entry(id).or_insert((number, variable));
            if first_number != number && first.value != variable.value {
                account
                    .report(
                        &ENVIRONMENT_VARIABLE_CLASH,
                        &variable.name,
                        format!(
                            "`{}` has another value in another definition of the environment `{}`",
                            variable.name.value, environment.name.value
                        ),
                    )
                    .related(first.name.place.span, "first here")
                    .help("define it once");
                refused.push((number, &ENVIRONMENT_VARIABLE_CLASH));
            }
        }
    }
    for (number, rule) in refused {
        refuse_environment(&mut configuration.environments[number], rule, account);
    }
}
