//! lib.sh: tasks, cancelling, artifacts.

use crate::rig::{LIB, Pod, Shell, signal};

#[test]
fn a_task_runs_as_its_run_if_and_the_jobs_status_say() {
    for shell in Shell::all() {
        let pod = Pod::new(shell);
        let ran = pod.job(
            "ok() { echo \"ran $1\"; }\nbad() { exit 7; }\na() { ok a; }\nb() { ok b; }\nc() { ok c; }\nd() { ok d; }\n\
             task failed . a\ntask any . b\ntask passed . bad\ntask passed . a\ntask failed . c\ntask any . d\nfinish\n",
        );
        assert_eq!(
            ran.text.lines().collect::<Vec<_>>(),
            [
                "[gocd] skip a: run_if is failed, job has passed",
                "ran b",
                "[gocd] bad exited with 7",
                "[gocd] skip a: run_if is passed, job has failed",
                "ran c",
                "ran d",
            ],
            "{shell:?}"
        );
        assert_eq!(ran.status, 1);
        assert_eq!(pod.read("gocd/status"), "failed\n");
        let console = format!("{}[gocd] job failed\n", ran.text);
        assert_eq!(pod.read("gocd/artifacts/cruise-output/console.log"), console);
        assert!(pod.exists("gocd/requests/done"));
    }
}

#[test]
fn each_task_is_a_new_process_in_its_directory_with_the_jobs_environment() {
    for shell in Shell::all() {
        let mut pod = Pod::new(shell);
        for name in ["status", "child", "dir", "CDPATH", "path"] {
            pod.set(name, "mine");
        }
        pod.write("workspace/a b/x", "");
        let ran = pod.job(
            "t1() { X=1; cd /; }\nt2() { echo \"${X:-unset} ${PWD##*/} $status $child $dir $CDPATH\"; }\nt3() { exec 'echo' 'a  b' '*' '$HOME'; }\n\
             task passed . t1\ntask passed 'a b' t2\ntask passed . t3\nfinish\n",
        );
        assert_eq!(ran.text, "unset a b mine mine mine mine\na  b * $HOME\n", "{shell:?}");
        assert_eq!(ran.status, 0);
    }
}

#[test]
fn a_missing_working_directory_fails_the_task() {
    for shell in Shell::all() {
        let ran = Pod::new(shell).job("t() { echo ran; }\ntask passed nowhere t\nfinish\n");
        assert!(ran.text.contains("working directory nowhere does not exist"), "{ran:?}");
        assert!(!ran.text.contains("\nran"), "{ran:?}");
        assert_eq!(ran.status, 1);
    }
}

#[test]
fn a_script_keeps_every_character_and_ends_as_its_last_command() {
    for shell in Shell::all() {
        let pod = Pod::new(shell);
        pod.write("workspace/sub/x", "");
        let ran = pod.job(
            "t() { gocd_script @SEP@ <<'GOCD_END'\nfalse\necho '{@SEP@{item}}' \"$@SEP@(echo sub)\" `echo tick` \\\\ \"it's\" %s\n\
             cat <<'EOF'\nGOCD $HOME \"`\nEOF\npwd\nexit 4\nGOCD_END\n}\ntask passed sub t\nfinish\n",
        );
        let workspace = pod.path("workspace");
        let expected = format!(
            "{{{{item}}}} sub tick \\ it's %s\nGOCD $HOME \"`\n{}\n[gocd] t exited with 4\n",
            workspace.display()
        );
        assert_eq!(ran.text, expected, "{shell:?}");
    }
}

#[test]
fn a_script_runs_by_its_first_line_else_by_bash() {
    for shell in Shell::all() {
        let pod = Pod::new(shell);
        pod.program("odd", "#!/bin/sh\necho odd\nexec cat \"$1\"\n");
        let line = format!("#!{}", pod.path("bin/odd").display());
        let ran = pod.job(&format!("a() {{ gocd_script <<'E'\n{line}\ntext\nE\n}}\nb() {{ gocd_script <<'E'\necho \"${{BASH_VERSION:+bash}}\"\nE\n}}\ntask passed . a\ntask passed . b\nfinish\n"));
        assert_eq!(ran.text, format!("odd\n{line}\ntext\nbash\n"), "{shell:?}");
        let ran = pod.job("a() { gocd_script '' sh <<'E'\necho \"$0\"; ls -l /proc/$$/exe | sed 's/.*-> //'\nE\n}\ntask passed . a\nfinish\n");
        let real = std::fs::canonicalize("/bin/sh").unwrap();
        assert!(ran.text.ends_with(&format!("{}\n", real.display())), "{shell:?} {}", ran.text);
    }
}

#[test]
fn artifacts_land_where_gocd_puts_them() {
    let cases: [(&str, &[&str]); 9] = [
        ("publish build . '^[^/]*\\.[^/]*$' d ''", &["d/top.txt"]),
        ("publish build bin '^bin$' d ''", &["d/bin/a.jar", "d/bin/sub/b.jar"]),
        ("publish build out/bin '^out/bin$' d out/", &["d/bin/.hidden", "d/bin/c"]),
        ("publish build a/b '^a/b/app\\.jar$' d a/b/", &["d/app.jar"]),
        ("publish build . '^[^/]*\\.txt$' d ''", &["d/top.txt"]),
        ("publish build bin '^bin/[^/]*$' d bin/", &["d/a.jar", "d/sub/b.jar"]),
        ("publish build bin '^bin/([^/]+/)*[^/]*$' d bin/", &["d/a.jar", "d/sub/b.jar"]),
        ("publish build target '^target/([^/]+/)*[^/]*\\.xml$' '' target/", &["-t.xml", "x/t 2.xml"]),
        ("publish build bin '^bin(/.*)?$' d bin/", &["d/bin/a.jar", "d/bin/sub/b.jar", "d/sub/b.jar"]),
    ];
    for shell in Shell::all() {
        for (call, expected) in &cases {
            let pod = Pod::new(shell);
            for file in [
                "bin/a.jar",
                "bin/sub/b.jar",
                "out/bin/c",
                "out/bin/.hidden",
                "a/b/app.jar",
                "top.txt",
                "target/x/t 2.xml",
                "target/-t.xml",
            ] {
                pod.write(&format!("workspace/{file}"), file);
            }
            let ran = pod.job(&format!("{call}\nfinish\n"));
            let mut files = pod.files("gocd/artifacts");
            files.retain(|file| file != "cruise-output/console.log");
            assert_eq!(
                (ran.status, files.as_slice()),
                (0, expected.map_owned().as_slice()),
                "{shell:?} {call}: {}",
                ran.text
            );
        }
    }
}

trait MapOwned {
    fn map_owned(&self) -> Vec<String>;
}
impl MapOwned for &[&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
}

#[test]
fn nothing_to_publish_fails_a_job_only_for_build_artifacts() {
    for shell in Shell::all() {
        let pod = Pod::new(shell);
        let ran = pod.job("publish test . '^no$' testoutput ''\necho \"so far $gocd_status\"\npublish build nowhere '^no$' '' ''\nfinish\n");
        assert_eq!(
            ran.text,
            "[gocd] no file matches the test artifact ^no$\nso far passed\n[gocd] no file matches the build artifact ^no$\n"
        );
        assert_eq!(ran.status, 1);
    }
}

#[test]
fn a_fetched_artifact_keeps_its_base_name_and_an_absent_one_fails_the_task() {
    for shell in Shell::all() {
        let pod = Pod::new(shell);
        pod.write("gocd/fetch/1/pkg/x/y", "1");
        pod.write("gocd/fetch/2/app.jar", "2");
        let ran = pod.job(
            "a() { fetch_dir 1/pkg lib/deep; }\nb() { fetch_file 2/app.jar; }\nc() { fetch_file 3/gone.txt d; }\n\
             mkdir sub\ntask passed sub a\ntask passed . b\ntask passed . c\nfinish\n",
        );
        assert_eq!(pod.files("workspace"), ["app.jar", "lib/deep/pkg/x/y"], "{shell:?} {ran:?}");
        assert!(ran.text.contains("there is no file gone.txt among the artifacts"), "{ran:?}");
        assert_eq!(ran.status, 1);
    }
}

#[test]
fn ant_fails_when_it_says_so() {
    for shell in Shell::all() {
        let pod = Pod::new(shell);
        pod.program("ant", "#!/bin/sh\necho \"ant $*\"\n[ \"$1\" != bad ] || echo BUILD FAILED\n[ \"$1\" != worse ] || exit 3\n");
        let ran = pod.job("a() { gocd_ant -f 'b c.xml' x; }\nb() { gocd_ant bad; }\nc() { gocd_ant worse; }\ntask any . a\ntask any . b\ntask any . c\nfinish\n");
        assert_eq!(
            ran.text,
            "ant -f b c.xml x\nant bad\nBUILD FAILED\n[gocd] b exited with 1\nant worse\n[gocd] c exited with 3\n"
        );
    }
}

const LONG: &str = "long() { touch started; sleep 300; echo survived; }\nnext() { echo next; }\n";

#[test]
fn a_cancelled_job_kills_its_task_runs_no_other_and_publishes_nothing() {
    Shell::each(|shell| {
        for group in [true, false] {
            let pod = Pod::new(shell);
            pod.write("workspace/a.txt", "");
            let child = pod.start_job(&format!(
                "{LONG}task passed . long\ntask any . next\npublish build . '^a.txt$' d ''\nfinish\n"
            ));
            pod.wait_for("workspace/started");
            signal(&child, "-TERM", group);
            let ran = pod.end(child, "job.log");
            assert_eq!((ran.status, ran.text.as_str()), (143, "[gocd] job cancelled\n"), "{shell:?} {group}");
            assert_eq!(pod.files("gocd/artifacts"), ["cruise-output/console.log"]);
            assert_eq!(pod.read("gocd/status"), "cancelled\n");
        }
    });
}

#[test]
fn an_on_cancel_task_runs_beside_the_task_which_is_left_to_end() {
    Shell::each(|shell| {
        let pod = Pod::new(shell);
        pod.write("workspace/sub/x", "");
        let child = pod.start_job(
            "long() { touch started; while [ ! -e stop ]; do sleep 0.1; done; echo long ended; }\nstop() { echo \"stopping in ${PWD##*/}\"; touch ../stop; }\n\
             next() { echo next; }\ntask passed . long stop sub\ntask any . next\nfinish\n",
        );
        pod.wait_for("workspace/started");
        signal(&child, "-TERM", true);
        let ran = pod.end(child, "job.log");
        assert_eq!(
            (ran.status, ran.text.as_str()),
            (143, "[gocd] job cancelled\nstopping in sub\nlong ended\n"),
            "{shell:?}"
        );
    });
}

#[test]
fn a_silent_job_is_cancelled_and_a_talking_one_is_not() {
    Shell::each(|shell| {
        let mut pod = Pod::new(shell);
        pod.set("GOCD_MINUTE", "1");
        pod.set("GOCD_SILENCE_POLL", "1");
        let ran = pod.job("talk() { for i in 1 2 3 4 5 6; do sleep 0.5; echo $i; done; }\nhang() { sleep 300; }\nsilence 2\ntask passed . talk\ntask passed . hang\nfinish\n");
        assert_eq!(
            (ran.status, ran.text.as_str()),
            (143, "1\n2\n3\n4\n5\n6\n[gocd] no output for 2 minutes: job cancelled\n"),
            "{shell:?}"
        );
    });
}

#[test]
fn an_unconverted_command_fails_and_names_its_finding() {
    for shell in Shell::all() {
        let ran = Pod::new(shell)
            .run(&[&format!("{LIB}/needs-decision.sh"), "docker-run", "docker", "run", "a b"], &[]);
        assert_eq!(
            ran.text,
            "[gocd2argo] docker-run: not converted: docker run a b; see docs/findings/docker-run.md\n"
        );
        assert_eq!(ran.status, 1);
    }
}
