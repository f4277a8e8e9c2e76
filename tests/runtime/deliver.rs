//! deliver.sh: digests into a configuration repository, and Argo CD asked to sync.

use std::path::PathBuf;
use std::process::Command;

use crate::rig::{LIB, Pod, Shell, tools_shells};

const ONE: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const TWO: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

const KUSTOMIZATION: &str = "# the shop\nresources:\n- app.yaml\nimages:   # set by CI\n- name: r.io/shop/cart\n  newTag: old # by hand\n\
                             - name: other\n  newName: x\n\ncommonLabels: {a: b}\n";
const VALUES: &str =
    "web:\n  replicas: 2\n  image: old   # set by CI\n  sidecar:\n    image: no\ncart:\n  image: no\n";

fn git(folder: &std::path::Path, words: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(folder).args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_string()
}

/// A pod with a configuration repository, `config.git`, and the images of two builds.
fn pod(shell: Shell) -> (Pod, PathBuf) {
    let mut pod = Pod::new(shell);
    let config = pod.path("config.git");
    git(&pod.path("."), &["init", "-q", "--bare", "-b", "main", "config.git"]);
    let work = pod.path("seed");
    git(&pod.path("."), &["clone", "-q", config.to_str().unwrap(), "seed"]);
    pod.write("seed/prod/kustomization.yaml", KUSTOMIZATION);
    pod.write("seed/values.yaml", VALUES);
    git(&work, &["checkout", "-q", "-B", "main"]);
    git(&work, &["add", "-A"]);
    git(&work, &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "seed"]);
    git(&work, &["push", "-q", "origin", "main"]);
    pod.write(
        "gocd/fetch/images-1/images/kaniko-1-1",
        format!("r.io/shop/cart:7@{ONE}\nr.io/shop/cart:main@{ONE}\n"),
    );
    pod.write("gocd/fetch/images-2/images/kaniko-1-1", format!("r.io:5000/shop/web:7@{TWO}\n"));
    pod.write("secrets/none", "");
    let secrets = pod.path("secrets");
    pod.set("GOCD_SECRETS", secrets.to_str().unwrap());
    pod.set("GOCD_REGISTRIES", "/nonexistent");
    pod.set("LABEL", "1.7");
    pod.set("WORKFLOW_NAME", "shop-abc12");
    (pod, config)
}

fn spec(config: &std::path::Path, images: &str, more: &str) -> String {
    format!(
        r#"{{"gitops":{{"repository":"{}","branch":"main","credentials":"none","images":[{images}]}}{more}}}"#,
        config.display()
    )
}

const CART: &str = r#"{"image":"r.io/shop/cart","file":"prod/kustomization.yaml","from":"images-1"}"#;
const WEB: &str =
    r#"{"image":"r.io:5000/shop/web","file":"values.yaml","key":"web.image","from":"images-2"}"#;

#[test]
fn digests_are_committed_and_nothing_else_changes() {
    for shell in tools_shells() {
        let (mut pod, config) = pod(shell);
        pod.set("DELIVERY", &spec(&config, &format!("{CART},{WEB}"), ""));
        let ran = pod.script("deliver.sh", &[], &[]);
        assert_eq!(ran.status, 0, "{shell:?} {}", ran.text);
        assert!(ran.text.contains("[gocd] committed "), "{}", ran.text);
        let entry =
            format!("- name: \"r.io/shop/cart\"\n  newName: \"r.io/shop/cart\"\n  digest: \"{ONE}\"\n");
        let expected = KUSTOMIZATION.replace("- name: r.io/shop/cart\n  newTag: old # by hand\n", &entry);
        assert_eq!(git(&config, &["show", "main:prod/kustomization.yaml"]), expected.trim_end(), "{shell:?}");
        let expected = VALUES.replace("old   #", &format!("\"r.io:5000/shop/web@{TWO}\" #"));
        assert_eq!(git(&config, &["show", "main:values.yaml"]), expected.trim_end(), "{shell:?}");
        assert_eq!(
            git(&config, &["log", "-1", "--format=%an %s%n%b", "main"]),
            "gocd deploy 1.7\nRun: shop-abc12\n".trim_end()
        );

        // The same again has nothing to say.
        let ran = pod.script("deliver.sh", &[], &[]);
        assert!(ran.status == 0 && ran.text.contains("says so already"), "{}", ran.text);
        assert_eq!(git(&config, &["rev-list", "--count", "main"]), "2");
    }
}

#[test]
fn what_cannot_be_delivered_fails_and_says_why() {
    for shell in tools_shells().into_iter().take(1) {
        let (mut pod, config) = pod(shell);
        pod.write("gocd/fetch/images-3/images/a", format!("r.io/a:1@{ONE}\nr.io/a:2@{TWO}\n"));
        for (image, why) in [
            (CART.replace("shop/cart\"", "shop/other\""), "there is no digest of r.io/shop/other among"),
            (CART.replace("images-1", "images-9"), "has published none"),
            (
                CART.replace("images-1", "images-3").replace("r.io/shop/cart", "r.io/a"),
                "several digests of r.io/a",
            ),
            (CART.replace("prod/", "../prod/"), "leads out of the repository"),
            (CART.replace("prod/", "none/"), "none/kustomization.yaml is not in the repository"),
            (WEB.replace("web.image", "web.picture"), "values.yaml: cannot write web.picture"),
            (WEB.replace("web.image", "image"), "cannot write image"),
        ] {
            pod.set("DELIVERY", &spec(&config, &image, ""));
            let ran = pod.script("deliver.sh", &[], &[]);
            assert!(ran.status != 0 && ran.text.contains(why), "{why}: {} {}", ran.status, ran.text);
        }
        assert_eq!(git(&config, &["rev-list", "--count", "main"]), "1");
    }
}

/// Ten at once, each with another line of the same files: no commit is lost, and no line.
#[test]
fn pushes_at_the_same_time_lose_nothing() {
    for shell in tools_shells().into_iter().take(1) {
        let (pod, config) = pod(shell);
        std::thread::scope(|scope| {
            for number in 0..10 {
                let (config, pod) = (&config, &pod);
                scope.spawn(move || {
                    let image = CART.replace("\"file\"", &format!("\"name\":\"app-{number}\",\"file\""));
                    let spec = spec(config, &image, "");
                    let dir = pod.path(&format!("gocd-{number}"));
                    std::fs::create_dir_all(dir.join("fetch/images-1")).unwrap();
                    std::fs::copy(
                        pod.path("gocd/fetch/images-1/images/kaniko-1-1"),
                        dir.join("fetch/images-1/a"),
                    )
                    .unwrap();
                    let log = format!("deliver-{number}.log");
                    let env = [("DELIVERY", spec.as_str()), ("GOCD_DIR", dir.to_str().unwrap())];
                    let child = pod.start(&log, &[&format!("{LIB}/deliver.sh")], &env);
                    let ran = pod.end(child, &log);
                    assert_eq!(ran.status, 0, "{}", ran.text);
                });
            }
        });
        assert_eq!(git(&config, &["rev-list", "--count", "main"]), "11");
        let file = git(&config, &["show", "main:prod/kustomization.yaml"]);
        for number in 0..10 {
            assert_eq!(file.matches(&format!("- name: \"app-{number}\"\n")).count(), 1, "{file}");
        }
    }
}

#[test]
fn the_commit_of_a_run_can_be_taken_back() {
    for shell in tools_shells().into_iter().take(1) {
        let (mut pod, config) = pod(shell);
        pod.set("DELIVERY", &spec(&config, CART, ""));
        let revert = || pod.script("deliver.sh", &["revert"], &[]);
        assert!(revert().text.contains("nothing that could be taken back"));
        assert_eq!(pod.script("deliver.sh", &[], &[]).status, 0);
        let ran = revert();
        assert_eq!(ran.status, 0, "{}", ran.text);
        assert_eq!(git(&config, &["show", "main:prod/kustomization.yaml"]), KUSTOMIZATION.trim_end());
        assert_eq!(git(&config, &["rev-list", "--count", "main"]), "3");
    }
}

#[test]
fn a_repository_that_refuses_pushes_is_told_of() {
    for shell in tools_shells().into_iter().take(1) {
        let (mut pod, config) = pod(shell);
        pod.write("config.git/hooks/pre-receive", "#!/bin/sh\necho protected branch >&2\nexit 1\n");
        Command::new("chmod").arg("+x").arg(config.join("hooks/pre-receive")).status().unwrap();
        pod.set("DELIVERY", &spec(&config, CART, ""));
        let ran = pod.script("deliver.sh", &[], &[]);
        assert!(
            ran.status != 0 && ran.text.contains("protected branch") && ran.text.contains("refuses the push"),
            "{}",
            ran.text
        );
    }
}

/// Argo CD as curl would show it: the n-th answer to GET is the n-th line of `answers`; the words of each call are noted.
const CURL: &str = r#"#!/bin/sh
cd "$GOCD_WORKSPACE"
printf '%s\n' "$*" >>calls
case "$*" in
*'-X POST'*) [ ! -e busy ] || { rm busy; echo '{"error":"another operation is already in progress"}'; exit 22; }; echo '{}' ;;
*) head -n 1 answers; [ "$(wc -l <answers)" -lt 2 ] || sed -i 1d answers ;;
esac
"#;

fn application(phase: &str, synced: &str, health: &str, revision: &str) -> String {
    format!(
        r#"{{"status":{{"operationState":{{"phase":"{phase}","message":"it's bad"}},"sync":{{"status":"{synced}","revision":"{revision}"}},"health":{{"status":"{health}"}}}}}}"#
    )
}

#[test]
fn argo_cd_is_asked_and_waited_for() {
    for shell in tools_shells().into_iter().take(1) {
        let (mut pod, config) = pod(shell);
        pod.program("curl", CURL);
        pod.write("secrets/argocd-shop/token", "t0ken");
        pod.program("sleep", "#!/bin/sh\n");
        pod.set("GOCD_ARGOCD_POLL", "1");
        let argocd = r#","argocd":{"server":"https://argocd","application":"shop","credentials":"argocd-shop","timeout":3}"#;
        let old = git(&config, &["rev-parse", "main"]);
        pod.set("DELIVERY", &format!("{{{}}}", &argocd[1..]));
        let deliver = |pod: &Pod, answers: &[String]| {
            pod.write("workspace/answers", &(answers.join("\n") + "\n"));
            pod.write("workspace/calls", "");
            pod.script("deliver.sh", &[], &[])
        };
        let done = application("Succeeded", "Synced", "Healthy", &old);
        let ran = deliver(
            &pod,
            &[
                application("Running", "OutOfSync", "Healthy", &old),
                application("Succeeded", "Synced", "Progressing", &old),
                done.clone(),
            ],
        );
        assert!(ran.status == 0 && ran.text.contains("shop is synced and healthy"), "{}", ran.text);
        let calls = pod.read("workspace/calls");
        assert!(
            calls.contains("-X POST") && calls.contains("https://argocd/api/v1/applications/shop/sync"),
            "{calls}"
        );
        assert!(!calls.contains("t0ken"), "{calls}");

        pod.write("workspace/busy", "");
        let ran = deliver(&pod, std::slice::from_ref(&done));
        assert_eq!(ran.status, 0, "{}", ran.text);

        let ran = deliver(&pod, &[application("Failed", "OutOfSync", "Healthy", &old)]);
        assert!(
            ran.status != 0 && ran.text.contains("the sync of shop has failed: it's bad"),
            "{}",
            ran.text
        );

        // With a commit before it, the old revision is not enough.
        pod.set("DELIVERY", &spec(&config, CART, argocd));
        let ran = deliver(&pod, &[done]);
        assert!(ran.status != 0 && ran.text.contains("Succeeded/Synced/Healthy at"), "{}", ran.text);
        let new = git(&config, &["rev-parse", "main"]);
        let ran = deliver(&pod, &[application("Succeeded", "Synced", "Healthy", &new)]);
        assert_eq!(ran.status, 0, "{}", ran.text);
    }
}
