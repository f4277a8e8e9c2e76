//! Input that cannot be read: an error with its position, exit code 2, nothing written.

use super::run::{APP, Folder, Run};

/// A call of `convert repo` that fails as it must; every other command fails as well.
fn refused(content: impl AsRef<[u8]>) -> Run {
    let folder = Folder::new().with("repo/a.gocd.yaml", content);
    for command in ["lint", "diff", "show"] {
        folder.fails(&[command, "repo"]);
    }
    folder.fails(&["convert", "repo"]).prints_nothing()
}

#[test]
fn no_file_found() {
    let folder = Folder::new().with("repo/gocd.yaml", APP);
    folder.fails(&["convert", "repo"]).says("no GoCD file found in `repo`").says("*.gocd.yaml");
    folder.fails(&["convert", "nowhere"]).says("cannot read `nowhere`: No such file");
    folder.fails(&["convert", "nowhere.gocd.yaml"]).says("cannot read `nowhere.gocd.yaml`");
    folder.fails(&["lint", "repo/gocd.yaml", "nowhere"]).says("cannot read `nowhere`");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = Folder::with_app();
    symlink("nowhere", folder.path("repo/link.gocd.yaml")).unwrap();
    folder.fails(&["convert", "repo"]).says("cannot read `repo/link.gocd.yaml`: No such file");
    folder.fails(&["convert", "repo/link.gocd.yaml"]).says("cannot read `repo/link.gocd.yaml`");
    std::fs::remove_file(folder.path("repo/link.gocd.yaml")).unwrap();
    symlink("loop.gocd.yaml", folder.path("repo/loop.gocd.yaml")).unwrap();
    folder.fails(&["convert", "repo"]).says("cannot read `repo/loop.gocd.yaml`");
    std::fs::remove_file(folder.path("repo/loop.gocd.yaml")).unwrap();
    let secret = folder.path("repo/secret.gocd.yaml");
    std::fs::write(&secret, APP).unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&secret).is_ok() {
        return eprintln!("skipped: this user reads everything");
    }
    folder.run(&["convert", "repo"]).exits(2).says("cannot read `repo/secret.gocd.yaml`: Permission denied");
    assert!(!folder.has("argo"));
}

#[test]
fn a_folder_or_a_pipe_in_place_of_a_file() {
    let folder = Folder::new().with("repo/x.gocd.yaml/readme", "");
    folder.fails(&["convert", "repo"]).says("no GoCD file found");
    // Nothing to be read from: not a hang.
    folder.fails(&["convert", "/dev/null"]).says("error[empty-file]");
}

#[test]
fn invalid_yaml() {
    refused("a: [b\nc: d\n").says("error[yaml-syntax]").says("repo/a.gocd.yaml:2:2");
    refused("format_version: 10\n\"a\n").says("error[yaml-syntax]").says("repo/a.gocd.yaml:");
    refused("a: 1\n\tb: 2\n").says("found a tab").says("repo/a.gocd.yaml:1:4");
    refused("a: *nothing\n").says("repo/a.gocd.yaml:1:4");
    refused("format_version: 10\nformat_version: 9\n").says("repo/a.gocd.yaml:2:1");
    refused("a: !!binary |\n  x\n\u{0}").says("repo/a.gocd.yaml:");
}

#[test]
fn text_that_is_not_utf_8() {
    let byte = refused(b"format_version: 10\npipelines:\n  caf\xe9: 1\n");
    byte.says("error[not-utf8]: the byte 0xE9 is not UTF-8").says("repo/a.gocd.yaml:3:6");
    let utf16: Vec<u8> = "\u{feff}format_version: 10\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused(utf16).says("the file is UTF-16").says("repo/a.gocd.yaml:1:1");
    refused("format_version: 10\nx: \u{0}\n").says("a zero byte").says("repo/a.gocd.yaml:2:4");
    let random: Vec<u8> = (0..20_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    refused(random).says("repo/a.gocd.yaml:1:");
}

#[test]
fn a_byte_order_mark() {
    refused(format!("\u{feff}{APP}")).says("error[byte-order-mark]").says("repo/a.gocd.yaml:1:1");
}

#[test]
fn files_without_content() {
    refused("").says("error[empty-file]").says("repo/a.gocd.yaml:1:1");
    refused("# nothing\n# yet\n").says("error[null-root]").says("repo/a.gocd.yaml:1:1");
    refused("---\n...\n").says("repo/a.gocd.yaml:1:");
    refused("  \n\n\t\n").says("repo/a.gocd.yaml:");
}

#[test]
fn files_that_are_not_gocds() {
    refused("apiVersion: v1\nkind: ConfigMap\n").says("error[unknown-root-key]").says("repo/a.gocd.yaml:2:1");
    refused("- a\n- b\n").says("must be a mapping, but a list is written").says("repo/a.gocd.yaml:1:3");
    refused("just text\n").says("repo/a.gocd.yaml:1:1");
    refused("<xml/>\n").says("repo/a.gocd.yaml:1:1");
    refused("{\"a\": {\"b\": [1, 2]}}").says("repo/a.gocd.yaml:1:2");
    refused("format_version: 99\npipelines: {}\n").says("repo/a.gocd.yaml:1:17");
    refused("\u{7f}ELF\u{2}\u{1}").says("repo/a.gocd.yaml:1:1");
}

#[test]
fn an_alias_bomb() {
    let mut text = "format_version: 10\ncommon:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_string();
    for level in 1..=30 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        text += &format!("  a{level}: &a{level} [{aliases}]\n");
    }
    refused(text).says("error[alias-bomb]").says("repo/a.gocd.yaml:");
    refused("a: &a [*a]\n").says("repo/a.gocd.yaml:1:8");
}

#[test]
fn nesting_100_000_deep() {
    for text in [
        "[".repeat(100_000),
        "- ".repeat(100_000),
        format!("format_version: 10\ncommon: {}", "{a: ".repeat(100_000)),
        format!("format_version: 10\ncommon: {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        (0..3_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect(),
    ] {
        refused(&text).says("nested deeper than 255 levels").says("repo/a.gocd.yaml:");
    }
    // Not nested at all, but as long: braces of a parameter, of a label, and of a script.
    for text in ["#{".repeat(100_000), "${".repeat(100_000)] {
        let label = APP.replace("group: apps", &format!("group: apps\n    label_template: \"{text}\""));
        refused(label).says("repo/a.gocd.yaml:5:");
    }
}

/// The shell's grammar is read too: nothing a script nests may exhaust the stack.
#[test]
fn scripts_nested_30_000_deep() {
    for (open, close) in [
        ("$(", ")"),
        ("(", ")"),
        ("{ ", "; }"),
        ("if true; then ", "; fi"),
        ("`", ""),
        ("\"$(", ")\""),
        ("${a:-", "}"),
    ] {
        let script = format!(
            "docker build -t a . ; {}docker build -t b .{}",
            open.repeat(30_000),
            close.repeat(30_000)
        );
        let stages = format!("stages: [build: {{tasks: [script: '{script}']}}]\n");
        let text: String =
            APP.lines().filter(|line| !line.contains("stages:")).map(|line| format!("{line}\n")).collect();
        let folder = Folder::new().with("repo/a.gocd.yaml", format!("{text}    {stages}"));
        let run = folder.run(&["convert", "repo"]);
        // Converted, or too long for an object in a cluster; never a crash.
        assert!(matches!(run.status, Some(0 | 2)), "`{open}`: {:?} {}", run.status, run.stderr);
    }
}

#[test]
fn dependency_cycles() {
    let pipeline = |name: &str, up: &str| {
        format!(
            "  {name}:\n    group: g\n    materials: {{up: {{pipeline: {up}, stage: s}}}}\n    stages: [s: {{tasks: [exec: {{command: make}}]}}]\n"
        )
    };
    let circle = |count: usize| {
        let pipelines: String =
            (0..count).map(|n| pipeline(&format!("p{n}"), &format!("p{}", (n + 1) % count))).collect();
        format!("format_version: 10\npipelines:\n{pipelines}")
    };
    refused(circle(1)).says("repo/a.gocd.yaml:").says("`p0`");
    refused(circle(2)).says("`p0`").says("`p1`");
    refused(circle(1000)).says("repo/a.gocd.yaml:");
}
