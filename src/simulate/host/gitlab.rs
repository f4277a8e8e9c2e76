//! GitLab: push event. It lists the newest 20 commits and says how many there are.

use serde_json::{Value, json};

use super::{AFTER, BEFORE, Change, Event, Kind, commits, is_nothing, lists_all, one_push, text, texts};

/// The kind.
pub const KIND: Kind = Kind { name: "gitlab", knows, read, write };

fn knows(body: &Value) -> bool {
    matches!(text(body, "/object_kind"), "push" | "tag_push")
        && body["project"]["path_with_namespace"].is_string()
}

fn read(body: &Value) -> Event {
    const URLS: [&str; 4] =
        ["/project/git_http_url", "/project/git_ssh_url", "/project/web_url", "/repository/git_http_url"];
    let mut urls = texts(body, &URLS);
    if urls.is_empty() {
        // A payload cut down to what matters.
        urls.push(format!("https://gitlab.com/{}", text(body, "/project/path_with_namespace")));
    }
    one_push(body, urls, is_nothing(text(body, "/after")), lists_all(body, "total_commits_count"))
}

fn write(change: &Change) -> Value {
    let (host, path) = &change.repository;
    let commits = commits(change.files.as_ref());
    json!({
        "object_kind": "push", "event_name": "push", "ref": format!("refs/heads/{}", change.branch),
        "before": BEFORE, "after": AFTER, "checkout_sha": AFTER, "user_username": "somebody",
        "project": {"path_with_namespace": path, "git_http_url": format!("https://{host}/{path}.git")},
        "total_commits_count": commits.as_array().map_or(0, Vec::len), "commits": commits,
    })
}
