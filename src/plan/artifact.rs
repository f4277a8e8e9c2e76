//! Artifacts a job publishes: `artifacts`.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | `build`: Ant pattern → files below the job's artifacts | `publish` of `lib.sh` copies the matches to one folder, which is the job's output artifact under `pipelines/<p>/<counter>/<s>/1/<j>/` | layout yes; modes and symbolic links are not kept by S3 |
//! | nothing matches | the job fails | yes |
//! | `test` | the same, below `testoutput`, without failing the job; nobody parses the reports | files yes |
//! | published also after a failure, not after a cancel | `publish` runs after the last task | yes |
//! | `external` | nothing: the store is a plugin's | no |
//! | `tabs` | nothing: pages of GoCD's UI | no |
//!
//! GoCD: `../shared/spec/gocd-yaml.md` §3.9. Argo: `outputs.artifacts[].s3.key`, `archive: none`.

use super::Cx;
use super::script::word;
use crate::gocd::{Artifact, ArtifactKind, Job};

crate::findings! {
    /// An artifact goes through an artifact plugin into a store that is configured on the GoCD server.
    ///
    /// ## Why it matters
    /// Neither the plugin nor the store is known here, so nothing is published; a fetch of it fails.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build:
    ///           tasks: [exec: {command: make}]
    ///           artifacts: [external: {id: image, store_id: dockerhub, configuration: {options: {Image: app}}}]
    /// ```
    ///
    /// ## Instead
    /// Push the artifact in a task (an image is pushed by its Kaniko build), and pass its name on in a `build` artifact.
    pub EXTERNAL_ARTIFACT = "external-artifact", Migration, Decision, Decision;

    /// Test reports are published as files; nobody reads them for a page of test results.
    ///
    /// ## Why it matters
    /// GoCD shows failed tests in its UI. Here the reports lie beside the other artifacts.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}], artifacts: [test: {source: reports}]}]
    /// ```
    ///
    /// ## Instead
    /// Nothing, or let a task send them to the tool that your git host offers for test reports.
    pub TEST_REPORT_NOT_PARSED = "test-report-not-parsed", Migration, Info, Approximated;

    /// Metadata for GoCD's pages, without any effect on what runs.
    ///
    /// ## Why it matters
    /// Argo's UI has no place for it.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     display_order: 3
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Nothing.
    pub UI_METADATA_DROPPED = "ui-metadata-dropped", Migration, Info, NoCounterpart;
}

/// The calls of `publish`, one per artifact.
pub fn plan(job: &Job, cx: &mut Cx) -> String {
    let mut calls = String::new();
    for artifact in &job.artifacts {
        for place in crate::gocd::places::artifact_places(artifact) {
            cx.account.convert("artifact", place);
        }
        match artifact.kind.value {
            ArtifactKind::External => report_external(artifact, cx),
            ArtifactKind::Build => calls.push_str(&publish("build", artifact)),
            ArtifactKind::Test => {
                let message = "test reports are published, but not shown as results";
                cx.account.report(&TEST_REPORT_NOT_PARSED, artifact.kind.place, message);
                calls.push_str(&publish("test", artifact));
            }
        }
    }
    drop_metadata(job, cx);
    calls
}

fn publish(kind: &str, artifact: &Artifact) -> String {
    let source = artifact.source.as_ref().map_or("", |source| source.value.as_str());
    let pattern = Pattern::of(source);
    format!(
        "publish {kind} {} {} {} {}\n",
        word(if pattern.directory.is_empty() { "." } else { &pattern.directory }),
        word(&pattern.regex),
        word(artifact.destination().trim_matches('/')),
        word(&pattern.prefix),
    )
}

fn report_external(artifact: &Artifact, cx: &mut Cx) {
    let id = artifact.id.as_ref().map_or("", |id| id.value.as_str());
    let store = artifact.store_id.as_ref().map_or("", |store| store.value.as_str());
    cx.account
        .report(
            &EXTERNAL_ARTIFACT,
            artifact.kind.place,
            format!("artifact `{id}` goes to the store `{store}` of a GoCD plugin and is not published"),
        )
        .help("push it in a task, and pass its name on in a `build` artifact");
}

fn drop_metadata(job: &Job, cx: &mut Cx) {
    for tab in &job.tabs {
        cx.account.report(&UI_METADATA_DROPPED, tab, "tabs are pages of GoCD's UI");
    }
    for property in &job.properties {
        cx.account.report(&UI_METADATA_DROPPED, property, "properties were removed from GoCD in 19.10");
    }
    for key in &job.property_keys {
        cx.account.book(key, UI_METADATA_DROPPED.outcome, UI_METADATA_DROPPED.name);
    }
}

/// An Ant pattern as `publish` needs it.
#[derive(Debug, PartialEq, Eq)]
struct Pattern {
    /// Directory to search: the leading segments without wildcards, empty for the working directory.
    directory: String,
    /// Anchored extended regular expression over paths from the working directory.
    regex: String,
    /// What is taken off a matched path before it is appended to the destination.
    prefix: String,
}

impl Pattern {
    /// GoCD strips the leading segments that have no wildcard; of a pattern without any, the last segment stays.
    fn of(source: &str) -> Self {
        let source = if source.ends_with('/') { format!("{source}**") } else { source.to_string() };
        let mut segments: Vec<&str> = source.split('/').collect();
        segments.dedup_by(|next, previous| *next == "**" && *previous == "**");
        let wild = segments.iter().position(|segment| segment.contains(['*', '?']));
        let plain = wild.unwrap_or(segments.len().saturating_sub(1));
        let mut prefix = segments.iter().take(plain).copied().collect::<Vec<_>>().join("/");
        let directory = prefix.clone();
        if !prefix.is_empty() {
            prefix.push('/');
        }
        Pattern { directory, regex: regex(&segments), prefix }
    }
}

fn regex(segments: &[&str]) -> String {
    let mut regex = String::from("^");
    let last = segments.len().saturating_sub(1);
    for (index, segment) in segments.iter().enumerate() {
        match (*segment, index == last) {
            // `bin/**` is also `bin` itself.
            ("**", true) => regex.push_str(if last == 0 { ".*" } else { "(/.*)?" }),
            ("**", false) => regex.push_str("([^/]+/)*"),
            (_, is_last) => {
                for c in segment.chars() {
                    match c {
                        '*' => regex.push_str("[^/]*"),
                        '?' => regex.push_str("[^/]"),
                        '.' | '^' | '$' | '+' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '\\' => {
                            regex.push('\\');
                            regex.push(c);
                        }
                        c => regex.push(c),
                    }
                }
                let before_all = index + 1 == last && segments.get(last) == Some(&"**");
                if !is_last && !before_all {
                    regex.push('/');
                }
            }
        }
    }
    regex.push('$');
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_follow_gocds_layout() {
        let cases = [
            ("out/bin", "out", "^out/bin$", "out/"),
            ("*.txt", "", "^[^/]*\\.txt$", ""),
            ("bin/**/*", "bin", "^bin/([^/]+/)*[^/]*$", "bin/"),
            ("target/**/*.xml", "target", "^target/([^/]+/)*[^/]*\\.xml$", "target/"),
            ("bin/", "bin", "^bin(/.*)?$", "bin/"),
            ("**/bin/**/**", "", "^([^/]+/)*bin(/.*)?$", ""),
            ("**", "", "^.*$", ""),
            ("bin", "", "^bin$", ""),
        ];
        for (source, directory, regex, prefix) in cases {
            let expected =
                Pattern { directory: directory.into(), regex: regex.into(), prefix: prefix.into() };
            assert_eq!(Pattern::of(source), expected, "{source}");
        }
    }
}
