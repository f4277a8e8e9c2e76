//! Azure DevOps: service hook `git.push`. It names no files, and may move several branches.

use serde_json::{Value, json};

use super::{AFTER, BEFORE, Change, Event, Kind, is_nothing, text, texts};
use crate::reference::start::Push;

/// The kind.
pub const KIND: Kind = Kind { name: "azure-devops", knows, read, write };

fn knows(body: &Value) -> bool {
    body["eventType"] == "git.push"
}

fn read(body: &Value) -> Event {
    let urls = texts(body, &["/resource/repository/remoteUrl"]);
    let updates = body.pointer("/resource/refUpdates").and_then(Value::as_array).cloned().unwrap_or_default();
    let pushes = updates.iter().map(|update| Push {
        urls: urls.clone(),
        reference: text(update, "/name").to_string(),
        deleted: is_nothing(text(update, "/newObjectId")),
        files: None,
    });
    Event { bodies: vec![body.clone()], pushes: pushes.collect() }
}

fn write(change: &Change) -> Value {
    let (host, path) = &change.repository;
    let (project, name) = path.rsplit_once('/').unwrap_or(("", path));
    json!({
        "eventType": "git.push", "publisherId": "tfs",
        "resource": {
            "refUpdates": [{"name": format!("refs/heads/{}", change.branch), "oldObjectId": BEFORE, "newObjectId": AFTER}],
            "repository": {"name": name, "remoteUrl": format!("https://{host}/{project}/_git/{name}")},
            "pushedBy": {"displayName": "somebody"},
        },
    })
}
