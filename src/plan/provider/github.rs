//! GitHub and GitHub Enterprise: EventSource `github`, payload of the `push` event.

use super::{EventSource, Push, REVISION, exactly};

/// Owner and name of a repository's path.
pub fn repository(path: &str) -> Option<(String, String)> {
    let (owner, name) = path.split_once('/')?;
    if owner.is_empty() || name.is_empty() || name.contains('/') {
        return None;
    }
    Some((owner.to_string(), name.to_string()))
}

/// How a push of the repository looks to a Sensor.
pub fn push(event_source: String, path: &str, branch: &str) -> Push {
    Push {
        event_source,
        event: "push",
        filters: vec![
            ("body.repository.full_name".into(), exactly(path)),
            ("body.ref".into(), exactly(&format!("refs/heads/{branch}"))),
            ("body.after".into(), REVISION.into()),
        ],
        user: "body.pusher.name",
    }
}

/// Fills in what only this provider has.
pub fn object(source: &mut EventSource, host: &str, paths: &[String]) {
    source.provider = "github";
    source.repositories = paths.iter().filter_map(|path| repository(path)).collect();
    if host != "github.com" && source.api_url.is_none() {
        source.api_url = Some(format!("https://{host}/api/v3/"));
    }
}
