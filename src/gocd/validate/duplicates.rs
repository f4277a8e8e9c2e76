//! Names that must be unique within a pipeline, a stage or a job.

use crate::finding::Account;
use crate::gocd::{Pipeline, Variable};
use crate::span::Place;
use std::collections::HashMap;

crate::findings! {
    /// Two things of one kind have the same name; case does not count.
    ///
    /// ## Why it matters
    /// Stages of a pipeline, jobs of a stage, materials, parameters, tabs, and variables (plain and secure together) need
    /// different names. GoCD's server refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     environment_variables: {Target: prod, TARGET: test}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Rename or remove one of them.
    pub DUPLICATE_NAME = "duplicate-name", Refused, Error, Refused;
}

/// Checks the names within a pipeline.
pub fn check(pipeline: &Pipeline, account: &mut Account) {
    let materials = pipeline.materials.iter().map(|material| named(&material.name, material.name.place));
    unique(account, "material", materials);
    let parameters = pipeline.parameters.iter().map(|parameter| named(&parameter.value.0, parameter.place));
    unique(account, "parameter", parameters);
    check_variables(&pipeline.variables, account);
    unique(account, "stage", pipeline.stages.iter().map(|stage| named(&stage.name, stage.name.place)));
    for stage in &pipeline.stages {
        check_variables(&stage.variables, account);
        unique(account, "job", stage.jobs.iter().map(|job| named(&job.name, job.name.place)));
        for job in &stage.jobs {
            check_variables(&job.variables, account);
            unique(account, "tab", job.tabs.iter().map(|tab| named(&tab.value.0, tab.place)));
        }
    }
}

/// Checks the variables of one level.
pub fn check_variables(variables: &[Variable], account: &mut Account) {
    unique(account, "variable", variables.iter().map(|variable| named(&variable.name, variable.name.place)));
}

fn named(name: &str, place: Place) -> (&str, Place) {
    (name, place)
}

fn unique<'a>(account: &mut Account, what: &str, names: impl Iterator<Item = (&'a str, Place)>) {
    let mut seen: HashMap<String, (&str, Place)> = HashMap::new();
    for (name, place) in names {
        let Some((first, at)) = seen.get(&name.to_lowercase()) else {
            seen.insert(name.to_lowercase(), (name, place));
            continue;
        };
        let case = if *first == name { "" } else { "; GoCD ignores case in names" };
        account
            .report(&DUPLICATE_NAME, place, format!("there are two {what}s `{name}`{case}"))
            .related(at.span, format!("`{first}` is here"))
            .help("rename or remove one of them");
    }
}
