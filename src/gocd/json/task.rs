//! Tasks in the plugin's JSON.

use super::{Mask, Object, options, plugin, texts};
use crate::gocd::{Fetch, Task, TaskKind};
use serde_json::Value;

/// A task. The reader bounds how deep `on_cancel` nests.
pub fn task(task: &Task, mask: Mask) -> Value {
    let mut object = Object::default();
    object.copied(&task.unknown);
    object.put("type", name(&task.kind.value));
    object.src("run_if", &task.run_if);
    object.src("working_directory", &task.working_directory);
    if let Some(cancel) = &task.on_cancel {
        object.put("on_cancel", self::task(cancel, mask));
    }
    match &task.kind.value {
        TaskKind::Exec { command, arguments, timeout } => {
            object.src("command", command);
            object.some("arguments", texts(arguments));
            if let Some(timeout) = timeout {
                // The plugin copies it as text.
                object.put("timeout", timeout.value.to_string());
            }
        }
        TaskKind::Build { build_file, target, nant_path, .. } => {
            object.src("build_file", build_file);
            object.src("target", target);
            object.src("nant_path", nant_path);
        }
        TaskKind::Fetch(written) => fetch(&mut object, written, mask),
        TaskKind::Script { text } => script(&mut object, text),
        TaskKind::Plugin { id, version, options: plain, secure_options } => {
            if id.is_some() || version.is_some() {
                object.put("plugin_configuration", plugin(id, version));
            }
            object.some("configuration", options(plain, secure_options, mask));
        }
        TaskKind::Unknown { .. } => {}
    }
    object.into()
}

fn name(kind: &TaskKind) -> &str {
    match kind {
        TaskKind::Exec { .. } => "exec",
        TaskKind::Build { tool, .. } => tool,
        TaskKind::Fetch(_) => "fetch",
        TaskKind::Script { .. } | TaskKind::Plugin { .. } => "plugin",
        TaskKind::Unknown { name } => name,
    }
}

fn fetch(object: &mut Object, fetch: &Fetch, mask: Mask) {
    object.src("artifact_origin", &fetch.artifact_origin);
    object.src("pipeline", &fetch.pipeline);
    object.src("stage", &fetch.stage);
    object.src("job", &fetch.job);
    object.src("source", &fetch.source);
    object.src("is_source_a_file", &fetch.is_file);
    object.src("destination", &fetch.destination);
    object.src("artifact_id", &fetch.artifact_id);
    if fetch.configuration.is_some() {
        let options = options(&fetch.options, &fetch.secure_options, mask);
        // An object where a list is due: what the plugin does with an empty configuration.
        object.put(
            "configuration",
            if options.is_empty() { Object::default().into() } else { Value::from(options) },
        );
    }
}

fn script(object: &mut Object, text: &str) {
    let mut executor = Object::default();
    executor.put("id", "script-executor");
    executor.put("version", "1");
    object.put("plugin_configuration", executor);
    let mut option = Object::default();
    option.put("key", "script");
    option.put("value", text);
    object.put("configuration", vec![Value::from(option)]);
}
