//! run-in.sh and serve.sh: a command of the job that runs in a sidecar.

use crate::rig::{LIB, Pod, Shell, signal};

/// Calls run-in.sh with the shell under test, whatever its `#!` line says.
fn run_in(pod: &Pod, shell: Shell) -> String {
    pod.program("run-in", &format!("#!/usr/bin/env -S {}\n. {LIB}/run-in.sh\n", shell.words()));
    "run-in kaniko-1".to_owned()
}

#[test]
fn words_directory_output_and_status_come_through_exactly() {
    Shell::each(|shell| {
        let pod = Pod::new(shell);
        pod.program(
            "show",
            "#!/bin/sh\npwd\nfor w in \"$@\"; do printf '<%s>' \"$w\"; done\necho\necho oops >&2\nexit 42\n",
        );
        pod.write("workspace/it's a dir/x", "");
        let run_in = run_in(&pod, shell);
        let server = pod.start("serve.log", &[&format!("{LIB}/serve.sh"), "kaniko-1"], &[]);
        let ran = pod.job(&format!(
            "t() {{ gocd_script <<'E'\nset -e\ncd \"it's a dir\"\nif {run_in} show 'a  b' '' \"it's\" \"''\" '$HOME `id` $(id)' '*' '-n' 'two\nlines\n' '\\' \"$(printf '\\303\\274\\377')\"; then echo no; else echo \"status $?\"; fi\n\
             {run_in} true && {run_in} false || echo false\n{run_in} no-such-program\nE\n}}\ntask passed . t\nfinish\n"
        ));
        let place = pod.path("workspace/it's a dir");
        assert!(
            ran.text.starts_with(&format!(
                "{}\n<a  b><><it's><''><$HOME `id` $(id)><*><-n><two\nlines\n><\\><ü\u{fffd}>\noops\nstatus 42\nfalse\n",
                place.display()
            )),
            "{shell:?} {}",
            ran.text
        );
        assert!(ran.text.ends_with("[gocd] t exited with 127\n"), "{shell:?} {}", ran.text);
        assert_eq!(pod.end(server, "serve.log").status, 0, "the sidecar ends with the job");
    });
}

#[test]
fn requests_at_the_same_time_run_one_after_another() {
    Shell::each(|shell| {
        let pod = Pod::new(shell);
        pod.program(
            "slow",
            "#!/bin/sh\n[ ! -e busy ] || echo overlap\n: >busy\nsleep 0.2\nrm busy\necho \"done $1\"\n",
        );
        let run_in = run_in(&pod, shell);
        let server = pod.start("serve.log", &[&format!("{LIB}/serve.sh"), "kaniko-1"], &[]);
        let ran = pod.job(&format!(
            "t() {{ for i in 1 2 3; do {run_in} slow $i & done; wait; }}\ntask passed . t\nfinish\n"
        ));
        let mut lines: Vec<_> = ran.text.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["done 1", "done 2", "done 3"], "{shell:?}");
        pod.end(server, "serve.log");
    });
}

#[test]
fn without_a_sidecar_the_command_fails_and_says_so() {
    Shell::each(|shell| {
        let mut pod = Pod::new(shell);
        pod.set("GOCD_SERVE_TIMEOUT", "2");
        let run_in = run_in(&pod, shell);
        let ran = pod.job(&format!("t() {{ {run_in} true; }}\ntask passed . t\nfinish\n"));
        assert!(
            ran.text.contains("no sign of life from the sidecar container kaniko-1 for 2 seconds"),
            "{ran:?}"
        );
        assert_eq!(ran.status, 1);
    });
}

#[test]
fn a_command_whose_caller_is_stopped_is_stopped_too() {
    Shell::each(|shell| {
        let pod = Pod::new(shell);
        pod.program("long", "#!/bin/sh\n: >started\nexec sleep 300\n");
        let run_in = run_in(&pod, shell);
        let server = pod.start("serve.log", &[&format!("{LIB}/serve.sh"), "kaniko-1"], &[]);
        let caller = pod.start("call.log", &["-c", &format!("exec {run_in} long")], &[]);
        pod.wait_for("workspace/started");
        signal(&caller, "-TERM", false);
        assert_eq!(pod.end(caller, "call.log").status, 143);
        pod.wait_for("gocd/requests/kaniko-1/1/exit");
        assert_eq!(pod.read("gocd/requests/kaniko-1/1/exit"), "143\n");
        signal(&server, "-TERM", false);
        assert_eq!(pod.end(server, "serve.log").status, 143, "TERM ends the sidecar");
    });
}

#[test]
fn a_registry_may_have_another_name_in_this_cluster() {
    Shell::each(|shell| {
        let mut pod = Pod::new(shell);
        for name in ["executor", "crane", "other"] {
            pod.program(name, "#!/bin/sh\nprintf '<%s>' \"${0##*/}\" \"$@\"\necho\n");
        }
        pod.write("registries", "acme.io registry:5000\nb.io c:1\n");
        pod.set("GOCD_REGISTRIES", pod.path("registries").to_str().unwrap());
        let run_in = run_in(&pod, shell);
        let server = pod.start("serve.log", &[&format!("{LIB}/serve.sh"), "kaniko-1"], &[]);
        let ran = pod.job(&format!(
            "t() {{ {run_in} executor --destination=acme.io/a:1 --build-arg=BASE=acme.io/b --build-arg=X=acme.iox/y --label=a=b\n\
             {run_in} crane copy acme.io/a:1 b.io/d:2\n{run_in} other xacme.io/a --x=acme.io; }}\ntask passed . t\nfinish\n"
        ));
        assert!(
            ran.text.starts_with(
                "<executor><--destination=registry:5000/a:1><--build-arg=BASE=registry:5000/b>\
                 <--build-arg=X=acme.iox/y><--label=a=b><--insecure-registry=registry:5000>\
                 <--registry-map=acme.io=registry:5000><--insecure-registry=c:1><--registry-map=b.io=c:1>\n\
                 <crane><copy><registry:5000/a:1><c:1/d:2><--insecure><--insecure>\n\
                 <other><xacme.io/a><--x=acme.io>\n"
            ),
            "{shell:?} {}",
            ran.text
        );
        pod.end(server, "serve.log");
    });
}

/// Where credentials are, a request starts one program, whatever its words say.
#[test]
fn a_sidecar_with_credentials_runs_only_its_own_program() {
    Shell::each(|shell| {
        let mut pod = Pod::new(shell);
        pod.write("only.sh", "echo \"only <$*>\"\n");
        pod.set("GOCD_SERVE_ONLY", pod.path("only.sh").to_str().unwrap());
        let run_in = run_in(&pod, shell);
        let server = pod.start("serve.log", &[&format!("{LIB}/serve.sh"), "kaniko-1"], &[]);
        let ran = pod.job(&format!(
            "t() {{ {run_in} sh x; {run_in} sh x revert; {run_in} touch stolen; }}\ntask passed . t\nfinish\n"
        ));
        assert_eq!(ran.text, "only <>\nonly <revert>\nonly <>\n", "{shell:?}");
        assert!(!pod.exists("workspace/stolen"));
        pod.end(server, "serve.log");
    });
}

#[test]
fn what_was_pushed_is_noted_by_digest() {
    Shell::each(|shell| {
        let pod = Pod::new(shell);
        pod.program("executor", "#!/bin/sh\nprintf 'sha256:abc' >d\n");
        let run_in = run_in(&pod, shell);
        let server = pod.start("serve.log", &[&format!("{LIB}/serve.sh"), "kaniko-1"], &[]);
        let ran = pod.job(&format!(
            "t() {{ {run_in} executor --digest-file=d --destination=r.io/a:1 --destination=r.io/a:2\n\
             {run_in} executor --digest-file=d --destination=r.io/b:1 --no-push\n\
             {run_in} executor --destination=r.io/c:1; }}\ntask passed . t\nfinish\n"
        ));
        assert_eq!(ran.status, 0, "{shell:?} {}", ran.text);
        assert_eq!(pod.files("gocd/artifacts/cruise-output/images"), ["kaniko-1-1"]);
        let noted = pod.read("gocd/artifacts/cruise-output/images/kaniko-1-1");
        assert_eq!(noted, "r.io/a:1@sha256:abc\nr.io/a:2@sha256:abc\n");
        pod.end(server, "serve.log");
    });
}

/// BuildKit says in JSON what Kaniko writes into files.
#[test]
fn what_buildkit_has_pushed_is_noted_by_digest() {
    Shell::each(|shell| {
        let mut pod = Pod::new(shell);
        let client = "#!/bin/sh\nprintf '<%s>' \"$@\" \"token=${TOKEN:-}\"\necho\n\
            for w in \"$@\"; do case $w in --metadata-file=*) f=${w#*=};; --opt=form=*) form=${w#--opt=form=};; esac; done\n\
            case $form in\n\
            pretty) printf '{\\n  \"containerimage.descriptor\": {\\n    \"digest\": \"sha256:no\"\\n  },\\n  \"containerimage.digest\": \"sha256:abc\",\\n  \"x\": 1\\n}' >\"$f\" ;;\n\
            compact) printf '{\"containerimage.descriptor\":{\"digest\":\"sha256:no\"},\"containerimage.digest\":\"sha256:def\",\"x\":\"y\"}' >\"$f\" ;;\n\
            none) printf '{}' >\"$f\" ;;\nfail) exit 3 ;;\nesac\n";
        pod.program("buildctl-daemonless.sh", client);
        pod.write("registries", "acme.io registry:5000\n");
        let run_in = run_in(&pod, shell).replace("kaniko-1", "buildkit-1");
        let server = pod.start("serve.log", &[&format!("{LIB}/serve.sh"), "buildkit-1"], &[]);
        let (folder, client) = (pod.path("gocd").display().to_string(), "buildctl-daemonless.sh build");
        let metadata = format!("--metadata-file={folder}/buildkit-1.metadata");
        let ran = pod.job(&format!(
            "t() {{ TOKEN=\"it's $ecret\"; {run_in} env ${{TOKEN+TOKEN=\"$TOKEN\"}} {client} --opt=form=pretty \
             --output=type=image,\\\"name=r.io:5000/a:1,r.io:5000/a\\\",push=true {metadata} --progress=plain; }}\n\
             task passed . t\nfinish\n"
        ));
        assert_eq!(ran.status, 0, "{shell:?} {}", ran.text);
        let words = format!(
            "<build><--opt=form=pretty><--output=type=image,\"name=r.io:5000/a:1,r.io:5000/a\",push=true>\
             <{metadata}><--progress=plain><token=it's >\n"
        );
        assert!(ran.text.starts_with(&words), "{shell:?} {}", ran.text);
        assert_eq!(pod.read("gocd/buildkit-1.sha256"), "sha256:abc");
        assert_eq!(pod.read("gocd/buildkit-1.digest"), "r.io:5000/a@sha256:abc\nr.io:5000/a@sha256:abc\n");
        let images = "gocd/artifacts/cruise-output/images";
        let noted = pod.read(&format!("{images}/buildkit-1-1"));
        assert_eq!(noted, "r.io:5000/a:1@sha256:abc\nr.io:5000/a@sha256:abc\n");
        pod.end(server, "serve.log");

        pod.set("GOCD_REGISTRIES", pod.path("registries").to_str().unwrap());
        std::fs::remove_dir_all(pod.path("gocd/requests")).unwrap();
        let server = pod.start("serve2.log", &[&format!("{LIB}/serve.sh"), "buildkit-1"], &[]);
        let ran = pod.job(&format!(
            "t() {{ {run_in} {client} --opt=form=compact --output=type=image,name=acme.io/b:1,push=true {metadata}\n\
             {run_in} {client} --opt=form=none --output=type=image,name=r.io/c:1,push=true {metadata}\n\
             {run_in} {client} --opt=form=compact {metadata}\n\
             {run_in} {client} --opt=form=compact --output=type=image,\\\"name=acme.io/d:1,acme.io/d:2,x.acme.io/d\\\",push=true\n\
             {run_in} {client} --opt=form=fail --output=type=image,name=r.io/e:1,push=true {metadata} || echo \"status $?\"; }}\n\
             task passed . t\nfinish\n"
        ));
        assert_eq!(ran.status, 0, "{shell:?} {}", ran.text);
        let expected = "<--output=type=image,\"name=registry:5000/d:1,registry:5000/d:2,x.acme.io/d\",push=true,registry.insecure=true>";
        assert!(ran.text.contains(expected) && ran.text.contains("\nstatus 3\n"), "{shell:?} {}", ran.text);
        assert_eq!(pod.files(images), ["buildkit-1-1"], "{shell:?}: only what was pushed");
        assert_eq!(pod.read(&format!("{images}/buildkit-1-1")), "registry:5000/b:1@sha256:def\n");
        pod.end(server, "serve2.log");
    });
}
