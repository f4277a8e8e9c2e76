//! Reads one material.

use super::{absent, effect, filter, item, key_place, task, variable};
use crate::finding::Outcome;
use crate::gocd::{Material, MaterialKind};
use crate::source::keys::UNKNOWN_KEY;
use crate::source::{At, Keys, Reader};
use crate::span::{Place, Src};

crate::findings! {
    /// A material has several keys that each say of what kind it is.
    ///
    /// ## Why it matters
    /// GoCD applies them one after the other, and the last one decides: `pipeline` beside `git` makes a dependency of it,
    /// and nothing is checked out. It happens with merged anchors.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git", pipeline: lib, stage: build}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Make two materials of it.
    pub SEVERAL_MATERIAL_KINDS = "several-material-kinds", Correctness, Warning, NoCounterpart;
}

/// Keys that the plugin keeps for itself and drops.
const RESERVED: [&str; 5] = ["name", "filter", "excludes", "scm_id", "package_id"];

/// Reads a material.
pub fn read(reader: &mut Reader<'_>, name: Src<String>, body: At) -> Option<Material> {
    if reader.is_null(body) {
        reader.wrong_form(body, &format!("material `{}`", name.value), "a mapping");
        item::hint(reader, item::MISINDENTED);
        return None;
    }
    reader.map(body, "a material", |keys| {
        let mut material = empty(name);
        read_kind(keys, &mut material);
        read_texts(keys, &mut material);
        filter::read(keys, &mut material);
        effect::report(keys.reader, &material);
        report_reserved(keys);
        material.unknown = keys.copied();
        material
    })
}

fn empty(name: Src<String>) -> Material {
    Material {
        kind: name.with(MaterialKind::Unknown(None)),
        name,
        type_key: None,
        url: None,
        port: None,
        view: None,
        branch: None,
        destination: None,
        auto_update: None,
        shallow_clone: None,
        check_externals: None,
        use_tickets: None,
        project: None,
        domain: None,
        username: None,
        password: None,
        encrypted_password: None,
        filter: None,
        other_filter: None,
        pipeline: None,
        stage: None,
        ignore_for_scheduling: None,
        package: None,
        scm: None,
        plugin_id: None,
        plugin_version: None,
        options: Vec::new(),
        secure_options: Vec::new(),
        containers: Vec::new(),
        unknown: Vec::new(),
    }
}

/// What `type` names.
fn named(kind: &str) -> MaterialKind {
    match kind {
        "git" => MaterialKind::Git,
        "svn" => MaterialKind::Svn,
        "hg" => MaterialKind::Hg,
        "p4" => MaterialKind::P4,
        "tfs" => MaterialKind::Tfs,
        "dependency" => MaterialKind::Dependency,
        "package" => MaterialKind::Package,
        "plugin" => MaterialKind::Plugin,
        "configrepo" => MaterialKind::ConfigRepo,
        other => MaterialKind::Unknown(Some(other.to_string())),
    }
}

/// Reads `type` and the short keys, in the order in which the plugin applies them: the last one decides.
fn read_kind(keys: &mut Keys<'_, '_>, material: &mut Material) {
    material.type_key = keys.loose_text("type");
    if let Some(text) = &material.type_key {
        material.kind = text.with(named(text));
    }
    let mut decided: Vec<(&str, Src<MaterialKind>)> = Vec::new();
    for (key, kind) in [("git", MaterialKind::Git), ("svn", MaterialKind::Svn), ("hg", MaterialKind::Hg)] {
        if let Some((place, url)) = short(keys, key) {
            material.url = Some(url);
            decided.push((key, Src::new(kind, place)));
        }
    }
    if let Some((place, pipeline)) = short(keys, "pipeline") {
        material.pipeline = Some(pipeline);
        decided.push(("pipeline", Src::new(MaterialKind::Dependency, place)));
    }
    read_plugin(keys, material, &mut decided);
    if let Some((place, package)) = short(keys, "package") {
        material.package = Some(package);
        decided.push(("package", Src::new(MaterialKind::Package, place)));
    }
    if let Some((place, port)) = short(keys, "p4") {
        material.port = Some(port);
        decided.push(("p4", Src::new(MaterialKind::P4, place)));
    }
    let Some((last, kind)) = decided.pop() else { return };
    for (key, other) in decided.iter().filter(|(_, other)| other.value != kind.value) {
        keys.reader
            .account
            .report(
                &SEVERAL_MATERIAL_KINDS,
                other,
                format!("`{key}` and `{last}` both say of what kind the material is; `{last}` decides"),
            )
            .related(kind.place.span, "this one decides")
            .help("make two materials of it, or remove the one that is not meant");
    }
    material.kind = kind;
}

/// A short key: its place, and the text it stands for.
fn short(keys: &mut Keys<'_, '_>, key: &'static str) -> Option<(Place, Src<String>)> {
    let at = keys.take(key)?;
    if absent(keys.reader, at) {
        return None;
    }
    Some((key_place(at), keys.reader.text(at, key)?))
}

fn read_plugin(
    keys: &mut Keys<'_, '_>,
    material: &mut Material,
    decided: &mut Vec<(&str, Src<MaterialKind>)>,
) {
    if let Some((place, scm)) = short(keys, "scm") {
        material.scm = Some(scm);
        decided.push(("scm", Src::new(MaterialKind::Plugin, place)));
    }
    let before = material.containers.len();
    let (id, version) = task::plugin_id(keys, "plugin_configuration", &mut material.containers);
    if let Some(place) = material.containers.get(before).copied() {
        material.plugin_id = id;
        material.plugin_version = version;
        decided.push(("plugin_configuration", Src::new(MaterialKind::Plugin, place)));
    }
    let by_type = material.kind.value == MaterialKind::Plugin;
    if by_type || decided.iter().any(|(_, kind)| kind.value == MaterialKind::Plugin) {
        material.options = variable::pairs(keys, "options", &mut material.containers);
        material.secure_options = variable::pairs(keys, "secure_options", &mut material.containers);
    }
}

fn read_texts(keys: &mut Keys<'_, '_>, material: &mut Material) {
    let long = [("url", &mut material.url), ("port", &mut material.port)];
    for (key, field) in long {
        let Some(text) = keys.loose_text(key) else { continue };
        if let Some(short) = field.replace(text) {
            keys.reader
                .account
                .report(&SEVERAL_MATERIAL_KINDS, &short, format!("`{key}` is written too, and decides"))
                .help(format!("keep either the short key or `{key}`"));
        }
    }
    material.view = keys.loose_text("view");
    material.branch = keys.loose_text("branch");
    material.destination = keys.loose_text("destination");
    material.auto_update = keys.flag("auto_update");
    material.shallow_clone = keys.flag("shallow_clone");
    material.check_externals = keys.flag("check_externals");
    material.use_tickets = keys.flag("use_tickets");
    material.ignore_for_scheduling = keys.flag("ignore_for_scheduling");
    material.project = keys.loose_text("project");
    material.domain = keys.loose_text("domain");
    material.username = keys.loose_text("username");
    material.password = keys.loose_text("password");
    material.encrypted_password = keys.loose_text("encrypted_password");
    material.stage = keys.loose_text("stage");
}

fn report_reserved(keys: &mut Keys<'_, '_>) {
    for key in RESERVED {
        if !keys.remaining().any(|remaining| remaining == key) {
            continue;
        }
        let Some(at) = keys.take(key) else { continue };
        let at = At { place: key_place(at), ..at };
        let help = match key {
            "name" => "the material's name is the key above it",
            "filter" => "write `ignore` or `includes` directly below the material",
            "excludes" => "did you mean `ignore`?",
            "scm_id" => "did you mean `scm`?",
            _ => "did you mean `package`?",
        };
        keys.reader
            .account
            .report(&UNKNOWN_KEY, at.place, format!("`{key}` is not a key of a material; GoCD drops it"))
            .help(help);
        keys.reader.book_below(at, Outcome::NoCounterpart, UNKNOWN_KEY.name);
    }
}
