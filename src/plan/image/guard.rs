//! Under which condition a push runs, seen from its build.

use super::reach;
use super::retry;
use super::shell::{Command, FrameId, Kind, Word};
use super::unit::Unit;
use std::collections::BTreeSet;
use std::ops::Range;

/// A command of the job: task and number in its script.
pub type Spot = (usize, usize);

/// How a later command depends on more than its build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// It runs whenever the build did.
    Always,
    /// It runs when this shell condition holds, which can be evaluated at the build as well.
    When(String),
    /// It cannot be said before running; the text says what decides.
    Unclear(String),
}

/// Everything the judgement needs.
pub struct Guards<'a> {
    /// The tasks.
    pub units: &'a [Unit],
    /// Commands that vanish into a build or into nothing: they decide nothing.
    pub vanishing: &'a BTreeSet<Spot>,
}

impl Guards<'_> {
    /// The relation of `late` to `build`.
    pub fn relation(&self, build: Spot, late: Spot) -> Relation {
        let unit = &self.units[late.0];
        let script = &unit.script;
        let mut conditions = Vec::new();
        let mut frames: Vec<FrameId> =
            script.around(script.commands[late.1].frame).map(|(id, _)| id).collect();
        frames.reverse();
        for id in frames {
            if build.0 == late.0 && script.encloses(id, script.commands[build.1].frame) {
                continue;
            }
            let command = &script.commands[late.1];
            let retried = match script.frames[id].kind {
                Kind::Loop { .. } => retry::tries(script, &script.frames[id], command),
                Kind::Or(_) => retry::again(script, command),
                _ => false,
            };
            if retried || reach::taken(script, &unit.text, id) == Some(true) {
                continue;
            }
            match self.guard(unit, build, late, &script.frames[id].kind) {
                Relation::Always => {}
                Relation::When(condition) => conditions.push(condition),
                unclear => return unclear,
            }
        }
        match conditions.len() {
            0 => Relation::Always,
            _ => Relation::When(conditions.join(" && ")),
        }
    }

    fn guard(&self, unit: &Unit, build: Spot, late: Spot, kind: &Kind) -> Relation {
        match kind {
            Kind::And(left) => match self.deciding(build, late, left).as_slice() {
                [] => Relation::Always,
                deciding if deciding.iter().all(|command| tests(command)) => {
                    let first = deciding[0].range.start;
                    let last = deciding.iter().map(|command| command.whole.end).max().unwrap_or(first);
                    self.moved(unit, build, late, &(first..last), false)
                }
                // Ordinary commands in between: told by `push-moved-earlier`.
                _ => Relation::Always,
            },
            Kind::Or(left) => self.moved(unit, build, late, left, true),
            Kind::Branch { conditions, otherwise } => self.branch(unit, build, late, conditions, *otherwise),
            Kind::Arm { subject, patterns } => {
                let subject = unit.slice(subject);
                if subject.contains(['`', '(']) || patterns.contains(['*', '`', '(']) || patterns.is_empty() {
                    return Relation::Unclear(format!("case {subject} in {patterns})"));
                }
                Relation::When(format!("case {subject} in {patterns}) true ;; *) false ;; esac"))
            }
            // Each of its words becomes a destination.
            Kind::Loop { variable: Some(_), over: Some(words) }
                if words.iter().all(|w| w.constant().is_some()) =>
            {
                Relation::Always
            }
            // The build stands in a loop over the same words.
            Kind::Loop { variable: Some(name), over: Some(words) }
                if self.in_such_loop(build, name, words) =>
            {
                Relation::Always
            }
            Kind::Loop { .. } => Relation::Unclear("the loop around it".to_string()),
            _ => Relation::Always,
        }
    }

    fn in_such_loop(&self, build: Spot, name: &str, words: &[Word]) -> bool {
        let script = &self.units[build.0].script;
        script.around(script.commands[build.1].frame).any(|(_, frame)| match &frame.kind {
            Kind::Loop { variable: Some(variable), over: Some(over) } => {
                variable == name && over.iter().map(|w| &w.source).eq(words.iter().map(|w| &w.source))
            }
            _ => false,
        })
    }

    fn branch(
        &self,
        unit: &Unit,
        build: Spot,
        late: Spot,
        conditions: &[Range<usize>],
        otherwise: bool,
    ) -> Relation {
        let mut out = Vec::new();
        for (index, range) in conditions.iter().enumerate() {
            let negated = otherwise || index + 1 < conditions.len();
            let text = trimmed(unit.slice(range));
            if !negated && (self.deciding(build, late, range).is_empty() || succeeded(text)) {
                continue;
            }
            match self.moved(unit, build, late, range, negated) {
                Relation::When(condition) => out.push(condition),
                other => return other,
            }
        }
        if out.is_empty() { Relation::Always } else { Relation::When(out.join(" && ")) }
    }

    /// The commands of a range that run after the build and have a say.
    fn deciding<'u>(&'u self, build: Spot, late: Spot, range: &Range<usize>) -> Vec<&'u Command> {
        let script = &self.units[late.0].script;
        let after = if build.0 == late.0 { script.commands[build.1].range.end } else { 0 };
        let numbered = script.commands.iter().enumerate();
        numbered
            .filter(|(_, command)| range.start <= command.range.start && command.range.end <= range.end)
            .filter(|(_, command)| command.range.start >= after)
            .filter(|(index, command)| {
                !self.vanishing.contains(&(late.0, *index)) && (late.0, *index) != build && !harmless(command)
            })
            .map(|(_, command)| command)
            .collect()
    }

    /// The condition in the bytes, if it gives the same at the build.
    fn moved(&self, unit: &Unit, build: Spot, late: Spot, range: &Range<usize>, negated: bool) -> Relation {
        let text = trimmed(unit.slice(range)).trim_end_matches(['&', '|']).trim();
        let commands: Vec<&Command> = unit.script.within(range).collect();
        let pure = !commands.is_empty() && commands.iter().all(|command| tests(command)) && !asks_files(text);
        let stable =
            commands.iter().flat_map(|command| &command.reads).all(|name| self.unchanged(build, late, name));
        if !pure || !stable || text.contains('\n') {
            return Relation::Unclear(text.to_string());
        }
        Relation::When(match negated {
            true if commands.len() == 1 => format!("! {text}"),
            true => format!("! {{ {text}; }}"),
            false => text.to_string(),
        })
    }

    /// Has the variable the same value at both places?
    fn unchanged(&self, build: Spot, late: Spot, name: &str) -> bool {
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return false;
        }
        let sets = |unit: usize, range: Range<usize>| {
            let commands = &self.units[unit].script.commands;
            commands.iter().any(|command| {
                let inside = range.contains(&command.range.start);
                let read = command.words.first().and_then(Word::constant).is_some_and(|word| word == "read");
                let named = command.words.iter().any(|word| word.head() == name);
                inside && (command.assignments.iter().any(|a| a.name == name) || (read && named))
            })
        };
        let start = |spot: Spot| self.units[spot.0].script.commands[spot.1].range.start;
        if build.0 == late.0 {
            return !sets(build.0, start(build)..start(late));
        }
        !sets(build.0, 0..usize::MAX) && !sets(late.0, 0..start(late))
    }
}

/// `[ … ]`, `[[ … ]]`, `test`, `true`, `false`.
pub fn tests(command: &Command) -> bool {
    let name = command.words.first().and_then(Word::constant);
    let known = matches!(name.as_deref(), Some("[" | "test" | "true" | "false" | ":"));
    (command.test || known) && !command.broken && command.assignments.is_empty()
}

fn asks_files(text: &str) -> bool {
    [" -f ", " -e ", " -d ", " -s ", " -r ", " -x ", " -nt ", " -ot "].iter().any(|test| text.contains(test))
}

/// `[ $? -eq 0 ]`: the command before, which is the build or something that vanishes with it, has succeeded.
fn succeeded(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| !matches!(c, '[' | ']' | '"' | ' ')).collect();
    matches!(plain.as_str(), "$?-eq0" | "$?==0" | "$?=0" | "test$?-eq0")
}

fn trimmed(text: &str) -> &str {
    text.trim().trim_end_matches(';').trim()
}

/// Commands that neither test the image nor change the outcome.
pub fn harmless(command: &Command) -> bool {
    let name = command.words.first().and_then(Word::constant);
    let quiet = [
        "echo", "printf", "set", "export", "cd", "pushd", "popd", ":", "true", "declare", "local", "sleep",
        "date", "wait",
    ];
    command.words.is_empty() && !command.test || name.is_some_and(|name| quiet.contains(&name.as_str()))
}
