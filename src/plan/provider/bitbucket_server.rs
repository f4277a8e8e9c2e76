//! Bitbucket Server and Data Center: EventSource `bitbucketserver`, payload of `repo:refs_changed`, one event per branch.
//!
//! Argo Events checks the signature only when it registers the hooks itself, which it does with `webhooks.url`. Without,
//! the endpoint asks for a bearer token. The payload names no files: `prepare` alone decides about filters.

use super::files::DataFilter;
use super::pattern::{any_case, exactly};
use super::{EventSource, Facts, Host, REVISION};
use crate::gocd::GitUrl;
use crate::plan::description::Filter;
use crate::settings::Provider;

/// The provider.
pub struct BitbucketServer;

impl Host for BitbucketServer {
    fn provider(&self) -> Provider {
        Provider::BitbucketServer
    }

    fn kind(&self) -> &'static str {
        "bitbucket-server"
    }

    fn event_source(&self) -> &'static str {
        "bitbucketserver"
    }

    fn is_called(&self, host: &str) -> bool {
        host.contains("bitbucket") && !host.ends_with("bitbucket.org")
    }

    fn repository(&self, url: &GitUrl) -> Option<String> {
        let mut parts = url.path.rsplit('/');
        let (name, project) = (parts.next()?, parts.next()?);
        // `ssh://git@host/project/name`, or `https://host/…/scm/project/name`.
        let fits = parts.next().is_none_or(|part| part == "scm");
        (fits && !name.is_empty() && !project.is_empty()).then(|| format!("{project}/{name}"))
    }

    fn push(&self, _host: &str, repository: &str, branch: &str, _filter: Option<&Filter>) -> Facts {
        let (project, name) = repository.split_once('/').unwrap_or_default();
        Facts {
            filters: vec![
                DataFilter::new("body.repository.project.key", any_case(project)),
                DataFilter::new("body.repository.slug", any_case(name)),
                DataFilter::new("body.changes.0.ref.id", exactly(&format!("refs/heads/{branch}"))),
                DataFilter::new("body.changes.0.toHash", REVISION),
            ],
            revision: Some("(index .Input.body.changes 0).toHash"),
            texts: vec![("user", ".Input.body.actor.name")],
        }
    }

    fn object(&self, source: &mut EventSource, host: &str, repositories: &[String]) {
        source.repositories = repositories
            .iter()
            .filter_map(|path| path.split_once('/'))
            .map(|(p, n)| (p.into(), n.into()))
            .collect();
        source.api_url.get_or_insert_with(|| format!("https://{host}/rest"));
        source.registers = source.url.is_some();
        source.bearer = source.url.is_none().then_some("secret");
        source.hook = match source.registers {
            true => "registered by the EventSource: the token needs the permission Repository admin",
            false => "event repo:refs_changed, header Authorization: Bearer and the secret",
        };
    }

    fn keys(&self) -> &'static [&'static str] {
        &["secret", "token"]
    }
}
