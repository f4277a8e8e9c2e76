//! `docs/configuration.md`: the keys of `gocd2argo.yaml`, from the doc comments of the settings.

use std::collections::BTreeMap;
use std::path::Path;

use gocd2argo::settings::{self, Settings};

/// A key as its struct declares it.
struct Field {
    key: String,
    kind: String,
    doc: String,
}

#[derive(Default)]
struct Types {
    /// Fields by struct.
    structs: BTreeMap<String, Vec<Field>>,
    docs: BTreeMap<String, String>,
}

/// Everything that an author may set, once.
const EXAMPLE: &str = r#"namespace: ci
images:
  default: debian:12
  elastic-profiles:
    go-1.21: golang:1.21
    big:
      image: eclipse-temurin:21
      node-selector: {pool: big}
      tolerations: [{key: dedicated, operator: Equal, value: ci, effect: NoSchedule}]
      resources: {requests: {cpu: "2", memory: 4Gi}, limits: {memory: 8Gi}}
      service-account: builder
      user: 1000
  resources:
    docker: docker.io/library/buildpack-deps:bookworm
security:
  job-user: 1000
kaniko:
  cache-repository: registry.example.com/cache
  snapshot-mode: redo
  compressed-caching: false
  ignore-paths: [/var/spool]
  flags: ["--image-fs-extract-retry=3"]
  at-run-time: true
  resources: {requests: {memory: 2Gi}}
  credentials-secret: registry-credentials
builds:
  registry.example.com/shop/*: {builder: buildkit}
  registry.example.com/shop/api: {builder: kaniko}
buildkit:
  image: moby/buildkit:v0.29.0-rootless
  ssh-secret: build-ssh
  flags: [--progress=plain]
  resources: {requests: {memory: 2Gi}}
git:
  hosts:
    git.example.com: {provider: gitlab, secret: git-example, api-url: "https://git.example.com/api/v4"}
    git-codecommit.eu-central-1.amazonaws.com: {queue: pushes}
webhooks:
  url: https://ci.example.com
  allow-unsigned: false
  ingress: {class: nginx, tls-secret: ci-tls, annotations: {cert-manager.io/cluster-issuer: letsencrypt}}
  gateway: {name: public, namespace: gateways, section: https}
  reconcile-minutes: 5
artifacts:
  bucket: gocd-artifacts
  endpoint: s3.eu-central-1.amazonaws.com
  region: eu-central-1
  expire-days: 90
config-repository:
  url: https://git.example.com/acme/pipelines.git
  branch: main
timers:
  time-zone: Europe/Berlin
runs:
  first-run: false
  counters: {shop-api: 417}
  server-url: https://gocd.example.com/go
migration:
  gocd-url: https://gocd.example.com/go
  waves: [[shop-docs, nightly-*], [shop-deploy]]
local:
  endpoint: minio:9000
  credentials-secret: artifacts
  registries: {123456789012.dkr.ecr.eu-central-1.amazonaws.com: "registry:5000"}
identity:
  aws-roles:
    build: arn:aws:iam::123456789012:role/ci-build
    deploy: arn:aws:iam::123456789012:role/ci-deploy
    trigger: arn:aws:iam::123456789012:role/ci-trigger
components: [monitoring, network-policies]
monitoring:
  controller-namespace: argo
  labels: {release: kube-prometheus-stack}
secrets:
  service: secrets-manager
  region: eu-central-1
  prefix: ci/
delivery:
  shop/deploy/helm:
    gitops:
      repository: git@github.com:acme/environments.git
      images:
        registry.example.com/shop/web: {stage: image, job: image, file: prod/kustomization.yaml}
    argocd: {server: "https://argocd-server.argocd", application: shop}
slo:
  success: 99.5
  average: 300
  averages: {load-test: 5400}
  start: 30
argo-cd:
  repository: https://git.example.com/acme/pipelines.git
  path: argo
"#;

pub fn text() -> String {
    Settings::parse(EXAMPLE).unwrap();
    let mut types = Types::default();
    for file in [
        "mod",
        "artifacts",
        "builds",
        "delivery",
        "git",
        "kaniko",
        "migration",
        "monitoring",
        "placement",
        "platform",
        "runs",
        "secrets",
        "webhooks",
    ] {
        let file = format!("src/settings/{file}.rs");
        types.read(&std::fs::read_to_string(Path::new(super::ROOT).join(file)).unwrap());
    }
    let mut text = format!(
        "{}# Configuration: `{}`\n\nThe file is looked for in the source's folder and upwards; `--config FILE` names another. \
         Every key has a default, so the file may be absent. Unknown keys are errors. `gocd2argo init` writes a file with \
         what the repository at hand needs.\n\nA value that matters and was guessed is a finding, once per value, with the key \
         that says it.\n",
        super::MADE,
        settings::FILE_NAME
    );
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut sections: Vec<(String, String, String)> = vec![(String::new(), "Settings".into(), String::new())];
    while let Some((path, kind, doc)) = (!sections.is_empty()).then(|| sections.remove(0)) {
        let title = if path.is_empty() { "Top level".to_string() } else { format!("`{path}`") };
        text.push_str(&format!("\n## {title}\n\n"));
        for part in [doc, types.docs.get(&kind).cloned().unwrap_or_default()] {
            if !part.is_empty() && !path.is_empty() {
                text.push_str(&format!("{part}\n\n"));
            }
        }
        if let Some(first) = seen.get(&kind) {
            text.push_str(&format!("The same keys as `{first}`.\n"));
            continue;
        }
        seen.insert(kind.clone(), path.clone());
        text.push_str("| key | meaning and default |\n|---|---|\n");
        let mut below = Vec::new();
        for field in &types.structs[&kind] {
            let (shown, inner) = unwrap(&field.key, &field.kind);
            text.push_str(&format!("| `{shown}` | {} |\n", field.doc.replace('|', "\\|")));
            if types.structs.contains_key(&inner) {
                let full = if path.is_empty() { shown } else { format!("{path}.{shown}") };
                below.push((full, inner, String::new()));
            }
        }
        sections.splice(0..0, below);
    }
    text.push_str(&format!(
        "\n## Built-in images\n\n| key | default |\n|---|---|\n| `images.tools` | `{}` |\n| `kaniko.image` | `{}` |\n\
         | `kaniko.copy-image` | `{}` |\n| `buildkit.image` | `{}` |\n\
         \n## A whole file\n\n```yaml\n{EXAMPLE}```\n",
        settings::DEFAULT_TOOLS_IMAGE,
        settings::DEFAULT_KANIKO_IMAGE,
        settings::DEFAULT_COPY_IMAGE,
        settings::DEFAULT_BUILDKIT_IMAGE
    ));
    text
}

/// `Option<T>`, `BTreeMap<String, T>`, `Vec<T>`: the key as it is written, and `T`.
fn unwrap(key: &str, kind: &str) -> (String, String) {
    let inside = |outer: &str| Some(kind.strip_prefix(outer)?.strip_suffix('>')?.trim());
    match (inside("Option<"), inside("Vec<"), inside("BTreeMap<String,")) {
        (Some(inner), _, _) => unwrap(key, inner),
        (_, Some(inner), _) => (key.to_string(), inner.to_string()),
        (_, _, Some(inner)) => (format!("{key}.<name>"), inner.to_string()),
        _ => (key.to_string(), kind.to_string()),
    }
}

impl Types {
    fn read(&mut self, text: &str) {
        let (mut doc, mut current): (Vec<&str>, Option<(String, bool)>) = (Vec::new(), None);
        let mut kebab = false;
        for line in text.lines() {
            let trimmed = line.trim();
            if let Some(part) = trimmed.strip_prefix("///") {
                doc.push(part.trim());
            } else if trimmed.starts_with("#[") {
                kebab |= trimmed.contains("kebab-case");
            } else if let Some(name) =
                trimmed.strip_prefix("pub struct ").and_then(|rest| rest.strip_suffix(" {"))
            {
                self.docs.insert(name.into(), doc.join(" "));
                self.structs.insert(name.into(), Vec::new());
                // `Placement` is read by hand, with the same spelling.
                current = Some((name.to_string(), kebab || name == "Placement"));
                (doc, kebab) = (Vec::new(), false);
            } else if line == "}" {
                current = None;
            } else if let (Some((name, kebab)), Some(rest)) = (&current, trimmed.strip_prefix("pub ")) {
                let (key, kind) = rest.trim_end_matches(',').split_once(": ").unwrap();
                let key = if *kebab { key.replace('_', "-") } else { key.to_string() };
                let field = Field { key, kind: kind.to_string(), doc: doc.join(" ") };
                self.structs.get_mut(name).unwrap().push(field);
                doc.clear();
            } else if !trimmed.is_empty() {
                doc.clear();
            }
        }
    }
}
