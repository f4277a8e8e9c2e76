//! Documents that parse, of kinds that are known, each object once.

use super::value::{at, path, text};
use super::{Facts, Object, Problem};
use crate::render::Manifest;
use serde::Deserialize;
use serde_yaml::Value;
use std::collections::{HashMap, HashSet};

/// Every kind that may be in a set, with its apiVersion. Another one is a mistake until it is listed here.
const KINDS: &[(&str, &[&str])] = &[
    (
        "argoproj.io/v1alpha1",
        &[
            "AppProject",
            "Application",
            "CronWorkflow",
            "EventBus",
            "EventSource",
            "Sensor",
            "Workflow",
            "WorkflowTemplate",
        ],
    ),
    ("v1", &["ConfigMap", "Namespace", "PersistentVolumeClaim", "Secret", "Service", "ServiceAccount"]),
    ("rbac.authorization.k8s.io/v1", &["Role", "RoleBinding"]),
    ("networking.k8s.io/v1", &["Ingress", "NetworkPolicy"]),
    ("policy/v1", &["PodDisruptionBudget"]),
    ("monitoring.coreos.com/v1", &["PodMonitor", "PrometheusRule", "ServiceMonitor"]),
    ("external-secrets.io/v1", &["ExternalSecret", "SecretStore"]),
    ("bitnami.com/v1alpha1", &["SealedSecret"]),
    ("gateway.networking.k8s.io/v1", &["HTTPRoute"]),
    ("kustomize.config.k8s.io/v1beta1", &["Kustomization"]),
    ("kustomize.config.k8s.io/v1alpha1", &["Component"]),
];

/// The objects of a manifest. Empty documents are none, as for a cluster.
pub(super) fn objects<'a>(manifest: &'a Manifest, facts: &mut Facts) -> Vec<Object<'a>> {
    let mut objects = Vec::new();
    for (index, document) in serde_yaml::Deserializer::from_str(&manifest.text).enumerate() {
        let mut object = Object {
            path: &manifest.path,
            document: index + 1,
            kind: String::new(),
            name: String::new(),
            value: Value::Null,
        };
        match Value::deserialize(document) {
            Ok(Value::Null) => continue,
            Ok(value) => object.value = value,
            Err(error) => {
                // What follows a broken document is part of it for the parser.
                facts.problem(&object, format!("not YAML: {error}"));
                break;
            }
        }
        if identify(&mut object, facts) {
            objects.push(object);
        }
    }
    objects
}

/// Finds kind and name; whether the object is one that can be checked further.
fn identify(object: &mut Object<'_>, facts: &mut Facts) -> bool {
    let version = text(&object.value, "apiVersion").unwrap_or_default().to_string();
    object.kind = text(&object.value, "kind").unwrap_or_default().to_string();
    object.name = text(at(&object.value, "metadata"), "name").unwrap_or_default().to_string();
    let kinds = KINDS.iter().find(|(known, _)| *known == version).map_or(&[][..], |(_, kinds)| kinds);
    if !kinds.contains(&object.kind.as_str()) {
        facts.problem(
            object,
            format!("apiVersion `{version}` and kind `{}` are not a known pair", object.kind),
        );
        return false;
    }
    let kustomize = version.starts_with("kustomize.");
    if object.name.is_empty() && !kustomize {
        facts.problem(object, "`metadata.name` is missing or not a text");
        return false;
    }
    let well_named = |key: &str| {
        at(path(&object.value, "metadata"), key).is_null()
            || at(path(&object.value, "metadata"), key).is_mapping()
    };
    if !well_named("labels") || !well_named("annotations") {
        facts.problem(object, "labels and annotations must be mappings");
    }
    true
}

/// Paths that two manifests have: one would overwrite the other.
pub(super) fn same_path(manifests: &[Manifest]) -> Vec<Problem> {
    let mut seen = HashSet::new();
    let again = manifests.iter().filter(|manifest| !seen.insert(&manifest.path));
    again
        .map(|manifest| Problem {
            path: manifest.path.clone(),
            document: 1,
            kind: String::new(),
            name: String::new(),
            message: "two manifests have this path".to_string(),
        })
        .collect()
}

/// Objects of one kind and name that are defined more than once.
pub(super) fn repeated(facts: &[&Facts]) -> Vec<Problem> {
    let mut first = HashMap::new();
    let mut problems = Vec::new();
    for defined in facts.iter().flat_map(|facts| &facts.defined) {
        let place = (&defined.path, defined.document);
        let (path, document) = *first.entry((&defined.kind, &defined.name)).or_insert(place);
        if (path, document) != place {
            problems.push(Problem {
                path: defined.path.clone(),
                document: defined.document,
                kind: defined.kind.clone(),
                name: defined.name.clone(),
                message: format!("defined already in `{path}`, document {document}"),
            });
        }
    }
    problems
}
