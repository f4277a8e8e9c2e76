//! Reading of Quartz expressions.

use super::{Field, Item, Quartz, QuartzError};

/// What a field may hold.
struct Kind {
    name: &'static str,
    least: u16,
    most: u16,
    names: &'static [&'static str],
}

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const KINDS: [Kind; 7] = [
    Kind { name: "seconds", least: 0, most: 59, names: &[] },
    Kind { name: "minutes", least: 0, most: 59, names: &[] },
    Kind { name: "hours", least: 0, most: 23, names: &[] },
    Kind { name: "day of month", least: 1, most: 31, names: &[] },
    Kind { name: "month", least: 1, most: 12, names: MONTHS },
    Kind { name: "day of week", least: 1, most: 7, names: DAYS },
    Kind { name: "year", least: 1970, most: 2099, names: &[] },
];

const DAY_OF_MONTH: usize = 3;
const DAY_OF_WEEK: usize = 5;
const YEAR: usize = 6;

/// See [`Quartz::parse`].
pub fn expression(text: &str) -> Result<Quartz, QuartzError> {
    let words = words(text);
    if words.len() < 6 {
        let message = match words.len() {
            5 => {
                "it has five fields, as in cron, but GoCD expects six or seven, beginning with seconds".into()
            }
            count => format!("it has {count} fields, but GoCD expects six or seven"),
        };
        return Err(QuartzError { message, within: (0, text.len()) });
    }
    let mut fields = Vec::new();
    for (index, (start, word)) in words.iter().take(7).enumerate() {
        let field = field(index, word).map_err(|message| QuartzError {
            message: format!("`{word}` is no valid {}: {message}", KINDS[index].name),
            within: (*start, start + word.len()),
        })?;
        fields.push(field);
    }
    check_days(&fields, &words)?;
    let mut fields = fields.into_iter();
    let mut next = || fields.next().unwrap_or(Field::All);
    Ok(Quartz {
        seconds: next(),
        minutes: next(),
        hours: next(),
        day_of_month: next(),
        month: next(),
        day_of_week: next(),
        year: next(),
    })
}

/// The words of a text and where they begin.
fn words(text: &str) -> Vec<(usize, &str)> {
    let base = text.as_ptr() as usize;
    text.split([' ', '\t', '\n', '\r'])
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - base, word))
        .collect()
}

fn check_days(fields: &[Field], words: &[(usize, &str)]) -> Result<(), QuartzError> {
    let unspecified = |index: usize| fields.get(index) == Some(&Field::Unspecified);
    let message = match (unspecified(DAY_OF_MONTH), unspecified(DAY_OF_WEEK)) {
        (true, false) | (false, true) => return Ok(()),
        (true, true) => "day of month and day of week are both `?`; exactly one of them must be",
        (false, false) => "neither day of month nor day of week is `?`; exactly one of them must be",
    };
    let within = match (words.get(DAY_OF_MONTH), words.get(DAY_OF_WEEK)) {
        (Some((start, _)), Some((end, word))) => (*start, end + word.len()),
        _ => (0, 0),
    };
    Err(QuartzError { message: message.to_string(), within })
}

fn field(index: usize, word: &str) -> Result<Field, String> {
    let upper = word.to_ascii_uppercase();
    if upper == "?" {
        return match index {
            DAY_OF_MONTH | DAY_OF_WEEK => Ok(Field::Unspecified),
            _ => Err("`?` is only for day of month and day of week".into()),
        };
    }
    let mut items = Vec::new();
    let mut all = false;
    for part in upper.split(',') {
        match part {
            "*" => all = true,
            part => items.push(item(index, part)?),
        }
    }
    if all {
        return Ok(Field::All);
    }
    let special = |item: &Item| !matches!(item, Item::Value(_) | Item::Range { .. } | Item::Step { .. });
    if items.len() > 1 && items.iter().any(special) {
        return Err("`L`, `W` and `#` cannot be combined with other days".into());
    }
    Ok(Field::Items(items))
}

fn item(index: usize, part: &str) -> Result<Item, String> {
    let kind = &KINDS[index];
    let special = match index {
        DAY_OF_MONTH => day_of_month(kind, part)?,
        DAY_OF_WEEK => day_of_week(kind, part)?,
        _ => None,
    };
    if let Some(special) = special {
        return Ok(special);
    }
    let (span, every) = match part.split_once('/') {
        Some((span, every)) => (span, Some(step(kind, every)?)),
        None => (part, None),
    };
    let (from, to) = match span {
        "*" | "" if every.is_some() => (kind.least, None),
        span => match span.split_once('-') {
            Some((from, to)) => (value(kind, from)?, Some(value(kind, to)?)),
            None => (value(kind, span)?, None),
        },
    };
    if index == YEAR && to.is_some_and(|to| to < from) {
        return Err("the first year is after the last".into());
    }
    Ok(match (to, every) {
        (to, Some(every)) => Item::Step { from, to, every },
        (Some(to), None) => Item::Range { from, to },
        (None, None) => Item::Value(from),
    })
}

fn step(kind: &Kind, text: &str) -> Result<u16, String> {
    let most = if kind.least == 1970 { u16::MAX } else { kind.most };
    match number(text) {
        Some(every) if every >= 1 && every <= most => Ok(every),
        Some(every) => Err(format!("the step {every} is not between 1 and {most}")),
        None => Err(format!("the step `{text}` is no number")),
    }
}

fn value(kind: &Kind, text: &str) -> Result<u16, String> {
    if let Some(index) = kind.names.iter().position(|name| *name == text) {
        return Ok(index as u16 + 1);
    }
    match number(text) {
        Some(value) if (kind.least..=kind.most).contains(&value) => Ok(value),
        Some(value) => Err(format!("{value} is not between {} and {}", kind.least, kind.most)),
        None => Err(format!("`{text}` is not known there")),
    }
}

/// Digits only: no sign, no blank.
fn number(text: &str) -> Option<u16> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn day_of_month(kind: &Kind, part: &str) -> Result<Option<Item>, String> {
    if let Some(rest) = part.strip_prefix('L') {
        let (rest, weekday) = match rest.strip_suffix('W') {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let before = match rest.strip_prefix('-') {
            None if rest.is_empty() => 0,
            Some(days) => match number(days) {
                Some(days) if days <= 30 => days,
                _ => return Err("the days before the last one must be between 0 and 30".into()),
            },
            None => return Err("`L` may only be followed by `W` or `-days`".into()),
        };
        return Ok(Some(Item::LastDay { before, weekday }));
    }
    match part.strip_suffix('W') {
        Some(day) => Ok(Some(Item::NearestWeekday(value(kind, day)?))),
        None => Ok(None),
    }
}

fn day_of_week(kind: &Kind, part: &str) -> Result<Option<Item>, String> {
    if part == "L" {
        return Ok(Some(Item::Value(7)));
    }
    if let Some((day, nth)) = part.split_once('#') {
        let day = value(kind, day)?;
        return match number(nth) {
            Some(nth) if (1..=5).contains(&nth) => Ok(Some(Item::Nth { day, nth })),
            _ => Err("after `#` a number from 1 to 5 must follow".into()),
        };
    }
    match part.strip_suffix('L') {
        Some(day) => Ok(Some(Item::LastOf(value(kind, day)?))),
        None => Ok(None),
    }
}
