//! Colours on a terminal only, and readers that stop reading.

use super::run::{Folder, PROGRAM, Run, app};
use std::io::Read as _;
use std::process::{Command, Stdio};

#[test]
fn nothing_is_coloured_in_a_pipe() {
    let folder = Folder::with_app();
    for arguments in
        [&["lint", "repo"][..], &["diff", "repo"], &["convert", "repo", "--dry-run"], &["--help"]]
    {
        folder.run(arguments).never("\x1b[");
    }
}

#[test]
fn no_color_is_honoured_and_force_is_too() {
    let folder = Folder::with_app();
    for command in ["lint", "diff"] {
        let call = |variables: &[(&str, &str)]| {
            let mut call = folder.command("", &[command, "repo"]);
            call.envs(variables.iter().copied());
            Run::of(call)
        };
        call(&[("CLICOLOR_FORCE", "1")]).prints("\x1b[");
        call(&[("CLICOLOR_FORCE", "0"), ("NO_COLOR", "1")]).never("\x1b[");
    }
}

#[test]
fn a_terminal_gets_colours_unless_no_color_is_set() {
    if Command::new("script").arg("--version").output().is_err() {
        return eprintln!("skipped: there is no `script` here");
    }
    let folder = Folder::with_app();
    let on_terminal = |no_color: Option<&str>| {
        let mut call = Command::new("script");
        call.args(["-qec", &format!("'{PROGRAM}' diff repo"), "/dev/null"]).current_dir(folder.path(""));
        call.env("TERM", "xterm-256color").env_remove("NO_COLOR").env_remove("CI").stdin(Stdio::null());
        no_color.map(|value| call.env("NO_COLOR", value));
        Run::of(call)
    };
    on_terminal(None).exits(1).prints("\x1b[");
    on_terminal(Some("1")).exits(1).never("\x1b[");
}

#[test]
fn a_reader_that_stops_is_no_failure() {
    let text: String = (0..3000)
        .map(|n| app(&format!("pipeline-{n}")).lines().skip(2).collect::<Vec<_>>().join("\n") + "\n")
        .collect();
    let folder = Folder::new().with("repo/a.gocd.yaml", format!("format_version: 10\npipelines:\n{text}"));
    for arguments in [
        &["show", "repo"][..],
        &["show", "repo", "--format", "ledger"],
        &["show", "repo", "--format", "gocd-json"],
    ] {
        let mut child =
            folder.command("", arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdout.take().unwrap().read_exact(&mut [0; 10]).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
fn nobody_at_stderr_is_no_failure() {
    let folder = Folder::with_app();
    let mut call = folder.command("", &["convert", "repo"]);
    let mut child = call.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(folder.has("argo/base/kustomization.yaml"));
}
