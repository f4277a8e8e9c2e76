//! Pipelines that are too large for one Kubernetes object.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | any number of stages and jobs | at most 200 templates and 1 MiB in a WorkflowTemplate; beyond that, a stage that fails and says so | no |
//!
//! Argo's own schema (4.0) allows 200 templates, etcd about 1 MiB per object, and a run repeats the whole template.

use super::Cx;
use super::stage::Stage;
use crate::gocd::Pipeline;

crate::findings! {
    /// A pipeline has more jobs, or longer scripts, than one WorkflowTemplate can hold.
    ///
    /// ## Why it matters
    /// The API server would refuse the object. Its WorkflowTemplate has one stage, which fails until the pipeline is smaller.
    ///
    /// ## Instead
    /// Split the pipeline in two that depend on each other, put jobs that differ in a number into one with `run_instances`,
    /// and move long scripts into files of the repository.
    pub PIPELINE_TOO_LARGE = "pipeline-too-large", Migration, Decision, Decision;
}

/// Templates of a WorkflowTemplate: Argo's schema.
const TEMPLATES: usize = 200;
/// Templates besides those of stages, approvals and jobs.
const OWN_TEMPLATES: usize = 6;
/// Text of all scripts, in bytes; the rest of the object is smaller than what is left of 1 MiB.
const SCRIPTS: usize = 600 << 10;

/// Whether the stages fit; if not, that is reported.
pub fn fits(source: &Pipeline, stages: &[Stage], cx: &mut Cx) -> bool {
    let jobs = || stages.iter().flat_map(|stage| &stage.jobs);
    let gates = stages.iter().filter(|stage| stage.gate.is_some()).count();
    let templates = OWN_TEMPLATES + stages.len() + gates + jobs().count();
    let bytes: usize = jobs().map(|job| job.script.len()).sum();
    if templates <= TEMPLATES && bytes <= SCRIPTS {
        return true;
    }
    let message = if templates > TEMPLATES {
        format!("the pipeline needs {templates} templates, and a WorkflowTemplate holds {TEMPLATES}")
    } else {
        format!(
            "the scripts of the pipeline have {} KiB, and a WorkflowTemplate holds {}",
            bytes >> 10,
            SCRIPTS >> 10
        )
    };
    cx.account
        .report(&PIPELINE_TOO_LARGE, &source.name, message)
        .help("split the pipeline, or move long scripts into files of the repository; until then a run fails at once");
    false
}

#[cfg(test)]
mod tests {
    use crate::passes::read_texts;
    use crate::settings::Settings;

    fn with_jobs(jobs: usize) -> String {
        let mut text = String::from(
            "format_version: 10\npipelines:\n  wide:\n    group: g\n    materials: {code: {git: 'https://git.example.com/a.git'}}\n    stages:\n      - all:\n          jobs:\n",
        );
        for job in 0..jobs {
            text.push_str(&format!("            j{job}: {{tasks: [exec: {{command: make}}]}}\n"));
        }
        text
    }

    #[test]
    fn a_pipeline_at_the_limit_fits_and_one_beyond_is_a_decision() {
        for (jobs, stages) in [(193, 1), (194, 0)] {
            let text = with_jobs(jobs);
            let mut reading = read_texts(&[("a.gocd.yaml", &text)]);
            let plan = reading.plan(&Settings::default());
            assert_eq!(plan.pipelines[0].stages.len(), stages, "{jobs} jobs");
            assert_eq!(plan.pipelines[0].placeholder.is_some(), stages == 0, "{jobs} jobs");
            let engine = crate::render::engine::Engine::new(None).unwrap();
            assert!(crate::check::check(&crate::render::render(&plan, &engine).unwrap()).is_empty());
        }
    }
}
