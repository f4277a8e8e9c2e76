//! Gitea, Forgejo, Gogs: event `push`, close to GitHub's.

use serde_json::{Value, json};

use super::{AFTER, BEFORE, Change, Event, Kind, commits, is_nothing, listed, text, texts};
use crate::reference::start::Push;

/// The kind.
pub const KIND: Kind = Kind { name: "gitea", knows, read, write };

fn knows(body: &Value) -> bool {
    body["compare_url"].is_string()
        && body["repository"]["full_name"].is_string()
        && body["after"].is_string()
}

fn read(body: &Value) -> Event {
    let count = body["commits"].as_array().map_or(0, Vec::len);
    let complete = count > 0
        && body["total_commits"].as_u64() == Some(count as u64)
        && !is_nothing(text(body, "/before"));
    let push = Push {
        urls: texts(body, &["/repository/clone_url", "/repository/ssh_url", "/repository/html_url"]),
        reference: text(body, "/ref").to_string(),
        deleted: is_nothing(text(body, "/after")),
        files: listed(&body["commits"]).filter(|_| complete),
    };
    Event { bodies: vec![body.clone()], pushes: vec![push] }
}

fn write(change: &Change) -> Value {
    let (host, path) = &change.repository;
    let commits = commits(change.files.as_ref());
    json!({
        "ref": format!("refs/heads/{}", change.branch), "before": BEFORE, "after": AFTER,
        "compare_url": format!("https://{host}/{path}/compare/{BEFORE}...{AFTER}"),
        "total_commits": commits.as_array().map_or(0, Vec::len), "commits": commits,
        "head_commit": {"id": AFTER, "message": "a change", "author": {"name": "somebody"}},
        "repository": {"full_name": path, "clone_url": format!("https://{host}/{path}.git")},
        "pusher": {"login": "somebody"},
    })
}
