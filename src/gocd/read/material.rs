//! Reads one material.

use super::{absent, item, key_place, task, variable};
use crate::finding::Outcome;
use crate::gocd::{Filter, Material, MaterialKind};
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

    /// A path filter is written twice, under its new and its old name.
    ///
    /// ## Why it matters
    /// Only one counts: `ignore` before `blacklist`, but `whitelist` before `includes`. GoCD drops the other in silence.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git", ignore: [docs/**/*], blacklist: ["*.md"]}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Put all patterns into one list: `ignore` or `includes`.
    pub FILTER_WRITTEN_TWICE = "filter-written-twice", Correctness, Warning, NoCounterpart;

    /// A key of a material has no effect on a material of its kind.
    ///
    /// ## Why it matters
    /// GoCD passes it on and ignores it. A path filter on a dependency, for example, filters nothing.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {lib: {pipeline: lib, stage: build, destination: lib}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Remove the key; to get an upstream pipeline's files, use a `fetch` task.
    pub KEY_WITHOUT_EFFECT = "key-without-effect", Correctness, Warning, NoCounterpart;
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
        read_filters(keys, &mut material);
        report_without_effect(keys.reader, &material);
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
        if let Some(text) = keys.loose_text(key) {
            if let Some(short) = field.replace(text) {
                keys.reader
                    .account
                    .report(&SEVERAL_MATERIAL_KINDS, &short, format!("`{key}` is written too, and decides"))
                    .help(format!("keep either the short key or `{key}`"));
            }
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

fn read_filters(keys: &mut Keys<'_, '_>, material: &mut Material) {
    let ignore = filter(keys, "ignore", "blacklist", false);
    let includes = filter(keys, "whitelist", "includes", true);
    (material.filter, material.other_filter) = match (ignore, includes) {
        (Some(ignore), includes) => (Some(ignore), includes),
        (None, includes) => (includes, None),
    };
}

/// One direction of the path filter. When both names are written, the first one counts.
fn filter(
    keys: &mut Keys<'_, '_>,
    wins: &'static str,
    loses: &'static str,
    includes: bool,
) -> Option<Filter> {
    let (winner, loser) = (keys.take(wins), keys.take(loses));
    if let (Some(_), Some(at)) = (winner, loser) {
        let at = At { place: key_place(at), ..at };
        keys.reader
            .account
            .report(
                &FILTER_WRITTEN_TWICE,
                at.place,
                format!("`{loses}` has no effect beside `{wins}`; GoCD drops it"),
            )
            .help("put all patterns into one list");
        keys.reader.book_below(at, Outcome::NoCounterpart, FILTER_WRITTEN_TWICE.name);
    }
    let (key, at) = match (winner, loser) {
        (Some(at), _) => (wins, at),
        (None, Some(at)) => (loses, at),
        (None, None) => return None,
    };
    let mut patterns = Vec::new();
    for item in keys.reader.list(at, &format!("`{key}`"))? {
        if keys.reader.is_null(item) {
            patterns.push(Src::new(None, item.place));
        } else if let Some(text) = keys.reader.text(item, "a pattern") {
            patterns.push(Src::new(Some(text.value), text.place));
        }
    }
    Some(Filter { includes, key: Src::new(key.to_string(), key_place(at)), patterns })
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

/// The keys that mean something on a kind of material, besides those that make the kind.
fn effective(kind: &MaterialKind) -> Option<&'static [&'static str]> {
    Some(match kind {
        MaterialKind::Git => {
            &["url", "branch", "destination", "auto_update", "shallow_clone", "credentials", "filter"]
        }
        MaterialKind::Hg => &["url", "branch", "destination", "auto_update", "credentials", "filter"],
        MaterialKind::Svn => {
            &["url", "check_externals", "destination", "auto_update", "credentials", "filter"]
        }
        MaterialKind::P4 => {
            &["port", "view", "use_tickets", "destination", "auto_update", "credentials", "filter"]
        }
        MaterialKind::Tfs => {
            &["url", "project", "domain", "destination", "auto_update", "credentials", "filter"]
        }
        MaterialKind::Dependency => &["stage", "ignore_for_scheduling"],
        MaterialKind::Package => &[],
        MaterialKind::Plugin => &["destination", "auto_update", "filter"],
        MaterialKind::ConfigRepo => &["destination", "filter"],
        MaterialKind::Unknown(_) => return None,
    })
}

fn report_without_effect(reader: &mut Reader<'_>, material: &Material) {
    let Some(effective) = effective(&material.kind.value) else { return };
    for (group, key, place) in written(material) {
        if effective.contains(&group) {
            continue;
        }
        reader
            .account
            .report(
                &KEY_WITHOUT_EFFECT,
                place,
                format!("`{key}` has no effect on this kind of material; GoCD ignores it"),
            )
            .help(format!("remove `{key}`, or check of what kind the material is meant to be"));
        for filter in [&material.filter, &material.other_filter].into_iter().flatten() {
            if filter.key.place == place {
                for pattern in &filter.patterns {
                    reader.account.book(pattern, Outcome::NoCounterpart, KEY_WITHOUT_EFFECT.name);
                }
            }
        }
    }
}

/// Every optional key that is written: its group in [`effective`], its name, its place.
fn written(material: &Material) -> Vec<(&'static str, &str, Place)> {
    let texts = [
        ("url", "url", &material.url),
        ("port", "port", &material.port),
        ("view", "view", &material.view),
        ("branch", "branch", &material.branch),
        ("destination", "destination", &material.destination),
        ("project", "project", &material.project),
        ("domain", "domain", &material.domain),
        ("credentials", "username", &material.username),
        ("credentials", "password", &material.password),
        ("credentials", "encrypted_password", &material.encrypted_password),
        ("stage", "stage", &material.stage),
    ];
    let flags = [
        ("auto_update", &material.auto_update),
        ("shallow_clone", &material.shallow_clone),
        ("check_externals", &material.check_externals),
        ("use_tickets", &material.use_tickets),
        ("ignore_for_scheduling", &material.ignore_for_scheduling),
    ];
    let mut written = Vec::new();
    for (group, key, text) in texts {
        written.extend(text.iter().map(|text| (group, key, text.place)));
    }
    for (key, flag) in flags {
        written.extend(flag.iter().map(|flag| (key, key, flag.place)));
    }
    for filter in [&material.filter, &material.other_filter].into_iter().flatten() {
        written.push(("filter", filter.key.value.as_str(), filter.key.place));
    }
    written
}
