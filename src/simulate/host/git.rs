//! Any other host: the small document of docs/webhooks.md. It names no files.

use serde_json::{Value, json};

use super::{AFTER, Change, Event, Kind, is_nothing, text, texts};
use crate::reference::start::Push;

/// The kind.
pub const KIND: Kind = Kind { name: "git", knows, read, write };

fn knows(body: &Value) -> bool {
    body["url"].is_string() && body["branch"].is_string() && body["revision"].is_string()
}

fn read(body: &Value) -> Event {
    let push = Push {
        urls: texts(body, &["/url"]),
        reference: format!("refs/heads/{}", text(body, "/branch")),
        deleted: is_nothing(text(body, "/revision")),
        files: None,
    };
    Event { bodies: vec![body.clone()], pushes: vec![push] }
}

fn write(change: &Change) -> Value {
    json!({"url": change.url, "branch": change.branch, "revision": AFTER, "user": "somebody"})
}
