//! How long each pass takes, as ratios to a baseline in the same run: `cargo bench`.
//!
//! The baseline is `serde_yaml` reading the same text into a `Value`. Ratios survive another machine; seconds do not.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use gocd2argo::check::check;
use gocd2argo::finding::Account;
use gocd2argo::passes;
use gocd2argo::render::engine::Engine;
use gocd2argo::render::render;
use gocd2argo::settings::Settings;
use gocd2argo::source::Sources;

/// Rounds of each measurement; the best one counts.
const ROUNDS: usize = 5;

/// A configuration of that many pipelines, each waiting for the one before.
fn configuration(pipelines: usize) -> String {
    let mut text = String::from("format_version: 10\npipelines:\n");
    for number in 0..pipelines {
        let upstream = match number.checked_sub(1) {
            Some(before) => format!("      upstream: {{pipeline: service-{before}, stage: package}}\n"),
            None => String::new(),
        };
        text.push_str(&format!(
            r#"  service-{number}:
    group: services
    label_template: "1.${{COUNT}}"
    lock_behavior: unlockWhenFinished
    environment_variables: {{REGION: eu-west-1, SERVICE: service-{number}}}
    materials:
      code: {{git: "https://github.com/acme/service-{number}.git", branch: main, includes: ["src/**/*"]}}
{upstream}    stages:
      - test:
          jobs:
            unit:
              elastic_profile_id: go
              tasks:
                - exec: {{command: make, arguments: [test]}}
              artifacts: [{{test: {{source: "reports/*.xml"}}}}, {{build: {{source: out, destination: bin}}}}]
            lint: {{elastic_profile_id: go, tasks: [{{script: "make lint\nmake vet"}}]}}
      - package:
          tasks:
            - fetch: {{stage: test, job: unit, source: bin}}
            - script: |
                set -e
                VERSION=1.$GO_PIPELINE_COUNTER
                docker build -t registry.example.com/acme/service-{number}:$VERSION --build-arg VERSION=$VERSION .
                docker push registry.example.com/acme/service-{number}:$VERSION
      - deploy:
          approval: manual
          tasks: [{{exec: {{command: ./deploy.sh, arguments: [production]}}}}]
"#
        ));
    }
    text
}

fn best<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(work());
        times.push(start.elapsed());
    }
    times.into_iter().min().unwrap_or_default()
}

fn main() {
    let engine = Engine::new(None).unwrap();
    let settings = Settings::default();
    for pipelines in [10, 100, 1000] {
        let text = configuration(pipelines);
        let files = [("ci.gocd.yaml", text.as_str())];
        let baseline = best(|| serde_yaml::from_str::<serde_yaml::Value>(&text).unwrap());
        let tree = best(|| Sources::from_texts(&files, &mut Account::default()));
        let reading = best(|| passes::read_texts(&files));
        let planned = best(|| passes::read_texts(&files).plan(&settings));
        let whole = best(|| passes::read_texts(&files).convert(&settings, &engine).unwrap());
        let plan = passes::read_texts(&files).plan(&settings);
        let rendered = best(|| render(&plan, &engine).unwrap());
        let manifests = render(&plan, &engine).unwrap();
        let checked = best(|| check(&manifests));
        println!(
            "{pipelines} pipelines, {} kB; serde_yaml to Value: {:.1} ms = 1.0",
            text.len() / 1000,
            ms(baseline)
        );
        for (what, time) in [
            ("source: trees with positions", tree),
            ("… and gocd: model, parameters, validation", reading),
            ("… and plan", planned),
            ("… and render, check: all but writing", whole),
            ("of it: render alone", rendered),
            ("of it: check alone", checked),
        ] {
            println!("  {what:<44} {:>6.1}", time.as_secs_f64() / baseline.as_secs_f64());
        }
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
