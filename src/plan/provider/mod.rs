//! Git hosts: which webhook a repository's host sends, and where the facts stand in it.
//!
//! | material URL | EventSource | event |
//! |---|---|---|
//! | a host that is, or is called like, GitHub | `github` | `push` |
//! | a host that is, or is called like, GitLab | `gitlab` | `push` |
//! | any other | `webhook` with a bearer token | a small JSON document: see `docs/webhooks.md` |
//!
//! One file per provider says which paths of its payload hold branch, revision and repository. One EventSource object
//! per provider and host is shared by all pipelines; large ones are split, because the object travels in one
//! environment variable of its pod.

mod github;
mod gitlab;
mod webhook;

use serde::Serialize;

use super::{Cx, names, secret};
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

    /// The git host is neither GitHub nor GitLab by its name.
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
}

/// How many repositories one EventSource object lists at most: its JSON has to stay below 96 KiB.
const REPOSITORIES: usize = 500;

/// Host and path of a git URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitUrl {
    /// Host name in lower case, without port.
    pub host: String,
    /// Path without leading `/` and without `.git`.
    pub path: String,
}

impl GitUrl {
    /// Reads `https://host/path`, `ssh://user@host:port/path`, `git://…` and `user@host:path`. `None` for local paths and
    /// whatever else has no host.
    ///
    /// ```
    /// use gocd2argo::plan::provider::GitUrl;
    /// let url = GitUrl::parse("git@github.com:acme/app.git").unwrap();
    /// assert_eq!((url.host.as_str(), url.path.as_str()), ("github.com", "acme/app"));
    /// assert_eq!(GitUrl::parse("/srv/git/app"), None);
    /// ```
    pub fn parse(url: &str) -> Option<GitUrl> {
        let (authority, path) = match url.split_once("://") {
            Some((scheme, rest)) if scheme != "file" => rest.split_once('/')?,
            Some(_) => return None,
            None => url.split_once(':').filter(|(host, _)| host.len() > 1 && !host.contains('/'))?,
        };
        let host = authority.rsplit('@').next().unwrap_or(authority);
        let host = host.split(':').next().unwrap_or(host).to_lowercase();
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path).to_string();
        if host.is_empty() || path.is_empty() { None } else { Some(GitUrl { host, path }) }
    }
}

/// The URL without user name and password, and whether it had any that must not be shown. The user of an SSH URL is
/// part of the address and stays.
///
/// ```
/// use gocd2argo::plan::provider::without_credentials;
/// assert_eq!(without_credentials("https://u:p@h/x"), ("https://h/x".to_string(), true));
/// assert_eq!(without_credentials("git@h:x"), ("git@h:x".to_string(), false));
/// ```
pub fn without_credentials(url: &str) -> (String, bool) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_string(), false) };
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let Some((user, host)) = authority.rsplit_once('@') else { return (url.to_string(), false) };
    match (scheme, user.split_once(':')) {
        ("http" | "https", _) => (format!("{scheme}://{host}{path}"), true),
        (_, Some((name, _))) => (format!("{scheme}://{name}@{host}{path}"), true),
        (_, None) => (url.to_string(), false),
    }
}

/// One EventSource object.
#[derive(Clone, Debug, Serialize)]
pub struct EventSource {
    /// Name of the object and of its Service.
    pub name: String,
    /// `github`, `gitlab` or `webhook`: which template writes it.
    pub provider: &'static str,
    /// Path of its endpoint.
    pub endpoint: String,
    /// Name of its one event.
    pub event: &'static str,
    /// Repositories, as owner and name (GitHub).
    pub repositories: Vec<(String, String)>,
    /// Projects by path (GitLab).
    pub projects: Vec<String>,
    /// Base URL of the host's API, when it is not the public one.
    pub api_url: Option<String>,
    /// Secret with the webhook's secret (`secret`), and for GitLab an access token (`token`).
    pub secret: String,
    /// Where hosts reach it, if that is known.
    pub url: Option<String>,
}

/// What a Sensor has to look at in a push of one repository.
#[derive(Clone, Debug, Serialize)]
pub struct Push {
    /// EventSource.
    pub event_source: String,
    /// Event.
    pub event: &'static str,
    /// Path and anchored regular expression of each fact that has to fit.
    pub filters: Vec<(String, String)>,
    /// Path of the pushed revision.
    pub revision: &'static str,
    /// Path of the name of who pushed.
    pub user: &'static str,
}

/// All EventSources in use, by kind and host.
#[derive(Debug, Default)]
pub struct EventSources {
    groups: std::collections::BTreeMap<(Provider, String), Group>,
}

#[derive(Debug, Default)]
struct Group {
    /// Repository paths in order of first use; the position says which object lists it.
    paths: Vec<String>,
    index: std::collections::HashMap<String, usize>,
}

impl EventSources {
    /// Notes a repository, and says how its pushes look. `None` when nothing can be sent for it (a local path).
    pub fn push(&mut self, url: &str, branch: &str, place: crate::span::Place, cx: &mut Cx) -> Option<Push> {
        let parsed = GitUrl::parse(url)?;
        let provider = provider_of(&parsed, place, cx);
        // A generic webhook names the whole URL, so one object serves all hosts.
        let (host, path) = match provider {
            Provider::Webhook => (String::new(), url.to_string()),
            Provider::Github | Provider::Gitlab => (parsed.host.clone(), parsed.path.clone()),
        };
        let group = self.groups.entry((provider, host.clone())).or_default();
        let position = match group.index.get(&path) {
            Some(position) => *position,
            None => {
                group.paths.push(path.clone());
                group.index.insert(path.clone(), group.paths.len() - 1);
                group.paths.len() - 1
            }
        };
        let name = object_name(
            provider,
            &host,
            if provider == Provider::Webhook { 0 } else { position / REPOSITORIES },
        );
        Some(match provider {
            Provider::Github => github::push(name, &path, branch),
            Provider::Gitlab => gitlab::push(name, &path, branch),
            Provider::Webhook => webhook::push(name, &path, branch),
        })
    }

    /// The objects.
    pub fn finish(self, cx: &mut Cx) -> Vec<EventSource> {
        let mut sources = Vec::new();
        for ((provider, host), group) in self.groups {
            let chunks: Vec<Vec<String>> = match provider {
                Provider::Webhook => vec![Vec::new()],
                _ => group.paths.chunks(REPOSITORIES).map(<[String]>::to_vec).collect(),
            };
            for (number, paths) in chunks.into_iter().enumerate() {
                let name = object_name(provider, &host, number);
                sources.push(object(provider, &host, name, &paths, cx));
            }
        }
        sources
    }
}

fn object(provider: Provider, host: &str, name: String, paths: &[String], cx: &mut Cx) -> EventSource {
    let secret = format!("{}-webhook", name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-'));
    let api_url = cx.settings.git.hosts.get(host).and_then(|known| known.api_url.clone());
    let mut source = EventSource {
        endpoint: format!("/{}", name.trim_start_matches("gocd-")),
        name,
        provider: "webhook",
        event: "push",
        repositories: Vec::new(),
        projects: Vec::new(),
        api_url,
        secret: secret.clone(),
        url: cx.settings.webhooks.url.clone(),
    };
    match provider {
        Provider::Github => github::object(&mut source, host, paths),
        Provider::Gitlab => gitlab::object(&mut source, host, paths),
        Provider::Webhook => {}
    }
    let keys: &[&str] = match provider {
        Provider::Github => &["secret"],
        Provider::Gitlab => &["secret", "token"],
        Provider::Webhook => &["token"],
    };
    for key in keys {
        secret::need(&mut cx.secrets, &secret, key, "checks that webhooks come from the git host");
    }
    source
}

fn object_name(provider: Provider, host: &str, number: usize) -> String {
    let kind = match provider {
        Provider::Github => "gocd-github",
        Provider::Gitlab => "gocd-gitlab",
        Provider::Webhook => "gocd-git",
    };
    let public = host.is_empty() || host == "github.com" || host == "gitlab.com";
    let base = if public { kind.to_string() } else { names::single(&format!("{kind}-{host}"), names::LONG) };
    if number == 0 { base } else { format!("{base}-{}", number + 1) }
}

fn provider_of(url: &GitUrl, place: crate::span::Place, cx: &mut Cx) -> Provider {
    let configured = cx.settings.git.hosts.get(&url.host).and_then(|host| host.provider);
    let guess = if url.host.contains("github") && github::repository(&url.path).is_some() {
        Provider::Github
    } else if url.host.contains("gitlab") {
        Provider::Gitlab
    } else {
        Provider::Webhook
    };
    let known_host = url.host == "github.com" || url.host == "gitlab.com";
    if configured.is_none() && !known_host {
        let word = format!("{guess:?}").to_lowercase();
        let host = &url.host;
        if let Some(finding) = cx.report_once(&GIT_HOST_UNKNOWN, host, place, || {
            format!("which kind of git host `{host}` is, is not known: expecting a `{word}` webhook")
        }) {
            finding.help(format!("set `git.hosts.{host}.provider` to github, gitlab or webhook"));
        }
    }
    match configured {
        Some(Provider::Github) if github::repository(&url.path).is_none() => Provider::Webhook,
        Some(provider) => provider,
        None => guess,
    }
}

/// A regular expression that matches exactly this text, for Go's engine.
fn exactly(text: &str) -> String {
    let mut regex = String::from("^");
    for c in text.chars() {
        if !c.is_alphanumeric()
            && !matches!(c, '/' | '-' | '_' | ' ' | ':' | '@' | '#' | '%' | '&' | '~' | ',' | '=')
        {
            regex.push('\\');
        }
        regex.push(c);
    }
    regex.push('$');
    regex
}

/// A revision that is not all zeros, which is how hosts say that a branch was deleted.
const REVISION: &str = "^[0-9a-f]*[1-9a-f][0-9a-f]*$";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_in_all_forms() {
        let cases = [
            ("https://github.com/acme/app.git", Some(("github.com", "acme/app"))),
            ("https://user:pass@GitHub.com/acme/app", Some(("github.com", "acme/app"))),
            ("ssh://git@host.example:2222/a/b/c.git", Some(("host.example", "a/b/c"))),
            ("git://host/x", Some(("host", "x"))),
            ("git@gitlab.com:group/sub/app.git", Some(("gitlab.com", "group/sub/app"))),
            ("file:///srv/git/app", None),
            ("C:/git/app", None),
            ("../app", None),
            ("https://host", None),
        ];
        for (url, expected) in cases {
            let parsed = GitUrl::parse(url);
            let parsed = parsed.as_ref().map(|url| (url.host.as_str(), url.path.as_str()));
            assert_eq!(parsed, expected, "{url}");
        }
    }

    #[test]
    fn passwords_never_stay() {
        for url in
            ["https://u:secret@h/x", "ssh://u:secret@h/x", "https://secret@h/x", "http://a@b:secret@h/x"]
        {
            let (clean, had) = without_credentials(url);
            assert!(had && !clean.contains("secret"), "{url} → {clean}");
        }
    }

    #[test]
    fn patterns_match_nothing_else() {
        assert_eq!(exactly("acme/a.b+c"), "^acme/a\\.b\\+c$");
    }
}
