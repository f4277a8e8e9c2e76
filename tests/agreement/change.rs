//! Generated changes: commits with files near a filter's patterns, as git objects and as the hosts' payloads.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::random::Random;

/// A push: commits, each with added, modified and removed files.
#[derive(Debug)]
pub struct Change {
    commits: Vec<[Vec<String>; 3]>,
    /// What keeps the payload from telling all of it.
    flaw: Flaw,
}

#[derive(Debug, PartialEq, Eq)]
enum Flaw {
    None,
    /// Only the newest commits are listed.
    Cut,
    /// A forced push (GitHub), a new branch (others).
    Forced,
    /// The commits have no lists.
    NoLists,
}

impl Change {
    pub fn new(patterns: &[String], random: &mut Random) -> Change {
        let mut used = BTreeSet::new();
        let count = [1, 1, 1, 2, 3, 7][random.below(6)];
        let mut commits = Vec::new();
        for _ in 0..count {
            let mut lists: [Vec<String>; 3] = Default::default();
            let files = [0, 1, 1, 1, 2, 3][random.below(6)];
            for _ in 0..files {
                let path = path(&patterns[random.below(patterns.len())], random);
                if fits(&path, &used) {
                    used.insert(path.clone());
                    lists[random.below(3)].push(path);
                }
            }
            commits.push(lists);
        }
        let flaw = match random.below(12) {
            0 => Flaw::Cut,
            1 => Flaw::Forced,
            2 => Flaw::NoLists,
            _ => Flaw::None,
        };
        Change { commits, flaw }
    }

    /// All files that have changed.
    pub fn files(&self) -> Vec<String> {
        self.commits.iter().flatten().flatten().cloned().collect()
    }

    /// Whether the payload lists all files, and no name in it is written with an escape or has a comma, which the text of a list
    /// has as well.
    pub fn can_tell(&self) -> bool {
        let plain = |file: &String| {
            file.chars().all(|c| !matches!(c, ',' | '"' | '\\' | '<' | '>' | '&') && c.is_ascii())
        };
        self.flaw == Flaw::None
            // Gitea lists five.
            && self.commits.len() <= 5
            && self.commits.iter().all(|commit| commit.iter().any(|list| !list.is_empty()))
            && self.files().iter().all(plain)
    }

    /// As GitHub (0), GitLab (1) or Gitea (2) tells of it.
    pub fn payload(&self, host: usize, random: &mut Random) -> Value {
        let total = self.commits.len();
        let limit = if host == 1 { 20 } else { 5 };
        // GitHub lists them all; there a cut list is an empty one.
        let listed = match (&self.flaw, host) {
            (Flaw::Cut, 0) => 0,
            (Flaw::Cut, _) => total - 1,
            (_, 0) => total,
            _ => total.min(limit),
        };
        let commits: Vec<Value> = self.commits[total - listed..]
            .iter()
            .map(|[added, modified, removed]| match self.flaw {
                Flaw::NoLists => json!({"id": "1", "message": "x"}),
                _ => json!({"id": "1", "message": "x", "added": added, "modified": modified, "removed": removed}),
            })
            .collect();
        let forced = self.flaw == Flaw::Forced;
        let before = if forced && host != 0 { "0".repeat(40) } else { "2".repeat(40) };
        let mut body = json!({"ref": "refs/heads/main", "before": before, "after": "1".repeat(40), "commits": commits,
            "repository": {"full_name": "acme/app"}, "pusher": {"name": "x", "login": "x"}});
        match host {
            0 => {
                let created = forced && random.below(2) == 0;
                body["forced"] = json!(forced && !created);
                body["created"] = json!(created);
            }
            1 => {
                body["object_kind"] = json!("push");
                body["project"] = json!({"path_with_namespace": "acme/app"});
                body["total_commits_count"] = json!(total);
            }
            _ => body["total_commits"] = json!(total),
        }
        body
    }
}

/// A path that may match the pattern.
fn path(pattern: &str, random: &mut Random) -> String {
    let names = [
        "a", "b", "x.md", "aXb.c", "doc", "ü", "x y", "abc", "a&b", "é\"q", "Makefile", "X.java", "a\\b", ",",
    ];
    let mut segments = Vec::new();
    for segment in pattern.trim_matches('/').split('/') {
        match segment {
            "**" => {
                (0..random.below(3)).for_each(|_| segments.push(names[random.below(names.len())].to_string()))
            }
            segment => {
                let by = ["", "a", "b", "q.r", "ü", "x y"][random.below(6)];
                segments.push(segment.replace('*', by));
            }
        }
    }
    match random.below(8) {
        0 => segments.push(names[random.below(names.len())].to_string()),
        1 => drop(segments.pop()),
        2 => segments.insert(0, names[random.below(names.len())].to_string()),
        3 => segments = vec![names[random.below(names.len())].to_string()],
        _ => {}
    }
    segments.retain(|segment| !segment.is_empty());
    segments.join("/")
}

/// Whether git can have this path beside the others.
fn fits(path: &str, used: &BTreeSet<String>) -> bool {
    let legal = path.split('/').all(|part| !matches!(part, "" | "." | ".." | ".git"));
    let clash = |other: &String| {
        other == path || other.starts_with(&format!("{path}/")) || path.starts_with(&format!("{other}/"))
    };
    legal && !used.iter().any(clash)
}

/// Writes the changes into a bare repository: `base<n>` before, `c<n>` after.
pub fn commit(repository: &Path, changes: &[Change]) {
    let mut stream = String::new();
    let mut mark = 0;
    for (number, change) in changes.iter().enumerate() {
        let before: BTreeMap<&String, &str> = change
            .commits
            .iter()
            .flat_map(|[_, modified, removed]| modified.iter().chain(removed))
            .map(|file| (file, "old"))
            .collect();
        mark += 1;
        let mut write = |reference: String, from: Option<usize>, mark: usize, body: &str| {
            let from = from.map_or(String::new(), |from| format!("from :{from}\n"));
            let _ = write!(
                stream,
                "commit refs/heads/{reference}\nmark :{mark}\ncommitter a <a@example.com> {mark} +0000\ndata 1\nx\n{from}{body}\n"
            );
        };
        let put = |file: &str, content: &str| {
            format!("M 100644 inline {}\ndata {}\n{content}\n", quoted(file), content.len())
        };
        let body: String = before.keys().map(|file| put(file, "old")).collect();
        write(format!("base{number}"), None, mark, &body);
        for [added, modified, removed] in &change.commits {
            let mut body: String = added.iter().chain(modified).map(|file| put(file, "new")).collect();
            removed.iter().for_each(|file| body.push_str(&format!("D {}\n", quoted(file))));
            mark += 1;
            write(format!("c{number}"), Some(mark - 1), mark, &body);
        }
    }
    let git = |arguments: &[&str], input: &str| {
        crate::run(Command::new("git").arg("-C").arg(repository).args(arguments), input)
    };
    git(&["init", "-q", "--bare"], "");
    git(&["fast-import", "--quiet"], &stream);
}

fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}
