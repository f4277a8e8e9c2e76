//! container.sh, inside.sh, images.sh: images that a script runs, in containers of the pod.

use crate::rig::{LIB, Pod, Shell, on_path, signal};
use std::process::Child;

const CONFIG: &str = r#"{"architecture":"amd64", "container_config":{"Entrypoint":["wrong"]},
 "config":{"Env":["PATH=/opt/tool:/usr/bin:/bin","GREETING=it's \"here\" \u003c3"],"Entrypoint":["show","a  b"],
  "Cmd":["default"],"WorkingDir":"","Labels":{"Entrypoint":"x","Cmd":"y"}},
 "history":[{"created_by":"RUN echo [\"config\"]"}]}"#;

/// A pod in which the init container has run and the container `run-1` waits.
struct Running {
    pod: Pod,
    server: Child,
}

fn tools(pod: &mut Pod) -> bool {
    if !on_path("busybox") {
        eprintln!("skipped: there is no busybox here");
        return false;
    }
    let busybox = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("busybox"))
        .find(|path| path.is_file());
    let bin = pod.path("gocd/bin").display().to_string();
    pod.set("GOCD_BUSYBOX", &busybox.unwrap().display().to_string());
    pod.set("GOCD_CRANE", &pod.path("bin/crane").display().to_string());
    pod.set("GOCD_BIN", &bin);
    let data = pod.path("registry").display().to_string();
    pod.program(
        "crane",
        &format!("#!/bin/sh\ncase $1 in config) cat {data}/config.json ;; export) cp {data}/image.tar \"$3\" ;; esac\n"),
    );
    true
}

fn running(shell: Shell) -> Option<Running> {
    let mut pod = Pod::new(shell);
    if !tools(&mut pod) {
        return None;
    }
    pod.write("registry/config.json", CONFIG);
    pod.program(
        "show",
        "#!/bin/sh\nprintf '<%s>' \"$@\"\necho\nprintf 'A=%s B=%s C=%s\\n' \"${A-unset}\" \"${B-unset}\" \"${C-unset}\"\npwd\necho oops >&2\n[ ! -t 0 ] && cat\nexit 42\n",
    );
    let init = pod.run(&[&format!("{LIB}/images.sh"), "run-1=registry.example.com/tool:1"], &[]);
    assert_eq!(init.status, 0, "{init:?}");
    let server = pod.start("serve.log", &[&format!("{LIB}/serve.sh"), "run-1"], &[]);
    Some(Running { pod, server })
}

impl Running {
    /// The script of the job; output and errors apart.
    fn script(&self, text: &str) -> (String, String, i32) {
        let text = text.replace("container", &format!("sh {LIB}/container.sh"));
        let ran = self.pod.run(&["-c", &format!("{{ {text}\n}} 2>../err")], &[]);
        (ran.text, self.pod.read("err"), ran.status)
    }

    fn end(self) {
        self.pod.write("gocd/requests/done", "");
        self.pod.end(self.server, "serve.log");
    }
}

#[test]
fn an_image_runs_with_its_entrypoint_and_the_words_variables_directory_and_input_of_the_script() {
    Shell::each(|shell| {
        let Some(running) = running(shell) else { return };
        running.pod.write("workspace/vars.env", "# ours\nA=file\nB=from file's\n\nC\n");
        let place = running.pod.path("workspace/deep").display().to_string();
        let (out, err, status) = running.script(&format!(
            "export C=here NOT=passed\necho input | container run run-1 -i --env-file vars.env -e A='x y' -w '{place}' -- \"it's\" '' '$HOME'"
        ));
        assert_eq!(
            out,
            format!("<a  b><it's><><$HOME>\nA=x y B=from file's C=here\n{place}\ninput\n"),
            "{shell:?} {err}"
        );
        assert_eq!((err.as_str(), status), ("oops\n", 42), "{shell:?}");
        let (out, _, _) = running.script("x=$(container run run-1 -- || true); echo \"[$x]\"");
        assert!(out.starts_with("[<a  b><default>\nA=unset"), "{shell:?} {out}");
        let (out, _, status) =
            running.script("if container run run-1 --entrypoint echo -- plain; then echo yes; fi");
        assert_eq!((out.as_str(), status), ("plain\nyes\n", 0), "{shell:?}");
        running.end();
    });
}

#[test]
fn a_container_in_the_background_is_asked_told_and_stopped() {
    Shell::each(|shell| {
        let Some(running) = running(shell) else { return };
        let pod = &running.pod;
        pod.program("show", "#!/bin/sh\necho ready\necho warn >&2\n: >up\nexec sleep 300\n");
        let place = pod.path("workspace").display().to_string();
        let (out, err, status) = running.script(&format!(
            "id=$(container start run-1 -w {place} --)\necho \"$id\"\n\
             container healthy \"$id\" 50 0.1 -- test -e {place}/up\n\
             container exec run-1 -e A=b -- sh -c 'echo \"$A\"; exit 7'; echo $?\n\
             container logs run-1\ncontainer stop run-1\ncontainer wait run-1"
        ));
        assert_eq!(out, "run-1\nb\n7\nready\nrun-1\n143\n", "{shell:?} {err}");
        assert_eq!((err.as_str(), status), ("warn\n", 0), "{shell:?}");
        running.end();
    });
}

#[test]
fn what_was_not_started_or_is_not_there_fails_and_says_so() {
    Shell::each(|shell| {
        let Some(running) = running(shell) else { return };
        let (_, err, status) = running.script("container logs run-1");
        assert!(status == 125 && err.contains("run-1: is not running"), "{shell:?} {err}");
        let (_, err, status) = running.script("container run run-1 --env-file none.env -- x");
        assert!(status == 125 && err.contains("cannot read none.env"), "{shell:?} {err}");
        std::fs::remove_file(running.pod.path("gocd/images/run-1.json")).unwrap();
        let (_, err, status) = running.script("container run run-1 -- x");
        assert!(
            status == 125 && err.contains("entrypoint of its image could not be read"),
            "{shell:?} {err}"
        );
        let (_, _, status) = running.script("container run run-1 --entrypoint no-such-program --");
        assert_eq!(status, 127, "{shell:?}");
        running.end();
    });
}

#[test]
fn a_mounted_folder_that_was_replaced_is_noticed() {
    Shell::each(|shell| {
        let Some(running) = running(shell) else { return };
        running.pod.write("workspace/site/x", "");
        // What is mounted at /src in a pod is here reached by a second name of the same folder.
        let place = running.pod.path("src").display().to_string();
        std::os::unix::fs::symlink(running.pod.path("workspace/site"), running.pod.path("src")).unwrap();
        let run = format!("container run run-1 --same site {place}/. --entrypoint ls -- {place}");
        let (out, err, status) = running.script(&run);
        assert_eq!((out.as_str(), status), ("x\n", 0), "{shell:?} {err}");
        let (_, err, status) = running.script(&run.replace("--same site", "--same ."));
        assert!(status == 125 && err.contains("was replaced"), "{shell:?} {err}");
        running.end();
    });
}

#[test]
fn a_built_image_is_unpacked_over_the_container_and_mounts_are_left_alone() {
    Shell::each(|shell| {
        let mut pod = Pod::new(shell);
        if !tools(&mut pod) {
            return;
        }
        let root = pod.path("root").display().to_string();
        pod.set("GOCD_ROOT", &root);
        pod.set("GOCD_MOUNTS", &pod.path("mounts").display().to_string());
        pod.write(
            "mounts",
            "1 0 0:1 / / rw\n2 1 0:2 / /app rw\n3 1 0:3 / /etc/hosts rw\n4 1 0:4 / /usr/src/x rw\n",
        );
        for file in ["app/mine", "etc/hosts", "usr/src/x/mine", "lib/old"] {
            pod.write(&format!("root/{file}"), "mine\n");
        }
        // The image: its own /app and /etc/hosts are hidden by the mounts, /lib is a link as in Debian's images.
        for file in ["app/mine", "app/theirs", "etc/hosts", "etc/passwd", "usr/lib/new", "usr/src/x/theirs"] {
            pod.write(&format!("image/{file}"), "theirs\n");
        }
        std::os::unix::fs::symlink("usr/lib", pod.path("image/lib")).unwrap();
        pod.write("image/bin/hello", "#!/bin/sh\necho \"$GREETING $*\"; exit 3\n");
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(pod.path("image/bin/hello"), mode).unwrap();
        let pack = "mkdir -p ../registry && cd ../image && tar -cf ../registry/image.tar app bin etc lib usr"
            .to_string();
        assert_eq!(pod.run(&["-c", &pack], &[]).status, 0);
        pod.write(
            "registry/config.json",
            CONFIG.replace("\"show\",\"a  b\"", &format!("\"{root}/bin/hello\"")),
        );
        assert_eq!(pod.run(&[&format!("{LIB}/images.sh"), "run-2="], &[]).status, 0);
        let server = pod.start("serve.log", &[&format!("{LIB}/serve.sh"), "run-2"], &[]);
        let call = format!("sh {LIB}/container.sh run run-2 --image registry.example.com/app:7 -- --quick");
        for _ in 0..2 {
            let ran = pod.run(&["-c", &call], &[]);
            assert_eq!((ran.text.as_str(), ran.status), ("it's \"here\" <3 --quick\n", 3), "{shell:?}");
        }
        let other = pod.run(&["-c", &call.replace("app:7", "app:8")], &[]);
        assert!(
            other.status == 125 && other.text.contains("holds registry.example.com/app:7 already"),
            "{other:?}"
        );
        assert_eq!(pod.files("root/app"), ["mine"], "{shell:?}");
        assert_eq!(pod.files("root/usr/src/x"), ["mine"], "{shell:?}");
        assert_eq!(
            (pod.read("root/app/mine"), pod.read("root/etc/hosts")),
            ("mine\n".into(), "mine\n".into())
        );
        assert_eq!(
            (pod.read("root/lib/new"), pod.read("root/etc/passwd")),
            ("theirs\n".into(), "theirs\n".into())
        );
        signal(&server, "-TERM", false);
        pod.end(server, "serve.log");
    });
}
