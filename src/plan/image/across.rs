//! Images that one job of a pipeline builds and another one pushes. In GoCD that works when both meet the same agent; in
//! pods each has files of its own, so the build has to push.

use super::links::{self, Links};
use super::unit::Unit;
use super::{Form, Options, TaskText, rules};
use crate::finding::Rule;
use std::collections::{BTreeMap, BTreeSet};

/// A job of a pipeline, for the look across jobs.
pub struct Member<'a> {
    /// Number of its stage.
    pub stage: usize,
    /// Its name, for messages.
    pub name: String,
    /// Its tasks.
    pub tasks: &'a [TaskText<'a>],
    /// Plain variables.
    pub variables: &'a BTreeMap<String, String>,
    /// Names of secure ones.
    pub secure: &'a BTreeSet<String>,
}

impl Member<'_> {
    /// Does it run anything?
    fn works(&self) -> bool {
        self.tasks.iter().any(|task| !matches!(task.form, Form::Other))
    }
}

/// What a job has to know about other jobs' images, and its tasks as they were read to find that out.
#[derive(Debug)]
pub struct Joins {
    /// Its tasks.
    pub(super) units: Vec<Unit>,
    /// Images of earlier stages by name.
    pub earlier: BTreeMap<String, Earlier>,
    /// Names that later jobs want for this job's builds.
    pub wanted: Vec<Wanted>,
}

/// An image that an earlier job builds.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Number of that job in the pipeline.
    pub job: usize,
    /// Its name.
    pub name: String,
    /// Number of the build in it.
    pub build: usize,
    /// Why its push cannot be moved to the build: a person stands between, or the work of another stage.
    pub gate: Option<&'static Rule>,
}

/// The reference in the shell's spelling and for readers, and with everything known put in; or why only a person may
/// have it pushed.
pub type Wish = Result<(super::request::Text, String), &'static Rule>;

/// A name that a later job gives to a build.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Number of the build in its job.
    pub build: usize,
    /// The job that pushes it.
    pub by: String,
    /// The reference that it gets.
    pub destination: Wish,
}

/// Looks across the jobs of a pipeline; `manual` are the stages that a person starts. One entry per job.
pub fn joins(
    members: &[Member<'_>],
    manual: &BTreeSet<usize>,
    files: &dyn Fn(&str) -> Option<String>,
) -> Vec<Joins> {
    let read = |member: &Member<'_>| Options::new(member.variables, member.secure, files).read(member.tasks);
    let mut out: Vec<Joins> = members
        .iter()
        .map(|member| Joins { units: read(member), earlier: BTreeMap::new(), wanted: Vec::new() })
        .collect();
    if members.len() < 2 {
        return out;
    }
    let alone: Vec<Links> =
        members.iter().zip(&out).map(|(member, joins)| link(member, files, joins)).collect();
    let loose = alone.iter().any(|links| links.has_loose_push());
    if !loose {
        return out;
    }
    for (number, member) in members.iter().enumerate().filter(|(number, _)| alone[*number].has_loose_push()) {
        for (other, builder) in members.iter().enumerate().filter(|(_, other)| other.stage < member.stage) {
            let approval = manual.iter().any(|stage| builder.stage < *stage && *stage <= member.stage);
            let between =
                members.iter().any(|m| (builder.stage + 1..member.stage).contains(&m.stage) && m.works());
            let gate = match (approval, between) {
                (true, _) => Some(&rules::build::PUSH_BEHIND_APPROVAL),
                (false, true) => Some(&rules::push::PUSHED_BEFORE_TEST),
                (false, false) => None,
            };
            for (key, build) in &alone[other].names {
                if same_values(key, member, builder) {
                    let name = builder.name.clone();
                    let earlier = Earlier { job: other, name, build: *build, gate };
                    out[number].earlier.insert(key.clone(), earlier);
                }
            }
        }
        let links = link(member, files, &out[number]);
        for (earlier, destination) in links.foreign {
            let wanted = Wanted { build: earlier.build, by: member.name.clone(), destination };
            out[earlier.job].wanted.push(wanted);
        }
    }
    out
}

fn link(member: &Member<'_>, files: &dyn Fn(&str) -> Option<String>, joins: &Joins) -> Links {
    let options = Options { joins: Some(joins), ..Options::new(member.variables, member.secure, files) };
    links::link(&joins.units, &options)
}

/// Have the variables in the name the same values in both jobs?
fn same_values(key: &str, one: &Member<'_>, two: &Member<'_>) -> bool {
    let names = key.split("${").skip(1).filter_map(|rest| rest.split('@').next());
    names.into_iter().all(|name| {
        one.variables.get(name) == two.variables.get(name)
            && !name.starts_with("GO_STAGE")
            && !name.starts_with("GO_JOB")
    })
}
