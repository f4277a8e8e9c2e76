//! Bitbucket Cloud: payload of `repo:push`, received by an EventSource of the type `github`.
//!
//! Argo Events' own type `bitbucket` checks nothing of what comes in. Bitbucket signs with HMAC-SHA256 in the header
//! `X-Hub-Signature`, as GitHub does, and the type `github` checks that.
//!
//! A push may move several branches. The payload names no files: `prepare` alone decides about filters.

use super::files::DataFilter;
use super::github::owner_and_name;
use super::pattern::{any_case, in_json};
use super::{EventSource, Facts, Host};
use crate::gocd::GitUrl;
use crate::plan::description::Filter;
use crate::settings::Provider;

/// The provider.
pub struct Bitbucket;

impl Host for Bitbucket {
    fn provider(&self) -> Provider {
        Provider::Bitbucket
    }

    fn kind(&self) -> &'static str {
        "bitbucket"
    }

    fn event_source(&self) -> &'static str {
        "github"
    }

    fn public_host(&self) -> &'static str {
        "bitbucket.org"
    }

    fn is_called(&self, host: &str) -> bool {
        host == "bitbucket.org" || host == "altssh.bitbucket.org"
    }

    fn repository(&self, url: &GitUrl) -> Option<String> {
        owner_and_name(&url.path).map(|_| url.path.clone())
    }

    fn push(&self, _host: &str, repository: &str, branch: &str, _filter: Option<&Filter>) -> Facts {
        let branch = format!("\\[\"branch\",\"{}\"\\]", in_json(branch));
        Facts {
            filters: vec![
                DataFilter::new("body.repository.full_name", any_case(repository)),
                DataFilter::new("body.push.changes.#.[new.type,new.name]", branch),
            ],
            revision: None,
            texts: vec![("user", ".Input.body.actor.display_name")],
        }
    }

    fn object(&self, source: &mut EventSource, _host: &str, repositories: &[String]) {
        source.repositories = repositories.iter().filter_map(|path| owner_and_name(path)).collect();
        source.hook = "trigger Repository push, the secret";
    }
}
