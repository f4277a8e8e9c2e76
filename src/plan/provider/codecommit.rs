//! AWS CodeCommit: an EventBridge rule sends the event “CodeCommit Repository State Change” to an SQS queue, which an EventSource
//! `sqs` reads. Nothing is open to the outside; the right to send is AWS's matter.
//!
//! The event names no files: `prepare` alone decides about filters.

use super::files::DataFilter;
use super::pattern::exactly;
use super::{EventSource, Facts, Host, REVISION};
use crate::gocd::GitUrl;
use crate::plan::description::Filter;
use crate::settings::Provider;

/// The provider.
pub struct Codecommit;

impl Host for Codecommit {
    fn provider(&self) -> Provider {
        Provider::Codecommit
    }

    fn kind(&self) -> &'static str {
        "codecommit"
    }

    fn event_source(&self) -> &'static str {
        "sqs"
    }

    fn is_called(&self, host: &str) -> bool {
        host.starts_with("git-codecommit.")
    }

    fn repository(&self, url: &GitUrl) -> Option<String> {
        url.path.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_string)
    }

    fn push(&self, _host: &str, repository: &str, branch: &str, _filter: Option<&Filter>) -> Facts {
        Facts {
            filters: vec![
                DataFilter::new("body.detail.event", "^reference(Created|Updated)$"),
                DataFilter::new("body.detail.repositoryName", exactly(repository)),
                DataFilter::new("body.detail.referenceFullName", exactly(&format!("refs/heads/{branch}"))),
                DataFilter::new("body.detail.commitId", REVISION),
            ],
            revision: Some(".Input.body.detail.commitId"),
            texts: vec![("user", ".Input.body.detail.callerUserArn")],
        }
    }

    fn object(&self, source: &mut EventSource, host: &str, _repositories: &[String]) {
        // `git-codecommit.eu-central-1.amazonaws.com`
        source.region = host.split('.').nth(1).unwrap_or("us-east-1").to_string();
        source.is_endpoint = false;
        source.hook = "an EventBridge rule: source aws.codecommit, detail-type CodeCommit Repository State Change, target the queue";
    }

    fn keys(&self) -> &'static [&'static str] {
        &[]
    }

    fn lists_repositories(&self) -> bool {
        false
    }
}
