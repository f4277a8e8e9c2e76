//! Events that are no push: what each git host calls them. No Sensor waits for one, but somebody may have ticked it.

use serde_json::Value;

use super::text;

/// What the event is, in the words of the host it comes from; `None` when it is none of a known host.
///
/// Sources: the hosts' lists of webhook events.
pub fn named(body: &Value) -> Option<String> {
    // Hosts that name the event in the body. A push of theirs that is not understood is no other event.
    for (pointer, beside, push) in [
        ("/object_kind", "project", "push"),
        ("/eventKey", "", "repo:refs_changed"),
        ("/eventType", "resource", "git.push"),
        ("/detail-type", "detail", "CodeCommit Repository State Change"),
    ] {
        let name = text(body, pointer);
        if !name.is_empty() && (beside.is_empty() || body[beside].is_object()) {
            return (name != push).then(|| name.to_string());
        }
    }
    if body["test"] == true {
        return Some("connection test".to_string());
    }
    if body["zen"].is_string() && body["hook_id"].is_u64() {
        return Some("ping".to_string());
    }
    body["repository"].as_object().and_then(|_| of_repository(body))
}

/// Hosts that write the event's name into a header only: GitHub, Gitea, Bitbucket Cloud.
fn of_repository(body: &Value) -> Option<String> {
    const ABOUT: [(&str, &str); 13] = [
        ("pull_request", "pull_request"),
        ("pullrequest", "pullrequest"),
        ("issue", "issues"),
        ("release", "release"),
        ("workflow_run", "workflow_run"),
        ("check_run", "check_run"),
        ("check_suite", "check_suite"),
        ("deployment", "deployment"),
        ("comment", "comment"),
        ("ref_type", "create or delete"),
        ("forkee", "fork"),
        ("fork", "fork"),
        ("commit_status", "commit_status"),
    ];
    let found = ABOUT.iter().find(|(key, _)| !body[*key].is_null()).map(|(_, name)| (*name).to_string());
    found.or_else(|| body["action"].as_str().map(str::to_string))
}
