//! Azure DevOps: EventSource `webhook`, payload of the service hook `git.push` (“Code pushed”), with a bearer token as a header
//! of the hook.
//!
//! A push may move several branches. The payload names no files: `prepare` alone decides about filters.

use super::files::DataFilter;
use super::pattern::{in_json, literal};
use super::{EventSource, Facts, Host};
use crate::gocd::GitUrl;
use crate::plan::description::Filter;
use crate::settings::Provider;

/// The provider.
pub struct AzureDevops;

impl Host for AzureDevops {
    fn provider(&self) -> Provider {
        Provider::AzureDevops
    }

    fn kind(&self) -> &'static str {
        "azure-devops"
    }

    fn event_source(&self) -> &'static str {
        "webhook"
    }

    fn public_host(&self) -> &'static str {
        "dev.azure.com"
    }

    fn is_called(&self, host: &str) -> bool {
        host == "dev.azure.com" || host == "ssh.dev.azure.com" || host.ends_with(".visualstudio.com")
    }

    /// The last two or three parts of the path: organisation (on Microsoft's hosts), project and name.
    fn repository(&self, url: &GitUrl) -> Option<String> {
        let (host, path) = url.repository();
        let parts: Vec<&str> = path.split('/').collect();
        match (host.as_str(), parts.as_slice()) {
            ("dev.azure.com", [_, name]) => Some(format!("{}/{name}/{name}", parts[0])),
            ("dev.azure.com", [_, _, _]) => Some(path),
            ("dev.azure.com", _) | (_, []) => None,
            (_, [.., project, name]) => Some(format!("{project}/{name}")),
            (_, [name]) => Some((*name).to_string()),
        }
    }

    fn push(&self, host: &str, repository: &str, branch: &str, _filter: Option<&Filter>) -> Facts {
        let parts: Vec<String> =
            repository.split('/').map(|part| literal(part).replace(' ', "(?: |%20)")).collect();
        let url = match (host, parts.as_slice()) {
            // A project's repository of the same name has a URL without the project.
            ("dev.azure.com", [organisation, project, name]) => format!(
                "(?i)^https://([^/@]*@)?(dev\\.azure\\.com/{organisation}|{organisation}\\.visualstudio\\.com(/DefaultCollection)?)/({project}/)?_git/{name}$"
            ),
            (_, [project, name]) => format!("(?i)/({project}/)?_git/{name}$"),
            (_, parts) => format!("(?i)/_git/{}$", parts.join("/")),
        };
        let branch = format!("\\[\"refs/heads/{}\",\"[0-9a-f]*[1-9a-f][0-9a-f]*\"\\]", in_json(branch));
        Facts {
            filters: vec![
                DataFilter::new("body.eventType", "^git\\.push$"),
                DataFilter::new("body.resource.repository.remoteUrl", url),
                DataFilter::new("body.resource.refUpdates.#.[name,newObjectId]", branch),
            ],
            revision: None,
            texts: vec![("user", ".Input.body.resource.pushedBy.displayName")],
        }
    }

    fn object(&self, source: &mut EventSource, _host: &str, _repositories: &[String]) {
        source.bearer = Some("token");
        source.hook =
            "service hook Web Hooks, event Code pushed, HTTP header Authorization: Bearer and the token";
    }

    fn keys(&self) -> &'static [&'static str] {
        &["token"]
    }

    fn lists_repositories(&self) -> bool {
        false
    }
}
