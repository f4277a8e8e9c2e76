//! `convert` over an output folder that people work in as well.

use super::run::{APP, Folder, app};

const MANIFEST: &str = "argo/base/templates/apps/app.yaml";

fn edited() -> (Folder, String) {
    let folder = Folder::with_app();
    folder.run(&["convert", "repo"]).exits(0);
    let text = folder.read(MANIFEST) + "# by hand\n";
    folder.put(MANIFEST, &text);
    (folder, text)
}

#[test]
fn an_edited_file_is_a_conflict_with_its_diff() {
    let (folder, text) = edited();
    let run = folder.run(&["convert", "repo"]).exits(1).says("--force").prints("conflict");
    assert!(run.stderr.contains("-# by hand"), "{}", run.stderr);
    assert_eq!(folder.read(MANIFEST), text);
    folder.put("repo/app.gocd.yaml", APP.replace("make", "ninja"));
    folder.run(&["convert", "repo"]).exits(1);
    assert_eq!(folder.read(MANIFEST), text, "it stays one");
    folder.run(&["diff", "repo"]).exits(1).prints("-# by hand");
}

#[test]
fn force_overwrites_an_edited_file() {
    let (folder, _) = edited();
    folder.run(&["convert", "repo", "--force"]).exits(0);
    assert!(!folder.read(MANIFEST).contains("# by hand"));
    folder.run(&["convert", "repo"]).exits(0).prints("unchanged");
}

#[test]
fn a_dry_run_shows_conflicts_and_touches_nothing() {
    let (folder, text) = edited();
    folder.run(&["convert", "repo", "--dry-run"]).exits(1).prints("-# by hand");
    folder.run(&["convert", "repo", "--dry-run", "--force"]).exits(0);
    assert_eq!(folder.read(MANIFEST), text);
}

#[test]
fn files_of_pipelines_that_are_gone_are_removed_when_nobody_edited_them() {
    let folder = Folder::new().with("repo/a.gocd.yaml", app("one")).with("repo/b.gocd.yaml", app("two"));
    folder.put("repo/c.gocd.yaml", app("three"));
    folder.run(&["convert", "repo"]).exits(0);
    let two = "argo/base/templates/apps/two.yaml";
    folder.put(two, folder.read(two) + "# by hand\n");
    std::fs::remove_file(folder.path("repo/b.gocd.yaml")).unwrap();
    std::fs::remove_file(folder.path("repo/c.gocd.yaml")).unwrap();
    folder.run(&["convert", "repo"]).exits(1).prints("remove").prints("conflict");
    assert!(!folder.has("argo/base/templates/apps/three.yaml"));
    assert!(folder.read(two).ends_with("# by hand\n"));
    assert!(folder.has("argo/base/templates/apps/one.yaml"));
    folder.run(&["convert", "repo", "--force"]).exits(0);
    assert!(!folder.has(two));
}

#[test]
fn files_that_are_not_ours_are_never_touched() {
    let folder = Folder::with_app().with("argo/README.md", "mine").with("argo/base/extra.yaml", "a: mine\n");
    folder.put("argo/base/templates/apps/old.yaml", "a: mine\n");
    folder.run(&["convert", "repo"]).exits(0);
    folder.put("repo/app.gocd.yaml", app("other"));
    folder.run(&["convert", "repo", "--force"]).exits(0);
    assert_eq!(folder.read("argo/README.md"), "mine");
    assert_eq!(folder.read("argo/base/extra.yaml"), "a: mine\n");
    assert_eq!(folder.read("argo/base/templates/apps/old.yaml"), "a: mine\n");
    assert!(!folder.has(MANIFEST) && folder.has("argo/base/templates/apps/other.yaml"));
}

#[test]
fn a_file_of_somebody_else_in_our_place_is_a_conflict() {
    let folder = Folder::with_app().with(MANIFEST, "a: mine\n");
    folder.run(&["convert", "repo"]).exits(1);
    assert_eq!(folder.read(MANIFEST), "a: mine\n");
}

#[test]
fn a_damaged_lock_file_is_an_error() {
    let folder = Folder::with_app();
    folder.run(&["convert", "repo"]).exits(0);
    folder.put("argo/.gocd2argo.lock", "odd\n");
    folder.fails(&["convert", "repo"]).says(".gocd2argo.lock").says("damaged");
    folder.fails(&["diff", "repo"]).says("damaged");
}
