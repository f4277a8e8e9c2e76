//! checkout.sh with real repositories.

use serde_json::{Value, json};

use crate::rig::{Pod, Ran, on_path, tools_shell, tools_shells};

fn material(name: &str, url: &str, branch: &str, destination: &str) -> Value {
    json!({"name": name, "key": name, "type": "git", "url": url, "branch": branch, "shallow": false,
           "destination": destination, "autoUpdate": true, "filter": null, "credentials": "none"})
}

fn check_out(pod: &Pod, materials: &[Value], env: &[(&str, &str)]) -> Ran {
    pod.write("pipeline.json", json!({"pipeline": "P", "slug": "p", "materials": materials}).to_string());
    let place = pod.path("pipeline.json");
    let mut env = env.to_vec();
    env.push(("GOCD_PIPELINE", place.to_str().unwrap()));
    pod.script("checkout.sh", &[], &env)
}

#[test]
fn the_exact_revision_on_a_local_branch_in_the_root() {
    for shell in tools_shells() {
        let pod = Pod::new(shell);
        for branch in ["main", "feature/it's-#1&$(x)", "ünï"] {
            let name = format!("r{}", branch.len());
            let url = pod.repository(&name);
            let first = pod.commit(&name, "one", branch);
            pod.commit(&name, "two", branch);
            let ran = check_out(&pod, &[material("app-x", &url, branch, &name)], &[("REV_APP_X", &first)]);
            assert_eq!(ran.status, 0, "{shell:?} {}", ran.text);
            let place = format!("workspace/{name}");
            assert_eq!(pod.git(&place, &["rev-parse", "HEAD"]), first);
            assert_eq!(pod.git(&place, &["symbolic-ref", "HEAD"]), format!("refs/heads/{branch}"));
            assert!(pod.exists(&format!("{place}/one")) && !pod.exists(&format!("{place}/two")));
        }
    }
}

#[test]
fn several_materials_one_in_the_root_and_a_refspec() {
    for shell in tools_shell() {
        let pod = Pod::new(shell);
        let (one, two) = (pod.repository("one"), pod.repository("two"));
        let (a, b) = (pod.commit("one", "a", "main"), pod.commit("two", "b", "refs/pull/7/head"));
        let materials =
            [material("one", &one, "main", ""), material("two", &two, "refs/pull/7/head:pr-7", "deep/two")];
        let ran = check_out(&pod, &materials, &[("REV_ONE", &a), ("REV_TWO", &b)]);
        assert_eq!(ran.status, 0, "{shell:?} {}", ran.text);
        assert!(pod.exists("workspace/a") && pod.exists("workspace/deep/two/b"));
        assert_eq!(pod.git("workspace/deep/two", &["symbolic-ref", "--short", "HEAD"]), "pr-7");
    }
}

#[test]
fn a_shallow_clone_is_deepened_until_the_revisions_are_there() {
    for shell in tools_shells() {
        let pod = Pod::new(shell);
        let url = pod.repository("app");
        let commits: Vec<String> = (0..12).map(|n| pod.commit("app", &format!("f{n}"), "main")).collect();
        let mut app = material("app", &url, "main", "new");
        app["shallow"] = json!(true);
        let ran = check_out(&pod, &[app.clone()], &[("REV_APP", &commits[11])]);
        assert_eq!(ran.status, 0, "{shell:?} {}", ran.text);
        assert_eq!(pod.git("workspace/new", &["rev-list", "--count", "HEAD"]), "2");
        app["destination"] = json!("old");
        let ran = check_out(&pod, &[app.clone()], &[("REV_APP", &commits[3])]);
        assert_eq!(ran.status, 0, "{shell:?} {}", ran.text);
        assert_eq!(pod.git("workspace/old", &["rev-parse", "HEAD"]), commits[3]);
        app["destination"] = json!("range");
        check_out(&pod, &[app], &[("REV_APP", &commits[11]), ("FROM_APP", &commits[5])]);
        assert_eq!(pod.git("workspace/range", &["cat-file", "-t", &commits[5]]), "commit");
    }
}

#[test]
fn submodules_come_with_their_submodules() {
    for shell in tools_shells() {
        let pod = Pod::new(shell);
        let (inner, middle, outer) =
            (pod.repository("inner"), pod.repository("middle"), pod.repository("outer"));
        pod.commit("inner", "deep", "main");
        pod.git("middle", &["submodule", "-q", "add", &inner, "in"]);
        pod.commit("middle", "m", "main");
        pod.git("outer", &["submodule", "-q", "add", &middle, "mid"]);
        let head = pod.commit("outer", "o", "main");
        let ran = check_out(&pod, &[material("o", &outer, "main", "")], &[("REV_O", &head)]);
        assert_eq!(ran.status, 0, "{shell:?} {}", ran.text);
        assert!(pod.exists("workspace/mid/in/deep"));
    }
}

#[test]
fn what_cannot_be_checked_out_fails_and_says_which() {
    for shell in tools_shell() {
        let pod = Pod::new(shell);
        let url = pod.repository("app");
        pod.commit("app", "a", "main");
        let gone = "0123456789012345678901234567890123456789";
        for (branch, env, message) in [
            ("main", vec![("REV_APP", gone)], "there is no commit 0123"),
            ("main", vec![], "material app has no revision"),
            ("nosuch", vec![("REV_APP", gone)], "material app cannot be checked out"),
        ] {
            let ran = check_out(&pod, &[material("app", &url, branch, "")], &env);
            assert_eq!(ran.status, 1);
            assert!(ran.text.contains(message), "{shell:?} {}", ran.text);
        }
        if on_path("svn") {
            continue;
        }
        let svn = json!({"name": "s", "key": "s", "type": "svn", "url": "svn://x/y"});
        let ran = check_out(&pod, &[svn], &[("REV_S", "1")]);
        assert!(ran.status == 1 && ran.text.contains("this image has no svn"), "{shell:?} {}", ran.text);
    }
}

#[test]
fn credentials_are_for_their_host_only_and_are_never_printed() {
    for shell in tools_shells() {
        let pod = Pod::new(shell);
        pod.write("secrets/c/username", "me");
        pod.write("secrets/c/password", "s3cr3t");
        pod.write("secrets/k/ssh-privatekey", "KEY");
        let body = ". \"$GOCD_LIB/git-credentials.sh\"\nuse_credentials c https://git.example.com/a/b\n\
            for q in \"Username for 'https://git.example.com': \" \"Password for 'https://me@git.example.com': \" \"Password for 'https://me@evil.com': \" \
            \"Password for 'https://git.example.com.evil.com': \"; do \"$GIT_ASKPASS\" \"$q\" || echo refused; echo; done\n\
            use_credentials k ssh://git@h/x\necho \"${GIT_ASKPASS:-none} ${GIT_SSH_COMMAND#* -o }\"\nls -l \"$private\"/key-k | cut -c 1-10\n\
            use_credentials absent https://x/y\necho \"${GIT_ASKPASS:-none}${GIT_SSH_COMMAND:-}\"\necho \"$private\"\n";
        pod.write("c.sh", body);
        let ran = pod.run(&[pod.path("c.sh").to_str().unwrap()], &[]);
        let lines: Vec<_> = ran.text.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines[..4], ["me", "s3cr3t", "refused", "refused"], "{shell:?} {}", ran.text);
        assert!(ran.text.contains("Secret k has no known_hosts"), "{}", ran.text);
        assert!(
            ran.text.contains("none IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes"),
            "{}",
            ran.text
        );
        assert!(ran.text.contains("\n-rw-------\nnone\n"), "{}", ran.text);
        assert!(!std::path::Path::new(lines.last().unwrap()).exists(), "the copy of the key is removed");
    }
}
