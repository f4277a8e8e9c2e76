//! Bitbucket Cloud: event `repo:push`. It names no files, and may move several branches.

use serde_json::{Value, json};

use super::{AFTER, BEFORE, Change, Event, Kind, text, texts};
use crate::reference::start::Push;

/// The kind.
pub const KIND: Kind = Kind { name: "bitbucket", knows, read, write };

fn knows(body: &Value) -> bool {
    body["push"]["changes"].is_array() && body["repository"]["full_name"].is_string()
}

fn read(body: &Value) -> Event {
    let mut urls = texts(body, &["/repository/links/html/href"]);
    urls.push(format!("https://bitbucket.org/{}", text(body, "/repository/full_name")));
    let changes = body["push"]["changes"].as_array().cloned().unwrap_or_default();
    let pushes = changes.iter().map(|change| {
        let deleted = change["new"].is_null();
        let side = if deleted { &change["old"] } else { &change["new"] };
        let folder = if side["type"] == "tag" { "tags" } else { "heads" };
        let reference = format!("refs/{folder}/{}", text(side, "/name"));
        Push { urls: urls.clone(), reference, deleted, files: None }
    });
    Event { bodies: vec![body.clone()], pushes: pushes.collect() }
}

fn write(change: &Change) -> Value {
    let (_, path) = &change.repository;
    let side = |hash: &str| json!({"type": "branch", "name": change.branch, "target": {"hash": hash}});
    json!({
        "push": {"changes": [{"old": side(BEFORE), "new": side(AFTER), "created": false, "closed": false, "forced": false}]},
        "repository": {"full_name": path}, "actor": {"display_name": "somebody"},
    })
}
