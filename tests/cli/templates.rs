//! `--templates`: single templates in place of the built-in ones.

use super::run::Folder;

#[test]
fn one_template_takes_the_place_of_the_built_in_one() {
    let text = "apiVersion: argoproj.io/v1alpha1\nkind: EventBus\nmetadata:\n  name: default\n  labels: {mine: \"{{x}}\"}\n\
                spec:\n  jetstream: {version: latest}\n";
    let folder = Folder::with_app().with("mine/event-bus.yaml.j2", text);
    folder.run(&["convert", "repo", "--templates", "mine"]).exits(0);
    assert_eq!(folder.read("argo/base/runtime/event-bus.yaml"), text);
    folder.run(&["diff", "repo", "--templates", "mine"]).exits(0);
    folder.run(&["diff", "repo"]).exits(1).prints("event-bus.yaml");
}

#[test]
fn a_template_that_takes_no_place_is_an_error() {
    let folder = Folder::with_app().with("mine/event-buss.yaml.j2", "x");
    let run = folder.fails(&["convert", "repo", "--templates", "mine"]);
    run.says("mine/event-buss.yaml.j2").says("event-bus.yaml.j2");
    folder.fails(&["convert", "repo", "--templates", "nowhere"]).says("nowhere");
}

#[test]
fn a_broken_template_is_named_with_its_line() {
    for (text, line) in
        [("a: 1\n{% if x %}\n", "2"), ("a: 1\nb: << plan.nothing >>\n", "2"), ("a: <<\n  <<\n", "2")]
    {
        let folder = Folder::with_app().with("mine/event-bus.yaml.j2", text);
        let run = folder.fails(&["convert", "repo", "--templates", "mine"]);
        run.says(&format!("event-bus.yaml.j2:{line}"));
    }
}

#[test]
fn a_template_that_makes_something_else_than_a_manifest_is_an_error() {
    for text in [
        "a: [\n",
        "kind: EventBus\n",
        "{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}",
    ] {
        let folder = Folder::with_app().with("mine/event-bus.yaml.j2", text);
        folder.fails(&["convert", "repo", "--templates", "mine"]).says("event-bus.yaml");
    }
}
