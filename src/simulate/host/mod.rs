//! Git hosts' payloads: what they say, and how one is written. One file per kind of host.
//!
//! Written from the hosts' documentation, apart from `plan/provider`, so that tests can hold the Sensors against it.

mod azure_devops;
mod bitbucket;
mod bitbucket_server;
mod codecommit;
mod git;
mod gitea;
mod github;
mod gitlab;
pub mod other;

use serde_json::Value;

use crate::reference::start::Push;

/// A change to write a payload for.
#[derive(Clone, Debug)]
pub struct Change {
    /// URL as given.
    pub url: String,
    /// Host and path in the form that all URLs of the repository share.
    pub repository: (String, String),
    /// Name of the branch.
    pub branch: String,
    /// The files, if they are known.
    pub files: Option<Vec<String>>,
}

/// What a payload says.
#[derive(Clone, Debug)]
pub struct Event {
    /// What the EventSource hands on: one document per event.
    pub bodies: Vec<Value>,
    /// The changes.
    pub pushes: Vec<Push>,
}

/// A kind of git host.
pub struct Kind {
    /// Its name, as in the EventSource's annotation.
    pub name: &'static str,
    /// Whether a payload is one of its pushes.
    pub knows: fn(&Value) -> bool,
    /// Reads a push.
    pub read: fn(&Value) -> Event,
    /// Writes one.
    pub write: fn(&Change) -> Value,
}

/// All kinds; the first that knows a payload has sent it.
pub const KINDS: &[Kind] = &[
    gitlab::KIND,
    bitbucket::KIND,
    bitbucket_server::KIND,
    azure_devops::KIND,
    codecommit::KIND,
    gitea::KIND,
    github::KIND,
    git::KIND,
];

/// The kind of that name.
pub fn named(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name || (kind.name == "git" && name == "webhook"))
}

/// Revisions of a payload that is made up: after and before.
const AFTER: &str = "1111111111111111111111111111111111111111";
const BEFORE: &str = "2222222222222222222222222222222222222222";

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The texts at these places.
fn texts(value: &Value, pointers: &[&str]) -> Vec<String> {
    let found = pointers.iter().map(|pointer| text(value, pointer)).filter(|text| !text.is_empty());
    found.map(str::to_string).collect()
}

/// Whether a revision stands for nothing: no branch after, or none before.
fn is_nothing(revision: &str) -> bool {
    revision.chars().all(|c| c == '0')
}

/// The files of `commits[].added`, `modified` and `removed`; `None` when some commit has none of these lists.
fn listed(commits: &Value) -> Option<Vec<String>> {
    let mut files = Vec::new();
    for commit in commits.as_array()? {
        let lists: Vec<&Vec<Value>> =
            ["added", "modified", "removed"].iter().filter_map(|kind| commit[*kind].as_array()).collect();
        if lists.is_empty() {
            return None;
        }
        files.extend(lists.into_iter().flatten().filter_map(Value::as_str).map(str::to_string));
    }
    files.sort();
    files.dedup();
    Some(files)
}

/// Are all commits of the push in its list, as the number at `total` says, and was there a branch before?
fn lists_all(body: &Value, total: &str) -> bool {
    let count = body["commits"].as_array().map_or(0, Vec::len);
    count > 0 && body[total].as_u64() == Some(count as u64) && !is_nothing(text(body, "/before"))
}

/// A push of one branch as GitHub, GitLab and Gitea tell of it; `complete`: its commits name all files.
fn one_push(body: &Value, urls: Vec<String>, deleted: bool, complete: bool) -> Event {
    let push = Push {
        urls,
        reference: text(body, "/ref").to_string(),
        deleted,
        files: listed(&body["commits"]).filter(|_| complete),
    };
    Event { bodies: vec![body.clone()], pushes: vec![push] }
}

/// Commits as GitHub, GitLab and Gitea list them.
fn commits(files: Option<&Vec<String>>) -> Value {
    match files {
        Some(files) => {
            serde_json::json!([{"id": AFTER, "message": "a change", "added": [], "modified": files, "removed": []}])
        }
        None => serde_json::json!([]),
    }
}
