//! Materials in the plugin's JSON.

use super::{Mask, Object, options, plugin, texts};
use crate::gocd::{Filter, Material, MaterialKind};
use serde_json::Value;

/// What `type` says of a kind.
fn kind(kind: &MaterialKind) -> Option<&str> {
    Some(match kind {
        MaterialKind::Git => "git",
        MaterialKind::Svn => "svn",
        MaterialKind::Hg => "hg",
        MaterialKind::P4 => "p4",
        MaterialKind::Tfs => "tfs",
        MaterialKind::Dependency => "dependency",
        MaterialKind::Package => "package",
        MaterialKind::Plugin => "plugin",
        MaterialKind::ConfigRepo => "configrepo",
        MaterialKind::Unknown(text) => return text.as_deref(),
    })
}

/// A material; a positive filter is called as the file's own version calls it.
pub fn material(material: &Material, file_version: i32, mask: Mask) -> Value {
    let mut object = Object::default();
    object.copied(&material.unknown);
    object.put("name", material.name.value.clone());
    if let Some(kind) = kind(&material.kind.value) {
        object.put("type", kind);
    }
    if let Some(url) = &material.url {
        object.put("url", mask.url(url));
    }
    object.src("port", &material.port);
    object.src("view", &material.view);
    object.src("branch", &material.branch);
    object.src("destination", &material.destination);
    object.src("auto_update", &material.auto_update);
    object.src("shallow_clone", &material.shallow_clone);
    object.src("check_externals", &material.check_externals);
    object.src("use_tickets", &material.use_tickets);
    object.src("project", &material.project);
    object.src("domain", &material.domain);
    object.src("username", &material.username);
    object.secret("password", &material.password, mask);
    object.secret("encrypted_password", &material.encrypted_password, mask);
    object.src("pipeline", &material.pipeline);
    object.src("stage", &material.stage);
    object.src("ignore_for_scheduling", &material.ignore_for_scheduling);
    object.src("package_id", &material.package);
    object.src("scm_id", &material.scm);
    if material.plugin_id.is_some() || material.plugin_version.is_some() {
        object.put("plugin_configuration", plugin(&material.plugin_id, &material.plugin_version));
    }
    object.some("configuration", options(&material.options, &material.secure_options, mask));
    if material.filter.is_some() {
        object.put("filter", filter([&material.filter, &material.other_filter], file_version));
    }
    object.into()
}

fn filter(filters: [&Option<Filter>; 2], file_version: i32) -> Object {
    let mut object = Object::default();
    for filter in filters.into_iter().flatten() {
        let name = match (filter.includes, file_version) {
            (false, _) => "ignore",
            (true, ..10) => "whitelist",
            (true, _) => "includes",
        };
        object.put(name, texts(&filter.patterns));
    }
    object
}
