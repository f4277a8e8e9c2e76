//! GitHub and GitHub Enterprise: EventSource `github`, payload of the `push` event.

use super::files::{DataFilter, FileList};
use super::pattern::{any_case, exactly};
use super::{EventSource, Facts, Host, REVISION};
use crate::gocd::GitUrl;
use crate::plan::description::Filter;
use crate::settings::Provider;

/// The provider.
pub struct Github;

/// Owner and name of a repository's path.
pub fn owner_and_name(path: &str) -> Option<(String, String)> {
    let (owner, name) = path.split_once('/')?;
    if owner.is_empty() || name.is_empty() || name.contains('/') {
        return None;
    }
    Some((owner.to_string(), name.to_string()))
}

impl Host for Github {
    fn provider(&self) -> Provider {
        Provider::Github
    }

    fn kind(&self) -> &'static str {
        "github"
    }

    fn public_host(&self) -> &'static str {
        "github.com"
    }

    fn is_called(&self, host: &str) -> bool {
        host.contains("github")
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
        filters.extend(FileList::github().filter(filter));
        Facts {
            filters,
            revision: Some(".Input.body.after"),
            texts: vec![
                ("user", ".Input.body.pusher.name"),
                ("author", ".Input.body.head_commit.author.name"),
                ("message", ".Input.body.head_commit.message"),
            ],
        }
    }

    fn object(&self, source: &mut EventSource, host: &str, repositories: &[String]) {
        source.repositories = repositories.iter().filter_map(|path| owner_and_name(path)).collect();
        if host != self.public_host() && source.api_url.is_none() {
            source.api_url = Some(format!("https://{host}/api/v3/"));
        }
        source.hook = "event push, content type application/json, the secret";
    }
}
