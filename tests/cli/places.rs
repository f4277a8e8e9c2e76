//! The same bytes, wherever the program is called and however paths are spelled.

use super::run::{APP, Folder, Run, app};

fn two() -> Folder {
    Folder::new().with("work/repo/a.gocd.yaml", APP).with("work/repo/.gocd/b.gocd.yml", app("two"))
}

#[test]
fn another_folder_and_another_spelling_give_the_same_bytes() {
    let folder = two();
    folder.run(&["convert", "work/repo", "--out", "first"]).exits(0);
    let first = folder.tree("first");
    assert!(first.len() > 10);
    let absolute = folder.path("work/repo").to_str().unwrap().to_string();
    for (number, (below, source)) in [
        ("work/repo", "."),
        ("work", "repo/"),
        ("work", "./../work//repo"),
        ("", absolute.as_str()),
        ("work/repo", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let out = folder.path(&format!("out-{number}")).to_str().unwrap().to_string();
        let arguments = ["convert", source, "--out", &out];
        let arguments: Vec<&str> = arguments.into_iter().filter(|argument| !argument.is_empty()).collect();
        Run::of(folder.command(below, &arguments)).exits(0);
        assert_eq!(folder.tree(&format!("out-{number}")), first, "`{source}` in `{below}`");
    }
}

#[test]
fn a_moved_repository_gives_the_same_bytes() {
    let (one, other) = (two(), two());
    one.run(&["convert", "work/repo"]).exits(0);
    std::fs::rename(other.path("work"), other.path("elsewhere")).unwrap();
    other.run(&["convert", "elsewhere/repo"]).exits(0);
    assert_eq!(one.tree("work/argo"), other.tree("elsewhere/argo"));
}

#[test]
fn several_repositories_in_one_call() {
    let folder = Folder::with_app().with("other/b.gocd.yaml", app("two"));
    folder.run(&["convert", "repo", "other", "--out", "a"]).exits(0).prints("2 pipelines");
    folder.run(&["convert", "other/b.gocd.yaml", "repo", "repo/app.gocd.yaml", "--out", "b"]).exits(0);
    assert!(folder.has("a/base/templates/apps/app.yaml") && folder.has("a/base/templates/apps/two.yaml"));
    assert_eq!(
        folder.tree("a"),
        folder.tree("b"),
        "order does not matter, and a file named twice is read once"
    );
}

#[test]
fn positions_show_the_path_as_it_was_given() {
    let folder = Folder::with_app();
    folder.run(&["lint", "repo"]).prints("--> repo/app.gocd.yaml:");
    Run::of(folder.command("repo", &["lint"])).prints("--> app.gocd.yaml:");
    Run::of(folder.command("repo", &["lint", "../repo"])).prints("--> ../repo/app.gocd.yaml:");
}

#[test]
fn what_git_ignores_is_left_out() {
    let folder =
        Folder::with_app().with("repo/.gitignore", "build/\n").with("repo/build/b.gocd.yaml", app("two"));
    folder.put("repo/.git/c.gocd.yaml", app("three"));
    folder.run(&["show", "repo"]).exits(0).prints("pipeline app").never("two").never("three");
}

#[test]
fn the_output_inside_the_source_is_no_source() {
    let folder = Folder::with_app();
    folder.run(&["convert", "repo", "--out", "repo/argo"]).exits(0);
    let before = folder.tree("repo");
    folder.run(&["convert", "repo", "--out", "repo/argo"]).exits(0).prints("unchanged");
    assert_eq!(folder.tree("repo"), before);
}
