//! GitHub: event `push`.

use serde_json::{Value, json};

use super::{AFTER, BEFORE, Change, Event, Kind, commits, is_nothing, one_push, text, texts};

/// The kind.
pub const KIND: Kind = Kind { name: "github", knows, read, write };

/// How many commits a push lists at most.
const COMMITS: usize = 2048;

fn knows(body: &Value) -> bool {
    body["ref"].is_string() && body["after"].is_string() && body["repository"]["full_name"].is_string()
}

fn read(body: &Value) -> Event {
    let deleted = body["deleted"] == true || is_nothing(text(body, "/after"));
    let count = body["commits"].as_array().map_or(0, Vec::len);
    let complete = body["forced"] != true && body["created"] != true && (1..COMMITS).contains(&count);
    let mut urls = texts(body, &["/repository/clone_url", "/repository/ssh_url", "/repository/html_url"]);
    if urls.is_empty() {
        // A payload cut down to what matters.
        urls.push(format!("https://github.com/{}", text(body, "/repository/full_name")));
    }
    one_push(body, urls, deleted, complete)
}

fn write(change: &Change) -> Value {
    let (host, path) = &change.repository;
    let commits = commits(change.files.as_ref());
    json!({
        "ref": format!("refs/heads/{}", change.branch), "before": BEFORE, "after": AFTER,
        "created": false, "deleted": false, "forced": false, "commits": commits,
        "head_commit": {"id": AFTER, "message": "a change", "author": {"name": "somebody"}},
        "repository": {"full_name": path, "clone_url": format!("https://{host}/{path}.git")},
        "pusher": {"name": "somebody"},
    })
}
