//! When a CronWorkflow fires: five plain fields as Argo's cron library reads them, and its `when`.
//!
//! At a change of the clocks: an hour that does not exist has no firings; in one that occurs twice it fires twice, as the
//! library does.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde_yaml::Value;

use super::guard;
use super::objects::{at, below, items, text};

/// A CronWorkflow that starts a pipeline.
#[derive(Debug)]
pub struct Cron {
    /// The WorkflowTemplate.
    pub slug: String,
    /// The run's parameters.
    pub parameters: BTreeMap<String, String>,
    schedules: Vec<Schedule>,
    zone: TimeZone,
    when: Option<guard::Guard>,
}

#[derive(Debug)]
struct Schedule {
    minutes: Vec<bool>,
    hours: Vec<bool>,
    days: Vec<bool>,
    months: Vec<bool>,
    weekdays: Vec<bool>,
    /// Whether one of the day fields is `*`: then both have to fit, else one of them.
    both: bool,
}

impl Cron {
    /// Reads a CronWorkflow; `Ok(None)` when it starts no WorkflowTemplate, or is suspended.
    ///
    /// # Errors
    /// It has something that is not known here.
    pub fn read(object: &Value) -> Result<Option<Cron>, String> {
        let spec = at(object, "spec");
        let reference = below(spec, "workflowSpec.workflowTemplateRef");
        let Some(slug) = text(reference, "name") else { return Ok(None) };
        if at(spec, "suspend").as_bool() == Some(true) {
            return Ok(None);
        }
        let zone = text(spec, "timezone").unwrap_or("UTC");
        let mut schedules = Vec::new();
        for schedule in items(spec, "schedules").iter().filter_map(Value::as_str) {
            schedules.push(Schedule::parse(schedule).ok_or_else(|| format!("the schedule `{schedule}`"))?);
        }
        let when = match text(spec, "when") {
            Some(when) => Some(guard::Guard::parse(when).ok_or_else(|| format!("the condition `{when}`"))?),
            None => None,
        };
        let parameters = items(below(spec, "workflowSpec.arguments"), "parameters").iter();
        Ok(Some(Cron {
            slug: slug.to_string(),
            parameters: parameters
                .filter_map(|p| Some((text(p, "name")?.to_string(), text(p, "value")?.to_string())))
                .collect(),
            schedules,
            zone: TimeZone::get(zone).map_err(|_| format!("the time zone `{zone}`"))?,
            when,
        }))
    }

    /// Every moment from `from` on and before `to` at which it fires, in order. `None`: more than `limit` of them.
    pub fn firings(&self, from: Timestamp, to: Timestamp, limit: usize) -> Option<Vec<Timestamp>> {
        let mut firings = Vec::new();
        let mut date = from.to_zoned_datetime(self.zone.clone()).date();
        let last = to.to_zoned_datetime(self.zone.clone()).date();
        while date <= last {
            for schedule in self.schedules.iter().filter(|schedule| schedule.is_day(date)) {
                let mut moments = Vec::new();
                self.fire(schedule, date, &mut moments);
                firings.extend(moments.into_iter().filter(|moment| *moment >= from && *moment < to));
                if firings.len() > limit.saturating_mul(4) {
                    return None;
                }
            }
            date = date.tomorrow().ok()?;
        }
        firings.sort_unstable();
        // Two schedules at one moment make one run: it is named after the moment.
        firings.dedup();
        firings.retain(|moment| self.when.as_ref().is_none_or(|when| when.holds(*moment)));
        (firings.len() <= limit).then_some(firings)
    }

    fn fire(&self, schedule: &Schedule, date: Date, firings: &mut Vec<Timestamp>) {
        for (hour, _) in schedule.hours.iter().enumerate().filter(|(_, on)| **on) {
            for (minute, _) in schedule.minutes.iter().enumerate().filter(|(_, on)| **on) {
                let moment = date.at(hour as i8, minute as i8, 0, 0);
                let ambiguous = self.zone.to_ambiguous_timestamp(moment);
                match ambiguous.offset() {
                    AmbiguousOffset::Unambiguous { .. } => firings.extend(ambiguous.unambiguous()),
                    AmbiguousOffset::Gap { .. } => {}
                    AmbiguousOffset::Fold { .. } => {
                        firings.extend(ambiguous.earlier());
                        firings.extend(ambiguous.later());
                    }
                }
            }
        }
    }
}

impl Schedule {
    fn parse(text: &str) -> Option<Schedule> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let star = |field: &&str| field.starts_with(['*', '?']);
        Some(Schedule {
            minutes: field(minutes, 0, 59)?,
            hours: field(hours, 0, 23)?,
            days: field(days, 1, 31)?,
            months: field(months, 1, 12)?,
            weekdays: field(weekdays, 0, 6)?,
            both: star(days) || star(weekdays),
        })
    }

    fn is_day(&self, date: Date) -> bool {
        let on = |field: &[bool], index: usize| field.get(index).copied().unwrap_or(false);
        let day = on(&self.days, usize::from(date.day().unsigned_abs()));
        let weekday = on(&self.weekdays, usize::from(date.weekday().to_sunday_zero_offset().unsigned_abs()));
        on(&self.months, usize::from(date.month().unsigned_abs()))
            && if self.both { day && weekday } else { day || weekday }
    }
}

/// Which values a field names; `None` when it is no field of numbers.
fn field(text: &str, least: usize, most: usize) -> Option<Vec<bool>> {
    let mut on = vec![false; most + 1];
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (least, most),
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None if part.contains('/') => (range.parse().ok()?, most),
            None => (range.parse().ok()?, range.parse().ok()?),
        };
        if from < least || to > most || from > to {
            return None;
        }
        (from..=to).step_by(step).for_each(|value| on[value] = true);
    }
    Some(on)
}
