//! Path filters that do not do what they seem to.

use crate::finding::Account;
use crate::gocd::Pipeline;

crate::findings! {
    /// A pattern of a path filter matches no file.
    ///
    /// ## Why it matters
    /// In GoCD's filters `**` stands for directories only, so `docs/**` is no file. With `ignore` nothing is ignored; with
    /// `includes` no commit ever starts the pipeline. The converted pipeline behaves in the same way.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git", ignore: ["docs/**"]}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write `docs/**/*` for everything below a folder.
    pub FILTER_MATCHES_NOTHING = "filter-matches-nothing", Correctness, Warning, Converted;
}

/// Checks the filters of a pipeline's materials, parameters expanded.
pub fn check(pipeline: &Pipeline, account: &mut Account) {
    for filter in pipeline.materials.iter().filter_map(|material| material.filter.as_ref()) {
        for pattern in &filter.patterns {
            let text = pattern.value.as_deref().unwrap_or_default();
            if let Some(meant) = meant(text) {
                let effect = if filter.includes { "lets nothing through" } else { "ignores nothing" };
                account
                    .report(
                        &FILTER_MATCHES_NOTHING,
                        pattern,
                        format!("`{text}` matches no file, so it {effect}"),
                    )
                    .help(format!("write `{meant}` for everything below the folder"));
            }
        }
    }
}

/// The pattern that was probably meant; `None` for one that can match a file.
fn meant(pattern: &str) -> Option<String> {
    match pattern.strip_suffix('/') {
        Some("") => None,
        Some(folder) => Some(format!("{}/**/*", folder.trim_end_matches("/**"))),
        None if pattern == "**" || pattern.ends_with("/**") => Some(format!("{pattern}/*")),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn only_patterns_that_end_in_a_folder_match_nothing() {
        for (pattern, expected) in [
            ("doc/**", Some("doc/**/*")),
            ("**", Some("**/*")),
            ("doc/", Some("doc/**/*")),
            ("doc/**/", Some("doc/**/*")),
            ("doc/**/*", None),
            ("doc", None),
            ("**.md", None),
            ("a**", None),
        ] {
            assert_eq!(meant(pattern).as_deref(), expected, "{pattern}");
        }
    }
}
