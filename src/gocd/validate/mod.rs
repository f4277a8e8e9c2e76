//! What GoCD's server checks after the plugin: names, references, values.

mod circles;
mod duplicates;
mod environments;
mod fetches;
mod filters;
mod jobs;
mod labels;
mod materials;
mod names;
mod pipelines;
mod references;
mod secrets;
mod tasks;
#[cfg(test)]
mod tests;
mod text;
mod timers;

use super::read::item::MISSING_KEY;
use super::{Configuration, Environment, Pipeline};
use crate::finding::{Account, Rule};
use crate::span::{Place, Src};

/// Checks a pipeline by itself, parameters expanded.
pub fn pipeline(pipeline: &Pipeline, account: &mut Account) {
    names::check(pipeline, account);
    duplicates::check(pipeline, account);
    pipelines::check(pipeline, account);
    labels::check(pipeline, account);
    timers::check(pipeline, account);
    materials::check(pipeline, account);
    filters::check(pipeline, account);
    secrets::check(pipeline, account);
    for stage in &pipeline.stages {
        for job in &stage.jobs {
            jobs::check(job, account);
            job.tasks.iter().for_each(|task| tasks::check(task, account));
        }
    }
}

/// Checks an environment's definition in one file.
pub fn environment(environment: &Environment, account: &mut Account) {
    environments::check(environment, account);
    secrets::check_variables(&environment.variables, account);
}

/// Checks what concerns several pipelines or environments.
pub fn across(configuration: &mut Configuration, account: &mut Account) {
    references::check(configuration, account);
    fetches::check(configuration, account);
    environments::check_all(configuration, account);
}

/// Reports a required key that is missing or blank.
fn missing(account: &mut Account, place: impl Into<Place>, what: &str, key: &str) {
    account
        .report(&MISSING_KEY, place, format!("{what} needs `{key}`, but it is missing"))
        .help(format!("add `{key}`; GoCD refuses the repository without it"));
}

/// Reports a required text that is missing or blank.
fn require(account: &mut Account, text: &Option<Src<String>>, place: Place, what: &str, key: &str) {
    match text {
        Some(text) if !text.trim().is_empty() => {}
        Some(text) => missing(account, text, what, key),
        None => missing(account, place, what, key),
    }
}

/// The rules of the checks.
pub fn rules() -> Vec<&'static Rule> {
    [
        duplicates::RULES,
        environments::RULES,
        fetches::RULES,
        filters::RULES,
        jobs::RULES,
        labels::RULES,
        materials::RULES,
        names::RULES,
        pipelines::RULES,
        references::RULES,
        secrets::RULES,
        tasks::RULES,
        text::RULES,
        timers::RULES,
    ]
    .concat()
}
