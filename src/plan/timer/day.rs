//! Days that cron does not know: `L`, `W`, `#`. The days of the month that it may be, and a condition that looks at the date.

use crate::gocd::quartz::Item;

/// Days and condition of an item; `now` is the moment in the timer's zone. `None` where its day may be in another month.
pub fn chosen(item: Item, now: &str) -> Option<(String, String)> {
    match item {
        Item::LastDay { before, weekday: false } if before < 28 => {
            Some((days(28 - before, 31 - before), is_last(now, before)))
        }
        Item::LastDay { before: 0, weekday: true } => Some((
            days(26, 31),
            any(&[
                format!("{} && {}", is_last(now, 0), works(now)),
                format!("{} && {}", is_last(now, 1), is(now, 6)),
                format!("{} && {}", is_last(now, 2), is(now, 6)),
            ]),
        )),
        Item::LastDay { before, weekday: true } if before <= 26 => Some((
            days(27 - before, 32 - before),
            any(&[
                format!("{} && {}", is_last(now, before), works(now)),
                format!("{} && {}", is_last(now, before + 1), is(now, 6)),
                format!("{} && {}", is_last(now, before - 1), is(now, 2)),
            ]),
        )),
        Item::NearestWeekday(1) => Some((
            days(1, 3),
            any(&[
                format!("{now}.Day() == 1 && {}", works(now)),
                format!("{now}.Day() >= 2 && {}", is(now, 2)),
            ]),
        )),
        Item::NearestWeekday(day) if day <= 27 => Some((
            days(day - 1, day + 1),
            any(&[
                format!("{now}.Day() == {day} && {}", works(now)),
                format!("{now}.Day() == {} && {}", day - 1, is(now, 6)),
                format!("{now}.Day() == {} && {}", day + 1, is(now, 2)),
            ]),
        )),
        Item::Nth { day, nth } => Some((days(7 * (nth - 1) + 1, (7 * nth).min(31)), is(now, day))),
        Item::LastOf(day) => {
            Some((days(22, 31), format!("{} && {now}.AddDate(0, 0, 7).Day() <= 7", is(now, day))))
        }
        _ => None,
    }
}

fn days(from: u16, to: u16) -> String {
    format!("{}-{}", from.max(1), to.min(31))
}

/// That many days before the last one of the month.
fn is_last(now: &str, before: u16) -> String {
    format!("{now}.AddDate(0, 0, {}).Day() == 1", before + 1)
}

/// That day of the week; 1 is Sunday.
fn is(now: &str, day: u16) -> String {
    let names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    let name = names.get(usize::from(day.saturating_sub(1))).unwrap_or(&"Sunday");
    format!("{now}.Weekday().String() == '{name}'")
}

/// Monday to Friday.
fn works(now: &str) -> String {
    format!("{now}.Weekday().String() in ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']")
}

fn any(conditions: &[String]) -> String {
    format!("({})", conditions.join(" || "))
}
