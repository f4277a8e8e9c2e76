//! GoCD's path filters: its own dialect, which is not that of Ant.
//!
//! `../shared/spec/gocd-yaml.md` §3.2. A pattern is split at `/`. The segment `**` is any number of directories, also none,
//! and never the file itself; in another segment each `*` is any text without `/`; every other character is literal.

use crate::gocd::Filter;

/// Whether the pattern matches the path of a file, counted from the root of the repository. One leading `/` of either
/// does not count.
pub fn matches(pattern: &str, path: &str) -> bool {
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    // Which numbers of the path's first segments the pattern's segments so far can stand for.
    let mut reached = vec![false; segments.len() + 1];
    reached[0] = true;
    for part in pattern.strip_prefix('/').unwrap_or(pattern).split('/') {
        let mut next = vec![false; segments.len() + 1];
        if part == "**" {
            let first = reached.iter().position(|reached| *reached).unwrap_or(segments.len());
            next.iter_mut().take(segments.len()).skip(first).for_each(|reached| *reached = true);
        } else {
            for (at, segment) in segments.iter().enumerate() {
                next[at + 1] = reached[at] && within(part, segment);
            }
        }
        reached = next;
    }
    reached[segments.len()]
}

/// Whether the text is the pattern, in which `*` stands for any text.
fn within(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// What a filter says of the set of all files that changed since the last run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says<'a> {
    /// Go, because of this file; `None` when there is no filter.
    Go(Option<&'a str>),
    /// Nothing relevant has changed.
    Skip,
}

/// Asks a filter. A filter without patterns is none.
pub fn ask<'a>(filter: Option<&Filter>, files: &'a [String]) -> Says<'a> {
    let Some(filter) = filter else { return Says::Go(None) };
    let patterns: Vec<&str> = filter.patterns.iter().filter_map(|pattern| pattern.value.as_deref()).collect();
    if patterns.is_empty() {
        return Says::Go(None);
    }
    let relevant = |file: &&String| patterns.iter().any(|pattern| matches(pattern, file)) == filter.includes;
    match files.iter().find(relevant) {
        Some(file) => Says::Go(Some(file)),
        None => Says::Skip,
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn the_table_of_the_description() {
        let rows = [
            ("doc/**/*", [true, true, false]),
            ("doc/**", [false, false, false]),
            ("doc/*", [true, false, false]),
            ("doc", [false, false, false]),
            ("doc/", [false, false, false]),
            ("**/*", [true, true, true]),
            ("**", [false, false, false]),
            ("*.md", [false, false, true]),
            ("**/*.md", [false, false, true]),
            ("**/*.*", [true, true, true]),
        ];
        for (pattern, expected) in rows {
            let found = ["doc/a.txt", "doc/a/b.txt", "a.md"].map(|path| matches(pattern, path));
            assert_eq!(found, expected, "{pattern}");
        }
        assert!(!matches("**/*.*", "Makefile"));
    }

    #[test]
    fn everything_else_is_literal() {
        let cases = [
            ("/a/b", "a/b", true),
            ("a/b", "/a/b", true),
            ("**.java", "X.java", true),
            ("**.java", "a/X.java", false),
            ("a?c", "abc", false),
            ("[ab].{c}", "[ab].{c}", true),
            ("a*b*c", "abbbc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("A", "a", false),
            ("**/x/**/y", "x/y", true),
            ("**/x/**/y", "a/x/b/c/y", true),
            ("**/x/**/y", "a/x", false),
            ("ü/*", "ü/é", true),
            ("", "a", false),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn many_wildcards_take_no_time() {
        let pattern = "**/*a*a*a*a*a*a*a/".repeat(60) + "b";
        let path = format!("{}/", "a".repeat(200)).repeat(60) + "c";
        assert!(!matches(&pattern, &path));
    }
}
