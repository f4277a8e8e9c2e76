//! Quartz expressions, the notation of timers: `seconds minutes hours day-of-month month day-of-week [year]`.

mod parse;

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
        parse::expression(text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
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
