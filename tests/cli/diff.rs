//! `diff`: a check for CI.

use super::run::{APP, Folder, app};

#[test]
fn its_exit_code_says_whether_the_output_is_up_to_date() {
    let folder = Folder::with_app();
    let before = folder.tree("");
    folder.run(&["diff", "repo"]).exits(1).prints("+kind: WorkflowTemplate");
    assert_eq!(folder.tree(""), before, "it writes nothing");
    folder.run(&["convert", "repo"]).exits(0);
    folder.run(&["diff", "repo"]).exits(0).prints_nothing();
    folder.run(&["diff", "repo", "--out", "elsewhere"]).exits(1);
    folder.put("repo/app.gocd.yaml", APP.replace("make", "ninja"));
    let run = folder.run(&["diff", "repo", "--out", "argo"]).exits(1).prints("base/templates/apps/app.yaml");
    assert!(run.stdout.lines().any(|line| line.starts_with('+') && line.contains("ninja")), "{}", run.stdout);
}

#[test]
fn a_vanished_pipeline_is_a_difference() {
    let folder = Folder::with_app().with("repo/two.gocd.yaml", app("two"));
    folder.run(&["convert", "repo"]).exits(0);
    std::fs::remove_file(folder.path("repo/two.gocd.yaml")).unwrap();
    folder.run(&["diff", "repo"]).exits(1).prints("-kind: WorkflowTemplate");
}

#[test]
fn errors_are_errors() {
    let folder = Folder::new().with("repo/a.gocd.yaml", "format_version: 10\npipelines: {p: {group: g}}\n");
    folder.fails(&["diff", "repo"]).says("error[").says("repo/a.gocd.yaml:2:");
    folder.fails(&["diff", "nowhere"]).says("cannot read `nowhere`");
}
