//! Which runs there are: the written pipelines, those of the corpus, and what is done to runs from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gocd2argo::reference::{Action, Outcome};

use crate::compare::{builds_images, expected};
use crate::run::Asked;
use crate::special::SCENARIOS;
use crate::unit::{Place, Unit, units};
use crate::{corpus, sets};

/// What is done in a case.
pub enum What {
    /// A run, compared with the reference.
    Run(Asked),
    /// The scenario of that number.
    Special(usize),
}

/// One case.
pub struct Case {
    pub group: &'static str,
    pub unit: usize,
    pub what: What,
    pub name: String,
}

impl Case {
    /// Group and name, in one line.
    pub fn title(&self) -> String {
        format!("{}: {}", self.group, self.name)
    }
}

/// Everything that could be run.
pub struct Cases {
    pub units: Vec<Unit>,
    pub cases: Vec<Case>,
    pub programs: BTreeSet<String>,
    /// Pipelines of the corpus that cannot run, by the reason.
    pub left_out: BTreeMap<String, usize>,
    /// Pipelines of the corpus that are run.
    pub corpus: usize,
}

/// All cases. With `slice` those that CI runs.
pub fn all(place: &Place<'_>, slice: bool) -> Cases {
    let mut found = Cases {
        units: Vec::new(),
        cases: Vec::new(),
        programs: BTreeSet::new(),
        left_out: BTreeMap::new(),
        corpus: 0,
    };
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rig/pipelines"));
    let reading = gocd2argo::passes::read(&sets::yaml_files(folder)).unwrap();
    assert!(!reading.is_refused(), "the written pipelines are refused");
    let (written, programs) = units("written", reading, place).unwrap();
    found.programs.extend(programs);
    for unit in written {
        found.add_written(unit, slice);
    }
    for (number, (name, pipeline, _)) in SCENARIOS.iter().enumerate() {
        let unit = found.units.iter().position(|unit| unit.pipeline == *pipeline).unwrap();
        found.cases.push(Case {
            group: "from outside",
            unit,
            what: What::Special(number),
            name: (*name).into(),
        });
    }
    for (number, (name, files)) in sets::sets().unwrap_or_default().into_iter().enumerate() {
        if !slice || number % 7 == 3 {
            found.add_set(&name, &files, place, slice);
        }
    }
    found.mix();
    found
}

impl Cases {
    /// Cases of all kinds come early, in the same order every time: the time may be up before all have run.
    fn mix(&mut self) {
        let count = self.cases.len();
        let mut cases: Vec<(usize, Case)> = std::mem::take(&mut self.cases).into_iter().enumerate().collect();
        cases.sort_by_key(|(number, _)| number * 37 % count.max(1) * count + number);
        self.cases = cases.into_iter().map(|(_, case)| case).collect();
    }

    fn add_written(&mut self, unit: Unit, slice: bool) {
        let at = self.units.len();
        let name = unit.pipeline.clone();
        let mut push = |group, asked: Asked, name: String| {
            self.cases.push(Case { group, unit: at, what: What::Run(asked), name });
        };
        let only_from_outside = name == "cleaned-up";
        let commands = if only_from_outside { Vec::new() } else { commands(&unit) };
        if !only_from_outside {
            push("written, nothing fails", Asked::default(), name.clone());
        }
        for (number, pattern) in commands.into_iter().enumerate() {
            let shown = format!("{name}: {pattern:.40?} fails");
            if !slice || (at + number).is_multiple_of(6) {
                push("written, a command fails", Asked { fail: vec![pattern], ..Asked::default() }, shown);
            }
        }
        if unit.gocd().stages.iter().skip(1).any(gocd2argo::gocd::Stage::is_manual) {
            push(
                "written, a gate stays shut",
                Asked { approve: false, ..Asked::default() },
                format!("{name}: not approved"),
            );
        }
        if name == "timed" || name == "precedence" || name == "by-hand" {
            for trigger in ["push", "timer"] {
                let asked = Asked { parameters: [trigger, "{}", "true"], ..Asked::default() };
                push("written, other triggers", asked, format!("{name}: by {trigger}"));
            }
        }
        self.units.push(unit);
    }

    fn add_set(&mut self, name: &str, files: &[std::path::PathBuf], place: &Place<'_>, slice: bool) {
        let reading = gocd2argo::passes::read(files).unwrap();
        let refused = reading.configuration.pipelines.iter().filter(|pipeline| pipeline.refused).count();
        if refused > 0 {
            *self.left_out.entry("GoCD refuses it".into()).or_default() += refused;
        }
        let (units, programs) = units(name, reading, place).unwrap();
        self.programs.extend(programs);
        for (number, unit) in units.into_iter().enumerate() {
            if let Some(class) = corpus::left_out(name, &unit) {
                *self.left_out.entry(class).or_default() += 1;
                continue;
            }
            self.corpus += 1;
            if slice && number > 0 {
                continue;
            }
            let (at, name) = (self.units.len(), format!("{name} {}", unit.pipeline));
            self.cases.push(Case {
                group: "corpus, nothing fails",
                unit: at,
                what: What::Run(Asked::default()),
                name: name.clone(),
            });
            for pattern in commands(&unit).into_iter().filter(|_| !slice) {
                let shown = format!("{name}: {pattern:.40?} fails");
                let what = What::Run(Asked { fail: vec![pattern], ..Asked::default() });
                self.cases.push(Case { group: "corpus, a command fails", unit: at, what, name: shown });
            }
            self.units.push(unit);
        }
    }
}

/// The commands that run when nothing fails, each once, as patterns for a failure.
fn commands(unit: &Unit) -> Vec<String> {
    let traced = expected(unit, &Asked::default());
    let mut seen = BTreeSet::new();
    let tasks = traced.stages.iter().flat_map(|stage| &stage.jobs).flat_map(|job| &job.tasks);
    let runs = tasks
        .filter(|task| task.runs && task.result == Some(Outcome::Passed) && !builds_images(&task.action));
    runs.filter_map(|task| {
        let words = match &task.action {
            Action::Exec { words } => words.join(" "),
            Action::Script { text, .. } => text.clone(),
            _ => return None,
        };
        // `#N` at the end would mean the N-th such command.
        let numbered = words.rsplit_once('#').is_some_and(|(_, number)| number.parse::<usize>().is_ok());
        (!numbered && !words.is_empty() && seen.insert(words.clone())).then_some(words)
    })
    .collect()
}
