//! Any other host: EventSource `webhook` with a bearer token. What has to be posted after a push is
//! `{"url": "<URL of the repository>", "branch": "<branch>", "revision": "<sha>", "user": "<who>"}`: see `docs/webhooks.md`.

use super::files::DataFilter;
use super::pattern::{exactly, literal};
use super::{EventSource, Facts, Host, REVISION};
use crate::gocd::GitUrl;
use crate::plan::description::Filter;
use crate::settings::Provider;

/// The provider.
pub struct Webhook;

impl Host for Webhook {
    fn provider(&self) -> Provider {
        Provider::Webhook
    }

    fn kind(&self) -> &'static str {
        "git"
    }

    fn event_source(&self) -> &'static str {
        "webhook"
    }

    /// It is what is left.
    fn is_called(&self, _host: &str) -> bool {
        false
    }

    /// One object serves all hosts.
    fn shared_host(&self, _url: &GitUrl) -> String {
        String::new()
    }

    fn repository(&self, url: &GitUrl) -> Option<String> {
        Some(format!("{}/{}", url.host, url.path))
    }

    fn push(&self, _host: &str, repository: &str, branch: &str, _filter: Option<&Filter>) -> Facts {
        let (host, path) = repository.split_once('/').unwrap_or((repository, ""));
        // Any form of the repository's URL: `https://…`, `ssh://user@…:port/…`, `user@host:path`.
        let url = format!(
            "(?i)^([a-z+]+://)?([^/@]*@)?{}(:[0-9]+)?[:/]/?{}(\\.git)?/?$",
            literal(host),
            literal(path)
        );
        Facts {
            filters: vec![
                DataFilter::new("body.url", url),
                DataFilter::new("body.branch", exactly(branch)),
                DataFilter::new("body.revision", REVISION),
            ],
            revision: Some(".Input.body.revision"),
            texts: vec![("user", ".Input.body.user")],
        }
    }

    fn object(&self, source: &mut EventSource, _host: &str, _repositories: &[String]) {
        source.bearer = Some("token");
        source.hook = "a post-receive hook that posts url, branch, revision and user, with the bearer token";
    }

    fn keys(&self) -> &'static [&'static str] {
        &["token"]
    }

    fn lists_repositories(&self) -> bool {
        false
    }
}
