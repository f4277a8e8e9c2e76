//! Timers.

use crate::finding::Account;
use crate::gocd::Pipeline;

crate::findings! {
    /// A timer's `spec` is no Quartz expression.
    ///
    /// ## Why it matters
    /// GoCD expects six or seven fields, the first of them seconds, and exactly one of day-of-month and day-of-week must be
    /// `?`. Its server refuses others, cron's five fields among them.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     timer: {spec: "30 6 * * 1-5"}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write `0 30 6 ? * MON-FRI`. Days of the week are counted from 1, Sunday.
    pub INVALID_TIMER = "invalid-timer", Refused, Error, Refused;
}

/// Checks a pipeline's timer.
pub fn check(pipeline: &Pipeline, account: &mut Account) {
    let Some(timer) = &pipeline.timer else { return };
    if let Err(error) = timer.schedule() {
        account
            .report(&INVALID_TIMER, &timer.spec, format!("the timer is no Quartz expression: {error}"))
            .within(error.within.0, error.within.1)
            .help("the fields are: seconds minutes hours day-of-month month day-of-week [year]");
    }
}
