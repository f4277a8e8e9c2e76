//! Where and as what a job runs, as `gocd2argo.yaml` says it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// Where and as what a job runs. May be written as a text: then it is the image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placement {
    /// Container image.
    pub image: Option<String>,
    /// Node labels the pod needs.
    pub node_selector: BTreeMap<String, String>,
    /// Tolerations, as Kubernetes writes them.
    pub tolerations: Vec<BTreeMap<String, String>>,
    /// Container resources, as Kubernetes writes them.
    pub resources: Resources,
    /// ServiceAccount of the pod, whose token the job then sees. Default: `gocd-runner`, without a token.
    pub service_account: Option<String>,
    /// Number of the user that the job runs as, for images that need no root: its pod then meets Pod Security's level
    /// *restricted*, unless it builds images. Default: `security.job-user`.
    pub user: Option<u32>,
}

/// Requests and limits of a container, as Kubernetes writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resources {
    /// What the scheduler reserves.
    pub requests: BTreeMap<String, String>,
    /// What the container may not exceed.
    pub limits: BTreeMap<String, String>,
}

impl<'de> Deserialize<'de> for Placement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
        struct Full {
            image: Option<String>,
            node_selector: BTreeMap<String, String>,
            tolerations: Vec<BTreeMap<String, String>>,
            resources: Resources,
            service_account: Option<String>,
            user: Option<u32>,
        }
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Placement;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("an image, or a mapping with `image`, `node-selector`, `tolerations`, `resources`, `service-account`, `user`")
            }
            fn visit_str<E: serde::de::Error>(self, image: &str) -> Result<Placement, E> {
                Ok(Placement { image: Some(image.to_string()), ..Placement::default() })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Placement, A::Error> {
                let full = Full::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Placement {
                    image: full.image,
                    node_selector: full.node_selector,
                    tolerations: full.tolerations,
                    resources: full.resources,
                    service_account: full.service_account,
                    user: full.user,
                })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
