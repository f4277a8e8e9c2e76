//! Reads one job.

use super::{absent, artifact, item, key_place, task, variable};
use crate::gocd::{Job, RunInstances, Variable};
use crate::source::{At, Keys, Reader, Value};
use crate::span::Src;

crate::findings! {
    /// `run_instances` is neither `all` nor begins with a number.
    ///
    /// ## Why it matters
    /// GoCD refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {run_instances: many, tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write a whole number, or `all`.
    pub INVALID_RUN_INSTANCES = "invalid-run-instances", Refused, Error, Refused;
}

/// The keys of a job, except the variables, which a stage has too.
pub const KEYS: &[&str] = &[
    "timeout",
    "run_instances",
    "resources",
    "elastic_profile_id",
    "artifacts",
    "tabs",
    "properties",
    "tasks",
];

/// Reads a job of `jobs`.
pub fn read(reader: &mut Reader<'_>, name: Src<String>, body: At) -> Option<Job> {
    if reader.is_null(body) {
        reader.wrong_form(body, &format!("job `{}`", name.value), "a mapping");
        item::hint(reader, item::MISINDENTED);
        return None;
    }
    reader.map(body, "a job", |keys| read_keys(keys, name, None))?
}

/// Reads the keys of a job. `shared`: the variables of the stage, when the stage is its own job.
pub fn read_keys(keys: &mut Keys<'_, '_>, name: Src<String>, shared: Option<Vec<Variable>>) -> Option<Job> {
    let mut job = Job {
        timeout: keys.number("timeout"),
        run_instances: run_instances(keys),
        resources: Vec::new(),
        elastic_profile_id: keys.text("elastic_profile_id"),
        variables: Vec::new(),
        artifacts: Vec::new(),
        tabs: Vec::new(),
        properties: Vec::new(),
        property_keys: Vec::new(),
        tasks: Vec::new(),
        containers: Vec::new(),
        name,
    };
    job.variables = shared.unwrap_or_else(|| variable::variables(keys, &mut job.containers));
    job.resources = variable::texts(keys, "resources", &mut job.containers);
    job.artifacts = artifact::read_list(keys, &mut job.containers);
    job.tabs = tabs(keys, &mut job.containers);
    properties(keys, &mut job);
    let Some(tasks) = keys.take("tasks") else {
        item::missing(keys.reader, &job.name, "a job", "tasks");
        return None;
    };
    job.containers.push(key_place(tasks));
    job.tasks = task::read_list(keys.reader, tasks, &mut job.containers);
    Some(job)
}

fn run_instances(keys: &mut Keys<'_, '_>) -> Option<Src<RunInstances>> {
    let text = keys.text("run_instances")?;
    if text.eq_ignore_ascii_case("all") {
        return Some(text.with(RunInstances::All));
    }
    let number = lenient_number(&text);
    if number.is_none() {
        keys.reader
            .account
            .report(
                &INVALID_RUN_INSTANCES,
                &text,
                format!("`run_instances` must be a number or `all`, but `{}` is written", text.value),
            )
            .help("write a whole number, or `all`");
    }
    number.map(|number| text.with(RunInstances::Number(number)))
}

/// A number as the JVM's number format reads it: the leading numeric part counts, commas group digits.
fn lenient_number(text: &str) -> Option<f64> {
    let mut digits = String::new();
    for c in text.chars() {
        match c {
            '-' if digits.is_empty() => digits.push('-'),
            '0'..='9' => digits.push(c),
            '.' if !digits.contains('.') => digits.push('.'),
            ',' if digits.contains(|c: char| c.is_ascii_digit()) && !digits.contains('.') => {}
            _ => break,
        }
    }
    digits.trim_end_matches('.').parse().ok()
}

fn tabs(keys: &mut Keys<'_, '_>, containers: &mut Vec<crate::span::Place>) -> Vec<Src<(String, String)>> {
    let tabs = variable::pairs(keys, "tabs", containers);
    tabs.into_iter()
        .map(|tab| tab.with((tab.value.0.clone(), tab.value.1.clone().unwrap_or_default())))
        .collect()
}

fn properties(keys: &mut Keys<'_, '_>, job: &mut Job) {
    let Some(at) = keys.take("properties") else { return };
    if absent(keys.reader, at) {
        return;
    }
    job.containers.push(key_place(at));
    let reader = &mut *keys.reader;
    if !matches!(reader.tree.node(at.node).value, Value::Map(_)) {
        reader.wrong_form(at, "`properties`", "a mapping of names to properties");
        return;
    }
    for (name, body) in item::entries(reader, at) {
        let read = reader.map(body, "a property", |keys| {
            let source = item::required(keys, "source", name.place, "a property")?;
            let xpath = item::required(keys, "xpath", name.place, "a property")?;
            Some((source, xpath))
        });
        if let Some((source, xpath)) = read.flatten() {
            job.property_keys.extend([source.place, xpath.place]);
            job.properties.push(Src::new((name.value, source.value, xpath.value), name.place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::lenient_number;

    #[test]
    fn numbers_are_read_leniently() {
        let cases = [
            ("7", Some(7.0)),
            ("7abc", Some(7.0)),
            ("1,000", Some(1000.0)),
            ("7.5", Some(7.5)),
            ("-3", Some(-3.0)),
            ("7.", Some(7.0)),
            ("abc", None),
            ("", None),
            ("-", None),
            (".", None),
            ("+7", None),
        ];
        for (text, number) in cases {
            assert_eq!(lenient_number(text), number, "{text}");
        }
    }
}
