//! `gocd2argo convert`: writes the manifests.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::{Format, Options, Source, Status, talk};
use crate::finding::Severity;
use crate::output::{self, Action, Comparison, LockFile};
use crate::passes::Reading;
use crate::render::Manifest;
use crate::render::engine::Engine;
use crate::report::diff;

/// Arguments of `convert`.
#[derive(Args)]
pub struct Convert {
    #[command(flatten)]
    source: Source,
    /// Folder to write to. Default: `argo` beside the source.
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
    /// Write nothing; show what would change.
    #[arg(long)]
    dry_run: bool,
    /// Overwrite files that somebody has edited since they were written.
    #[arg(long)]
    force: bool,
    /// Exit with 1 when a person has to decide or supply something.
    #[arg(long)]
    strict: bool,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Ctrl-C and the like. Until writing begins they end the process at once; from then on they are asked for, so that
/// the new set is in place as a whole or not at all.
struct Interruption {
    happened: Arc<AtomicBool>,
    at_once: Arc<AtomicBool>,
}

impl Interruption {
    fn register() -> anyhow::Result<Self> {
        let this = Interruption {
            happened: Arc::new(AtomicBool::new(false)),
            at_once: Arc::new(AtomicBool::new(true)),
        };
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            let status = Status::Interrupted.code().into();
            signal_hook::flag::register_conditional_shutdown(signal, status, Arc::clone(&this.at_once))?;
            signal_hook::flag::register(signal, Arc::clone(&this.happened))?;
        }
        Ok(this)
    }

    /// From here on, whether it happened.
    fn at_once_no_more(&self) -> impl Fn() -> bool {
        self.at_once.store(false, Ordering::SeqCst);
        || self.happened.load(Ordering::SeqCst)
    }
}

/// The new set, and how it compares with what is on disk.
pub struct Outcome {
    /// What was read and found.
    pub reading: Reading,
    /// The comparison; `None` when GoCD would refuse the repository and nothing was converted.
    pub comparison: Option<Comparison>,
}

/// Reads, converts, and compares with the output folder.
///
/// # Errors
/// When something cannot be read, or the result does not pass the check.
pub fn compare(source: &Source, options: &Options, out: &std::path::Path) -> anyhow::Result<Outcome> {
    let settings = source.settings(options.config.as_deref())?;
    let engine = Engine::new(options.templates.as_deref())?;
    if options.part.wave.is_some() && settings.migration.waves.is_empty() {
        talk::say(
            "note: waves are computed anew each time and change with the source and its findings\n      \
             `gocd2argo plan --format config` prints them for gocd2argo.yaml, where they stay",
        );
    }
    let mut reading = source.read()?;
    if reading.is_refused() && !options.keep_going {
        return Ok(Outcome { reading, comparison: None });
    }
    let manifests: Vec<Manifest> = reading.convert_part(&settings, &engine, &options.part.selection())?;
    talk::report_unaccounted(&reading);
    let lock = LockFile::read(out)?;
    let comparison = output::compare(out, &manifests, &lock)?;
    Ok(Outcome { reading, comparison: Some(comparison) })
}

impl Convert {
    /// Runs the command.
    ///
    /// # Errors
    /// When something cannot be read or written; then nothing is written.
    pub fn run(self) -> anyhow::Result<Status> {
        let interruption = Interruption::register()?;
        let out = self.out.clone().unwrap_or_else(|| self.source.default_out());
        if !self.dry_run {
            output::repair(&out)?;
        }
        let Outcome { mut reading, comparison } = compare(&self.source, &self.options, &out)?;
        let Some(comparison) = comparison else { return self.refuse(&mut reading) };
        if !self.dry_run {
            output::write(&out, &comparison, self.force, &interruption.at_once_no_more())?;
        }
        self.report(&reading, &comparison, &out)?;
        Ok(self.status(&reading, &comparison))
    }

    fn refuse(&self, reading: &mut Reading) -> anyhow::Result<Status> {
        talk::refuse(reading);
        if self.format == Format::Json {
            talk::print(&talk::json(reading, &[])?)?;
        }
        Ok(Status::Error)
    }

    fn report(
        &self,
        reading: &Reading,
        comparison: &Comparison,
        out: &std::path::Path,
    ) -> anyhow::Result<()> {
        if self.format == Format::Json {
            return talk::print(&talk::json(reading, &comparison.files)?);
        }
        let shown = talk::from(&reading.account.findings, Severity::Warning);
        talk::say(talk::draw(reading, &shown, false).trim_end());
        if self.dry_run {
            talk::print(&diff::coloured(&comparison.files))?;
            talk::say(&talk::summary(reading, &comparison.files));
            talk::say(&format!("nothing was written to `{}` (--dry-run)", out.display()));
            return Ok(());
        }
        talk::print(&talk::summary(reading, &comparison.files))?;
        if !self.force {
            let kept: Vec<_> = comparison.with(Action::Conflict).cloned().collect();
            if !kept.is_empty() {
                talk::say(&diff::coloured(&kept));
                talk::say(&format!(
                    "{} files were edited by hand and kept; --force overwrites them",
                    kept.len()
                ));
            }
        }
        Ok(())
    }

    fn status(&self, reading: &Reading, comparison: &Comparison) -> Status {
        let kept = !self.force && comparison.with(Action::Conflict).next().is_some();
        if reading.is_refused() || kept || (self.strict && reading.needs_decision()) {
            Status::Attention
        } else {
            Status::Good
        }
    }
}
