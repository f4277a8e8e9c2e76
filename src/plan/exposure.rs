//! How git hosts reach the EventSources.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | the server's own web address takes webhooks | a Service per EventSource; an Ingress or a HTTPRoute with a path for each, when `webhooks.ingress` or `webhooks.gateway` says so | yes |
//!
//! Only the endpoints of git hosts are exposed, each by its exact path; `gocd-stages` never is. Argo: EventSource's Service.

use serde::Serialize;

use crate::settings::{Gateway, Ingress, Settings};

/// The way in.
#[derive(Clone, Debug, Serialize)]
pub struct Exposure {
    /// Scheme and host, without `/` at the end; empty when it is not known.
    pub url: String,
    /// The host.
    pub host: String,
    /// The Ingress, when there is to be one.
    pub ingress: Option<Ingress>,
    /// The Gateway of the HTTPRoute, when there is to be one.
    pub gateway: Option<Gateway>,
    /// Minutes between two looks of `gocd-reconcile`.
    pub reconcile_minutes: u8,
}

/// What the configuration says. Without a URL nothing is exposed.
pub fn plan(settings: &Settings) -> Exposure {
    let webhooks = &settings.webhooks;
    let url = webhooks.url.as_deref().unwrap_or_default().trim_end_matches('/').to_string();
    let authority = url.split_once("://").map_or("", |(_, rest)| rest);
    let host = authority.split(['/', ':']).next().unwrap_or_default().to_lowercase();
    let known = !host.is_empty();
    Exposure {
        ingress: webhooks.ingress.clone().filter(|_| known),
        gateway: webhooks.gateway.clone().filter(|_| known),
        reconcile_minutes: webhooks.reconcile_minutes(),
        url,
        host,
    }
}
