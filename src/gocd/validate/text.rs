//! Texts that must have a certain form wherever they occur: paths, and items of lists.

use crate::finding::Account;
use crate::span::Src;

crate::findings! {
    /// A path leads out of the folder that it must stay in.
    ///
    /// ## Why it matters
    /// Working directories and destinations are relative to the pipeline's working directory, those of artifacts to the
    /// job's artifacts. GoCD's server refuses absolute paths, `~`, and `..` beyond the top.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make, working_directory: ../other}]}]
    /// ```
    ///
    /// ## Instead
    /// Write a relative path without `..`; an absolute one belongs into the command itself.
    pub PATH_OUTSIDE = "path-outside", Refused, Error, Refused;

    /// An item of a list has no value.
    ///
    /// ## Why it matters
    /// `- #{name}` without quotes is the usual cause: YAML takes it as a comment. GoCD's server refuses the repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     parameters: {target: all}
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build:
    ///           tasks:
    ///             - exec:
    ///                 command: make
    ///                 arguments:
    ///                   - #{target}
    /// ```
    ///
    /// ## Instead
    /// Quote it (`- "#{target}"`), or remove the item.
    pub NULL_ITEM = "null-item", Refused, Error, Refused;
}

/// A path cut into names, `.` and `..` resolved, separators of both kinds; `None` when it leads outside.
pub fn normal_path(path: &str) -> Option<Vec<&str>> {
    let drive = path.as_bytes().get(1) == Some(&b':') && path.starts_with(|c: char| c.is_ascii_alphabetic());
    if drive || path.starts_with(['/', '\\', '~']) {
        return None;
    }
    let mut names = Vec::new();
    for name in path.split(['/', '\\']) {
        match name {
            "" | "." => {}
            ".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    Some(names)
}

/// Reports a path that leads outside.
pub fn check_path(account: &mut Account, path: &Option<Src<String>>, what: &str) {
    let Some(path) = path else { return };
    if normal_path(path).is_none() {
        account
            .report(&PATH_OUTSIDE, path, format!("`{}` leads out of {what}", path.value))
            .help("write a relative path that stays inside");
    }
}

/// Reports items without a value.
pub fn check_items(account: &mut Account, items: &[Src<Option<String>>], key: &str) {
    for item in items.iter().filter(|item| item.value.is_none()) {
        account
            .report(&NULL_ITEM, item, format!("an item of `{key}` has no value"))
            .help("a text that begins with `#` must be quoted; otherwise remove the item");
    }
}

#[cfg(test)]
mod tests {
    use super::normal_path;

    #[test]
    fn paths_that_stay_inside() {
        assert_eq!(normal_path("a/./b/../c/"), Some(vec!["a", "c"]));
        assert_eq!(normal_path(""), Some(vec![]));
        assert_eq!(normal_path("a\\b"), Some(vec!["a", "b"]));
        assert_eq!(normal_path("ü:x"), Some(vec!["ü:x"]));
        for outside in ["..", "a/../../b", "/a", "\\a", "C:\\a", "~/a"] {
            assert_eq!(normal_path(outside), None, "{outside}");
        }
    }
}
