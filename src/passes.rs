//! The passes of a conversion, in order.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::check;
use crate::finding::{Account, Counts, Severity};
use crate::gocd::{self, Configuration};
use crate::migration::{self, Selection, Waves, runbook};
use crate::plan::{self, Names, Plan};
use crate::render::engine::Engine;
use crate::render::{Manifest, render};
use crate::report::Numbers;
use crate::report::builds::Builds;
use crate::settings::Settings;
use crate::source::Sources;
use crate::source::repository::Repository;

/// A repository as GoCD would understand it, and what was found on the way.
pub struct Reading {
    /// The files.
    pub sources: Sources,
    /// The configuration they make up, parameters expanded and validated.
    pub configuration: Configuration,
    /// Findings and ledger.
    pub account: Account,
    /// The folders the files are in.
    pub repository: Repository,
}

/// Reads files and folders as one configuration.
///
/// # Errors
/// When a file cannot be found or read. What is wrong *in* a file is a finding.
pub fn read(paths: &[PathBuf]) -> anyhow::Result<Reading> {
    let mut account = Account::default();
    let sources = Sources::read(paths, &mut account)?;
    Ok(finish_reading(sources, account, Repository::new(paths)))
}

/// Reads texts by name, as if they were the files of one repository.
pub fn read_texts(texts: &[(&str, &str)]) -> Reading {
    let mut account = Account::default();
    let sources = Sources::from_texts(texts, &mut account);
    finish_reading(sources, account, Repository::default())
}

fn finish_reading(sources: Sources, mut account: Account, repository: Repository) -> Reading {
    let mut configuration = gocd::read(&sources, &mut account);
    gocd::complete(&mut configuration, &mut account);
    Reading { sources, configuration, account, repository }
}

impl Reading {
    /// Whether GoCD would refuse the repository.
    pub fn is_refused(&self) -> bool {
        self.account.errors() > 0
    }

    /// Plans what is sound. Findings are sorted afterwards.
    pub fn plan(&mut self, settings: &Settings) -> Plan {
        let files = |path: &str| self.repository.read(path);
        let mut plan = plan::plan(&self.configuration, settings, &files, &mut self.account);
        for event in plan.images.iter_mut().flat_map(|job| &mut job.events) {
            event.range = event.range.take().and_then(|range| self.account.written(event.place.span, range));
        }
        self.account.settle();
        let waves = migration::waves(&self.configuration, &self.account.findings, settings);
        plan.runbook.waves = self.runbook(&waves, &plan, settings);
        plan
    }

    fn runbook(&self, waves: &Waves, plan: &Plan, settings: &Settings) -> Vec<plan::runbook::Wave> {
        let names = Names::of(&self.configuration);
        let slug = |name: &str| names.pipelines.get(name).map_or_else(String::new, |slug| slug.text.clone());
        runbook::runbook(waves, plan, &slug, settings)
    }

    /// Plans the selected part, with bridges to the rest. Afterwards only findings about the part are left.
    ///
    /// The whole is planned first: its findings say which wave a pipeline is in, and its ledger counts every key.
    ///
    /// # Errors
    /// When the selection fits nothing.
    pub fn plan_part(&mut self, settings: &Settings, selection: &Selection) -> anyhow::Result<Plan> {
        let whole = self.plan(settings);
        if selection.is_all() {
            return Ok(whole);
        }
        let waves = migration::waves(&self.configuration, &self.account.findings, settings);
        let part = selection.pipelines(&waves)?;
        let files = |path: &str| self.repository.read(path);
        let mut again = Account::default();
        let mut plan = plan::plan_part(&self.configuration, settings, &files, &mut again, Some(&part));
        plan.runbook.waves = self.runbook(&waves, &plan, settings);
        let findings = std::mem::take(&mut self.account.findings);
        self.account.findings = migration::about(&self.configuration, findings, &part);
        let bridged =
            again.findings.into_iter().filter(|finding| plan::bridge::RULES.contains(&finding.rule));
        self.account.findings.extend(bridged);
        self.account.settle();
        Ok(plan)
    }

    /// Plans what is sound, and shows what became of the images in it.
    ///
    /// # Errors
    /// When `show` fails.
    pub fn builds(
        &mut self,
        settings: &Settings,
        show: impl FnOnce(&Builds) -> anyhow::Result<String>,
    ) -> anyhow::Result<String> {
        let plan = self.plan(settings);
        let beside = self.account.findings.iter().map(|finding| finding.rule);
        let beside: Vec<_> = beside.filter(|rule| **rule == plan::pipeline::TEMPLATE_UNKNOWN).collect();
        show(&Builds { jobs: &plan.images, beside: &beside, sources: &self.sources })
    }

    /// Plans, renders and checks what is sound.
    ///
    /// # Errors
    /// When a template is wrong, or when the manifests do not pass the check: then this program has a defect.
    pub fn convert(&mut self, settings: &Settings, engine: &Engine) -> anyhow::Result<Vec<Manifest>> {
        self.convert_part(settings, engine, &Selection::default())
    }

    /// The same for the selected part.
    ///
    /// # Errors
    /// Those of [`Reading::convert`], and when the selection fits nothing.
    pub fn convert_part(
        &mut self,
        settings: &Settings,
        engine: &Engine,
        selection: &Selection,
    ) -> anyhow::Result<Vec<Manifest>> {
        let plan = self.plan_part(settings, selection)?;
        let manifests = render(&plan, engine)?;
        let problems = check::check(&manifests);
        if problems.is_empty() {
            return Ok(manifests);
        }
        let listed: Vec<String> = problems.iter().take(20).map(|problem| format!("  {problem}")).collect();
        Err(anyhow::anyhow!("\n{}", listed.join("\n"))).context(
            "the manifests do not pass gocd2argo's own check, so nothing is written. This is a defect of gocd2argo \
             (or of a template of yours): please report it with the pipeline that is named below",
        )
    }

    /// Whether a person has to decide or supply something.
    pub fn needs_decision(&self) -> bool {
        self.account.findings.iter().any(|finding| finding.rule.severity == Severity::Decision)
    }

    /// What became of the source's keys and items.
    pub fn counts(&self) -> Counts {
        self.account.ledger.counts(self.sources.total_slots())
    }

    /// How much was read.
    pub fn numbers(&self) -> Numbers {
        let mut numbers = Numbers { pipelines: self.configuration.pipelines.len(), ..Numbers::default() };
        for stage in self.configuration.pipelines.iter().flat_map(|pipeline| &pipeline.stages) {
            numbers.stages += 1;
            numbers.jobs += stage.jobs.len();
            numbers.tasks += stage.jobs.iter().map(|job| job.tasks.len()).sum::<usize>();
        }
        numbers
    }

    /// Keys and items that no rule accounted for, as `file:line:column`. Each is a defect of this program.
    pub fn unaccounted(&self) -> Vec<String> {
        let open = self.account.ledger.open(self.sources.total_slots());
        open.into_iter()
            .map(|slot| {
                let span = self.sources.slot_span(slot);
                let position = self.sources.position(span);
                let name = self.sources.file(span.file).map_or("", |file| file.name.as_str());
                format!("{name}:{}:{}", position.line, position.column)
            })
            .collect()
    }
}
