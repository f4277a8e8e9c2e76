//! Output folders that cannot or must not be written.

use super::*;
use std::os::unix::fs::{PermissionsExt, symlink};

const SET: &[(&str, &str)] = &[("a.yaml", "1")];

/// The error of a whole run; everything beside and below is as before.
fn refused(scene: &Scene, out: &Path) -> String {
    let before = content(scene.top.path());
    let run = || -> anyhow::Result<()> {
        repair(out)?;
        let comparison = compare(out, &manifests(SET), &LockFile::read(out)?)?;
        write(out, &comparison, true, &|| false)
    };
    let error = run().expect_err("the folder must be refused");
    assert_eq!(content(scene.top.path()), before);
    format!("{error:#}").replace(scene.out.parent().unwrap().to_str().unwrap(), "TOP")
}

#[test]
fn a_file_is_refused() {
    let scene = Scene::new();
    fs::write(&scene.out, "a file").unwrap();
    insta::assert_snapshot!(refused(&scene, &scene.out), @"the output folder `TOP/argo` cannot be used: `TOP/argo` is a file");
    insta::assert_snapshot!(refused(&scene, &scene.out.join("below")), @"the output folder `TOP/argo/below` cannot be used: `TOP/argo` is a file");
}

#[test]
fn a_link_that_leads_outside_is_refused() {
    let (scene, elsewhere) = (Scene::new(), Scene::new());
    fs::create_dir(&elsewhere.out).unwrap();
    symlink(&elsewhere.out, &scene.out).unwrap();
    let message = refused(&scene, &scene.out);
    assert!(message.contains("`TOP/argo` is a symbolic link that leads to"), "{message}");
    assert!(refused(&scene, &scene.out.join("below/deep")).contains("is a symbolic link that leads to"));
    assert_eq!(fs::read_dir(&elsewhere.out).unwrap().count(), 0);
    fs::remove_file(&scene.out).unwrap();
    symlink("nowhere", &scene.out).unwrap();
    assert!(refused(&scene, &scene.out).contains("the link `TOP/argo` leads nowhere"));
}

#[test]
fn a_link_to_a_neighbour_is_followed() {
    let scene = Scene::new();
    let neighbour = scene.out.with_file_name("argo-v1");
    fs::create_dir(&neighbour).unwrap();
    symlink("argo-v1", &scene.out).unwrap();
    scene.convert(SET, false);
    assert_eq!(content(&neighbour), pairs(SET));
    assert!(scene.out.is_symlink());
}

#[test]
fn nothing_is_written_through_a_link_inside() {
    let (scene, elsewhere) = (Scene::new(), Scene::new());
    scene.convert(&[("d/a.yaml", "1"), ("b.yaml", "1")], false);
    fs::remove_dir_all(scene.out.join("d")).unwrap();
    fs::create_dir_all(&elsewhere.out).unwrap();
    fs::write(elsewhere.out.join("a.yaml"), "1").unwrap();
    symlink(&elsewhere.out, scene.out.join("d")).unwrap();
    let lock = LockFile::read(&scene.out).unwrap();
    let message = compare(&scene.out, &manifests(&[("d/a.yaml", "2")]), &lock).unwrap_err().to_string();
    assert!(message.starts_with("`d` in the output folder is a symbolic link"), "{message}");
    // And nothing is removed through it.
    scene.convert(&[("b.yaml", "1")], true);
    assert_eq!(content(&elsewhere.out), pairs(&[("a.yaml", "1")]));
}

#[test]
fn a_read_only_folder_is_refused() {
    let scene = Scene::new();
    fs::create_dir(&scene.out).unwrap();
    fs::set_permissions(&scene.out, fs::Permissions::from_mode(0o555)).unwrap();
    insta::assert_snapshot!(refused(&scene, &scene.out), @"cannot write the output folder `TOP/argo`: `TOP/argo` is read-only");
    insta::assert_snapshot!(refused(&scene, &scene.out.join("x/y")), @"cannot write the output folder `TOP/argo/x/y`: `TOP/argo` is read-only");
}

#[test]
fn a_folder_that_cannot_be_created_is_refused() {
    let scene = Scene::new();
    assert!(refused(&scene, Path::new("/proc/gocd2argo/argo")).contains("`/proc` is read-only"));
    // No room for the name of the folder beside it.
    let message = refused(&scene, &scene.out.join("x").join("n".repeat(250)));
    assert!(message.starts_with("cannot write beside the output folder, in `TOP/argo/x`"), "{message}");
    assert!(scene.beside().is_empty());
}

#[test]
fn a_damaged_lock_file_is_refused() {
    let scene = Scene::new();
    scene.put(lock_file::NAME, "<<<<<<< ours\n");
    insta::assert_snapshot!(refused(&scene, &scene.out), @"the lock file `TOP/argo/.gocd2argo.lock` is damaged; restore it, or remove it to have every file that differs listed as a conflict: line 1: `# gocd2argo lock 1` is not there");
    scene.put(lock_file::NAME, "# gocd2argo lock 1\n");
    fs::write(scene.out.with_file_name("secret"), "x").unwrap();
    let hash = lock_file::hash(b"x");
    scene.put(lock_file::NAME, &format!("# gocd2argo lock 1\n{hash}  ../secret\n"));
    assert!(
        refused(&scene, &scene.out).ends_with("line 2: `../secret` is not a path below the output folder")
    );
}

#[test]
fn missing_parents_are_created_and_modes_are_sane() {
    let scene = Scene::new();
    let out = scene.out.join("deep/er");
    let comparison = compare(&out, &manifests(&[("d/a.yaml", "1")]), &LockFile::default()).unwrap();
    write(&out, &comparison, false, &|| false).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    fs::write(scene.top.path().join("usual"), "").unwrap();
    assert_eq!(mode(&out.join("d/a.yaml")), mode(&scene.top.path().join("usual")));
    assert_eq!(mode(&out), mode(&scene.out));
}

#[test]
fn modes_of_kept_files_and_folders_survive() {
    let scene = Scene::new();
    scene.put("d/run.sh", "by hand");
    fs::set_permissions(scene.out.join("d/run.sh"), fs::Permissions::from_mode(0o750)).unwrap();
    fs::set_permissions(scene.out.join("d"), fs::Permissions::from_mode(0o710)).unwrap();
    scene.convert(SET, false);
    let mode = |path: &str| fs::metadata(scene.out.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("d/run.sh"), mode("d")), (0o750, 0o710));
}
