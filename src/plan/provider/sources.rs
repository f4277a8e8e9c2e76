//! The EventSources in use: one per provider and host, split where they list many repositories.

use std::collections::{BTreeMap, HashMap};

use super::{EventSource, HOSTS, Host, Push, WEBHOOK_TO_CREATE, host_of, object_name};
use crate::gocd::GitUrl;
use crate::plan::description::Material;
use crate::plan::{Cx, secret};
use crate::settings::Provider;
use crate::span::Place;

/// How many repositories one EventSource object lists at most: its JSON has to stay below 96 KiB.
const REPOSITORIES: usize = 500;

/// All EventSources in use, by kind and host.
#[derive(Debug, Default)]
pub struct EventSources {
    groups: BTreeMap<(Provider, String), Group>,
}

#[derive(Debug)]
struct Group {
    /// Where it is needed first.
    place: Place,
    /// Repositories in order of first use; the position says which object lists it.
    repositories: Vec<String>,
    index: HashMap<String, usize>,
}

impl EventSources {
    /// Notes a repository, and says how its pushes look. `None` when nothing can be sent for it: a local path, or a host
    /// that is only polled.
    pub fn push(&mut self, material: &Material, place: Place, cx: &mut Cx) -> Option<Push> {
        let parsed = GitUrl::parse(&material.url)?;
        let kind = host_of(&parsed, place, cx)?;
        let host = kind.shared_host(&parsed);
        let repository = kind.repository(&parsed)?;
        let group = self.groups.entry((kind.provider(), host.clone())).or_insert_with(|| Group {
            place,
            repositories: Vec::new(),
            index: HashMap::new(),
        });
        let position = match group.index.get(&repository) {
            Some(position) => *position,
            None => {
                group.repositories.push(repository.clone());
                group.index.insert(repository.clone(), group.repositories.len() - 1);
                group.repositories.len() - 1
            }
        };
        let number = if kind.lists_repositories() { position / REPOSITORIES } else { 0 };
        Some(Push {
            event_source: object_name(kind, &host, number),
            event: "push",
            facts: kind.push(&host, &repository, &material.branch, material.filter.as_ref()),
        })
    }

    /// The objects.
    pub fn finish(self, cx: &mut Cx) -> Vec<EventSource> {
        let mut sources = Vec::new();
        for ((provider, host), group) in self.groups {
            let Some(kind) = HOSTS.iter().find(|kind| kind.provider() == provider).copied() else { continue };
            let size = if kind.lists_repositories() { REPOSITORIES } else { usize::MAX };
            for (number, repositories) in group.repositories.chunks(size).enumerate() {
                let name = object_name(kind, &host, number);
                let source = object(kind, &host, name, repositories, cx);
                tell(&source, group.place, cx);
                sources.push(source);
            }
        }
        sources
    }
}

fn object(kind: &dyn Host, host: &str, name: String, repositories: &[String], cx: &mut Cx) -> EventSource {
    // One Secret for all objects of a host.
    let secret = format!("{}-webhook", object_name(kind, host, 0));
    let known = cx.settings.git.hosts.get(host);
    let mut source = EventSource {
        endpoint: format!("/{}", name.trim_start_matches("gocd-")),
        name,
        kind: kind.kind(),
        event_source: kind.event_source(),
        host: host.to_string(),
        is_endpoint: true,
        event: "push",
        repositories: Vec::new(),
        projects: Vec::new(),
        count: repositories.len(),
        names: repositories.to_vec(),
        api_url: known.and_then(|known| known.api_url.clone()),
        secret: secret.clone(),
        keys: kind.keys(),
        bearer: None,
        unsigned: false,
        registers: false,
        hook: "",
        url: cx.settings.webhooks.url.clone(),
        region: String::new(),
        queue: known.and_then(|known| known.queue.clone()).unwrap_or_else(|| "gocd-codecommit".to_string()),
    };
    kind.object(&mut source, host, repositories);
    if cx.settings.webhooks.allow_unsigned && source.bearer.is_some() {
        source.bearer = None;
        source.unsigned = true;
    }
    for key in kind.keys() {
        secret::need(&mut cx.secrets, &secret, key, "checks that webhooks come from the git host");
    }
    source
}

/// Says which webhook is to be created.
fn tell(source: &EventSource, place: Place, cx: &mut Cx) {
    if source.registers {
        return;
    }
    let place = Place::unbooked(place.span);
    let host = if source.host.is_empty() { "other git hosts" } else { &source.host };
    let base = source.url.as_deref().unwrap_or("<webhooks.url>");
    let target = match source.is_endpoint {
        true => format!("`{}{}`", base.trim_end_matches('/'), source.endpoint),
        false => format!("queue `{}` in `{}`", source.queue, source.region),
    };
    let repositories = if source.count == 1 { "repository" } else { "repositories" };
    let mut message = format!("{} {repositories} of {host} post to {target}: {}", source.count, source.hook);
    if source.is_endpoint {
        message.push_str(&format!(" of the Secret `{}`", source.secret));
    }
    cx.report_once(&WEBHOOK_TO_CREATE, &source.name, place, || message);
}
