//! GitLab, public or of one's own: EventSource `gitlab`, payload of the push event.

use super::{EventSource, Push, REVISION, exactly};

/// How a push of the project looks to a Sensor.
pub fn push(event_source: String, path: &str, branch: &str) -> Push {
    Push {
        event_source,
        event: "push",
        filters: vec![
            ("body.project.path_with_namespace".into(), exactly(path)),
            ("body.ref".into(), exactly(&format!("refs/heads/{branch}"))),
            ("body.after".into(), REVISION.into()),
        ],
        user: "body.user_username",
    }
}

/// Fills in what only this provider has.
pub fn object(source: &mut EventSource, host: &str, paths: &[String]) {
    source.provider = "gitlab";
    source.projects = paths.to_vec();
    if source.api_url.is_none() {
        source.api_url = Some(format!("https://{host}/"));
    }
}
