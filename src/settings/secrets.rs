//! Where secret values are kept, for the components `external-secrets` and `sealed-secrets`.

use serde::Deserialize;

/// Secret values outside the cluster.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Secrets {
    /// `secrets-manager` (default): one JSON document per Secret; `parameter-store`: one parameter per key.
    pub service: Option<Service>,
    /// AWS region. Default: `artifacts.region`, else `us-east-1`.
    pub region: Option<String>,
    /// What stands before a Secret's name in AWS. Default: the namespace and `/`.
    pub prefix: Option<String>,
}

/// A service of AWS that keeps secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// AWS Secrets Manager.
    #[default]
    SecretsManager,
    /// Parameter Store of AWS Systems Manager.
    ParameterStore,
}
