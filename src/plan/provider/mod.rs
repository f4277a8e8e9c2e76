//! Git hosts: which webhook a repository's host sends, and where the facts stand in it.
//!
//! | material URL | EventSource | event |
//! |---|---|---|
//! | GitHub, by the host's name | `github` | `push` |
//! | GitLab, by the host's name | `gitlab` | push |
//! | `bitbucket.org` | `github`, which checks the signature | `repo:push` |
//! | Bitbucket Server, by the host's name | `bitbucketserver` | `repo:refs_changed` |
//! | Gitea, Forgejo, Gogs, by the host's name | `github`, which checks the signature | `push` |
//! | Azure DevOps | `webhook` with a bearer token | `git.push` |
//! | CodeCommit | `sqs` | repository state change |
//! | any other | `webhook` with a bearer token | a small JSON document: see `docs/webhooks.md` |
//! | `git.hosts.<host>.provider: poll` | none | `gocd-reconcile` looks every five minutes |
//!
//! One file per provider says which paths of its payload hold branch, revision and repository. One EventSource object
//! per provider and host is shared by all pipelines; large ones are split, because the object travels in one
//! environment variable of its pod. No endpoint is open to strangers: what has no signature asks for a bearer token.

mod azure_devops;
mod bitbucket;
mod bitbucket_server;
mod codecommit;
mod files;
mod gitea;
mod github;
mod gitlab;
mod pattern;
mod sources;
mod webhook;

use serde::Serialize;

pub use files::DataFilter;
pub use pattern::exactly;
pub use sources::EventSources;

use super::description::Filter;
use super::{Cx, names};
use crate::gocd::GitUrl;
use crate::settings::Provider;

crate::findings! {
    /// The URL under which the git hosts reach the cluster is not known.
    ///
    /// ## Why it matters
    /// No webhook can be registered; until then pushes are found every five minutes by `gocd-reconcile`. GitLab's EventSource
    /// checks its token only when it knows the URL.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://github.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Set `webhooks: {url: "https://ci.example.com"}` and create the webhooks (docs/webhooks.md).
    pub WEBHOOK_URL = "webhook-url", Guess, Decision, Decision;

    /// The git host is none that is known by its name.
    ///
    /// ## Why it matters
    /// It gets a generic webhook, which something on the host has to call after a push.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Say which it is with `git.hosts.<host>.provider`, or let a post-receive hook call the webhook (docs/webhooks.md).
    pub GIT_HOST_UNKNOWN = "git-host-unknown", Guess, Decision, Decision;

    /// A webhook that somebody has to create at the git host.
    ///
    /// ## Why it matters
    /// Until it is there, pushes are found every five minutes. `WEBHOOKS.md` in the output lists all of them with URL, events and
    /// secret.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://github.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Nothing: this is a step of the move. docs/webhooks.md has the commands.
    pub WEBHOOK_TO_CREATE = "webhook-to-create", Migration, Info, Converted;
}

/// One EventSource object.
#[derive(Clone, Debug, Serialize)]
pub struct EventSource {
    /// Name of the object and of its Service.
    pub name: String,
    /// The provider, for the reader: `github`, `bitbucket-server`, …
    pub kind: &'static str,
    /// Type of the event: `github`, `gitlab`, `bitbucketserver`, `sqs` or `webhook`.
    pub event_source: &'static str,
    /// The git host; empty when it serves several.
    pub host: String,
    /// Path of its endpoint.
    pub endpoint: String,
    /// Whether hosts post to it; else it fetches its events itself.
    pub is_endpoint: bool,
    /// Name of its one event.
    pub event: &'static str,
    /// Repositories, as owner and name.
    pub repositories: Vec<(String, String)>,
    /// Projects by path (GitLab).
    pub projects: Vec<String>,
    /// How many repositories it is for.
    pub count: usize,
    /// Their names, as they are found at the host.
    pub names: Vec<String>,
    /// Base URL of the host's API, when it is not the public one.
    pub api_url: Option<String>,
    /// Secret with what checks the webhooks.
    pub secret: String,
    /// The keys of that Secret.
    pub keys: &'static [&'static str],
    /// The key of the Secret that is expected as a bearer token.
    pub bearer: Option<&'static str>,
    /// Whether strangers may post to it, because the configuration says so.
    pub unsigned: bool,
    /// Whether it creates the webhooks itself.
    pub registers: bool,
    /// Which webhook has to be created, and how.
    pub hook: &'static str,
    /// Where hosts reach it, if that is known.
    pub url: Option<String>,
    /// AWS region (CodeCommit).
    pub region: String,
    /// SQS queue (CodeCommit).
    pub queue: String,
}

/// What a Sensor has to look at in a push of one repository, and takes from it.
#[derive(Clone, Debug, Serialize)]
pub struct Push {
    /// EventSource.
    pub event_source: String,
    /// Event.
    pub event: &'static str,
    /// What has to fit.
    pub facts: Facts,
}

/// Where the facts of a push stand in a host's payload.
#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    /// What has to fit.
    pub filters: Vec<DataFilter>,
    /// The new commit, as an expression of Go's templates.
    pub revision: Option<&'static str>,
    /// Names and messages, by their member of the run's parameter `cause`.
    pub texts: Vec<(&'static str, &'static str)>,
}

/// A kind of git host.
trait Host: Sync {
    /// Its name in the settings.
    fn provider(&self) -> Provider;

    /// Its word in names of objects.
    fn kind(&self) -> &'static str;

    /// The type of EventSource.
    fn event_source(&self) -> &'static str {
        self.kind()
    }

    /// The host that everybody knows; empty when there is none.
    fn public_host(&self) -> &'static str {
        ""
    }

    /// Whether a host's name says that it is of this kind.
    fn is_called(&self, host: &str) -> bool;

    /// The host whose repositories share one EventSource.
    fn shared_host(&self, url: &GitUrl) -> String {
        url.repository().0
    }

    /// How payloads name the repository; `None` when the URL is none of this kind's.
    fn repository(&self, url: &GitUrl) -> Option<String>;

    /// How a push of the repository looks.
    fn push(&self, host: &str, repository: &str, branch: &str, filter: Option<&Filter>) -> Facts;

    /// Fills in what only this kind has.
    fn object(&self, source: &mut EventSource, host: &str, repositories: &[String]);

    /// Keys of its Secret.
    fn keys(&self) -> &'static [&'static str] {
        &["secret"]
    }

    /// Whether the EventSource names its repositories, so that large ones have to be split.
    fn lists_repositories(&self) -> bool {
        true
    }
}

/// All kinds, in the order in which names are tried.
const HOSTS: &[&dyn Host] = &[
    &github::Github,
    &gitlab::Gitlab,
    &bitbucket::Bitbucket,
    &bitbucket_server::BitbucketServer,
    &gitea::Gitea,
    &azure_devops::AzureDevops,
    &codecommit::Codecommit,
    &webhook::Webhook,
];

/// The kind of host that a URL belongs to; `None` when its pushes are not told.
fn host_of(url: &GitUrl, place: crate::span::Place, cx: &mut Cx) -> Option<&'static dyn Host> {
    let fits = |host: &&&'static dyn Host| host.repository(url).is_some();
    let named = |provider: Provider| HOSTS.iter().find(|host| host.provider() == provider).copied();
    let generic = || named(Provider::Webhook);
    match cx.settings.git.hosts.get(&url.host).and_then(|host| host.provider) {
        Some(Provider::Poll) => return None,
        Some(provider) => return named(provider).as_ref().filter(fits).copied().or_else(generic),
        None => {}
    }
    let guess = HOSTS.iter().filter(fits).find(|host| host.is_called(&url.host)).copied().or_else(generic)?;
    let is_public = guess.public_host() == url.host
        || matches!(guess.provider(), Provider::Bitbucket | Provider::AzureDevops | Provider::Codecommit);
    if !is_public {
        let word = if guess.provider() == Provider::Webhook { "webhook" } else { guess.kind() };
        let host = &url.host;
        let message = format!("the kind of git host that `{host}` is is not known: taken as `{word}`");
        cx.guess(&GIT_HOST_UNKNOWN, &["git", "hosts", host, "provider"], word, place, message);
    }
    Some(guess)
}

/// Name of an EventSource. Hosts that are not the public one have their own name in it, once.
fn object_name(kind: &dyn Host, host: &str, number: usize) -> String {
    let word = kind.kind();
    let base = if host.is_empty() || host == kind.public_host() {
        format!("gocd-{word}")
    } else if host.starts_with(word) {
        names::single(&format!("gocd-{host}"), names::LONG)
    } else {
        names::single(&format!("gocd-{word}-{host}"), names::LONG)
    };
    if number == 0 { base } else { format!("{base}-{}", number + 1) }
}

/// A revision that is not all zeros, which is how hosts say that a branch was deleted.
const REVISION: &str = "^[0-9a-f]*[1-9a-f][0-9a-f]*$";
