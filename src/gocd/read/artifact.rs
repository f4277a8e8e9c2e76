//! Reads the artifacts of a job.

use super::{absent, item, key_place, variable};
use crate::gocd::{Artifact, ArtifactKind};
use crate::source::{At, Keys, Reader, Value};
use crate::span::{Place, Src};

crate::findings! {
    /// An artifact is none of `build`, `test` and `external`.
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
    ///     stages:
    ///       - build:
    ///           artifacts: [{file: {source: out}}]
    ///           tasks: [exec: {command: make}]
    /// ```
    ///
    /// ## Instead
    /// Write `build` for files, `test` for test reports, `external` for an artifact plugin.
    pub UNKNOWN_ARTIFACT_KIND = "unknown-artifact-kind", Refused, Error, Refused;

    /// An item of `artifacts` is an empty mapping.
    ///
    /// ## Why it matters
    /// GoCD drops it in silence: nothing is published for it.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build:
    ///           artifacts: [{}]
    ///           tasks: [exec: {command: make}]
    /// ```
    ///
    /// ## Instead
    /// Write what is to be published, or remove the item.
    pub EMPTY_ARTIFACT = "empty-artifact", Correctness, Warning, NoCounterpart;
}

/// Reads `artifacts`. Lists inside the list are refused.
pub fn read_list(keys: &mut Keys<'_, '_>, containers: &mut Vec<Place>) -> Vec<Artifact> {
    let Some(at) = keys.take("artifacts") else { return Vec::new() };
    if absent(keys.reader, at) {
        return Vec::new();
    }
    containers.push(key_place(at));
    let mut artifacts = Vec::new();
    for item in keys.reader.list(at, "`artifacts`").unwrap_or_default() {
        artifacts.extend(read(keys.reader, item));
    }
    artifacts
}

fn read(reader: &mut Reader<'_>, at: At) -> Option<Artifact> {
    if matches!(&reader.tree.node(at.node).value, Value::Map(entries) if entries.is_empty()) {
        reader
            .account
            .report(&EMPTY_ARTIFACT, at.place, "this artifact is empty; GoCD drops it")
            .help("write what is to be published, or remove the item");
        return None;
    }
    let (name, body) = item::single(reader, at, "an artifact")?;
    let kind = match name.to_lowercase().as_str() {
        "build" => ArtifactKind::Build,
        "test" => ArtifactKind::Test,
        "external" => ArtifactKind::External,
        _ => {
            let message = format!("`{}` is not a kind of artifact", name.value);
            reader
                .account
                .report(&UNKNOWN_ARTIFACT_KIND, &name, message)
                .help("GoCD knows `build`, `test` and `external`");
            return None;
        }
    };
    if reader.is_null(body) {
        reader.wrong_form(body, &format!("artifact `{}`", name.value), "a mapping");
        item::hint(reader, item::MISINDENTED);
        return None;
    }
    if let Value::Text(_) = reader.tree.node(body.node).value {
        reader.wrong_form(body, &format!("artifact `{}`", name.value), "a mapping");
        item::hint(reader, &format!("GoCD has no short form: write `{}: {{source: …}}`", name.value));
        return None;
    }
    let kind = name.with(kind);
    reader.map(body, "an artifact", |keys| read_keys(keys, kind, at.place))?
}

fn read_keys(keys: &mut Keys<'_, '_>, kind: Src<ArtifactKind>, item: Place) -> Option<Artifact> {
    let mut artifact = Artifact {
        item,
        source: None,
        destination: None,
        id: None,
        store_id: None,
        options: Vec::new(),
        secure_options: Vec::new(),
        containers: Vec::new(),
        kind,
    };
    let place = artifact.kind.place;
    if artifact.kind.value == ArtifactKind::External {
        artifact.id = item::required(keys, "id", place, "an external artifact");
        artifact.store_id = item::required(keys, "store_id", place, "an external artifact");
        let (options, secure) = configuration(keys, &mut artifact.containers)?;
        artifact.options = options;
        artifact.secure_options = secure;
    } else {
        artifact.source = item::required(keys, "source", place, "an artifact");
        artifact.destination = keys.text("destination");
    }
    Some(artifact)
}

/// `configuration` with `options` and `secure_options`; both empty when it is absent. `None`: refused.
pub fn configuration(
    keys: &mut Keys<'_, '_>,
    containers: &mut Vec<Place>,
) -> Option<(Vec<variable::Pair>, Vec<variable::Pair>)> {
    let Some(at) = keys.take("configuration") else { return Some(Default::default()) };
    if absent(keys.reader, at) {
        return Some(Default::default());
    }
    containers.push(key_place(at));
    keys.reader.map(at, "a configuration", |keys| {
        let options = variable::pairs(keys, "options", containers);
        (options, variable::pairs(keys, "secure_options", containers))
    })
}
