//! `--wave` and `--only`: a part of the pipelines, in an output folder that grows.

use super::run::{Folder, Run, app};

/// lib → shop → ship (helm), lib → docs; docs is the first wave, the chain of ship the second.
fn folder() -> Folder {
    let after = |name: &str, up: &str| {
        let fetch = format!("fetch: {{pipeline: {up}, stage: build, job: build, source: out/x}}, exec:");
        app(name)
            .replace("materials: {", &format!("materials: {{up: {{pipeline: {up}, stage: build}}, "))
            .replace("tasks: [exec:", &format!("tasks: [{fetch}"))
            .replace("x}, exec:", "x}}, {exec:")
            .replace("[fetch:", "[{fetch:")
            .replace("make}]}]", "make}}]}]")
    };
    let folder = Folder::new().with("repo/lib.gocd.yaml", app("lib"));
    folder.put("repo/shop.gocd.yaml", after("shop", "lib"));
    folder.put("repo/ship.gocd.yaml", after("ship", "shop").replace("make", "helm"));
    folder.put("repo/docs.gocd.yaml", after("docs", "lib"));
    folder
}

fn templates(folder: &Folder) -> Vec<String> {
    let names = folder.tree("argo/base/templates/apps").into_keys();
    names.filter_map(|name| Some(name.strip_suffix(".yaml")?.to_string())).collect()
}

fn convert(folder: &Folder, more: &[&str]) -> Run {
    folder.run(&[&["convert", "repo"], more].concat()).exits(0)
}

#[test]
fn the_output_grows_wave_by_wave() {
    let folder = folder();
    convert(&folder, &["--wave", "1"]).says("note: waves are computed anew");
    assert_eq!(templates(&folder), ["docs"]);
    folder.put("argo/mine.yaml", "kind: ConfigMap\n");
    let edited = folder.read("argo/overlays/minio/kustomization.yaml") + "# mine\n";
    folder.put("argo/overlays/minio/kustomization.yaml", &edited);
    let docs = folder.read("argo/base/templates/apps/docs.yaml");

    folder.run(&["convert", "repo", "--wave", "2"]).exits(1).prints("conflict");
    assert_eq!(templates(&folder), ["docs", "lib", "ship", "shop"]);
    assert_eq!(folder.read("argo/base/templates/apps/docs.yaml"), docs);
    assert_eq!(folder.read("argo/mine.yaml"), "kind: ConfigMap\n");
    assert_eq!(folder.read("argo/overlays/minio/kustomization.yaml"), edited);
    assert!(!folder.has("argo/base/cron/gocd-bridge.yaml"), "nothing is left in GoCD");

    // The way back.
    folder.put("repo/gocd2argo.yaml", "migration: {waves: [[docs]]}");
    folder.run(&["convert", "repo", "--wave", "1"]).exits(1).never("computed anew");
    assert_eq!(templates(&folder), ["docs"]);
    assert!(folder.has("argo/base/cron/gocd-bridge.yaml"));
}

#[test]
fn what_stays_upstream_is_bridged() {
    let folder = folder();
    folder.run(&["lint", "repo", "--only", "docs", "--level", "info"]).prints("bridged-upstream");
    convert(&folder, &["--only", "DOC*"]).never("stand-in-needed").never("  ship");
    let bridge = folder.read("argo/base/cron/gocd-bridge.yaml");
    for part in [r#""pipeline": "lib""#, r#""source": "out/x""#, r#""toGocd": []"#, "https://gocd.invalid/go"]
    {
        assert!(bridge.contains(part), "{part}\n{bridge}");
    }
    assert!(folder.read("argo/base/events/sensor-apps.yaml").contains("\"^lib$\""));
    assert!(folder.read("argo/SECRETS.md").contains("gocd-server"));
}

#[test]
fn what_stays_downstream_needs_a_stand_in() {
    let folder =
        folder().with("repo/gocd2argo.yaml", "migration: {gocd-url: 'https://gocd.example.com/go/'}");
    let run =
        convert(&folder, &["--only", "lib", "--only", "shop"]).says("stand-in-needed").never("gocd-url");
    assert!(run.stderr.contains("`docs` waits for it in GoCD"), "{}", run.stderr);
    let bridge = folder.read("argo/base/cron/gocd-bridge.yaml");
    assert!(
        bridge.contains("\"https://gocd.example.com/go\"") && bridge.contains("\"fromGocd\": []"),
        "{bridge}"
    );
    assert!(!bridge.contains("withParam"), "nothing to copy");
    let sensor = folder.read("argo/base/events/gocd-bridge.yaml");
    assert!(
        sensor.contains("\"^shop$\"")
            && sensor.contains("\"^lib$\"")
            && !sensor.contains("kind: EventSource")
    );
}

#[test]
fn a_part_that_is_tied_to_nothing_has_no_bridge() {
    let folder = Folder::with_app().with("repo/b.gocd.yaml", app("other"));
    convert(&folder, &["--only", "app"]).never("gocd-url");
    assert!(!folder.has("argo/base/cron/gocd-bridge.yaml"));
}

#[test]
fn a_mistyped_part_changes_nothing() {
    let folder = folder();
    convert(&folder, &[]);
    folder.fails(&["convert", "repo", "--only", "nosuch"]).says("no pipeline fits `nosuch`");
    folder.fails(&["convert", "repo", "--wave", "7"]).says("waves 1 to 2");
    folder.fails(&["diff", "repo", "--wave", "0"]);
    folder.fails(&["lint", "repo", "--only", ""]);
}

#[test]
fn lint_and_diff_look_at_the_part() {
    let folder = folder();
    folder.put(
        "repo/shop.gocd.yaml",
        folder
            .read("repo/shop.gocd.yaml")
            .replace("command: make", "command: docker, arguments: [commit, x]"),
    );
    folder.run(&["lint", "repo", "--only", "docs"]).exits(1).never("image-commit");
    folder.run(&["lint", "repo", "--only", "shop"]).exits(1).prints("image-commit");
    convert(&folder, &["--only", "docs"]);
    folder.run(&["diff", "repo", "--only", "docs"]).exits(0);
    folder.run(&["diff", "repo", "--wave", "2"]).exits(1).prints("templates/apps/ship.yaml");
}

#[test]
fn the_runbook_follows_the_configuration() {
    let settings = "migration: {gocd-url: 'https://gocd.acme.example/go/'}\nargo-cd: {overlay: minio}\n\
        artifacts: {bucket: cloud}\nlocal: {bucket: near, endpoint: 'minio.example:9000'}\n";
    let folder = folder().with("repo/gocd2argo.yaml", settings);
    convert(&folder, &["--only", "lib"]);
    let page = folder.read("argo/MIGRATION.md");
    for part in [
        "GOCD=https://gocd.acme.example/go ",
        "OVERLAY=\"$PWD\"/overlays/minio ",
        "s3://near/pipelines/lib",
        "--endpoint-url http://minio.example:9000",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    folder.put("repo/gocd2argo.yaml", settings.replace(", overlay: minio", "").replace("minio}", "aws}"));
    convert(&folder, &["--only", "docs"]);
    let page = folder.read("argo/MIGRATION.md");
    assert!(page.contains("overlays/aws ") && page.contains("The bucket `cloud` exists"), "{page}");
    let policies = folder.read("argo/components/network-policies/network-policies.yaml");
    assert!(policies.contains("- gocd-bridge\n"), "{policies}");
}

/// What has to be there before, who starts and who approves, and what becomes of changes that came in between.
#[test]
fn the_runbook_says_what_people_have_to_do() {
    let gated = app("docs")
        .replace("stages: [", "stages: [first: {approval: manual, tasks: [exec: {command: ls}]}, ");
    let settings = "components: [external-secrets, network-policies]\nwebhooks: {reconcile-minutes: 7}\n";
    let folder = Folder::new().with("repo/docs.gocd.yaml", &gated).with("repo/gocd2argo.yaml", settings);
    folder.put("repo/lib.gocd.yaml", app("lib"));
    convert(&folder, &[]);
    let page = folder.read("argo/MIGRATION.md");
    for part in [
        "The External Secrets operator runs",
        "enforces NetworkPolicies",
        "people start it: `argo_start docs`",
        "counts as built 7 minutes after it was applied",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("Prometheus operator") && !page.contains("people approve"), "{page}");

    // In the other overlay the Secrets are made by hand; a stage in the middle is approved.
    let gated = gated.replace("first: {approval: manual, tasks: [exec: {command: ls}]}, ", "");
    let gated = gated.replace("make}]}]", "make}]}, last: {approval: manual, tasks: [exec: {command: ls}]}]");
    folder.put("repo/docs.gocd.yaml", &gated);
    folder.put(
        "repo/gocd2argo.yaml",
        "argo-cd: {overlay: minio}\nruns: {first-run: true}\ncomponents: [external-secrets]\n",
    );
    convert(&folder, &[]);
    let page = folder.read("argo/MIGRATION.md");
    for part in ["- [ ] The Secrets of", "people approve its stages", "starts once by itself"] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("people start it") && !page.contains("External Secrets"), "{page}");
}
