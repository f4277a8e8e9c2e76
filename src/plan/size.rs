//! Pipelines that are too large for one Kubernetes object.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | any number of stages and jobs | at most 200 templates, 500 output parameters and 1 MiB in a WorkflowTemplate; beyond that, a stage that fails and says so | no |
//!
//! Argo's own schema (4.0) sets the first two, etcd allows about 1 MiB per object, and a run repeats the whole template.

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
/// Output parameters of `prepare` besides `go`: Argo's schema allows 500.
pub const OUTPUTS: usize = 498;
/// Text of all scripts, in bytes; the rest of the object is smaller than what is left of 1 MiB.
const SCRIPTS: usize = 600 << 10;

/// Whether the stages fit, and what `prepare` finds out (`outputs` of them); if not, that is reported.
pub fn fits(source: &Pipeline, stages: &[Stage], outputs: usize, cx: &mut Cx) -> bool {
    let jobs = || stages.iter().flat_map(|stage| &stage.jobs);
    let gates = stages.iter().filter(|stage| stage.gate.is_some()).count();
    let templates = OWN_TEMPLATES + stages.len() + gates + jobs().count();
    let bytes: usize = jobs().map(|job| job.script.len()).sum();
    let message = if templates > TEMPLATES {
        format!("the pipeline needs {templates} templates, and a WorkflowTemplate holds {TEMPLATES}")
    } else if outputs > OUTPUTS {
        format!("the materials need {outputs} output parameters, and a template has at most {OUTPUTS}")
    } else if bytes > SCRIPTS {
        format!("the scripts have {} KiB, and a WorkflowTemplate has room for {}", bytes >> 10, SCRIPTS >> 10)
    } else {
        return true;
    };
    cx.account
        .report(&PIPELINE_TOO_LARGE, &source.name, message)
        .help("split the pipeline, or move long scripts into files of the repository; until then a run fails at once");
    false
}
