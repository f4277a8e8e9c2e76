//! AWS CodeCommit: the EventBridge event “CodeCommit Repository State Change”. It names no files.

use serde_json::{Value, json};

use super::{AFTER, BEFORE, Change, Event, Kind, text};
use crate::reference::start::Push;

/// The kind.
pub const KIND: Kind = Kind { name: "codecommit", knows, read, write };

fn knows(body: &Value) -> bool {
    body["source"] == "aws.codecommit" && body["detail"]["repositoryName"].is_string()
}

fn read(body: &Value) -> Event {
    let (region, name) = (text(body, "/region"), text(body, "/detail/repositoryName"));
    let reference = match text(body, "/detail/referenceFullName") {
        "" => format!("refs/heads/{}", text(body, "/detail/referenceName")),
        full => full.to_string(),
    };
    let is_change = matches!(text(body, "/detail/event"), "referenceCreated" | "referenceUpdated");
    let push = Push {
        urls: vec![format!("https://git-codecommit.{region}.amazonaws.com/v1/repos/{name}")],
        reference,
        deleted: !is_change,
        files: None,
    };
    Event { bodies: vec![body.clone()], pushes: vec![push] }
}

fn write(change: &Change) -> Value {
    let (host, _) = &change.repository;
    // The last part of the URL, as it is written.
    let name = change.url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    json!({
        "source": "aws.codecommit", "detail-type": "CodeCommit Repository State Change",
        "region": host.split('.').nth(1).unwrap_or_default(),
        "detail": {
            "event": "referenceUpdated", "repositoryName": name, "referenceType": "branch",
            "referenceName": change.branch, "referenceFullName": format!("refs/heads/{}", change.branch),
            "commitId": AFTER, "oldCommitId": BEFORE, "callerUserArn": "arn:aws:iam::123456789012:user/somebody",
        },
    })
}
