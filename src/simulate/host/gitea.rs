//! Gitea, Forgejo, Gogs: event `push`, close to GitHub's.

use serde_json::{Value, json};

use super::{AFTER, BEFORE, Change, Event, Kind, commits, is_nothing, lists_all, one_push, text, texts};

/// The kind.
pub const KIND: Kind = Kind { name: "gitea", knows, read, write };

fn knows(body: &Value) -> bool {
    body["compare_url"].is_string()
        && body["repository"]["full_name"].is_string()
        && body["after"].is_string()
}

fn read(body: &Value) -> Event {
    let urls = texts(body, &["/repository/clone_url", "/repository/ssh_url", "/repository/html_url"]);
    one_push(body, urls, is_nothing(text(body, "/after")), lists_all(body, "total_commits"))
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
