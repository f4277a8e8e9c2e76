//! One fault at a time in workflows, and in what starts them.

use super::finds;

#[test]
fn templates_call_what_is_there() {
    finds(&[
        ("entrypoint: main", "entrypoint: x", "the template `x` is used but not defined"),
        ("entrypoint: main", "labels: {}", "is run, but has no `entrypoint`"),
        ("entrypoint: main", "entrypoint: job", "nobody gives the entrypoint's input `index` a value"),
        ("onExit: on-exit", "onExit: x", "the template `x` is used but not defined"),
        (
            "{name: prepare, template: prepare}",
            "{name: prepare, template: x}",
            "`prepare` calls the template `x`",
        ),
        (
            "{name: prepare, template: prepare}",
            "{name: prepare, template: prepare, onExit: x}",
            "the hook of `prepare`",
        ),
        (
            "{name: build, template: job, arguments: {parameters: [{name: index,",
            "{name: build, template: job, arguments: {parameters: [{name: x,",
            "template `job` has no parameter `x`",
        ),
        (
            "arguments: {parameters: [{name: index, value: '1'}]}",
            "when: 'true'",
            "template `job` needs a value for the parameter `index`",
        ),
        ("path: /in, optional: true", "path: /in", "template `job` needs the artifact `in`"),
        ("depends: build.Succeeded", "depends: x.Succeeded", "waits for `x`, which is no task"),
        ("depends: build.Succeeded", "depends: build.Done", "`build.Done` is no state"),
        ("depends: build.Succeeded", "depends: deploy.Succeeded", "the task `deploy` waits for itself"),
        (
            "- {name: on-exit, suspend: {}}",
            "- {name: on-exit, suspend: {}, script: {image: a, source: b}}",
            "is of 2 types",
        ),
        ("- {name: on-exit, suspend: {}}", "- {name: on-exit}", "is of 0 types"),
        (
            "mountPath: /gocd-lib",
            "mountPath: /gocd-lib}, {name: x, mountPath: /x",
            "the volume `x` is mounted but not",
        ),
        (
            "mountPath: /work}]",
            "mountPath: /work}, {name: work, mountPath: /work}]",
            "two volumes are mounted at",
        ),
        ("{name: s1, image: alpine:3.22}", "{name: s1}", "a container without an image"),
        ("dependencies: [s1]", "dependencies: [x]", "the container `main` waits for `x`"),
        ("- name: main\n            image", "- name: other\n            image", "needs a container `main`"),
        (
            "- {name: GO_PIPELINE_COUNTER,",
            "- {name: GO_JOB_RUN_INDEX,",
            "`GO_JOB_RUN_INDEX` has no legal name, or is there twice",
        ),
        (
            "- {name: TOKEN, valueFrom",
            "- {name: FLAG, value: true}\n              - {name: TOKEN, valueFrom",
            "`FLAG` is not a text",
        ),
    ]);
}

#[test]
fn tags_name_what_is_declared() {
    finds(&[
        (
            "{{workflow.parameters.trigger}}",
            "{{workflow.parameters.x}}",
            "`{{workflow.parameters.x}}` is not declared",
        ),
        ("{{workflow.parameters.trigger}}", "{{workflow.x}}", "`{{workflow.x}}` is not declared"),
        ("{{workflow.outputs.parameters.counter}}", "{{ workflow.outputs.parameters.x }}", "is not declared"),
        (
            "{{inputs.parameters.index}}",
            "{{inputs.parameters.x}}",
            "`{{inputs.parameters.x}}` is not among the inputs",
        ),
        ("{{inputs.parameters.index}}", "{{tasks.a.id}}", "is used where there are no tasks"),
        (
            "{{steps.prepare.outputs.parameters.go}}",
            "{{steps.prepare.outputs.parameters.x}}",
            "is no output of `prepare`",
        ),
        (
            "{{steps.prepare.outputs.parameters.go}}",
            "{{steps.x.outputs.parameters.go}}",
            "names no step or task",
        ),
        (
            "{{steps.prepare.outputs.parameters.go}}",
            "{{steps.pipeline.id}}",
            "is used before `pipeline` has ended",
        ),
        (
            "{{tasks.build.outputs.artifacts.out}}",
            "{{tasks.build.outputs.artifacts.x}}",
            "is no output of `build`",
        ),
        ("name: index, value: '1'", "name: index, value: '{{tasks.deploy.id}}'", "before `deploy` has ended"),
        (
            "{{steps.prepare.outputs.parameters.go}}",
            "{{=x}}{{steps.pipeline.id}}",
            "before `pipeline` has ended",
        ),
        ("{{ .State.Status }}", "{{ .State.Status", "`{{` without `}}`"),
    ]);
}

#[test]
fn sensors_and_event_sources_are_whole() {
    finds(&[
        ("conditions: shop-app", "conditions: shop-app || x", "waits for `x`, which is no dependency"),
        (
            "src: {dependencyName: shop-app",
            "src: {dependencyName: x",
            "waits for `x`, which is no dependency",
        ),
        ("name: shop-push", &format!("name: {}", "n".repeat(64)), "the trigger name `nnn"),
        ("          operation: create\n", "", "needs `source` and `operation`"),
        (
            "eventName: push}",
            "eventName: push}\n    - {name: shop-app, eventSourceName: github, eventName: push}",
            "the dependency `shop-app` is there twice",
        ),
        ("factor: 2", "factor: '2'", "`factor` in the retry strategy of `shop-push` must be a number"),
        ("metadata: {generateName: shop-}", "metadata: {}", "has neither `name` nor `generateName`"),
        ("port: '12000'", "port: 12000", "the port of the event `push` must be a text"),
        ("  github:\n    push:", "  service2:\n    push2:", "EventSource `github` has no `push`"),
        (
            "schedules: ['0 22 * * MON-FRI']",
            "schedules: ['0 0 22 ? * MON-FRI']",
            "is not a schedule of five fields",
        ),
        ("schedules: ['0 22 * * MON-FRI']", "suspend: true", "has no `schedules`"),
    ]);
}
