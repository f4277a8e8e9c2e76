//! `lint`: findings only.

use super::run::{APP, Folder};

/// Leaves nothing open for [`APP`].
const SETTLED: &str = "\
images: {elastic-profiles: {go-1.21: golang:1.21}}
git: {hosts: {git.example.com: {provider: webhook, secret: git}}}
webhooks: {url: https://ci.example.com}
artifacts: {bucket: artifacts}
";

#[test]
fn findings_are_drawn_with_the_source_line_and_a_caret() {
    let folder = Folder::new()
        .with("repo/a.gocd.yaml", APP.replace("group: apps", "group: apps\n    lock_behaviour: none"));
    folder.put("gocd2argo.yaml", SETTLED);
    let before = folder.tree("");
    let run = folder.run(&["lint", "repo"]).exits(1);
    let drawing = " --> repo/a.gocd.yaml:5:5\n  |\n5 |     lock_behaviour: none\n  |     ^^^^^^^^^^^^^^";
    let run = run.prints("warning[unknown-key]").prints(drawing).prints("`lock_behavior`");
    assert_eq!(run.stdout.matches("-->").count(), 1, "{}", run.stdout);
    assert_eq!(folder.tree(""), before, "it writes nothing");
}

#[test]
fn a_clean_repository_exits_with_zero() {
    let folder = Folder::with_app().with("repo/gocd2argo.yaml", SETTLED);
    folder.run(&["lint", "repo"]).exits(0).prints_nothing();
}

#[test]
fn levels_say_what_counts() {
    let folder =
        Folder::new().with("repo/a.gocd.yaml", APP.replace("group: apps", "group: apps\n    odd: x"));
    let run = folder.run(&["lint", "repo", "--level", "warning"]).exits(1);
    run.prints("warning[").prints("decision[");
    folder.run(&["lint", "repo", "--level", "decision"]).exits(1).prints("decision[").never("warning[");
    folder.run(&["lint", "repo", "--level", "error"]).exits(0).prints_nothing();
    folder.run(&["lint", "repo", "--level", "info"]).exits(1);
}

#[test]
fn what_gocd_refuses_exits_with_two() {
    let folder = Folder::new().with("repo/a.gocd.yaml", "format_version: 10\npipelines: {p: {group: g}}\n");
    folder.fails(&["lint", "repo"]).prints("error[").prints("repo/a.gocd.yaml:2:13");
    folder.fails(&["lint", "repo", "--level", "error"]).prints("error[");
}

#[test]
fn text_that_came_through_an_anchor_points_at_both_places() {
    let text = "\
format_version: 10
common:
  stage: &stage
    odd: x
    tasks: [exec: {command: make}]
pipelines:
  app:
    group: apps
    materials: {code: {git: \"https://git.example.com/acme/app.git\"}}
    stages:
      - build: *stage
";
    let folder = Folder::new().with("a.gocd.yaml", text);
    let run = folder.run(&["lint"]).exits(1).prints("warning[unknown-key]");
    assert!(run.stdout.contains("a.gocd.yaml:4:5"), "{}", run.stdout);
    assert!(run.stdout.contains("11 |"), "{}", run.stdout);
}
