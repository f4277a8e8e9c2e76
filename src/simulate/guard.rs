//! A CronWorkflow's `when`: the expressions about the date that our timers use.
//!
//! `{{= A && (B || C) }}`; each of them compares `now().In(timezone('…'))`, perhaps with `.AddDate(0, 0, n)`, by `.Day()`,
//! `.Year()`, `.Month()` or `.Weekday().String()`, with `==`, `<=`, `>=`, `<`, `>`, `!=` or `in [ … ]`.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A condition.
#[derive(Debug)]
pub enum Guard {
    /// All of them.
    All(Vec<Guard>),
    /// One of them.
    Any(Vec<Guard>),
    /// A fact about the date, compared with values.
    Fact(Fact, String, Vec<String>),
}

/// Something about the date.
#[derive(Debug)]
pub struct Fact {
    zone: TimeZone,
    days: i64,
    of: String,
}

impl Guard {
    /// Reads a condition; `None` when it is none of these.
    pub fn parse(text: &str) -> Option<Guard> {
        let inner = text.trim().strip_prefix("{{=")?.strip_suffix("}}")?;
        let mut reader = Reader { rest: inner };
        let guard = reader.any(0)?;
        reader.rest.trim().is_empty().then_some(guard)
    }

    /// Whether it holds at that moment.
    pub fn holds(&self, moment: Timestamp) -> bool {
        match self {
            Guard::All(parts) => parts.iter().all(|part| part.holds(moment)),
            Guard::Any(parts) => parts.iter().any(|part| part.holds(moment)),
            Guard::Fact(fact, operator, values) => {
                let Some(actual) = fact.value(moment) else { return false };
                let number = |text: &str| text.parse::<i64>().unwrap_or(i64::MIN);
                let Some(first) = values.first() else { return false };
                match operator.as_str() {
                    "in" | "==" => values.contains(&actual),
                    "!=" => actual != *first,
                    "<=" => number(&actual) <= number(first),
                    ">=" => number(&actual) >= number(first),
                    "<" => number(&actual) < number(first),
                    _ => number(&actual) > number(first),
                }
            }
        }
    }
}

impl Fact {
    fn value(&self, moment: Timestamp) -> Option<String> {
        let moment = moment.to_zoned_datetime(self.zone.clone()).date();
        let date = moment.checked_add(Span::new().days(self.days)).ok()?;
        Some(match self.of.as_str() {
            "Day" => date.day().to_string(),
            "Month" => date.month().to_string(),
            "Year" => date.year().to_string(),
            _ => {
                let names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
                let index = usize::from(date.weekday().to_sunday_zero_offset().unsigned_abs());
                names.get(index)?.to_string()
            }
        })
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn eat(&mut self, text: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn any(&mut self, depth: usize) -> Option<Guard> {
        let mut parts = vec![self.all(depth)?];
        while self.eat("||") {
            parts.push(self.all(depth)?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Guard::Any(parts)) }
    }

    fn all(&mut self, depth: usize) -> Option<Guard> {
        let mut parts = vec![self.one(depth)?];
        while self.eat("&&") {
            parts.push(self.one(depth)?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Guard::All(parts)) }
    }

    fn one(&mut self, depth: usize) -> Option<Guard> {
        if self.eat("(") {
            let inner = if depth < 8 { self.any(depth + 1)? } else { return None };
            return self.eat(")").then_some(inner);
        }
        let fact = self.fact()?;
        for operator in ["==", "!=", "<=", ">=", "<", ">", "in"] {
            if self.eat(operator) {
                let values = if operator == "in" { self.list()? } else { vec![self.value()?] };
                return Some(Guard::Fact(fact, operator.to_string(), values));
            }
        }
        None
    }

    fn fact(&mut self) -> Option<Fact> {
        if !self.eat("now().In(timezone(") {
            return None;
        }
        let zone = TimeZone::get(&self.value()?).ok()?;
        if !self.eat("))") {
            return None;
        }
        let mut days = 0;
        if self.eat(".AddDate(0, 0, ") {
            days = self.value()?.parse().ok()?;
            if !self.eat(")") {
                return None;
            }
        }
        for (text, of) in [
            (".Day()", "Day"),
            (".Month()", "Month"),
            (".Year()", "Year"),
            (".Weekday().String()", "Weekday"),
        ] {
            if self.eat(text) {
                return Some(Fact { zone, days, of: of.to_string() });
            }
        }
        None
    }

    fn list(&mut self) -> Option<Vec<String>> {
        if !self.eat("[") {
            return None;
        }
        let mut values = vec![self.value()?];
        while self.eat(",") {
            values.push(self.value()?);
        }
        self.eat("]").then_some(values)
    }

    /// A number, or a text in single quotes.
    fn value(&mut self) -> Option<String> {
        if self.eat("'") {
            let (text, rest) = self.rest.split_once('\'')?;
            self.rest = rest;
            return Some(text.to_string());
        }
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        number.parse::<i64>().ok().map(|number| number.to_string())
    }
}
