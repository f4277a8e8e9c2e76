//! How events come in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How events come in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all(deserialize = "kebab-case"), default)]
pub struct Webhooks {
    /// Scheme and host under which the EventSources are reachable, for example `https://ci.example.com`.
    /// Default: none; then no hook is registered by the EventSources of GitLab and Bitbucket Server, and hooks are created
    /// by hand.
    pub url: Option<String>,
    /// Whether endpoints whose host can neither sign nor send a bearer token are open to everybody who can reach them.
    /// Default: false; then they ask for a bearer token.
    pub allow_unsigned: bool,
    /// An Ingress that routes `url` to the EventSources. Default: none.
    pub ingress: Option<Ingress>,
    /// A HTTPRoute of the Gateway API that does the same. Default: none.
    pub gateway: Option<Gateway>,
    /// Every how many minutes `gocd-reconcile` looks for what no webhook has told, 1 to 59. Default: 5.
    pub reconcile_minutes: Option<u8>,
}

/// An Ingress.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all(deserialize = "kebab-case"), default)]
pub struct Ingress {
    /// `ingressClassName`. Default: the cluster's.
    pub class: Option<String>,
    /// Secret with the certificate of the host. Default: none; then the controller decides.
    pub tls_secret: Option<String>,
    /// Annotations, for example cert-manager's.
    pub annotations: BTreeMap<String, String>,
}

/// A Gateway that a HTTPRoute belongs to.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all(deserialize = "kebab-case"))]
pub struct Gateway {
    /// Name of the Gateway.
    pub name: String,
    /// Its namespace. Default: that of everything else.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Name of its listener. Default: any.
    #[serde(default)]
    pub section: Option<String>,
}

impl Webhooks {
    /// Minutes between two looks of `gocd-reconcile`.
    pub fn reconcile_minutes(&self) -> u8 {
        self.reconcile_minutes.unwrap_or(5).clamp(1, 59)
    }
}
