//! Timers: Quartz expressions as CronWorkflows.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | `0 30 6 ? * MON-FRI` | `schedules: ["30 6 * * 1-5"]`: days count from 0, ranges that wrap around are cut in two | to the minute |
//! | `L`, `L-3`, `6L`, `6#3`, `15W`, `LW`, `L-3W`, a year | the days it may be, and a `when` that looks at the date | yes |
//! | `28W` to `31W`, `L-27` to `L-30` | nothing: in short months their day is in another month | no |
//! | the server's time zone | `timers.time-zone` | once it is given |
//! | fires whatever has changed | parameter `force: true` | yes |
//! | `only_on_changes: true` | `force: false`: `prepare` decides | yes |
//!
//! GoCD: `../shared/spec/gocd-yaml.md` §3.11. Argo: `CronWorkflow.spec.schedules`, five plain fields.

mod day;

use serde::Serialize;

use super::Cx;
use crate::gocd::quartz::{Field, Item, Quartz};
use crate::gocd::{self, Timer};

crate::findings! {
    /// The time zone of the GoCD server, in which its timers are meant, is not known.
    ///
    /// ## Why it matters
    /// The timers fire at that hour of UTC, which may be hours off.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     timer: {spec: "0 0 6 ? * MON-FRI"}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Set `timers: {time-zone: Europe/Berlin}` in `gocd2argo.yaml`.
    pub TIMER_TIMEZONE = "timer-timezone", Guess, Decision, Decision;

    /// A timer fires at another second than 0.
    ///
    /// ## Why it matters
    /// Cron knows minutes. It fires at the beginning of the minute, and once in it.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     timer: {spec: "30 0 6 ? * MON-FRI"}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Nothing; `prepare` prevents runs for which nothing is new, unless the timer forces them.
    pub TIMER_SECONDS = "timer-seconds", Migration, Info, Approximated;

    /// A timer that five-field cron and a condition cannot express.
    ///
    /// ## Why it matters
    /// The pipeline has no timer until somebody writes one.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     timer: {spec: "0 0 6 31W * ?"}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write a CronWorkflow for the days it may be, and let its `when` choose the right one.
    pub TIMER_UNSUPPORTED = "timer-unsupported", Migration, Decision, Decision;
}

/// A CronWorkflow.
#[derive(Clone, Debug, Serialize)]
pub struct CronWorkflow {
    /// `<pipeline>-timer`
    pub name: String,
    /// WorkflowTemplate it starts.
    pub pipeline: String,
    /// Original name of the pipeline.
    pub pipeline_name: String,
    /// The Quartz expression, for the reader.
    pub spec: String,
    /// Five-field expressions.
    pub schedules: Vec<String>,
    /// Expression that must be true at that moment; empty for always.
    pub when: String,
    /// IANA name.
    pub time_zone: String,
    /// `true` or `false`: whether to run when nothing has changed.
    pub force: &'static str,
}

/// The CronWorkflow of a pipeline with a timer.
pub fn plan(
    source: &gocd::Pipeline,
    planned: &super::pipeline::Pipeline,
    cx: &mut Cx,
) -> Option<CronWorkflow> {
    let timer = source.timer.as_ref()?;
    cx.account.convert("timer", timer.place);
    cx.account.convert("timer", &timer.spec);
    let only_on_changes = timer.only_on_changes.as_ref().is_some_and(|flag| flag.value);
    if let Some(flag) = &timer.only_on_changes {
        cx.account.convert("timer", flag);
    }
    let time_zone = time_zone(timer, cx);
    let quartz = Quartz::parse(&timer.spec).ok()?;
    let Some((schedule, when)) = cron(&quartz, &time_zone) else {
        cx.account
            .report(
                &TIMER_UNSUPPORTED,
                &timer.spec,
                format!("`{}` has no counterpart in five-field cron", timer.spec.value),
            )
            .help("write a CronWorkflow for the days it may be, with a `when` that chooses the right one");
        return None;
    };
    if quartz.seconds != Field::Items(vec![Item::Value(0)]) {
        cx.account.report(&TIMER_SECONDS, &timer.spec, "the timer fires at the beginning of the minute");
    }
    Some(CronWorkflow {
        name: format!("{}-timer", planned.slug),
        pipeline: planned.slug.clone(),
        pipeline_name: planned.name.clone(),
        spec: timer.spec.value.clone(),
        schedules: vec![schedule],
        when,
        time_zone,
        force: if only_on_changes { "false" } else { "true" },
    })
}

fn time_zone(timer: &Timer, cx: &mut Cx) -> String {
    if let Some(zone) = &cx.settings.timers.time_zone {
        return zone.clone();
    }
    let message = "the time zone of the GoCD server is not known: timers are taken as UTC".to_string();
    cx.guess(&TIMER_TIMEZONE, &["timers", "time-zone"], "UTC", timer.spec.place, message);
    "UTC".to_string()
}

/// Five fields and a condition; `None` when these cannot say the same.
fn cron(quartz: &Quartz, time_zone: &str) -> Option<(String, String)> {
    let now = format!("now().In(timezone('{}'))", time_zone.replace(['\'', '{', '}'], ""));
    let mut conditions = Vec::new();
    let mut day_of_month = plain(&quartz.day_of_month, 1, 31, 0);
    let mut day_of_week = plain(&quartz.day_of_week, 1, 7, 1);
    if let Some(item) = special(&quartz.day_of_month).or_else(|| special(&quartz.day_of_week)) {
        let (days, condition) = day::chosen(item, &now)?;
        day_of_month = Some(days);
        day_of_week = Some("*".to_string());
        conditions.push(condition);
    }
    if let Some(years) = values(&quartz.year, 1970, 2099) {
        let years: Vec<String> = years.iter().map(u16::to_string).collect();
        conditions.push(format!("{now}.Year() in [{}]", years.join(", ")));
    }
    let schedule = [
        plain(&quartz.minutes, 0, 59, 0)?,
        plain(&quartz.hours, 0, 23, 0)?,
        day_of_month?,
        plain(&quartz.month, 1, 12, 0)?,
        day_of_week?,
    ];
    let when =
        if conditions.is_empty() { String::new() } else { format!("{{{{= {} }}}}", conditions.join(" && ")) };
    Some((schedule.join(" "), when))
}

/// The only item of a field, when it is one that cron does not know.
fn special(field: &Field) -> Option<Item> {
    match field {
        Field::Items(items) => match items.as_slice() {
            [
                item @ (Item::LastDay { .. } | Item::NearestWeekday(_) | Item::Nth { .. } | Item::LastOf(_)),
            ] => Some(*item),
            _ => None,
        },
        Field::All | Field::Unspecified => None,
    }
}

/// A field in cron's notation; `offset` is taken off every value. `None` with an item that cron does not know.
fn plain(field: &Field, least: u16, most: u16, offset: u16) -> Option<String> {
    let Field::Items(items) = field else { return Some("*".to_string()) };
    let mut texts = Vec::new();
    for item in items {
        match *item {
            Item::Value(value) => texts.push((value - offset).to_string()),
            Item::Range { from, to } if from <= to => texts.push(range(from - offset, to - offset)),
            Item::Range { from, to } => {
                texts.push(range(from - offset, most - offset));
                texts.push(range(least - offset, to - offset));
            }
            Item::Step { from, to, every } => texts.push(step(from, to, every, (least, most), offset)),
            _ => return None,
        }
    }
    Some(texts.join(","))
}

fn range(from: u16, to: u16) -> String {
    if from == to { from.to_string() } else { format!("{from}-{to}") }
}

fn step(from: u16, to: Option<u16>, every: u16, (least, most): (u16, u16), offset: u16) -> String {
    let to = to.unwrap_or(most);
    if from == least && to == most {
        return format!("*/{every}");
    }
    if from <= to {
        return format!("{}-{}/{every}", from - offset, to - offset);
    }
    // Around the end of the field: cron has no such step, so each value is written out.
    let size = most - least + 1;
    let steps = (to + size - from) / every;
    let values = (0..=steps).map(|n| (from - least + n * every) % size + least - offset);
    values.map(|value| value.to_string()).collect::<Vec<_>>().join(",")
}

/// All values of a field of plain items; `None` for all.
fn values(field: &Field, least: u16, most: u16) -> Option<Vec<u16>> {
    let Field::Items(items) = field else { return None };
    let mut values = Vec::new();
    for item in items {
        match *item {
            Item::Value(value) => values.push(value),
            Item::Range { from, to } => values.extend((least..=most).filter(|v| (from..=to).contains(v))),
            Item::Step { from, to, every } => {
                values.extend((from..=to.unwrap_or(most)).step_by(usize::from(every.max(1))));
            }
            _ => {}
        }
    }
    values.sort_unstable();
    values.dedup();
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(spec: &str) -> Option<(String, String)> {
        cron(&Quartz::parse(spec).expect(spec), "UTC")
    }

    #[test]
    fn plain_fields_are_carried_over() {
        let cases = [
            ("0 30 6 ? * MON-FRI", "30 6 * * 1-5"),
            ("0 0/15 * * * ?", "*/15 * * * *"),
            ("0 5/15 22-2 ? * SAT-MON", "5-59/15 22-23,0-2 * * 6,0-1"),
            ("0 0 9,17 1,15 JAN-MAR ?", "0 9,17 1,15 1-3 *"),
        ];
        for (spec, expected) in cases {
            assert_eq!(of(spec), Some((expected.to_string(), String::new())), "{spec}");
        }
    }

    #[test]
    fn dates_are_chosen_by_a_condition() {
        insta::assert_snapshot!(of("0 0 2 L * ?").map(|(s, w)| format!("{s} | {w}")).unwrap_or_default(), @"0 2 28-31 * * | {{= now().In(timezone('UTC')).AddDate(0, 0, 1).Day() == 1 }}");
        insta::assert_snapshot!(of("0 0 2 ? * 6#3").map(|(s, w)| format!("{s} | {w}")).unwrap_or_default(), @"0 2 15-21 * * | {{= now().In(timezone('UTC')).Weekday().String() == 'Friday' }}");
        insta::assert_snapshot!(of("0 0 2 ? * 6L 2027").map(|(s, w)| format!("{s} | {w}")).unwrap_or_default(), @"0 2 22-31 * * | {{= now().In(timezone('UTC')).Weekday().String() == 'Friday' && now().In(timezone('UTC')).AddDate(0, 0, 7).Day() <= 7 && now().In(timezone('UTC')).Year() in [2027] }}");
        assert_eq!(of("0 0 2 31W * ?"), None);
    }
}
