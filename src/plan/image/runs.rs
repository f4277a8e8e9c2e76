//! How often a build runs, and with which values: loops around it and calls of its function.

use super::retry;
use super::shell::{Command, Frame, Kind, Script, Word};
use std::ops::Range;

/// The values a site runs with: of the loops around it and of the calls of its function.
#[derive(Debug, Default)]
pub struct Runs {
    /// One list of values per run; empty when it runs as written.
    pub values: Vec<Vec<(String, String)>>,
    /// The site may run more than once.
    pub repeated: bool,
    /// A loop whose values are not known.
    pub unknown: Option<Range<usize>>,
    /// A loop over known words.
    pub unrolled: bool,
    /// A loop that only tries it again.
    pub retried: bool,
    /// The function it stands in.
    pub function: Option<String>,
}

/// How often, and with which values, the command runs. At most 100 runs are listed.
pub fn of(script: &Script, command: &Command) -> Runs {
    let mut runs = Runs::default();
    for (_, frame) in script.around(command.frame) {
        match &frame.kind {
            Kind::Loop { .. } if retry::tries(script, frame, command) => {
                runs.repeated = true;
                runs.retried = true;
            }
            Kind::Loop { variable, over } => {
                runs.in_loop(script, command, frame, variable.as_deref(), over.as_deref())
            }
            Kind::Function(name) => {
                let (calls, repeated) = calls(script, name);
                runs.repeated |= repeated;
                runs.function = Some(name.clone());
                runs.multiply(calls);
            }
            _ => {}
        }
    }
    runs
}

/// The words a loop runs over, when they are known: literals, and variables with a constant value, which the shell
/// splits at blanks where they are not quoted.
fn all(script: &Script, command: &Command, words: &[Word]) -> Option<Vec<String>> {
    let mut out = Vec::new();
    for word in words {
        if let Some(items) = array(script, command, word) {
            out.extend(items);
            continue;
        }
        let text = super::value::follow(script, word, command.range.start, command.frame).constant()?;
        if word.constant().is_some() || word.source.starts_with('"') {
            out.push(text);
        } else {
            out.extend(text.split_whitespace().map(str::to_string));
        }
    }
    Some(out)
}

/// `"${NAMES[@]}"` of an array that is written out once.
fn array(script: &Script, command: &Command, word: &Word) -> Option<Vec<String>> {
    let inner = word.source.trim_matches('"').strip_prefix("${")?.strip_suffix('}')?;
    let name = inner.strip_suffix("[@]").or_else(|| inner.strip_suffix("[*]"))?;
    let mut set = script.commands.iter().flat_map(|other| other.assignments.iter().map(move |a| (other, a)));
    let (maker, only) = set.find(|(_, assignment)| assignment.name == name)?;
    let again = set.any(|(_, a)| a.name == name || a.name.starts_with(&format!("{name}[")));
    if again || only.append || maker.frame != 0 || maker.range.end > command.range.start {
        return None;
    }
    only.items.as_ref()?.iter().map(Word::constant).collect()
}

impl Runs {
    fn in_loop(
        &mut self,
        script: &Script,
        command: &Command,
        frame: &Frame,
        name: Option<&str>,
        over: Option<&[Word]>,
    ) {
        self.repeated = true;
        let words = over.and_then(|words| all(script, command, words));
        match (name, words) {
            (Some(name), Some(words)) => {
                self.unrolled = true;
                self.multiply(words.into_iter().map(|word| vec![(name.to_string(), word)]).collect());
            }
            _ => self.unknown = Some(frame.range.clone()),
        }
    }

    /// The words behind `sh -c TEXT`, for a site that runs once.
    pub fn called_with(&mut self, words: Vec<(String, String)>) {
        if self.values.is_empty() && self.function.is_none() && !words.is_empty() {
            self.values.push(words);
        }
    }

    fn multiply(&mut self, values: Vec<Vec<(String, String)>>) {
        if self.values.is_empty() {
            self.values = values;
        } else if !values.is_empty() {
            let all = values.iter().flat_map(|outer| {
                self.values.iter().map(move |inner| outer.iter().chain(inner).cloned().collect::<Vec<_>>())
            });
            self.values = all.take(100).collect();
        }
        self.values.truncate(100);
    }
}

/// The parameters of each call of a function, and whether it may run more than once.
fn calls(script: &Script, name: &str) -> (Vec<Vec<(String, String)>>, bool) {
    let mut out = Vec::new();
    let mut seen = 0;
    let mut repeated = false;
    let called = script.commands.iter().filter_map(|command| {
        let (called, values) = super::value::invocation(script, command)?;
        (called == name).then_some((command, values))
    });
    for (command, values) in called.take(100) {
        let mut around = Runs::default();
        for (_, frame) in script.around(command.frame) {
            match &frame.kind {
                Kind::Loop { variable, over } => {
                    around.in_loop(script, command, frame, variable.as_deref(), over.as_deref())
                }
                // A function within a function may be called any number of times.
                Kind::Function(_) => around.repeated = true,
                _ => {}
            }
        }
        seen += 1;
        repeated |= around.repeated;
        let values = values.into_iter().enumerate();
        let values: Vec<(String, String)> =
            values.map(|(index, value)| ((index + 1).to_string(), value.text())).collect();
        if around.values.is_empty() {
            out.push(values);
            continue;
        }
        let put = |run: &Vec<(String, String)>| {
            let fill = |text: &str| {
                run.iter().fold(text.to_string(), |t, (k, v)| t.replace(&format!("${{{k}}}"), v))
            };
            values.iter().map(|(name, text)| (name.clone(), fill(text))).collect()
        };
        out.extend(around.values.iter().map(put));
    }
    out.truncate(100);
    (out, repeated || seen != 1)
}
