//! Ctrl-C and kill at any moment: the old set or the new one, never a mixture.

use super::run::{Folder, app};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const COUNT: usize = 80;

/// So many pipelines with one word in all their manifests.
fn repository(word: &str) -> String {
    let pipelines: String = (0..COUNT)
        .map(|n| app(&format!("p{n}")).replace("command: make", &format!("command: {word}")))
        .map(|text| text.lines().skip(2).map(|line| format!("{line}\n")).collect::<String>())
        .collect();
    format!("format_version: 10\npipelines:\n{pipelines}")
}

/// Which of the two words the manifests have, `None` when there are none. Panics at a mixture.
fn word(folder: &Folder) -> Option<&'static str> {
    let tree = folder.tree("argo");
    let manifests: Vec<&Vec<u8>> = tree
        .iter()
        .filter(|(path, _)| path.starts_with("base/templates/apps/"))
        .map(|(_, text)| text)
        .collect();
    if manifests.is_empty() {
        assert!(tree.len() <= 1, "a part of a set: {:?}", tree.keys());
        return None;
    }
    assert_eq!(manifests.len(), COUNT);
    let with =
        |word: &str| manifests.iter().filter(|text| String::from_utf8_lossy(text).contains(word)).count();
    match (with("tundra"), with("savanna")) {
        (COUNT, 0) => Some("tundra"),
        (0, COUNT) => Some("savanna"),
        (tundra, savanna) => panic!("a mixture: {tundra} and {savanna}"),
    }
}

fn start(folder: &Folder) -> std::process::Child {
    folder.command("", &["convert", "repo"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_stopped_run_leaves_one_whole_set() {
    let folder = Folder::new().with("repo/a.gocd.yaml", repository("tundra"));
    let begin = Instant::now();
    assert!(start(&folder).wait().unwrap().success());
    let whole = begin.elapsed();
    let mut stopped = 0;
    for round in 0..24u32 {
        let before = word(&folder);
        let next = if before == Some("tundra") { "savanna" } else { "tundra" };
        folder.put("repo/a.gocd.yaml", repository(next));
        let mut child = start(&folder);
        // Later and later; most of them in the second half, where files are written.
        std::thread::sleep(whole.mul_f64(f64::from(round) / 20.0));
        let signal = ["INT", "TERM", "KILL"][round as usize % 3];
        let sent = Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .output()
            .unwrap()
            .status
            .success();
        let status = child.wait().unwrap();
        let after = word(&folder);
        match (status.code(), signal) {
            (Some(0), _) => assert_eq!(after, Some(next)),
            (Some(130), "INT" | "TERM") => {
                stopped += 1;
                assert_eq!(after, before, "130 says that nothing was written");
            }
            // A signal before the program has begun to listen.
            (None, _) => assert!(sent && (after == before || after == Some(next))),
            (code, _) => panic!("{signal}: {code:?}"),
        }
    }
    assert!(stopped > 2, "no run was stopped");
    // The next run clears up and ends well.
    assert!(start(&folder).wait().unwrap().success());
    assert!(word(&folder).is_some());
    let beside: Vec<_> =
        std::fs::read_dir(folder.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside.len(), 2, "{beside:?}");
}

#[test]
fn a_first_run_that_is_stopped_leaves_nothing() {
    let folder = Folder::new().with("repo/a.gocd.yaml", repository("tundra"));
    for delay in [60, 100, 150] {
        let mut child = start(&folder);
        std::thread::sleep(Duration::from_millis(delay));
        Command::new("kill").args(["-s", "INT", &child.id().to_string()]).output().unwrap();
        match child.wait().unwrap().code() {
            Some(130) => assert!(!folder.has("argo")),
            code => {
                assert_eq!(code, Some(0));
                return assert_eq!(word(&folder), Some("tundra"));
            }
        }
    }
}

#[test]
fn a_dry_run_ends_at_once() {
    let many: String = (0..4000)
        .map(|n| app(&format!("p{n}")).lines().skip(2).collect::<Vec<_>>().join("\n") + "\n")
        .collect();
    let folder = Folder::new().with("repo/a.gocd.yaml", format!("format_version: 10\npipelines:\n{many}"));
    let mut child = folder
        .command("", &["convert", "repo", "--dry-run"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(150));
    let begin = Instant::now();
    Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).output().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[test]
fn two_runs_at_once_do_not_mix() {
    let folder = Folder::new().with("repo/a.gocd.yaml", repository("tundra"));
    let children: Vec<_> = (0..3).map(|_| start(&folder)).collect();
    for mut child in children {
        assert!(matches!(child.wait().unwrap().code(), Some(0 | 2)));
    }
    assert_eq!(word(&folder), Some("tundra"));
    assert!(start(&folder).wait().unwrap().success());
}
