//! `gocd2argo.yaml`: where it is found, what is wrong in it, what it does.

use super::run::{APP, Folder};

const MANIFEST: &str = "argo/base/templates/apps/app.yaml";

#[test]
fn it_is_found_upwards_from_the_source() {
    let folder = Folder::new().with("a/b/repo/app.gocd.yaml", APP);
    folder.put("a/gocd2argo.yaml", "images: {elastic-profiles: {go-1.21: far:1}}\n");
    folder.run(&["convert", "a/b/repo", "-o", "argo"]).exits(0).never("guessed-image");
    assert!(folder.read(MANIFEST).contains("far:1"));
    folder.put("a/b/gocd2argo.yaml", "images: {elastic-profiles: {go-1.21: near:1}}\n");
    folder.run(&["convert", "a/b/repo", "-o", "argo"]).exits(0);
    assert!(folder.read(MANIFEST).contains("near:1"));
    folder.put("else.yaml", "images: {elastic-profiles: {go-1.21: else:1}}\n");
    folder.run(&["convert", "a/b/repo", "-o", "argo", "--config", "else.yaml"]).exits(0);
    assert!(folder.read(MANIFEST).contains("else:1"));
}

#[test]
fn it_is_found_beside_a_file_given_by_its_bare_name() {
    let folder = Folder::new().with("app.gocd.yaml", APP);
    folder.put("gocd2argo.yaml", "images: {elastic-profiles: {go-1.21: beside:1}}\n");
    folder.run(&["convert", "app.gocd.yaml", "-o", "argo"]).exits(0).never("guessed-image");
    assert!(folder.read(MANIFEST).contains("beside:1"));
}

#[test]
fn mistakes_are_errors_with_their_place() {
    let folder = Folder::with_app();
    for (text, parts) in [
        ("namespace: ci\nimages:\n  defualt: debian\n", ["defualt", "line 3 column 3"]),
        ("images: {default: {imgae: x}}\n", ["imgae", "line 1"]),
        ("namespace: [\n", ["namespace", "line 1"]),
        ("images: 3\n", ["images", "line 1"]),
    ] {
        folder.put("repo/gocd2argo.yaml", text);
        for command in ["convert", "lint", "diff"] {
            let run = folder.fails(&[command, "repo"]).says("repo/gocd2argo.yaml").prints_nothing();
            run.says(parts[0]).says(parts[1]);
        }
    }
    folder.fails(&["convert", "repo", "--config", "nowhere.yaml"]).says("nowhere.yaml");
}

#[test]
fn placement_reaches_the_manifest() {
    let stage = "stages: [build: {jobs: {fast: {elastic_profile_id: go-1.21, tasks: [exec: {command: make}]}, \
                 docker: {resources: [Docker, linux], tasks: [exec: {command: make}]}, \
                 plain: {tasks: [exec: {command: make}]}}}]";
    let text: String =
        APP.lines().filter(|line| !line.contains("stages:")).map(|line| format!("{line}\n")).collect();
    let folder = Folder::new().with("repo/a.gocd.yaml", format!("{text}    {stage}\n"));
    folder.put(
        "repo/gocd2argo.yaml",
        "\
namespace: builds
images:
  default: debian:12
  resources: {docker: {image: builder:1, service-account: builder}}
  elastic-profiles:
    go-1.21:
      image: golang:1.21
      node-selector: {pool: big}
      tolerations: [{key: ci, operator: Exists}]
      resources: {requests: {cpu: \"2\"}, limits: {memory: 4Gi}}
",
    );
    folder.run(&["convert", "repo"]).exits(0).never("guessed-image");
    let documents: Vec<serde_yaml::Value> = folder
        .read(MANIFEST)
        .split("\n---\n")
        .map(|document| serde_yaml::from_str(document).unwrap())
        .collect();
    let templates = documents[1]["spec"]["templates"].as_sequence().unwrap();
    let with_image = |image: &str| {
        templates
            .iter()
            .find(|template| template["script"]["image"] == image)
            .unwrap_or_else(|| panic!("no {image}"))
    };
    let fast = with_image("golang:1.21");
    assert_eq!(fast["nodeSelector"]["pool"], "big");
    assert_eq!(fast["tolerations"][0]["key"], "ci");
    assert_eq!(fast["script"]["resources"]["requests"]["cpu"], "2");
    assert_eq!(fast["script"]["resources"]["limits"]["memory"], "4Gi");
    assert_eq!(with_image("builder:1")["serviceAccountName"], "builder");
    assert_eq!(with_image("debian:12")["serviceAccountName"], "gocd-runner");
    assert!(folder.read("argo/overlays/aws/kustomization.yaml").contains("namespace: builds"));
    assert!(folder.read("argo/base/runtime/rights.yaml").contains("name: builder"));
}

#[test]
fn a_guess_is_reported_once_per_value() {
    let folder = Folder::with_app().with("repo/b.gocd.yaml", super::run::app("two"));
    let run = folder.run(&["lint", "repo"]).exits(1);
    assert_eq!(run.stdout.matches("decision[guessed-image]").count(), 1, "{}", run.stdout);
    run.prints("image for elastic profile `go-1.21` is not known: using `")
        .prints("images.elastic-profiles.go-1.21");
}
