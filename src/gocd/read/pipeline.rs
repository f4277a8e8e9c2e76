//! Reads one pipeline.

use super::{absent, item, key_place, material, stage, variable};
use crate::finding::Outcome;
use crate::gocd::{Pipeline, Timer, TrackingTool};
use crate::source::{At, Keys, Reader, Value};
use crate::span::{FileId, Src};

crate::findings! {
    /// A pipeline has both `template` and `stages`.
    ///
    /// ## Why it matters
    /// Only the template counts; GoCD drops the stages in silence.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     template: build-and-test
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Keep the one that is meant.
    pub STAGES_BESIDE_TEMPLATE = "stages-beside-template", Correctness, Warning, NoCounterpart;
}

/// Reads a pipeline. What is wrong in it is reported; the caller leaves it out if anything was.
pub fn read(
    reader: &mut Reader<'_>,
    file: FileId,
    file_version: i32,
    name: Src<String>,
    body: At,
) -> Option<Pipeline> {
    if reader.is_null(body) {
        reader.wrong_form(body, &format!("pipeline `{}`", name.value), "a mapping");
        item::hint(reader, item::MISINDENTED);
        return None;
    }
    reader.map(body, "a pipeline", |keys| read_keys(keys, file, file_version, name))
}

fn read_keys(keys: &mut Keys<'_, '_>, file: FileId, file_version: i32, name: Src<String>) -> Pipeline {
    let mut containers = Vec::new();
    let mut pipeline = Pipeline {
        file,
        file_version,
        slots: Vec::new(),
        refused: false,
        group: keys.text("group"),
        display_order: keys.number("display_order"),
        template: None,
        label_template: keys.text("label_template"),
        locking: keys.flag("locking"),
        lock_behavior: keys.text("lock_behavior"),
        lock: None,
        tracking_tool: tracking_tool(keys),
        timer: timer(keys),
        variables: variable::variables(keys, &mut containers),
        parameters: variable::pairs(keys, "parameters", &mut containers),
        materials: Vec::new(),
        stages: Vec::new(),
        containers,
        name,
    };
    read_materials(keys, &mut pipeline);
    read_stages(keys, &mut pipeline);
    pipeline
}

fn tracking_tool(keys: &mut Keys<'_, '_>) -> Option<TrackingTool> {
    let at = keys.take("tracking_tool")?;
    if absent(keys.reader, at) {
        return None;
    }
    let place = key_place(at);
    keys.reader.map(at, "a tracking tool", |keys| TrackingTool {
        place,
        link: keys.text("link"),
        regex: keys.text("regex"),
    })
}

fn timer(keys: &mut Keys<'_, '_>) -> Option<Timer> {
    let at = keys.take("timer")?;
    if absent(keys.reader, at) {
        return None;
    }
    if let Value::Text(_) = keys.reader.tree.node(at.node).value {
        keys.reader.wrong_form(at, "`timer`", "a mapping");
        item::hint(keys.reader, "write the expression below the key `spec`: `timer: {spec: \"…\"}`");
        return None;
    }
    let place = key_place(at);
    keys.reader.map(at, "a timer", |keys| {
        let spec = item::required(keys, "spec", place, "a timer");
        let only_on_changes = keys.flag("only_on_changes");
        spec.map(|spec| Timer { place, spec, only_on_changes })
    })?
}

fn read_materials(keys: &mut Keys<'_, '_>, pipeline: &mut Pipeline) {
    let Some(at) = keys.take("materials") else {
        item::missing(keys.reader, &pipeline.name, "a pipeline", "materials");
        return;
    };
    pipeline.containers.push(key_place(at));
    let reader = &mut *keys.reader;
    if !matches!(reader.tree.node(at.node).value, Value::Map(_)) {
        reader.wrong_form(at, "`materials`", "a mapping of names to materials");
        return;
    }
    for (name, body) in item::entries(reader, at) {
        pipeline.materials.extend(material::read(reader, name, body));
    }
}

fn read_stages(keys: &mut Keys<'_, '_>, pipeline: &mut Pipeline) {
    let has_template = keys.remaining().any(|key| key == "template");
    pipeline.template = keys.text("template");
    let stages = keys.take("stages");
    let by_template = pipeline.template.as_ref().is_some_and(|name| !name.is_empty());
    match stages {
        None if has_template => {}
        None => item::missing(keys.reader, &pipeline.name, "a pipeline", "stages"),
        Some(at) if by_template => {
            keys.reader
                .account
                .report(
                    &STAGES_BESIDE_TEMPLATE,
                    key_place(at),
                    "`stages` has no effect beside `template`; GoCD drops it",
                )
                .help("remove `stages`, or remove `template`");
            keys.reader.book_below(
                At { place: key_place(at), ..at },
                Outcome::NoCounterpart,
                STAGES_BESIDE_TEMPLATE.name,
            );
        }
        Some(at) => {
            pipeline.containers.push(key_place(at));
            let is_list = matches!(keys.reader.tree.node(at.node).value, Value::List(_));
            if is_list || !has_template {
                pipeline.stages = stage::read_list(keys.reader, at, &mut pipeline.containers);
            }
        }
    }
}
