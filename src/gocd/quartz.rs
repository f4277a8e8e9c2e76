//! Quartz expressions, the notation of timers: `seconds minutes hours day-of-month month day-of-week [year]`.

use std::fmt;

/// A valid expression. Exactly one of `day_of_month` and `day_of_week` is [`Field::Unspecified`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quartz {
    /// 0–59
    pub seconds: Field,
    /// 0–59
    pub minutes: Field,
    /// 0–23
    pub hours: Field,
    /// 1–31
    pub day_of_month: Field,
    /// 1–12
    pub month: Field,
    /// 1–7, 1 is Sunday.
    pub day_of_week: Field,
    /// 1970–2099; [`Field::All`] when it is left out.
    pub year: Field,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// `*`
    All,
    /// `?`: the other day field decides.
    Unspecified,
    /// What is listed, separated by commas; at least one.
    Items(Vec<Item>),
}

/// One item of a field. Names are numbers already: `MON` is 2, `JAN` is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// `5`
    Value(u16),
    /// `9-17`; wraps around when `from` is above `to` (`22-2`, `SAT-MON`).
    Range {
        /// First value.
        from: u16,
        /// Last value, included.
        to: u16,
    },
    /// `*/15`, `5/15`, `5-30/5`
    Step {
        /// First value; for `*` the least one of the field.
        from: u16,
        /// Last value; `None`: to the end of the field. May be below `from`: it wraps around then.
        to: Option<u16>,
        /// Distance, at least 1.
        every: u16,
    },
    /// `L` in day-of-month: the last day; `L-3`: that many days before it.
    LastDay {
        /// Days before the last one.
        before: u16,
        /// `LW`: the nearest weekday to it.
        weekday: bool,
    },
    /// `15W`: the weekday (Monday to Friday) nearest to that day, in the same month.
    NearestWeekday(u16),
    /// `6#3`: the third Friday of the month.
    Nth {
        /// Day of the week, 1–7.
        day: u16,
        /// Which one, 1–5.
        nth: u16,
    },
    /// `6L`: the last Friday of the month.
    LastOf(u16),
}

/// Why a text is no Quartz expression, and at which bytes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuartzError {
    /// In present tense, without full stop.
    pub message: String,
    /// The bytes meant.
    pub within: (usize, usize),
}

impl fmt::Display for QuartzError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for QuartzError {}

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

impl Quartz {
    /// Reads an expression of six or seven fields; what follows the seventh is ignored, as Quartz does.
    ///
    /// # Errors
    /// Quartz would not accept it.
    ///
    /// ```
    /// use gocd2argo::gocd::quartz::{Field, Item, Quartz};
    /// let timer = Quartz::parse("0 30 6 ? * MON-FRI").unwrap();
    /// assert_eq!(timer.day_of_week, Field::Items(vec![Item::Range { from: 2, to: 6 }]));
    /// assert!(Quartz::parse("30 6 * * 1-5").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Quartz, QuartzError> {
        let words = words(text);
        if words.len() < 6 {
            let message = match words.len() {
                5 => "it has five fields, as in cron, but GoCD expects six or seven, beginning with seconds"
                    .into(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn items(field: &Field) -> Vec<Item> {
        match field {
            Field::Items(items) => items.clone(),
            Field::All | Field::Unspecified => Vec::new(),
        }
    }

    #[test]
    fn fields_are_read_in_order() {
        let quartz = Quartz::parse("5 */15 22-2 ? jan,MAR sat-mon 2030/2 and more").unwrap();
        assert_eq!(items(&quartz.seconds), [Item::Value(5)]);
        assert_eq!(items(&quartz.minutes), [Item::Step { from: 0, to: None, every: 15 }]);
        assert_eq!(items(&quartz.hours), [Item::Range { from: 22, to: 2 }]);
        assert_eq!(quartz.day_of_month, Field::Unspecified);
        assert_eq!(items(&quartz.month), [Item::Value(1), Item::Value(3)]);
        assert_eq!(items(&quartz.day_of_week), [Item::Range { from: 7, to: 2 }]);
        assert_eq!(items(&quartz.year), [Item::Step { from: 2030, to: None, every: 2 }]);
        assert_eq!(Quartz::parse("0 0 6 * * ?").unwrap().year, Field::All);
    }

    #[test]
    fn special_days_are_read() {
        let month = |day: &str| items(&Quartz::parse(&format!("0 0 6 {day} * ?")).unwrap().day_of_month);
        let week = |day: &str| items(&Quartz::parse(&format!("0 0 6 ? * {day}")).unwrap().day_of_week);
        assert_eq!(month("L"), [Item::LastDay { before: 0, weekday: false }]);
        assert_eq!(month("L-3"), [Item::LastDay { before: 3, weekday: false }]);
        assert_eq!(month("LW"), [Item::LastDay { before: 0, weekday: true }]);
        assert_eq!(month("15W"), [Item::NearestWeekday(15)]);
        assert_eq!(month("5-30/5"), [Item::Step { from: 5, to: Some(30), every: 5 }]);
        assert_eq!(week("6#3"), [Item::Nth { day: 6, nth: 3 }]);
        assert_eq!(week("FRI#1"), [Item::Nth { day: 6, nth: 1 }]);
        assert_eq!(week("friL"), [Item::LastOf(6)]);
        assert_eq!(week("L"), [Item::Value(7)]);
    }

    #[test]
    fn what_quartz_refuses_is_refused() {
        for text in [
            "",
            "0",
            "15 22 * * 1-5",
            "0 0 6 * * *",
            "0 0 6 ? * ?",
            "0 0 6 1 * MON",
            "60 0 6 * * ?",
            "0 0 24 * * ?",
            "0 0 6 ? * 0",
            "0 0 6 ? * 8",
            "0 0 6 ? * MONDAY",
            "0 0 6 32 * ?",
            "0 0 6 * 13 ?",
            "0 0/60 6 * * ?",
            "0 0/0 6 * * ?",
            "0 ? 6 * * ?",
            "0 0 6 ? * 6#6",
            "0 0 6 L,15 * ?",
            "0 0 6 * * ? 2030-2020",
            "0 0 6 * * ? 1969",
            "0 -5 6 * * ?",
            "0 5- 6 * * ?",
            "0 , 6 * * ?",
            "ü 0 6 * * ?",
            "@daily",
        ] {
            assert!(Quartz::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_error_points_at_its_field() {
        let error = Quartz::parse("0  0 24 * * ?").unwrap_err();
        assert_eq!(error.within, (5, 7));
        assert_eq!(error.message, "`24` is no valid hours: 24 is not between 0 and 23");
    }
}
