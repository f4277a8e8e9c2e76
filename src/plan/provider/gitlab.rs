//! GitLab, public or of one's own: EventSource `gitlab`, payload of the push event.
//!
//! With `webhooks.url` the EventSource registers the hooks and checks their token. Without, Argo Events does not check it
//! (seen on the rig), so the endpoint asks for a bearer token instead: a custom header of the hook.

use super::files::{DataFilter, FileList};
use super::pattern::{any_case, exactly};
use super::{EventSource, Facts, Host, REVISION};
use crate::gocd::GitUrl;
use crate::plan::description::Filter;
use crate::settings::Provider;

/// The provider.
pub struct Gitlab;

/// How many commits a push lists.
const COMMITS: usize = 20;

impl Host for Gitlab {
    fn provider(&self) -> Provider {
        Provider::Gitlab
    }

    fn kind(&self) -> &'static str {
        "gitlab"
    }

    fn public_host(&self) -> &'static str {
        "gitlab.com"
    }

    fn is_called(&self, host: &str) -> bool {
        host.contains("gitlab")
    }

    fn repository(&self, url: &GitUrl) -> Option<String> {
        Some(url.path.clone())
    }

    fn push(&self, _host: &str, repository: &str, branch: &str, filter: Option<&Filter>) -> Facts {
        let mut filters = vec![
            DataFilter::new("body.object_kind", "^push$"),
            DataFilter::new("body.project.path_with_namespace", any_case(repository)),
            DataFilter::new("body.ref", exactly(&format!("refs/heads/{branch}"))),
            DataFilter::new("body.after", REVISION),
        ];
        let facts = "body.before,body.total_commits_count,body.commits.#";
        filters.extend(FileList::counted(facts, COMMITS).filter(filter));
        Facts {
            filters,
            revision: Some(".Input.body.after"),
            texts: vec![("user", ".Input.body.user_username")],
        }
    }

    fn object(&self, source: &mut EventSource, host: &str, repositories: &[String]) {
        source.projects = repositories.to_vec();
        if source.api_url.is_none() {
            source.api_url = Some(format!("https://{host}/"));
        }
        source.registers = source.url.is_some();
        source.bearer = source.url.is_none().then_some("secret");
        source.hook = match source.registers {
            true => "registered by the EventSource: the token needs the scope api and the role Maintainer",
            false => "push events, custom header Authorization: Bearer and the secret",
        };
    }

    fn keys(&self) -> &'static [&'static str] {
        &["secret", "token"]
    }
}
