//! Git hosts: which webhooks they send, which Secrets hold their credentials.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Git hosts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Git {
    /// By host name as it stands in material URLs.
    pub hosts: BTreeMap<String, GitHost>,
}

/// One git host.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct GitHost {
    /// `github`, `gitlab`, `bitbucket`, `bitbucket-server`, `gitea`, `azure-devops`, `codecommit`, `webhook`, or `poll` for none.
    /// Default: by the host's name, else `webhook`.
    pub provider: Option<Provider>,
    /// Secret for cloning: keys `username` and `password`, or `ssh-privatekey` and `known_hosts`.
    /// Default: `git-` and the host's name.
    pub secret: Option<String>,
    /// Base URL of the host's API, for a GitHub, GitLab or Bitbucket Server of one's own.
    pub api_url: Option<String>,
    /// CodeCommit: the SQS queue that its events come from. Default: `gocd-codecommit`.
    pub queue: Option<String>,
}

/// A kind of git host: which events it sends after a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// github.com and GitHub Enterprise.
    Github,
    /// gitlab.com and GitLab of one's own.
    Gitlab,
    /// bitbucket.org.
    Bitbucket,
    /// Bitbucket Server and Data Center.
    BitbucketServer,
    /// Gitea, Forgejo, Gogs.
    Gitea,
    /// Azure DevOps, as a service or of one's own.
    AzureDevops,
    /// AWS CodeCommit, through EventBridge and SQS.
    Codecommit,
    /// Anything that can POST a small JSON document.
    Webhook,
    /// Nothing is sent: `gocd-reconcile` looks every few minutes.
    Poll,
}
