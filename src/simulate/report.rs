//! Both sides of a simulation, for machines (docs/simulate.schema.json) and for people.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::Start;
use crate::reference::start::Verdict;

/// What GoCD would start, and what Argo will.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// 1.
    pub version: u32,
    /// Every pipeline, in order of the source.
    pub pipelines: Vec<Line>,
    /// Every timer, when a range was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timers: Option<Vec<Timer>>,
}

/// A pipeline.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Its name.
    pub pipeline: String,
    /// What GoCD does.
    pub gocd: Verdict,
    /// What Argo does.
    pub argo: Start,
}

/// All fire times of a pipeline's timer.
#[derive(Clone, Debug, Serialize)]
pub struct Timer {
    /// The pipeline.
    pub pipeline: String,
    /// In GoCD.
    #[serde(serialize_with = "times")]
    pub gocd: Vec<Timestamp>,
    /// In Argo.
    #[serde(serialize_with = "times")]
    pub argo: Vec<Timestamp>,
}

fn times<S: Serializer>(times: &[Timestamp], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(times.iter().map(Timestamp::to_string))
}

/// How many fire times people are shown of a timer.
const SHOWN: usize = 10;

impl Report {
    /// Whether both sides agree: on every pipeline, and on every minute of every timer.
    pub fn agrees(&self) -> bool {
        self.pipelines.iter().all(|line| line.gocd.starts == line.argo.verdict.starts)
            && self.timers.iter().flatten().all(Timer::agrees)
    }

    /// Writes it as text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(&mut out);
        // Texts of the source must not move the terminal's cursor or colour it.
        let shown = out.chars().map(|c| match c {
            '\n' => String::from(c),
            c if c.is_control() => c.escape_default().to_string(),
            c => String::from(c),
        });
        shown.collect()
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let starting = self.pipelines.iter().filter(|line| line.gocd.starts || line.argo.verdict.starts);
        for line in starting {
            let (gocd, argo) = (&line.gocd, &line.argo.verdict);
            let mark = if gocd.starts == argo.starts { "" } else { "  <- they differ" };
            writeln!(out, "{}{mark}", line.pipeline)?;
            writeln!(out, "  GoCD {}: {}", if gocd.starts { "starts it" } else { "does not" }, gocd.why)?;
            writeln!(out, "  Argo {}: {}", if argo.starts { "starts it" } else { "does not" }, argo.why)?;
            for (name, value) in &line.argo.parameters {
                writeln!(out, "    {name}: {value}")?;
            }
        }
        for line in self.pipelines.iter().filter(|line| !line.gocd.starts && !line.argo.verdict.starts) {
            writeln!(out, "{}: not started", line.pipeline)?;
            writeln!(out, "  GoCD: {}", line.gocd.why)?;
            writeln!(out, "  Argo: {}", line.argo.verdict.why)?;
        }
        for timer in self.timers.iter().flatten() {
            timer.write(out)?;
        }
        let count = |starts: fn(&Line) -> bool| self.pipelines.iter().filter(|line| starts(line)).count();
        writeln!(
            out,
            "{} pipelines: GoCD starts {}, Argo starts {}",
            self.pipelines.len(),
            count(|line| line.gocd.starts),
            count(|line| line.argo.verdict.starts)
        )
    }
}

impl Timer {
    /// Whether both fire in the same minutes.
    fn agrees(&self) -> bool {
        let minutes = |times: &[Timestamp]| {
            let mut minutes: Vec<i64> = times.iter().map(|time| time.as_second().div_euclid(60)).collect();
            minutes.dedup();
            minutes
        };
        minutes(&self.gocd) == minutes(&self.argo)
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let (gocd, argo) = (self.gocd.len(), self.argo.len());
        let mark = if self.agrees() { "" } else { "  <- they differ" };
        writeln!(out, "timer of {}: {gocd} times in GoCD, {argo} in Argo{mark}", self.pipeline)?;
        for index in 0..gocd.max(argo).min(SHOWN) {
            let shown = |times: &[Timestamp]| times.get(index).map_or("-".to_string(), Timestamp::to_string);
            writeln!(out, "  {}  {}", shown(&self.gocd), shown(&self.argo))?;
        }
        if gocd.max(argo) > SHOWN {
            writeln!(out, "  … (--format json has all)")?;
        }
        Ok(())
    }
}
