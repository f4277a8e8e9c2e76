//! What a trace is asked for: who starts the run, what fails, who approves, which files there are.

use std::collections::BTreeMap;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Name of the pipeline; GoCD compares names without case.
    pub pipeline: String,
    /// What starts the run; absent: a change, or a person where the first stage is manual.
    pub trigger: Option<Trigger>,
    /// The commands that fail. All others pass.
    pub fail: Vec<Failure>,
    /// Whose manual stages a person starts.
    pub approve: Approvals,
    /// The files, if they are known. Without them every directory, artifact and match is taken to be there.
    pub world: Option<World>,
}

/// What starts a run. GoCD: §3.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A material has changed, an upstream pipeline's stage included.
    Changes,
    /// The pipeline's timer.
    Timer,
    /// A person of that name; without a name it is not known who.
    Person(Option<String>),
}

/// Which manual stages are started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approvals {
    /// Those of these names.
    Named(Vec<String>),
    /// All that GoCD lets a person start, after a failed stage too.
    All,
}

impl Default for Approvals {
    fn default() -> Self {
        Approvals::Named(Vec::new())
    }
}

impl Approvals {
    /// Whether a person starts this stage.
    pub fn has(&self, stage: &str) -> bool {
        match self {
            Approvals::All => true,
            Approvals::Named(names) => names.iter().any(|name| name.eq_ignore_ascii_case(stage)),
        }
    }
}

/// Commands that fail: those whose words, joined by blanks, contain a text. A `*` in it stands for any text.
///
/// The words of a script are its text, those of a fetch `fetch PIPELINE/STAGE/JOB/SOURCE`, those of another plugin's task
/// `plugin ID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    parts: Vec<String>,
    only: Option<usize>,
}

impl Failure {
    /// Reads `PATTERN` or `PATTERN#N`: only the N-th matching command that runs, counted from 1 in the order of the trace.
    pub fn parse(text: &str) -> Failure {
        let numbered =
            text.rsplit_once('#').and_then(|(pattern, number)| Some((pattern, number.parse().ok()?)));
        let (pattern, only) = match numbered {
            Some((pattern, number)) if !pattern.is_empty() => (pattern, Some(number)),
            _ => (text, None),
        };
        Failure { parts: pattern.split('*').map(str::to_string).collect(), only }
    }

    /// Whether the command of these words is meant.
    pub fn matches(&self, words: &str) -> bool {
        let mut rest = words;
        self.parts.iter().all(|part| match rest.find(part.as_str()) {
            Some(at) => {
                rest = rest.get(at + part.len()..).unwrap_or_default();
                true
            }
            None => false,
        })
    }
}

/// Counts which commands have run, to know which is the N-th.
#[derive(Debug)]
pub struct Failures<'a> {
    asked: Vec<(&'a Failure, usize)>,
}

impl<'a> Failures<'a> {
    /// Nothing has run yet.
    pub fn new(asked: &'a [Failure]) -> Self {
        Failures { asked: asked.iter().map(|failure| (failure, 0)).collect() }
    }

    /// A command runs: does it fail?
    pub fn hit(&mut self, words: &str) -> bool {
        let mut fails = false;
        for (failure, seen) in self.asked.iter_mut().filter(|(failure, _)| failure.matches(words)) {
            *seen += 1;
            fails |= failure.only.is_none_or(|only| only == *seen);
        }
        fails
    }
}

/// The files a run finds. Paths have `/` and no leading `./`; a directory without files ends with `/`.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// What is in the working directory when a job's tasks begin, the same for each job.
    pub files: Vec<String>,
    /// Published artifacts of other runs and earlier stages: files by `pipeline/stage/job` in lower case.
    pub artifacts: BTreeMap<String, Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::{Failure, Failures};

    #[test]
    fn failures_are_found_by_text_and_number() {
        let failures = [Failure::parse("make *fast#2"), Failure::parse("lint")];
        let mut failures = Failures::new(&failures);
        let hits = ["make test fast", "run lint now", "make all", "make x fast", "make y fast"];
        assert_eq!(hits.map(|words| failures.hit(words)), [false, true, false, true, false]);
        assert!(Failure::parse("echo #1").matches("echo "), "the number is not part of the text");
        assert!(Failure::parse("echo #x").matches("echo #x"));
    }
}
