//! Output folders that cannot be written: an error, exit code 2, nothing written.

use super::run::Folder;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

#[test]
fn a_read_only_output_folder() {
    let folder = Folder::with_app().with("argo/keep", "");
    fs::set_permissions(folder.path("argo"), Permissions::from_mode(0o555)).unwrap();
    folder.fails(&["convert", "repo"]).says("read-only").says("argo");
    folder.run(&["diff", "repo"]).exits(1);
    fs::set_permissions(folder.path("argo"), Permissions::from_mode(0o755)).unwrap();
    folder.put("locked/keep", "");
    fs::set_permissions(folder.path("locked"), Permissions::from_mode(0o555)).unwrap();
    folder.fails(&["convert", "repo", "--out", "locked/argo"]).says("read-only").says("locked");
    fs::set_permissions(folder.path("locked"), Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn an_output_path_that_is_a_file() {
    let folder = Folder::with_app().with("argo", "mine");
    folder.fails(&["convert", "repo"]).says("`argo`").says("is a file");
    folder.fails(&["convert", "repo", "--out", "argo/deeper"]).says("is a file");
    folder.fails(&["convert", "repo", "--out", "repo/app.gocd.yaml", "--force"]).says("is a file");
}

#[test]
fn an_output_path_that_is_a_link_leading_outside() {
    let folder = Folder::with_app().with("elsewhere/keep", "mine");
    fs::create_dir(folder.path("work")).unwrap();
    symlink("../elsewhere", folder.path("work/argo")).unwrap();
    folder.fails(&["convert", "repo", "--out", "work/argo"]).says("symbolic link that leads to");
    folder.fails(&["convert", "repo", "--out", "work/argo/sub"]).says("symbolic link that leads to");
    symlink("nowhere", folder.path("work/broken")).unwrap();
    folder.fails(&["convert", "repo", "--out", "work/broken"]).says("leads nowhere");
}

#[test]
fn a_link_inside_the_output_is_not_followed() {
    let folder = Folder::with_app().with("elsewhere/keep", "mine");
    folder.run(&["convert", "repo"]).exits(0);
    fs::rename(folder.path("argo/base/templates"), folder.path("elsewhere/templates")).unwrap();
    symlink("../../elsewhere/templates", folder.path("argo/base/templates")).unwrap();
    folder.fails(&["convert", "repo", "--force"]).says("symbolic link");
    fs::remove_file(folder.path("argo/base/templates")).unwrap();
    folder.put("elsewhere/file", "mine");
    symlink("../../../elsewhere/file", folder.path("argo/base/runtime/mine.yaml")).unwrap();
    folder.run(&["convert", "repo"]).exits(0);
    assert_eq!(folder.read("elsewhere/file"), "mine");
}

#[test]
fn a_folder_where_a_file_belongs() {
    let folder = Folder::with_app().with("argo/base/kustomization.yaml/keep", "mine");
    folder.fails(&["convert", "repo", "--force"]).says("kustomization.yaml");
}

#[test]
fn the_root_and_the_current_folder() {
    let folder = Folder::with_app();
    folder.fails(&["convert", "repo", "--out", "/"]).says("root of the file system");
    folder.fails(&["convert", "repo", "--out", "."]).says("current folder");
    folder.fails(&["convert", "repo", "--out", ""]);
}

/// No room: every write fails with an error of the system.
#[test]
fn a_full_disk() {
    let folder = Folder::with_app();
    folder.run(&["convert", "repo"]).exits(0);
    let before = folder.tree("");
    folder.put("repo/app.gocd.yaml", super::run::APP.replace("make", "ninja"));
    let mut call = std::process::Command::new("sh");
    // The largest file a process may write is one block, and the signal for more is ignored.
    let script = format!("trap '' XFSZ; ulimit -f 1; exec '{}' convert repo", super::run::PROGRAM);
    call.args(["-c", &script]).current_dir(folder.path(""));
    super::run::Run::of(call).exits(2).says("cannot write");
    let mut after = folder.tree("");
    after.insert("repo/app.gocd.yaml".into(), super::run::APP.into());
    assert_eq!(after, before, "nothing is left behind");
}
