//! Bitbucket Server and Data Center: event `repo:refs_changed`. It names no files; Argo Events makes one event per change.

use serde_json::{Value, json};

use super::{AFTER, BEFORE, Change, Event, Kind, text};
use crate::reference::start::Push;

/// The kind.
pub const KIND: Kind = Kind { name: "bitbucket-server", knows, read, write };

fn knows(body: &Value) -> bool {
    body["changes"].is_array() && body["repository"]["project"]["key"].is_string()
}

fn read(body: &Value) -> Event {
    let links =
        body.pointer("/repository/links/clone").and_then(Value::as_array).cloned().unwrap_or_default();
    let urls: Vec<String> = links.iter().map(|link| text(link, "/href").to_string()).collect();
    let changes = body["changes"].as_array().cloned().unwrap_or_default();
    let mut event = Event { bodies: Vec::new(), pushes: Vec::new() };
    for change in changes {
        event.pushes.push(Push {
            urls: urls.clone(),
            reference: text(&change, "/ref/id").to_string(),
            deleted: change["type"] == "DELETE",
            files: None,
        });
        let mut one = body.clone();
        one["changes"] = json!([change]);
        event.bodies.push(one);
    }
    event
}

fn write(change: &Change) -> Value {
    let (host, path) = &change.repository;
    let (project, name) = path.rsplit_once('/').unwrap_or(("", path));
    let reference = format!("refs/heads/{}", change.branch);
    json!({
        "eventKey": "repo:refs_changed", "actor": {"name": "somebody"},
        "repository": {"slug": name, "project": {"key": project},
                       "links": {"clone": [{"href": format!("https://{host}/scm/{project}/{name}.git"), "name": "http"}]}},
        "changes": [{"ref": {"id": reference, "displayId": change.branch, "type": "BRANCH"}, "refId": reference,
                     "fromHash": BEFORE, "toHash": AFTER, "type": "UPDATE"}],
    })
}
