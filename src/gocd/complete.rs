//! What GoCD's server does with a configuration: version migrations, parameters, validation.

use super::{Configuration, Environment, Pipeline, migrate, parameter, validate};
use crate::finding::{Account, Outcome, Rule, Severity};
use crate::span::Slot;

crate::findings! {
    /// The format version is not one that GoCD knows: 1 to 11.
    ///
    /// ## Why it matters
    /// GoCD's server refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 12
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write `format_version: 10` or `11`.
    pub UNKNOWN_FORMAT_VERSION = "unknown-format-version", Refused, Error, Refused;
}

/// Completes and judges a configuration as GoCD's server does. What the server would refuse is an error finding, and the
/// pipeline or environment it concerns is marked `refused` and booked so.
///
/// References to pipelines that are not in the files are unknown, not wrong, and are left alone.
pub fn complete(configuration: &mut Configuration, account: &mut Account) {
    let version = configuration.format_version;
    check_version(configuration, account);
    for pipeline in &mut configuration.pipelines {
        let first = account.findings.len();
        migrate::pipeline(pipeline, version, account);
        parameter::expand_pipeline(pipeline, account);
        validate::pipeline(pipeline, account);
        refuse_after(first, &mut pipeline.refused, &pipeline.slots, account);
    }
    for environment in &mut configuration.environments {
        let first = account.findings.len();
        validate::environment(environment, account);
        refuse_after(first, &mut environment.refused, &environment.slots, account);
    }
    validate::across(configuration, account);
}

/// Marks as refused what an error was reported for since the finding of that index.
fn refuse_after(first: usize, refused: &mut bool, slots: &[Slot], account: &mut Account) {
    let since = account.findings.get(first..).unwrap_or_default();
    let error = since.iter().find(|finding| finding.rule.severity == Severity::Error);
    if let Some(rule) = error.map(|finding| finding.rule) {
        refuse(refused, slots, rule, account);
    }
}

fn refuse(refused: &mut bool, slots: &[Slot], rule: &'static Rule, account: &mut Account) {
    *refused = true;
    account.book_slots(slots, Outcome::Refused, rule.name);
}

/// Marks a pipeline as refused and books its text.
pub fn refuse_pipeline(pipeline: &mut Pipeline, rule: &'static Rule, account: &mut Account) {
    refuse(&mut pipeline.refused, &pipeline.slots, rule, account);
}

/// Marks an environment as refused and books its text.
pub fn refuse_environment(environment: &mut Environment, rule: &'static Rule, account: &mut Account) {
    refuse(&mut environment.refused, &environment.slots, rule, account);
}

fn check_version(configuration: &mut Configuration, account: &mut Account) {
    let version = configuration.format_version;
    let Some(declared) = &configuration.declared_version else { return };
    if (1..=11).contains(&version) {
        return;
    }
    account
        .report(
            &UNKNOWN_FORMAT_VERSION,
            declared,
            format!("GoCD knows format versions 1 to 11, but {version} is declared"),
        )
        .help("write `format_version: 10` or `11`");
    for pipeline in &mut configuration.pipelines {
        refuse_pipeline(pipeline, &UNKNOWN_FORMAT_VERSION, account);
    }
    for environment in &mut configuration.environments {
        refuse_environment(environment, &UNKNOWN_FORMAT_VERSION, account);
    }
}
