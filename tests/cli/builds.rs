//! `builds`: what became of each docker command.

use super::json::follows;
use super::run::Folder;

const SOURCE: &str = r#"format_version: 10
pipelines:
  shop:
    group: web
    materials: {code: {git: "https://git.example.com/acme/shop.git"}}
    stages:
      - build:
          jobs:
            api:
              tasks:
                - script: |
                    make test
                    docker login -u ci -p "$PASS" registry.example.com
                    docker build -t registry.example.com/shop/api:$GO_PIPELINE_LABEL .
                    docker push registry.example.com/shop/api:$GO_PIPELINE_LABEL
                    ./notify.sh
            web:
              tasks:
                - exec: {command: ./ci/web.sh, arguments: ["9"]}
            lint:
              tasks:
                - exec: {command: make, arguments: [lint]}
"#;

fn folder() -> Folder {
    let script = "#!/bin/bash\nset -e\nnpm ci\ndocker build -t registry.example.com/shop/web:$1 web\n\
        docker push registry.example.com/shop/web:$1\n";
    Folder::new().with("repo/a.gocd.yaml", SOURCE).with("repo/ci/web.sh", script)
}

#[test]
fn the_document_follows_its_schema() {
    let run = folder().run(&["builds", "repo", "--format", "json"]).exits(0);
    let document = follows(&run, include_str!("../../docs/builds.schema.json"));
    assert_eq!(document["outcome"], "kaniko");
    assert_eq!(document["builds"].as_array().unwrap().len(), 2);
    assert_eq!(document["commands_before"], serde_json::json!(["make test"]));
    let jobs: Vec<&str> =
        document["jobs"].as_array().unwrap().iter().map(|job| job["job"].as_str().unwrap()).collect();
    assert_eq!(jobs, ["api", "web"]);
    let push = &document["jobs"][1]["commands"][1];
    assert_eq!((push["file"].as_str(), push["line"].as_u64()), (Some("ci/web.sh"), Some(5)));
}

#[test]
fn people_see_each_command_with_what_became_of_it_and_why() {
    let run = folder().run(&["builds", "repo"]).exits(0);
    for line in [
        "repo/a.gocd.yaml:13:21",
        "→ removed",
        "→ build in kaniko-1: `.` → `registry.example.com/shop/api:${GO_PIPELINE_LABEL}`",
        "→ part of the build in kaniko-1",
        "ci/web.sh:4:1",
        "2 of 3 jobs use images: 2 without a daemon, 0 partly, 0 left for a person; 2 builds",
    ] {
        assert!(run.stdout.contains(line), "{line}\n{}", run.stdout);
    }
}
