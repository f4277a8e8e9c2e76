//! The cluster around the pipelines: overlays, components, identities, Argo CD.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The overlay `minio`: a cluster without AWS, such as one on a laptop.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Local {
    /// Host and port of MinIO. Default: `artifacts.endpoint` when `artifacts.store` is `minio`, else `minio:9000`.
    pub endpoint: Option<String>,
    /// Bucket. Default: `artifacts.bucket`.
    pub bucket: Option<String>,
    /// Secret with the keys `accesskey` and `secretkey`. Default: `artifacts`.
    pub credentials_secret: Option<String>,
    /// Registries that are reached by another name here, over plain HTTP: images built for the one are pushed to the
    /// other, for example `123456789012.dkr.ecr.eu-central-1.amazonaws.com: registry:5000`.
    pub registries: BTreeMap<String, String>,
}

/// Who pods are, outside the cluster.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Identity {
    /// ARN of the IAM role (IRSA) by trust level (`build`, `deploy`, `trigger`, `secrets`) or by the name of a ServiceAccount,
    /// which wins. In the overlay `aws` only. Default: none, so that pods have the rights of their nodes.
    pub aws_roles: BTreeMap<String, String>,
}

/// A part of the output that needs something in the cluster which not every cluster has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Component {
    /// Secret values from AWS. Needs the External Secrets operator; in the overlay `aws` only.
    ExternalSecrets,
    /// Metrics, alerts and a dashboard. Needs the Prometheus operator.
    Monitoring,
    /// Who may reach which pod. Needs a network plug-in that enforces NetworkPolicies.
    NetworkPolicies,
    /// Skeletons of encrypted Secrets, to be filled in. Needs the Sealed Secrets controller.
    SealedSecrets,
}

impl Component {
    /// All of them, sorted by name.
    pub const ALL: &[Component] = &[
        Component::ExternalSecrets,
        Component::Monitoring,
        Component::NetworkPolicies,
        Component::SealedSecrets,
    ];

    /// Whether an overlay can have it.
    pub fn fits(self, overlay: Overlay) -> bool {
        self != Component::ExternalSecrets || overlay == Overlay::Aws
    }

    /// Its name in the configuration, which is its folder below `components/`.
    pub fn name(self) -> &'static str {
        match self {
            Component::ExternalSecrets => "external-secrets",
            Component::Monitoring => "monitoring",
            Component::NetworkPolicies => "network-policies",
            Component::SealedSecrets => "sealed-secrets",
        }
    }
}

/// Components that the overlays switch on.
pub type Components = BTreeSet<Component>;

/// How Argo CD finds the manifests.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ArgoCd {
    /// Git URL of the repository that the output is committed to. Default: none; then `argo-cd/` is not written.
    pub repository: Option<String>,
    /// Branch, tag or revision. Default: `main`.
    pub revision: Option<String>,
    /// Folder of the output in that repository. Default: `argo`.
    pub path: Option<String>,
    /// Overlay that is applied: `aws` (default) or `minio`.
    pub overlay: Option<Overlay>,
    /// Namespace of Argo CD. Default: `argocd`.
    pub namespace: Option<String>,
    /// API server of the cluster that the pipelines run in. Default: Argo CD's own, `https://kubernetes.default.svc`.
    pub cluster: Option<String>,
}

/// A kind of cluster, with an overlay of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overlay {
    /// ECR, S3, IRSA.
    #[default]
    Aws,
    /// MinIO and a plain registry.
    Minio,
}

impl Overlay {
    /// Both.
    pub const ALL: &[Overlay] = &[Overlay::Aws, Overlay::Minio];

    /// Its name, which is its folder below `overlays/`.
    pub fn name(self) -> &'static str {
        match self {
            Overlay::Aws => "aws",
            Overlay::Minio => "minio",
        }
    }
}
