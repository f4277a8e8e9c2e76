//! One fault at a time in objects and between them.

use super::{finds, problems};

#[test]
fn documents_parse_and_kinds_are_known() {
    finds(&[
        ("entrypoint: main", "entrypoint: [main", "not YAML"),
        ("entrypoint: main", "entrypoint: main\n  entrypoint: main", "duplicate entry"),
        ("# file: base/cron/timer.yaml", "# file: base/events/sensor.yaml", "two manifests have this path"),
        ("kind: EventBus", "kind: EventBuss", "kind `EventBuss` are not a known pair"),
        ("apiVersion: v1\nkind: ServiceAccount", "apiVersion: v2\nkind: ServiceAccount", "`v2` and kind"),
        ("metadata: {name: default}", "metadata: {name: 1}", "`metadata.name` is missing or not a text"),
        (
            "---\napiVersion: v1",
            "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner}\n---\napiVersion: v1",
            "defined already in",
        ),
        ("metadata: {name: default}", "metadata: {name: default, labels: [x]}", "must be mappings"),
    ]);
}

#[test]
fn names_are_legal() {
    let long = format!("metadata: {{name: {}}}", "n".repeat(53));
    finds(&[
        ("metadata: {name: shop-timer}", &long, "has 53 characters, and at most 52"),
        ("metadata: {name: github}", "metadata: {name: 1github}", "must begin with a letter"),
        ("metadata: {name: shop}", "metadata: {name: Shop}", "the name `Shop` may have lower-case"),
        ("part-of: shop}", "part-of: -shop}", "the label `app.kubernetes.io/part-of` has no legal value"),
        ("part-of: shop}", "part of: shop}", "is not a legal label key"),
        ("  prepare.sh: |", "  prepare sh: |", "`prepare sh` is not a legal key"),
        ("- {name: on-exit,", "- {name: on_exit,", "the template name `on_exit`"),
        ("- {name: on-exit,", "- {name: main,", "the template `main` is there twice"),
        ("{name: build, template", "{name: 1build, template", "`1build` is not a legal name"),
        ("- {name: prepare, template", "- {name: pre.pare, template", "`pre.pare` is not a legal name"),
        ("parameters: [{name: index}]", "parameters: [{name: in.dex}]", "`in.dex` among the parameters"),
        ("{name: shop-app, event", "{name: shop.app, event", "the dependency name `shop.app`"),
        ("    push:\n", "    Push:\n", "the event name `Push`"),
    ]);
}

#[test]
fn references_between_objects_resolve() {
    finds(&[
        (
            "serviceAccountName: runner\n",
            "serviceAccountName: walker\n",
            "ServiceAccount `walker` is used but not in",
        ),
        (
            "subjects: [{kind: ServiceAccount, name: runner}]",
            "subjects: [{kind: ServiceAccount, name: x}]",
            "ServiceAccount `x`",
        ),
        ("kind: Role, name: runner}", "kind: Role, name: x}", "Role `x` is used but not in the set"),
        ("configMap: {name: runtime,", "configMap: {name: x,", "ConfigMap `x` is used but not in the set"),
        ("items: [{key: prepare.sh", "items: [{key: x", "ConfigMap `runtime` has no `x`"),
        (
            "configMap: runtime, key: prepare.sh}",
            "configMap: runtime, key: x}",
            "ConfigMap `runtime` has no `x`",
        ),
        (
            "kind: EventBus\nmetadata: {name: default}",
            "kind: EventBus\nmetadata: {name: x}",
            "EventBus `default`",
        ),
        ("eventSourceName: github", "eventSourceName: x", "EventSource `x` is used but not in the set"),
        ("eventName: push", "eventName: x", "EventSource `github` has no `x`"),
        ("webhookSecret:", "apiToken:", "strangers may post to the event `push`"),
        (
            "workflowTemplateRef: {name: shop}",
            "workflowTemplateRef: {name: x}",
            "WorkflowTemplate `x` is used",
        ),
        (
            "{name: trigger, value: push}",
            "{name: x, value: push}",
            "WorkflowTemplate `shop` has no parameter `x`",
        ),
        ("{name: force, value: 'true'}", "{name: force}", "needs a value for the parameter `force`"),
        (
            "volumes: [{name: work, emptyDir: {}}]",
            "volumes: [{name: work, persistentVolumeClaim: {claimName: x}}]",
            "PersistentVolumeClaim `x`",
        ),
    ]);
}

#[test]
fn kustomizations_list_every_manifest_once() {
    finds(&[
        ("  - cron/timer.yaml\n", "", "base/cron/timer.yaml: listed 0 times"),
        (
            "  - cron/timer.yaml\n",
            "  - cron/timer.yaml\n  - cron/timer.yaml\n",
            "base/cron/timer.yaml: listed 2 times",
        ),
        (
            "  - cron/timer.yaml\n",
            "  - cron/timer.yaml\n  - x.yaml\n",
            "`x.yaml` is listed but not in the set",
        ),
        ("resources: [base]", "resources: [other]", "`other` is listed but not in the set"),
        (
            "resources: [base]",
            "resources: [../outside.yaml, base]",
            "`../outside.yaml` is listed but not in the set",
        ),
        ("resources: [base]", "namespace: x", "lists no resources"),
        (
            "# file: base/kustomization.yaml",
            "# file: base/kustomisation.yaml",
            "must be in a file `kustomization.yaml`",
        ),
    ]);
}

#[test]
fn privileges_and_secrets_never_get_out() {
    let ciphertext = format!("AES:{}==:{}=", "a".repeat(22), "b".repeat(43));
    finds(&[
        (
            "allowPrivilegeEscalation: false",
            "allowPrivilegeEscalation: true",
            "`allowPrivilegeEscalation: true`",
        ),
        ("allowPrivilegeEscalation: false", "privileged: true", "`privileged: true` gives a pod rights"),
        ("onExit: on-exit", "hostNetwork: true\n  onExit: on-exit", "`hostNetwork: true`"),
        ("{name: work, emptyDir: {}}", "{name: work, hostPath: {path: /var}}", "a `hostPath` volume"),
        ("mountPath: /work}", "mountPath: /var/run/docker.sock}", "a container engine's socket is mounted"),
        ("verbs: [create, patch]", "verbs: []", "a rule without `verbs`"),
        ("verbs: [create, patch]", "verbs: ['*']", "a rule with `*` among its `verbs`"),
        ("resources: [workflowtaskresults]", "resources: [secrets]", "a rule opens Secrets"),
        (
            "value: \"{{workflow.outputs.parameters.counter}}\"",
            &format!("value: '{ciphertext}'"),
            "GoCD's ciphertext",
        ),
        ("echo \"{{ not a tag", &format!("echo {ciphertext}"), "GoCD's ciphertext"),
    ]);
    let spoken = "the text AES: and AES:x:y are no ciphertext";
    assert_eq!(problems("echo \"{{ not a tag", spoken), Vec::<String>::new());
}

#[test]
fn sizes_are_limited() {
    let many = |line: &str, count| (0..count).map(|n| line.replace('N', &n.to_string())).collect::<String>();
    let templates =
        format!("- {{name: on-exit, suspend: {{}}}}\n{}", many("    - {name: tN, suspend: {}}\n", 200));
    let tasks = format!("tasks:\n{}", many("          - {name: tN, template: on-exit}\n", 201));
    let large = format!("echo {}", "x".repeat(1 << 20));
    let sensor = format!("conditions: shop-app\n        # {0}\n        note: {0}", "x".repeat(97 << 10));
    finds(&[
        ("- {name: on-exit, suspend: {}}\n", &templates, "205 templates, and at most 200"),
        ("tasks:\n", &tasks, "203 tasks in a DAG, and at most 200"),
        ("echo \"{{ not a tag", &large, "bytes as JSON, and at most 1048576"),
        ("conditions: shop-app", &sensor, "bytes as JSON, and at most 98304"),
        (
            "{name: s1, image: alpine:3.22}",
            &format!("{{name: s1, image: a, args: [{}]}}", "x".repeat(128 << 10)),
            "an item of `args`",
        ),
    ]);
}
