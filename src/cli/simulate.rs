//! `gocd2argo simulate`: what an event starts, in GoCD and in Argo, without either.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Format, Options, Source, Status, payload, talk};
use crate::gocd::{Configuration, GitUrl, Pipeline};
use crate::reference::clock;
use crate::reference::start::{self, ConfigRepository, Push, Verdict};
use crate::render::engine::Engine;
use crate::settings::Settings;
use crate::simulate::host::{self, Change, Event, Kind};
use crate::simulate::report::{Line, Report, Timer};
use crate::simulate::{Cluster, Start};

/// Most fire times of one timer.
const LIMIT: usize = 200_000;

/// Arguments of `simulate`.
#[derive(Args)]
pub struct Simulate {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    options: Options,
    /// A webhook's payload, as the git host posts it; `-` reads it from stdin.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["repo", "at"])]
    event: Option<PathBuf>,
    /// Who sent it, when it cannot be told from the payload: github, gitlab, bitbucket, bitbucket-server, gitea,
    /// azure-devops, codecommit or webhook.
    #[arg(long, value_name = "NAME", requires = "event")]
    provider: Option<String>,
    /// URL of a repository that somebody has pushed to.
    #[arg(long, value_name = "URL", conflicts_with = "at")]
    repo: Option<String>,
    /// The branch that was pushed. Default: `master`, as GoCD.
    #[arg(long, value_name = "BRANCH", requires = "repo")]
    branch: Option<String>,
    /// The files that have changed, separated by commas. Without, it is not known which.
    #[arg(long, value_name = "PATHS", value_delimiter = ',', requires = "repo")]
    files: Option<Vec<String>>,
    /// A moment: which timers fire in that minute. RFC 3339, or without offset in `timers.time-zone`.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// All fire times of all timers from this moment on …
    #[arg(long, value_name = "TIME", requires = "to")]
    from: Option<String>,
    /// … and before this one.
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<String>,
    /// `json` is docs/simulate.schema.json.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What is asked, and whom.
struct Question<'a> {
    configuration: &'a Configuration,
    own: Option<ConfigRepository>,
    cluster: Cluster,
    zone: TimeZone,
}

impl Simulate {
    /// Runs the command.
    ///
    /// # Errors
    /// When something cannot be read, the event is none of a known host, or there is nothing to simulate.
    pub fn run(self) -> anyhow::Result<Status> {
        let settings = self.source.settings(self.options.config.as_deref())?;
        let engine = Engine::new(self.options.templates.as_deref())?;
        let mut reading = self.source.read()?;
        if reading.is_refused() && !self.options.keep_going {
            talk::refuse(&mut reading);
            return Ok(Status::Error);
        }
        let manifests = reading.convert(&settings, &engine)?;
        let question = Question {
            configuration: &reading.configuration,
            own: own_repository(&settings),
            cluster: Cluster::new(&manifests),
            zone: zone(&settings)?,
        };
        let report = self.answer(&question)?;
        match self.format {
            Format::Text => talk::print(&report.text())?,
            Format::Json => talk::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
        }
        Ok(Status::Good)
    }

    fn answer(&self, question: &Question) -> anyhow::Result<Report> {
        let range = match (&self.from, &self.to) {
            (Some(from), Some(to)) => Some((question.moment(from)?, question.moment(to)?)),
            _ => None,
        };
        let timers = range.map(|range| question.timers(range)).transpose()?;
        let pipelines = match (&self.event, &self.repo, &self.at) {
            (Some(path), _, _) => question.event(&payload::read(path)?, self.provider.as_deref())?,
            (None, Some(url), _) => question.change(url, self.branch.as_deref(), self.files.clone()),
            (None, None, Some(time)) => question.at(question.moment(time)?),
            (None, None, None) => match &timers {
                Some(timers) => question.in_range(timers),
                None => {
                    bail!("nothing to simulate: give `--event`, `--repo`, `--at`, or `--from` and `--to`")
                }
            },
        };
        Ok(Report { version: 1, pipelines, timers })
    }
}

fn no_provider(name: &str) -> String {
    let names: Vec<&str> = host::KINDS.iter().map(|kind| kind.name).collect();
    format!("`{name}` is no provider: {} are", names.join(", ").replace("git,", "webhook,"))
}

fn own_repository(settings: &Settings) -> Option<ConfigRepository> {
    let own = settings.config_repository.as_ref()?;
    Some(ConfigRepository {
        url: own.url.clone(),
        branch: own.branch.clone().unwrap_or_else(|| "master".to_string()),
    })
}

fn zone(settings: &Settings) -> anyhow::Result<TimeZone> {
    let name = settings.timers.time_zone.as_deref().unwrap_or("UTC");
    TimeZone::get(name).map_err(|_| anyhow!("`timers.time-zone`: `{name}` is no time zone"))
}

impl Question<'_> {
    /// A moment with an offset, or without one in the timers' time zone; also a date alone.
    fn moment(&self, text: &str) -> anyhow::Result<Timestamp> {
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok(moment);
        }
        let local: jiff::civil::DateTime =
            text.parse().map_err(|_| anyhow!("`{text}` is no time: write it like `2026-03-01T06:00:00Z`"))?;
        self.zone.to_timestamp(local).map_err(|_| anyhow!("`{text}` is out of range"))
    }

    fn event(&self, body: &serde_json::Value, provider: Option<&str>) -> anyhow::Result<Vec<Line>> {
        let named = provider.map(|name| host::named(name).with_context(|| no_provider(name))).transpose()?;
        let kind = named.or_else(|| host::KINDS.iter().find(|kind| (kind.knows)(body)));
        let Some(kind) = kind.filter(|kind| (kind.knows)(body)) else {
            if let Some(name) = host::other::named(body) {
                return Ok(self.no_push(&name));
            }
            match kind {
                Some(kind) => bail!("the payload is no push as `{}` sends it", kind.name),
                None => bail!(
                    "the payload is no push of a git host that gocd2argo knows; `--provider` says whose it is"
                ),
            }
        };
        let event = (kind.read)(body);
        let pushes = event.pushes.clone();
        Ok(self.pushed(&[(kind, event)], &pushes))
    }

    /// Nobody waits for events of other kinds: Sensors ask for the members of a push.
    fn no_push(&self, event: &str) -> Vec<Line> {
        let why = format!("the event is no push but `{event}`");
        let line = |pipeline: &Pipeline| Line {
            pipeline: pipeline.name.value.clone(),
            gocd: Verdict::no(why.clone()),
            argo: Start::no(format!("{why}: no Sensor waits for that")),
        };
        self.configuration.sound().map(line).collect()
    }

    fn change(&self, url: &str, branch: Option<&str>, files: Option<Vec<String>>) -> Vec<Line> {
        let branch = branch.unwrap_or("master");
        let reference =
            if branch.starts_with("refs/") { branch.to_string() } else { format!("refs/heads/{branch}") };
        let files = files.map(|files| files.into_iter().filter(|file| !file.is_empty()).collect::<Vec<_>>());
        let push = Push {
            urls: vec![url.to_string()],
            reference: reference.clone(),
            deleted: false,
            files: files.clone(),
        };
        let events = match (GitUrl::parse(url), reference.strip_prefix("refs/heads/")) {
            (Some(parsed), Some(branch)) => self.cluster.events(&Change {
                url: url.to_string(),
                repository: parsed.repository(),
                branch: branch.to_string(),
                files,
            }),
            // No host tells of a local repository, or of another ref than a branch.
            _ => Vec::new(),
        };
        self.pushed(&events, &[push])
    }

    fn pushed(&self, events: &[(&Kind, Event)], pushes: &[Push]) -> Vec<Line> {
        start::starts(self.configuration, self.own.as_ref(), pushes)
            .into_iter()
            .map(|(pipeline, gocd)| {
                let argo = self.cluster.pushed(&pipeline, events, pushes);
                Line { pipeline, gocd, argo }
            })
            .collect()
    }

    fn at(&self, moment: Timestamp) -> Vec<Line> {
        let begin = Timestamp::from_second(moment.as_second().div_euclid(60) * 60).unwrap_or(moment);
        let end = begin.saturating_add(SignedDuration::from_secs(60)).unwrap_or(begin);
        let line = |pipeline: &Pipeline| Line {
            pipeline: pipeline.name.value.clone(),
            gocd: match self.firings(pipeline, (begin, end)) {
                None => Verdict::no("it has no timer"),
                Some(Ok(firings)) if firings.is_empty() => Verdict::no("its timer does not fire then"),
                Some(_) => fires(pipeline),
            },
            argo: self.cluster.at(&pipeline.name.value, (begin, end)),
        };
        self.configuration.sound().map(line).collect()
    }

    /// Who starts at all in the range.
    fn in_range(&self, timers: &[Timer]) -> Vec<Line> {
        let line = |pipeline: &Pipeline| {
            let name = &pipeline.name.value;
            let timer = timers.iter().find(|timer| timer.pipeline == *name);
            let first = |times: Option<&Vec<Timestamp>>| times.and_then(|times| times.first()).copied();
            let moment = first(timer.map(|timer| &timer.argo));
            let minute = moment.map(|moment| {
                (moment, moment.saturating_add(SignedDuration::from_secs(60)).unwrap_or(moment))
            });
            Line {
                pipeline: name.clone(),
                gocd: match (timer, first(timer.map(|timer| &timer.gocd))) {
                    (None, _) => Verdict::no("it has no timer"),
                    (Some(_), None) => Verdict::no("its timer does not fire then"),
                    (Some(_), Some(_)) => fires(pipeline),
                },
                argo: self.cluster.at(name, minute.unwrap_or((Timestamp::MIN, Timestamp::MIN))),
            }
        };
        self.configuration.sound().map(line).collect()
    }

    fn timers(&self, range: (Timestamp, Timestamp)) -> anyhow::Result<Vec<Timer>> {
        let mut timers = Vec::new();
        for pipeline in self.configuration.sound() {
            let name = &pipeline.name.value;
            let cron =
                self.cluster.timer(name).map_err(|what| anyhow!("`{name}`: {what} is not understood"))?;
            let gocd = self.firings(pipeline, range).transpose()?;
            if gocd.is_none() && cron.is_none() {
                continue;
            }
            let argo = match &cron {
                Some(cron) => cron.firings(range.0, range.1, LIMIT).with_context(|| too_many(name))?,
                None => Vec::new(),
            };
            timers.push(Timer { pipeline: name.clone(), gocd: gocd.unwrap_or_default(), argo });
        }
        Ok(timers)
    }

    /// When GoCD's timer of a pipeline fires; `None` when it has none.
    fn firings(
        &self,
        pipeline: &Pipeline,
        range: (Timestamp, Timestamp),
    ) -> Option<anyhow::Result<Vec<Timestamp>>> {
        let quartz = pipeline.timer.as_ref()?.schedule().ok()?;
        let firings = clock::firings(&quartz, &self.zone, range.0, range.1, LIMIT);
        Some(firings.with_context(|| too_many(&pipeline.name.value)))
    }
}

fn too_many(pipeline: &str) -> String {
    format!("the timer of `{pipeline}` fires more than {LIMIT} times: ask for a shorter range")
}

fn fires(pipeline: &Pipeline) -> Verdict {
    let only = pipeline.timer.as_ref().and_then(|timer| timer.only_on_changes.as_ref());
    Verdict::yes(match only.is_some_and(|flag| flag.value) {
        true => "its timer fires; a run starts if a material has something new",
        false => "its timer fires",
    })
}
