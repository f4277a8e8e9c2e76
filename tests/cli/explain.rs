//! `explain`: the pages of findings.

use super::run::Folder;

#[test]
fn a_page_says_what_why_and_what_to_do() {
    let run = Folder::new().run(&["explain", "unknown-key"]).exits(0);
    assert!(run.stdout.starts_with("# unknown-key\n"), "{}", run.stdout);
    run.prints("## Why it matters").prints("## Example").prints("## Instead");
}

#[test]
fn an_unknown_name_gets_a_suggestion() {
    let run = Folder::new().run(&["explain", "unknwon-key"]).exits(2).prints_nothing();
    run.says("`unknwon-key`").says("did you mean `unknown-key`?");
    Folder::new().run(&["explain", "zzzzzzzzzzzzzz"]).exits(2).never("did you mean").says("lists all");
}

#[test]
fn without_a_name_all_are_listed() {
    let run = Folder::new().run(&["explain"]).exits(0);
    let names: Vec<&str> = run.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 50 && names.is_sorted(), "{names:?}");
    for name in ["unknown-key", "guessed-image", "yaml-syntax"] {
        assert!(names.contains(&name), "{name}");
    }
}
