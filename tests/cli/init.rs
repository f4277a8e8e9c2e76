//! `init`: a configuration with what the repository at hand needs.

use super::run::Folder;

#[test]
fn it_writes_a_file_that_settles_what_was_guessed() {
    let folder = Folder::with_app();
    folder.run(&["lint", "repo"]).exits(1).prints("guessed-image").prints("guessed-bucket");
    folder.run(&["init", "repo"]).exits(0).says("repo/gocd2argo.yaml").prints_nothing();
    let text = folder.read("repo/gocd2argo.yaml");
    assert!(text.contains("go-1.21:") && text.contains("bucket:"), "{text}");
    folder.run(&["lint", "repo"]).never("guessed-image").never("guessed-bucket").never("git-host-unknown");
    folder.run(&["convert", "repo"]).exits(0);
}

#[test]
fn a_file_that_is_there_is_kept() {
    let folder = Folder::with_app().with("repo/gocd2argo.yaml", "namespace: mine\n");
    folder.fails(&["init", "repo"]).says("repo/gocd2argo.yaml").says("--force");
    folder.run(&["init", "repo", "--force"]).exits(0);
    assert!(folder.read("repo/gocd2argo.yaml").contains("namespace: ci"));
}

#[test]
fn printing_writes_nothing() {
    let folder = Folder::with_app();
    let before = folder.tree("");
    folder.run(&["init", "repo", "--print"]).exits(0).prints("namespace: ci");
    assert_eq!(folder.tree(""), before);
}

#[test]
fn names_that_hurt_are_quoted() {
    let odd = "'a: b # {{x}} \u{2028} \"q\" \\'";
    let text = super::run::APP.replace("go-1.21", odd);
    let folder = Folder::new().with("repo/a.gocd.yaml", text);
    folder.run(&["init", "repo"]).exits(0);
    folder.run(&["lint", "repo"]).never("guessed-image");
}
