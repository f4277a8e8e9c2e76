//! A good set, and one small fault at a time in it.

mod objects;
mod workflows;

use super::*;

fn manifests(text: &str) -> Vec<Manifest> {
    let files = text.split("# file: ").skip(1);
    files
        .map(|file| {
            let (path, text) = file.split_once('\n').unwrap();
            Manifest { path: path.to_string(), text: text.to_string(), pipelines: vec![] }
        })
        .collect()
}

const GOOD: &str = include_str!("good.yaml");

/// The problems after one replacement, each as `path: message`.
fn problems(from: &str, to: &str) -> Vec<String> {
    assert!(GOOD.contains(from), "`{from}` is not in the good set");
    let problems = check(&manifests(&GOOD.replacen(from, to, 1)));
    problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect()
}

#[test]
fn a_good_set_has_no_problem() {
    assert_eq!(check(&manifests(GOOD)), vec![]);
}

/// Each overlay is a set with the base: what one defines is not there for another, and they may define the same.
#[test]
fn overlays_are_sets_of_their_own() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: store}\ndata: {key: v}\n";
    let pod = "apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: {name: w}\n\
               spec:\n  entrypoint: m\n  artifactRepositoryRef: {configMap: store, key: key}\n  \
               templates: [{name: m, suspend: {}}]\n";
    let set = |b: &str| {
        let lists = |path: &str| {
            format!("kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\nresources: [{path}]\n")
        };
        let files = [
            ("base/kustomization.yaml", lists("w.yaml")),
            ("base/w.yaml", pod.to_string()),
            ("overlays/a/kustomization.yaml", lists("../../base, m.yaml")),
            ("overlays/a/m.yaml", map.to_string()),
            ("overlays/b/kustomization.yaml", lists("../../base, m.yaml")),
            ("overlays/b/m.yaml", b.to_string()),
        ];
        let files = files.map(|(path, text)| Manifest { path: path.into(), text, pipelines: vec![] });
        check(&files).into_iter().map(|problem| problem.message).collect::<Vec<_>>()
    };
    assert_eq!(set(map), Vec::<String>::new());
    assert_eq!(set(&map.replace("store", "other")), ["ConfigMap `store` is used but not in the set"]);
    assert_eq!(set(&map.replace("key:", "k:")), ["ConfigMap `store` has no `key`"]);
    assert_eq!(set(&format!("{map}---\n{map}")), ["defined already in `overlays/b/m.yaml`, document 1"]);
}

/// Every fault is found, and nothing but what follows from it.
#[track_caller]
fn finds(faults: &[(&str, &str, &str)]) {
    for (from, to, message) in faults {
        let problems = problems(from, to);
        assert!(
            problems.iter().any(|problem| problem.contains(message)),
            "`{from}` → `{to}` gave {problems:#?} instead of `{message}`"
        );
    }
}

#[test]
fn hostile_text_is_a_problem_and_no_panic() {
    let deep = format!("a: {}{}", "[".repeat(5000), "]".repeat(5000));
    for text in [deep.as_str(), "&a [*a, *a]", "{{{{", "--- !x", "\u{0}", "- 1\n- 2", "kind: 3", "? [a]\n: b"]
    {
        let manifest = Manifest { path: "a.yaml".into(), text: text.into(), pipelines: vec![] };
        assert!(!check(&[manifest]).is_empty(), "{text:.20}");
    }
}

/// The judge's own good manifests, where the shared data is there.
#[test]
fn what_the_judge_accepts_is_accepted() {
    let shared =
        std::env::var("GOCD2ARGO_SHARED").unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    let folder = std::path::Path::new(&shared).join("judge/testdata/good");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: no {}", folder.display());
        return;
    };
    // Stricter than the judge on purpose: kinds and names that no set of ours has, parameters that a run may bring,
    // endpoints without proof.
    // And references that the file leaves open.
    let ours = [
        "not a known pair",
        "listed 0 times",
        "is used but not in the set",
        "has no parameter",
        "`{{workflow.parameters.",
        "`metadata.name` is missing",
        "the event name",
        "the dependency name",
        "the trigger name",
        "strangers may post",
    ];
    let mut read = 0;
    for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let manifest = Manifest { path: "a.yaml".into(), text, pipelines: vec![] };
        let problems = check(&[manifest]);
        let left: Vec<_> = problems
            .iter()
            .filter(|problem| !ours.iter().any(|text| problem.message.contains(text)))
            .collect();
        assert!(left.is_empty(), "{}: {left:#?}", path.display());
        read += 1;
    }
    assert!(read > 10);
}

/// Ten thousand templates of ten kilobytes; run by hand: `cargo test --release --lib -- --ignored speed --nocapture`.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let good = manifests(GOOD);
    let template = good.iter().find(|manifest| manifest.path.ends_with("shop.yaml")).unwrap();
    let script =
        format!("source: |\n{}", "          make test && echo done # a line of a script\n".repeat(140));
    let text = template
        .text
        .replace("source: \"echo {{workflow.parameters.trigger}} {{ .State.Status }}\"", &script);
    let mut set = good.clone();
    set.extend((0..10_000).map(|n| Manifest {
        path: format!("base/templates/{n}.yaml"),
        text: text.replace("metadata: {name: shop}", &format!("metadata: {{name: shop-{n}}}")),
        pipelines: vec![],
    }));
    let bytes: usize = set.iter().map(|manifest| manifest.text.len()).sum();
    let begin = std::time::Instant::now();
    let problems = check(&set);
    println!("{bytes} bytes, {} problems, {:?}", problems.len(), begin.elapsed());
}
