//! Any other host: EventSource `webhook` with a bearer token. What has to be posted after a push is
//! `{"url": "<material URL>", "branch": "<branch>", "revision": "<sha>", "user": "<who>"}`: see `docs/webhooks.md`.

use super::{Push, REVISION, exactly};

/// How a push looks to a Sensor.
pub fn push(event_source: String, url: &str, branch: &str) -> Push {
    Push {
        event_source,
        event: "push",
        filters: vec![
            ("body.url".into(), exactly(url)),
            ("body.branch".into(), exactly(branch)),
            ("body.revision".into(), REVISION.into()),
        ],
        user: "body.user",
    }
}
