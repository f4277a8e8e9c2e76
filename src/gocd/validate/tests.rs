//! What the server's checks say, by topic.

use crate::gocd::testing::{findings, given, pipeline};

const JOB: &str = "{tasks: [exec: {command: a}]}";

#[test]
fn destinations_must_not_collide() {
    let said = |a: &str, b: &str| {
        findings(&format!(
            "materials:\n  a: {{git: a, destination: '{a}'}}\n  b: {{git: b, destination: '{b}'}}"
        ))
    };
    assert_eq!(said("x", "y"), Vec::<String>::new());
    assert_eq!(said("x", "xy"), Vec::<String>::new());
    assert_eq!(said("x/y", "x"), ["!5:32 destination-clash: the destination `x/y` is inside `x`"]);
    assert_eq!(said("x", "./X/"), ["!6:32 destination-clash: the destination `./X/` is taken already"]);
    assert_eq!(
        said("x", ""),
        ["!6:7 destination-clash: `b` needs a `destination`, as the pipeline checks out several materials"]
    );
    assert_eq!(said("x", "/y"), ["!6:32 path-outside: `/y` leads out of the pipeline's working directory"]);
}

#[test]
fn one_checkout_needs_no_destination() {
    pipeline("materials:\n  a: {git: a}\n  b: {pipeline: x, stage: y}\n  c: {package: z}");
}

#[test]
fn credentials_are_written_once() {
    let said = |body: &str| findings(&format!("materials: {{m: {{{body}}}}}"));
    assert_eq!(said("git: 'ssh://git@x.example.com/a.git', username: u"), Vec::<String>::new());
    assert_eq!(said("git: 'https://x.example.com/a@b.git', username: u"), Vec::<String>::new());
    assert_eq!(
        said("git: 'https://u:p@x.example.com/a.git', username: u"),
        ["!4:26 credentials-twice: the URL names a user, and the material does so again"]
    );
}

#[test]
fn references_to_pipelines_of_other_repositories_are_unknown_not_wrong() {
    pipeline(&format!(
        "materials: {{u: {{pipeline: elsewhere, stage: x}}}}\n\
         stages: [s: {{tasks: [fetch: {{pipeline: far/elsewhere, stage: a, job: b, source: c}}]}}, t: {JOB}]"
    ))
    .stages
    .len();
}

/// Two pipelines: `up` with stages `a`, `b`, `c` (job `j`), and `p` that depends on its stage `b`.
fn fetching(fetch: &str) -> Vec<String> {
    let text = format!(
        "format_version: 10\npipelines:\n  up: {{group: g, materials: {{m: {{git: x}}}}, \
         stages: [a: {{jobs: {{j: {{run_instances: 2, tasks: [exec: {{command: a}}]}}}}}}, \
         b: {{jobs: {{j: {JOB}}}}}, c: {{jobs: {{j: {JOB}}}}}]}}\n  \
         p:\n    group: g\n    materials: {{u: {{pipeline: UP, stage: B}}}}\n    \
         stages: [first: {{jobs: {{j: {JOB}}}}}, s: {{tasks: [fetch: {{{fetch}, source: x}}]}}]\n"
    );
    let findings = given(&text).findings;
    findings
        .into_iter()
        .map(|line| line.split_once(' ').map_or(line.clone(), |(_, rest)| rest.to_string()))
        .collect()
}

#[test]
fn fetches_come_from_stages_that_have_ended() {
    for sound in [
        "stage: first, job: j",
        "pipeline: p, stage: First, job: J",
        "pipeline: up, stage: b, job: j",
        "pipeline: Up, stage: a, job: j",
        "pipeline: up, stage: a, job: j-runInstance-2",
    ] {
        assert_eq!(fetching(sound), Vec::<String>::new(), "{sound}");
    }
    assert_eq!(
        fetching("stage: s, job: s"),
        ["invalid-fetch: the stage `s` has not ended when this fetch begins"]
    );
    assert_eq!(fetching("stage: x, job: s"), ["invalid-fetch: the pipeline `p` has no stage `x`"]);
    assert_eq!(fetching("stage: first, job: x"), ["invalid-fetch: the stage `first` has no job `x`"]);
    assert_eq!(
        fetching("pipeline: up, stage: c, job: j"),
        ["invalid-fetch: the stage `c` has not ended when this fetch begins"]
    );
    assert_eq!(
        fetching("pipeline: up, stage: b, job: j-runInstance-2"),
        ["invalid-fetch: the stage `b` has no job `j-runInstance-2`"]
    );
    assert_eq!(
        fetching("pipeline: other, stage: a, job: j"),
        ["fetch-not-upstream: `p` does not depend on `other`"]
    );
    assert_eq!(
        fetching("pipeline: up/other, stage: a, job: j"),
        ["fetch-not-upstream: `p` does not depend on `other`"]
    );
    assert_eq!(
        fetching("pipeline: other/up, stage: a, job: j"),
        ["fetch-not-upstream: `up` does not depend on `other`"]
    );
}

#[test]
fn the_second_of_two_pipelines_is_refused_and_both_are_shown() {
    let p = format!("{{group: g, materials: {{m: {{git: x}}}}, stages: [s: {JOB}]}}");
    let given = given(&format!("format_version: 10\npipelines:\n  a: {p}\n  A: {p}\n"));
    assert_eq!(given.findings, ["!4:3 duplicate-pipeline: the pipeline `A` is defined twice"]);
    let refused: Vec<bool> = given.configuration.pipelines.iter().map(|pipeline| pipeline.refused).collect();
    assert_eq!(refused, [false, true]);
}

#[test]
fn circles_refuse_their_members_only() {
    let p = |upstream: &str| {
        format!("{{group: g, materials: {{m: {{pipeline: {upstream}, stage: s}}}}, stages: [s: {JOB}]}}")
    };
    let text = format!(
        "format_version: 10\npipelines:\n  a: {}\n  b: {}\n  c: {}\n  d: {}\n",
        p("b"),
        p("a"),
        p("a"),
        p("d")
    );
    let given = given(&text);
    let refused: Vec<bool> = given.configuration.pipelines.iter().map(|pipeline| pipeline.refused).collect();
    assert_eq!(refused, [true, true, false, true]);
    assert_eq!(
        given.findings,
        [
            "!3:43 dependency-cycle: the pipelines `a`, `b` depend on each other in a circle",
            "!4:43 dependency-cycle: the pipelines `a`, `b` depend on each other in a circle",
            "!6:43 dependency-cycle: the pipeline `d` depends on itself",
        ]
    );
}

#[test]
fn names_follow_gocds_rules() {
    let stage = |name: &str| findings(&format!("stages: ['{name}': {JOB}]"));
    for sound in ["a", "0", "_", "-a", "a.b", &"x".repeat(255)] {
        assert_eq!(stage(sound), Vec::<String>::new(), "{sound}");
    }
    for wrong in ["", ".a", "a b", "ä", "a/b", &"x".repeat(256)] {
        assert!(stage(wrong).iter().any(|line| line.contains("invalid-name")), "{wrong}");
    }
    let variable = |name: &str| findings(&format!("environment_variables: {{'{name}': x}}"));
    assert_eq!(variable("any thing: ü"), Vec::<String>::new());
    assert_eq!(variable(" a"), ["!4:29 invalid-name: ` a` is not a valid variable name"]);
}

#[test]
fn jobs_have_sound_numbers_and_agents() {
    let job = |keys: &str| findings(&format!("stages: [s: {{{keys}, tasks: [exec: {{command: a}}]}}]"));
    assert_eq!(job("timeout: 0, run_instances: 2, elastic_profile_id: x"), Vec::<String>::new());
    assert_eq!(job("timeout: -1"), ["!4:27 negative-timeout: the timeout is -1, but cannot be negative"]);
    assert_eq!(
        job("run_instances: 1.5"),
        ["!4:33 invalid-run-instances: `run_instances` must be a whole number above 0, but 1.5 is written"]
    );
    assert_eq!(
        job("elastic_profile_id: x, resources: [y]"),
        ["!4:38 elastic-profile-clash: a job cannot have both an elastic profile and resources"]
    );
}

#[test]
fn values_of_secrets_are_in_no_message() {
    let said = findings(
        "secure_variables: {A: 'hunter2!'}\nmaterials: {m: {git: 'https://u:hunter2!@x/a', password: 'hunter2!', \
         encrypted_password: 'hunter2!'}}",
    );
    assert!(said.len() >= 3, "{said:?}");
    assert!(said.iter().all(|line| !line.contains("hunter2")), "{said:?}");
}
