//! Gitea, Forgejo and Gogs: payload of the `push` event, which is close to GitHub's, received by an EventSource of the type
//! `github`: it checks the signature `X-Hub-Signature-256`, which these hosts send as well.

use super::files::{DataFilter, FileList};
use super::github::owner_and_name;
use super::pattern::{any_case, exactly};
use super::{EventSource, Facts, Host, REVISION};
use crate::gocd::GitUrl;
use crate::plan::description::Filter;
use crate::settings::Provider;

/// The provider.
pub struct Gitea;

/// How many commits a push lists by default (`FEED_MAX_COMMIT_NUM`).
const COMMITS: usize = 5;

impl Host for Gitea {
    fn provider(&self) -> Provider {
        Provider::Gitea
    }

    fn kind(&self) -> &'static str {
        "gitea"
    }

    fn event_source(&self) -> &'static str {
        "github"
    }

    fn is_called(&self, host: &str) -> bool {
        host == "codeberg.org" || ["gitea", "forgejo", "gogs"].iter().any(|name| host.contains(name))
    }

    fn repository(&self, url: &GitUrl) -> Option<String> {
        owner_and_name(&url.path).map(|_| url.path.clone())
    }

    fn push(&self, _host: &str, repository: &str, branch: &str, filter: Option<&Filter>) -> Facts {
        let mut filters = vec![
            DataFilter::new("body.repository.full_name", any_case(repository)),
            DataFilter::new("body.ref", exactly(&format!("refs/heads/{branch}"))),
            DataFilter::new("body.after", REVISION),
        ];
        filters.extend(
            FileList::counted("body.before,body.total_commits,body.commits.#", COMMITS).filter(filter),
        );
        Facts {
            filters,
            revision: Some(".Input.body.after"),
            texts: vec![("user", ".Input.body.pusher.login"), ("message", ".Input.body.head_commit.message")],
        }
    }

    fn object(&self, source: &mut EventSource, _host: &str, repositories: &[String]) {
        source.repositories = repositories.iter().filter_map(|path| owner_and_name(path)).collect();
        // The type `github` takes no URL of another host's API: it would only be used to create hooks.
        source.api_url = None;
        source.hook = "event push, content type application/json, the secret";
    }
}
