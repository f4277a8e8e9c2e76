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
    // One Secret for all objects of a host.
    let secret = format!("{}-webhook", object_name(provider, host, 0));
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
    let base = if public {
        kind.to_string()
    } else if host.starts_with(kind.trim_start_matches("gocd-")) {
        names::single(&format!("gocd-{host}"), names::LONG)
    } else {
        names::single(&format!("{kind}-{host}"), names::LONG)
    };
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
        let message = format!("the kind of git host that `{host}` is is not known: taken as `{word}`");
        cx.guess(&GIT_HOST_UNKNOWN, &["git", "hosts", host, "provider"], &word, place, message);
    }
    match configured {
        Some(Provider::Github) if github::repository(&url.path).is_none() => Provider::Webhook,
        Some(provider) => provider,
        None => guess,
    }
}

/// A regular expression that matches exactly this text, for Go's engine.
pub fn exactly(text: &str) -> String {
    let mut regex = String::from("^");
    for c in text.chars() {
        // Go refuses a backslash before anything that is not ASCII.
        if c.is_ascii()
            && !c.is_ascii_alphanumeric()
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
    fn patterns_match_nothing_else() {
        assert_eq!(exactly("acme/a.b+c"), "^acme/a\\.b\\+c$");
        assert_eq!(exactly("é🦀\u{2028}$"), "^é🦀\u{2028}\\$$");
    }
}
