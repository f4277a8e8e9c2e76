//! `show`: the configuration as GoCD understands it.

use super::run::{APP, Folder};

const SECRET: &str = "AES:ko3s5bTgc9Tfy5Af3n1g4A==:dUFrxDYFbB0aYJnj2yIyXw==";

fn secure() -> Folder {
    let variables = format!("group: apps\n    secure_variables: {{PASSWORD: \"{SECRET}\"}}");
    let url = "https://joe:pa55word@git.example.com";
    let text = APP.replace("group: apps", &variables).replace("https://git.example.com", url);
    Folder::new().with("repo/a.gocd.yaml", text)
}

#[test]
fn the_outline_is_for_people() {
    let run = Folder::with_app().run(&["show", "repo"]).exits(0);
    assert_eq!(
        run.stdout,
        "pipeline app in group apps\n  started by git https://git.example.com/acme/app.git, branch master\n  \
         stage build\n    job build\n      exec make\n"
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn no_view_shows_a_secret() {
    let folder = secure();
    for view in ["outline", "gocd-json", "ledger"] {
        let run = folder.run(&["show", "repo", "--format", view]).exits(0);
        run.never(SECRET).never("pa55word").never("dUFrxDYF");
    }
    for arguments in [&["lint", "repo"][..], &["convert", "repo", "--dry-run"], &["convert", "repo"]] {
        folder.run(arguments).never("pa55word").never("dUFrxDYF");
    }
    for (path, content) in folder.tree("argo") {
        let text = String::from_utf8(content).unwrap();
        assert!(!text.contains("pa55word") && !text.contains("dUFrxDYF"), "{path}");
    }
}

#[test]
fn gocd_json_is_the_configuration() {
    let run = secure().run(&["show", "repo", "--format", "gocd-json"]).exits(0);
    let value: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let pipeline = &value["pipelines"][0];
    assert_eq!(pipeline["name"], "app");
    assert_eq!(pipeline["environment_variables"][0]["name"], "PASSWORD");
    assert_eq!(pipeline["stages"][0]["jobs"][0]["elastic_profile_id"], "go-1.21");
}

#[test]
fn the_ledger_has_a_line_for_every_key_and_item() {
    let folder = Folder::with_app();
    let run = folder.run(&["show", "repo", "--format", "ledger"]).exits(0);
    let run_json = folder.run(&["lint", "repo", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run_json.stdout).unwrap();
    assert_eq!(report["summary"]["keys"]["total"], run.stdout.lines().count());
    let first: Vec<&str> = run.stdout.lines().next().unwrap().split('\t').collect();
    assert_eq!(first, ["repo/app.gocd.yaml:1:1", "Converted", "format_version"]);
}

#[test]
fn what_gocd_refuses_is_shown_and_exits_with_two() {
    let folder = Folder::new().with("repo/a.gocd.yaml", "format_version: 10\npipelines: {p: {group: g}}\n");
    folder.fails(&["show", "repo"]).says("error[");
    folder.fails(&["show", "repo", "--format", "ledger"]).says("error[");
}

#[test]
fn several_repositories_are_one_configuration() {
    let folder = Folder::with_app().with("other/b.gocd.yaml", super::run::app("two"));
    let run = folder.run(&["show", "repo", "other"]).exits(0);
    assert_eq!(run.stdout.matches("pipeline ").count(), 2);
}
