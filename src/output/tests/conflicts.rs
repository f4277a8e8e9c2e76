//! Who wrote a file decides what happens to it.

use super::*;
use proptest::prelude::*;

#[test]
fn a_set_is_created_updated_and_cleared() {
    let scene = Scene::new();
    let done = scene.convert(&[("a.yaml", "1"), ("d/b.yaml", "1"), ("d/e/c.yaml", "1")], false);
    assert!(done.iter().all(|(_, action)| *action == Action::Create));
    let done = scene.convert(&[("a.yaml", "1"), ("d/b.yaml", "2")], false);
    let expected =
        [("a.yaml", Action::Unchanged), ("d/b.yaml", Action::Update), ("d/e/c.yaml", Action::Remove)];
    assert_eq!(done, actions(&expected));
    assert_eq!(scene.content(), pairs(&[("a.yaml", "1"), ("d/b.yaml", "2")]));
    assert!(!scene.out.join("d/e").exists(), "a folder that held nothing else goes with its last file");
    assert_eq!(scene.beside(), ["argo"]);
}

#[test]
fn an_edited_file_is_kept_until_forced() {
    let scene = Scene::new();
    scene.convert(&[("a.yaml", "1"), ("b.yaml", "1")], false);
    scene.put("a.yaml", "edited");
    for _ in 0..2 {
        let done = scene.convert(&[("a.yaml", "2"), ("b.yaml", "2")], false);
        assert_eq!(done[0], ("a.yaml".to_string(), Action::Conflict));
        assert_eq!(scene.content(), pairs(&[("a.yaml", "edited"), ("b.yaml", "2")]));
    }
    let conflict = scene.compare(&[("a.yaml", "2")]).with(Action::Conflict).next().unwrap().clone();
    assert_eq!((conflict.old.as_deref(), conflict.new.as_deref()), (Some("edited"), Some("2")));
    scene.convert(&[("a.yaml", "2"), ("b.yaml", "2")], true);
    assert_eq!(scene.content(), pairs(&[("a.yaml", "2"), ("b.yaml", "2")]));
    assert!(!scene.compare(&[("a.yaml", "2"), ("b.yaml", "2")]).differs());
}

#[test]
fn an_edit_that_the_set_caught_up_with_is_ours_again() {
    let scene = Scene::new();
    scene.convert(&[("a.yaml", "1")], false);
    scene.put("a.yaml", "2");
    assert_eq!(scene.convert(&[("a.yaml", "2")], false), actions(&[("a.yaml", Action::Unchanged)]));
    assert_eq!(scene.convert(&[("a.yaml", "3")], false), actions(&[("a.yaml", Action::Update)]));
}

#[test]
fn an_edited_file_of_a_gone_pipeline_is_kept_until_forced() {
    let scene = Scene::new();
    scene.convert(&[("a.yaml", "1"), ("b.yaml", "1")], false);
    scene.put("b.yaml", "edited");
    for _ in 0..2 {
        let done = scene.convert(&[("a.yaml", "1")], false);
        assert_eq!(done[1], ("b.yaml".to_string(), Action::Conflict));
    }
    scene.convert(&[("a.yaml", "1")], true);
    assert_eq!(scene.content(), pairs(&[("a.yaml", "1")]));
}

#[test]
fn files_that_are_not_ours_survive() {
    let scene = Scene::new();
    scene.put("notes/README.md", "by hand");
    scene.put("a.yaml", "by hand");
    std::os::unix::fs::symlink("/nowhere", scene.out.join("link")).unwrap();
    let done = scene.convert(&[("a.yaml", "1"), ("notes/b.yaml", "1")], false);
    assert_eq!(done, actions(&[("a.yaml", Action::Conflict), ("notes/b.yaml", Action::Create)]));
    scene.convert(&[], true);
    scene.convert(&[("c.yaml", "1")], true);
    assert_eq!(
        scene.content(),
        pairs(&[("a.yaml", "by hand"), ("c.yaml", "1"), ("notes/README.md", "by hand")])
    );
    assert_eq!(fs::read_link(scene.out.join("link")).unwrap(), Path::new("/nowhere"));
}

#[test]
fn nothing_is_touched_when_nothing_changes() {
    let scene = Scene::new();
    scene.convert(&[("a.yaml", "1")], false);
    let before = fs::metadata(&scene.out).unwrap().modified().unwrap();
    scene.convert(&[("a.yaml", "1")], false);
    assert_eq!(fs::metadata(&scene.out).unwrap().modified().unwrap(), before);
}

#[test]
fn a_change_after_the_comparison_is_noticed() {
    let scene = Scene::new();
    scene.convert(&[("a.yaml", "1")], false);
    let comparison = scene.compare(&[("a.yaml", "2")]);
    scene.put("a.yaml", "edited meanwhile");
    let message = write(&scene.out, &comparison, true, &|| false).unwrap_err().to_string();
    assert!(message.contains("was changed while"), "{message}");
    assert_eq!(scene.content(), pairs(&[("a.yaml", "edited meanwhile")]));
    assert_eq!(scene.beside(), ["argo"]);
}

#[test]
fn a_file_gives_way_to_a_folder_and_back() {
    let scene = Scene::new();
    scene.convert(&[("a", "1")], false);
    scene.convert(&[("a/b", "1")], false);
    assert_eq!(scene.content(), pairs(&[("a/b", "1")]));
}

fn sets() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map("[abc](/[xy])?\\.yaml", "[12]?", 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever was there before and whatever a person did: a second run finds nothing to do but the conflicts,
    /// and with force nothing at all.
    #[test]
    fn a_second_run_finds_nothing_to_do(first in sets(), edits in sets(), second in sets(), force: bool) {
        let scene = Scene::new();
        fn list(set: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
            set.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
        }
        scene.convert(&list(&first), false);
        for (path, text) in &edits {
            scene.put(path, text);
        }
        scene.convert(&list(&second), force);
        let again = scene.compare(&list(&second));
        let done = |action| action == Action::Unchanged || (action == Action::Conflict && !force);
        prop_assert!(again.files.iter().all(|file| done(file.action)), "{again:?}");
        // What a person wrote is still there, unless it was forced or the same.
        for (path, text) in &edits {
            let kept = scene.content().get(path) == Some(text);
            prop_assert!(kept || force || first.get(path) == Some(text), "{path}");
        }
    }
}
