//! When GoCD's timers fire: Quartz expressions, computed from their description alone (`../shared/spec/gocd-yaml.md` §3.11).
//!
//! At a change of the clocks: an hour that does not exist has no firings; of an hour that occurs twice, the second one
//! counts, because Java reads such a time as standard time.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::gocd::quartz::{Field, Item, Quartz};

/// Every moment from `from` on and before `to` at which the expression fires, in order. `None`: more than `limit` of them.
pub fn firings(
    quartz: &Quartz,
    zone: &TimeZone,
    from: Timestamp,
    to: Timestamp,
    limit: usize,
) -> Option<Vec<Timestamp>> {
    let times = times(quartz);
    let (years, months) = (members(&quartz.year, 1970, 2099), members(&quartz.month, 1, 12));
    let mut firings = Vec::new();
    let mut date = from.to_zoned_datetime(zone.clone()).date();
    let last = to.to_zoned_datetime(zone.clone()).date();
    while date <= last {
        let in_month = years.contains(&date.year()) && months.contains(&i16::from(date.month()));
        if in_month
            && is_day_of_month(&quartz.day_of_month, date)
            && is_day_of_week(&quartz.day_of_week, date)
        {
            let moments = times.iter().filter_map(|time| moment(date, *time, zone));
            firings.extend(moments.filter(|moment| *moment >= from && *moment < to));
            if firings.len() > limit {
                return None;
            }
        }
        date = date.tomorrow().ok()?;
    }
    firings.sort_unstable();
    Some(firings)
}

fn moment(date: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(date.to_datetime(time));
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => ambiguous.unambiguous().ok(),
        AmbiguousOffset::Gap { .. } => None,
        AmbiguousOffset::Fold { .. } => ambiguous.later().ok(),
    }
}

/// The times of each day that it fires on.
fn times(quartz: &Quartz) -> Vec<Time> {
    let all = |field: &Field, most: i16| members(field, 0, most).into_iter().collect::<Vec<i16>>();
    let (hours, minutes, seconds) =
        (all(&quartz.hours, 23), all(&quartz.minutes, 59), all(&quartz.seconds, 59));
    let mut times = Vec::new();
    for hour in &hours {
        for minute in &minutes {
            for second in &seconds {
                times.extend(Time::new(*hour as i8, *minute as i8, *second as i8, 0));
            }
        }
    }
    times
}

/// The values that a field of plain items names.
fn members(field: &Field, least: i16, most: i16) -> BTreeSet<i16> {
    let Field::Items(items) = field else { return (least..=most).collect() };
    let size = most - least + 1;
    let mut values = BTreeSet::new();
    for item in items {
        let (from, to, every) = match *item {
            Item::Value(value) => (value, value, 1),
            Item::Range { from, to } => (from, to, 1),
            Item::Step { from, to, every } => (from, to.unwrap_or(most as u16), every.max(1)),
            Item::LastDay { .. } | Item::NearestWeekday(_) | Item::Nth { .. } | Item::LastOf(_) => continue,
        };
        let (from, mut to) = (from as i32, i32::from(to));
        if to < from {
            to += i32::from(size);
        }
        let mut value = from;
        while value <= to {
            values.insert(((value - i32::from(least)) % i32::from(size)) as i16 + least);
            value += i32::from(every);
        }
    }
    values
}

fn is_day_of_month(field: &Field, date: Date) -> bool {
    let Field::Items(items) = field else { return true };
    let last = date.days_in_month();
    let meant = |day: i8| date.first_of_month().with().day(day).build().ok();
    match items.as_slice() {
        [Item::LastDay { before, weekday }] => {
            let day = meant(i8::try_from(i16::from(last) - *before as i16).unwrap_or(0));
            let day = if *weekday { day.and_then(nearest_weekday) } else { day };
            day == Some(date)
        }
        [Item::NearestWeekday(day)] => {
            meant(i8::try_from(*day).unwrap_or(0)).and_then(nearest_weekday) == Some(date)
        }
        _ => members(field, 1, 31).contains(&i16::from(date.day())),
    }
}

/// Monday to Friday nearest to the day, within its month.
fn nearest_weekday(day: Date) -> Option<Date> {
    let last = day.day() == day.days_in_month();
    let away = match day.weekday().to_sunday_one_offset() {
        7 if day.day() == 1 => 2,
        7 => -1,
        1 if last => -2,
        1 => 1,
        _ => 0,
    };
    day.checked_add(jiff::Span::new().days(away)).ok()
}

fn is_day_of_week(field: &Field, date: Date) -> bool {
    let Field::Items(items) = field else { return true };
    let weekday = i16::from(date.weekday().to_sunday_one_offset());
    match items.as_slice() {
        [Item::Nth { day, nth }] => {
            weekday == *day as i16 && (i16::from(date.day()) - 1) / 7 + 1 == *nth as i16
        }
        [Item::LastOf(day)] => {
            weekday == *day as i16 && i16::from(date.day()) + 7 > i16::from(date.days_in_month())
        }
        _ => members(field, 1, 7).contains(&weekday),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(spec: &str, zone: &str, from: &str, to: &str) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let firings = firings(&Quartz::parse(spec).unwrap(), &zone, from, to, 1000).unwrap();
        firings.iter().map(Timestamp::to_string).collect()
    }

    /// Dates looked up in a calendar.
    #[test]
    fn special_days_are_found() {
        let year = |day: &str, weekday: &str| {
            let spec = format!("0 0 0 {day} * {weekday}");
            of(&spec, "UTC", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z")
                .iter()
                .map(|text| text[5..10].to_string())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(year("L", "?"), "01-31 02-28 03-31 04-30 05-31 06-30");
        assert_eq!(year("L-2", "?"), "01-29 02-26 03-29 04-28 05-29 06-28");
        assert_eq!(year("LW", "?"), "01-30 02-27 03-31 04-30 05-29 06-30");
        assert_eq!(year("15W", "?"), "01-15 02-16 03-16 04-15 05-15 06-15");
        assert_eq!(year("1W", "?"), "01-01 02-02 03-02 04-01 05-01 06-01");
        assert_eq!(year("?", "6#3"), "01-16 02-20 03-20 04-17 05-15 06-19");
        assert_eq!(year("?", "6L"), "01-30 02-27 03-27 04-24 05-29 06-26");
        assert_eq!(year("?", "6#5"), "01-30 05-29");
        assert_eq!(year("31", "?"), "01-31 03-31 05-31");
    }

    #[test]
    fn ranges_go_around() {
        let day = of("0 0 22-2/2 * * ?", "UTC", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
        assert_eq!(day, ["2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z", "2026-01-01T22:00:00Z"]);
        let week = of("0 0 0 ? * SAT-MON", "UTC", "2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z");
        assert_eq!(week, ["2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-05T00:00:00Z"]);
    }

    #[test]
    fn clocks_change() {
        let berlin = |spec: &str, from: &str, to: &str| of(spec, "Europe/Berlin", from, to);
        assert_eq!(
            berlin("0 30 2 * * ?", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
            ["2026-03-30T00:30:00Z"]
        );
        assert_eq!(
            berlin("0 30 2 * * ?", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
            ["2026-10-25T01:30:00Z"]
        );
    }

    #[test]
    fn too_many_are_refused() {
        let (from, to) = ("2026-01-01T00:00:00Z".parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(firings(&Quartz::parse("* * * * * ?").unwrap(), &TimeZone::UTC, from, to, 100_000), None);
    }
}
