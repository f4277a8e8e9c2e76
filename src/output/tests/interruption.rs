//! The old set or the new one, never a mixture, whatever stops a run and whenever.

use super::*;
use std::cell::Cell;
use std::process::{Command, Stdio};
use std::time::Duration;

fn set(text: &str) -> Vec<Manifest> {
    let manifest =
        |n| Manifest { path: format!("d{}/{n}.yaml", n % 7), text: text.into(), pipelines: vec![] };
    (0..40).map(manifest).collect()
}

#[test]
fn a_run_may_be_asked_to_stop_at_every_step() {
    let scene = Scene::new();
    scene.convert(&[("a.yaml", "old"), ("b/b.yaml", "old"), ("c.yaml", "old")], false);
    scene.put("notes.md", "by hand");
    let old = scene.content();
    let comparison = scene.compare(&[("a.yaml", "new"), ("c.yaml", "old"), ("d/d.yaml", "new")]);
    for steps in 0u32.. {
        let left = Cell::new(steps);
        let interrupted = || left.replace(left.get().saturating_sub(1)) == 0;
        match write(&scene.out, &comparison, false, &interrupted) {
            Ok(()) => {
                assert!(steps > 5, "only {steps} chances to stop");
                break;
            }
            Err(error) => {
                assert!(error.is::<Interrupted>(), "{error:#}");
                assert_eq!(scene.content(), old);
                assert_eq!(scene.beside(), ["argo"]);
            }
        }
    }
    let new = [("a.yaml", "new"), ("c.yaml", "old"), ("d/d.yaml", "new"), ("notes.md", "by hand")];
    assert_eq!(scene.content(), pairs(&new));
}

#[test]
fn folders_made_for_an_interrupted_run_are_removed() {
    let scene = Scene::new();
    let out = scene.out.join("deep/er");
    let comparison = compare(&out, &set("1"), &LockFile::default()).unwrap();
    assert!(write(&out, &comparison, false, &|| true).is_err());
    assert!(scene.beside().is_empty());
}

/// The process that the next test kills: it writes two sets in turn, for ever.
#[test]
fn writes_until_killed() {
    let Some(out) = std::env::var_os("GOCD2ARGO_TEST_WRITE_UNTIL_KILLED") else { return };
    let out = Path::new(&out);
    for turn in 0.. {
        let text = if turn % 2 == 0 { "even" } else { "odd" };
        let comparison = compare(out, &set(text), &LockFile::read(out).unwrap()).unwrap();
        write(out, &comparison, false, &|| false).unwrap();
    }
}

#[test]
fn a_killed_run_leaves_one_whole_set() {
    let scene = Scene::new();
    scene.put("notes.md", "by hand");
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..25 {
        repair(&scene.out).unwrap();
        assert_eq!(scene.beside(), ["argo"]);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "output::tests::interruption::writes_until_killed"])
            .env("GOCD2ARGO_TEST_WRITE_UNTIL_KILLED", &scene.out)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // On a slow machine the first set takes its time; after that there is always one.
        let begin = std::time::Instant::now();
        while round == 0 && !scene.out.join(lock_file::NAME).exists() && begin.elapsed().as_secs() < 60 {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(20 + 3 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut content = scene.content();
        assert_eq!(content.remove("notes.md").as_deref(), Some("by hand"));
        let texts: std::collections::BTreeSet<String> = content.values().cloned().collect();
        assert!(texts.len() <= 1, "a mixture: {content:?}");
        assert!(content.is_empty() || content.len() == 40);
        let lock = LockFile::read(&scene.out).unwrap();
        assert!(content.iter().all(|(path, text)| lock.files[path] == lock_file::hash(text.as_bytes())));
        seen.extend(texts);
    }
    assert!(!seen.is_empty(), "no child lived long enough to write anything");
}

/// Ten thousand files; run by hand: `cargo test --release --lib -- --ignored speed --nocapture`.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let scene = Scene::new();
    let manifest = |n: usize, text: &str| Manifest {
        path: format!("d{}/{n}.yaml", n % 100),
        text: text.repeat(1000),
        pipelines: vec![],
    };
    for (round, text) in ["0123456789", "0123456789", "9876543210"].iter().enumerate() {
        let set: Vec<Manifest> =
            (0..10_000).map(|n| manifest(n, if n < 9_000 { "0123456789" } else { text })).collect();
        let begin = std::time::Instant::now();
        let comparison = compare(&scene.out, &set, &LockFile::read(&scene.out).unwrap()).unwrap();
        let compared = begin.elapsed();
        write(&scene.out, &comparison, false, &|| false).unwrap();
        println!("round {round}: compared {compared:?}, in all {:?}", begin.elapsed());
    }
}
