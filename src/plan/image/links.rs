//! Which builds, tags, pushes and other uses of a job belong together.

use super::Options;
use super::build::tagged;
use super::docker::{self, Call, Use};
use super::folder;
use super::guard::{Guards, Relation, Spot};
use super::kaniko::{Destination, Wishes};
use super::request::{self, Context, Recipe, Request, Text};
use super::rules::{build as build_rule, push as rule, usage};
use super::run::RunContainer;
use super::shell::{Command, Kind, Word};
use super::unit::{Note, Unit, short};
use super::value::Piece;
use crate::finding::Rule;
use std::collections::{BTreeMap, BTreeSet};

mod building;
mod composing;
mod copies;
mod destination;
mod find;
mod name;
mod running;
mod services;
mod uses;

pub use running::Run;

/// A command that has to do with images.
#[derive(Debug)]
pub struct Site {
    /// Where.
    pub spot: Spot,
    /// What it does.
    pub call: Call,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a command.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It stays as it is.
    Keep,
    /// Nothing is left to do; the words say why.
    Nothing(&'static str),
    /// A person decides; the rule says what.
    Decide(&'static Rule),
    /// It is build number n.
    Build(usize),
    /// It is part of build number n: a tag, a push, a saved file.
    Merged(usize),
    /// It prints the digest of build number n.
    Digest(usize),
    /// It is copy number n.
    Copy(usize),
    /// It is a request to a container, number n.
    Run(usize),
    /// It is several of these, one after the other.
    All(Vec<Fate>),
    /// A build of an earlier job does it.
    Joined,
    /// It never runs.
    Dead,
}

impl Fate {
    /// Is it a part of that build?
    fn merges(&self, build: usize) -> bool {
        match self {
            Fate::Merged(number) => *number == build,
            Fate::All(all) => all.iter().any(|fate| fate.merges(build)),
            _ => false,
        }
    }
}

/// An image that comes to a registry without a build.
#[derive(Debug)]
pub struct Transfer {
    /// The command that pushes it.
    pub spot: Spot,
    /// A reference, or a file in the pod.
    pub from: Text,
    /// Is `from` a file?
    pub file: bool,
    /// The reference it gets.
    pub to: Text,
    /// The same with everything put in that is known at conversion.
    pub known: String,
}

/// Where an image that the job does not build comes from.
#[derive(Debug, Clone)]
enum Origin {
    /// A registry: the word it was pulled by.
    Registry(Spot, Word),
    /// A file in the pod.
    File(Text),
}

/// A build and what the job asks of it.
#[derive(Debug)]
pub struct Build {
    /// Where.
    pub spot: Spot,
    /// What is built.
    pub request: Request,
    /// Destinations and files.
    pub wishes: Wishes,
    /// Why it stays with a person.
    pub refused: Option<&'static Rule>,
    /// File that receives the digest, below the working directory.
    pub digest_file: Option<String>,
    /// Another build or a tool needs the image; where.
    used: Option<(Spot, Use)>,
}

/// The uses of a job, linked.
#[derive(Debug, Default)]
pub struct Links {
    /// All uses in order.
    pub sites: Vec<Site>,
    /// The builds in order.
    pub builds: Vec<Build>,
    /// Copies in order.
    pub copies: Vec<Transfer>,
    /// Requests to containers that run images, in order.
    pub runs: Vec<Run>,
    /// These containers.
    pub containers: Vec<RunContainer>,
    /// Further host names of the pod, and their addresses.
    pub hosts: Vec<(String, String)>,
    /// What is to be said.
    pub notes: Vec<Note>,
    /// Hosts that were logged in to.
    pub logins: BTreeSet<String>,
}

/// A name under which an image is known.
#[derive(Debug, Clone)]
struct Handle {
    /// The builds that may have made it: several when they stand in different branches.
    builds: Vec<usize>,
    /// Order of the names of all builds.
    order: usize,
}

/// Links the uses of a job.
pub fn link(units: &[Unit], options: &Options<'_>) -> Links {
    let sites = find::sites(units, options);
    let vanishing: BTreeSet<Spot> =
        sites.iter().filter(|site| find::vanishes(site.call.kind)).map(|site| site.spot).collect();
    let mut linker = Linker {
        units,
        options,
        vanishing,
        handles: BTreeMap::new(),
        origins: BTreeMap::new(),
        loaded: None,
        orders: BTreeMap::new(),
        running: BTreeMap::new(),
        poisoned: BTreeSet::new(),
        out: Links::default(),
    };
    for site in sites {
        linker.site(site);
    }
    linker.finish();
    linker.out
}

struct Linker<'a> {
    units: &'a [Unit],
    options: &'a Options<'a>,
    vanishing: BTreeSet<Spot>,
    handles: BTreeMap<String, Handle>,
    /// Images that were pulled, by name.
    origins: BTreeMap<String, Origin>,
    /// The file that was loaded last.
    loaded: Option<Text>,
    /// For each build and destination the order of its name.
    orders: BTreeMap<(usize, String), usize>,
    /// Containers that keep running, by name.
    running: BTreeMap<String, usize>,
    /// Those of them that are left to a person.
    poisoned: BTreeSet<usize>,
    out: Links,
}

impl<'a> Linker<'a> {
    fn guards(&self) -> Guards<'_> {
        Guards { units: self.units, vanishing: &self.vanishing }
    }

    fn command(&self, spot: Spot) -> (&'a Unit, &'a Command) {
        let unit = &self.units[spot.0];
        (unit, &unit.script.commands[spot.1])
    }

    fn note(&mut self, rule: &'static Rule, spot: Spot, message: impl Into<String>, help: Option<&str>) {
        let (_, command) = self.command(spot);
        let (unit, range) = (spot.0, command.range.clone());
        let help = help.map(str::to_string);
        self.out.notes.push(Note { rule, message: message.into(), help, unit, range });
    }

    /// The name of an image as it can be compared across the job.
    fn key(&self, spot: Spot, word: &Word) -> String {
        let (unit, command) = self.command(spot);
        let value = unit.value(command, word);
        let local =
            value.pieces.iter().any(|piece| matches!(piece, Piece::Variable { version, .. } if *version > 0));
        let key = tagged(&value.key());
        if local { format!("{key}#{}", spot.0) } else { key }
    }

    fn name(&mut self, key: String, builds: Vec<usize>) {
        let order = self.handles.len() + self.orders.len();
        self.handles.insert(key, Handle { builds, order });
    }

    /// The builds that may have made the image of that name once build `number` has run as well: its own, and the
    /// earlier ones if it runs only sometimes.
    fn makers(&self, key: &str, number: usize) -> Vec<usize> {
        let mut builds = Vec::new();
        if let Some(handle) = self.handles.get(key) {
            let spot = self.out.builds[number].spot;
            let (unit, command) = self.command(spot);
            let certain = |earlier: &usize| {
                let other = self.out.builds[*earlier].spot;
                unit.script.around(command.frame).all(|(id, frame)| match frame.kind {
                    Kind::Branch { .. }
                    | Kind::Arm { .. }
                    | Kind::Or(_)
                    | Kind::And(_)
                    | Kind::Function(_) => {
                        other.0 == spot.0 && unit.script.encloses(id, self.command(other).1.frame)
                    }
                    _ => true,
                })
            };
            builds.extend(handle.builds.iter().copied().filter(|earlier| !certain(earlier)));
        }
        builds.push(number);
        builds
    }

    fn site(&mut self, mut site: Site) {
        let (unit, command) = self.command(site.spot);
        let dead = unit.script.around(command.frame).any(|(_, frame)| match &frame.kind {
            Kind::Branch { conditions, otherwise: false } => conditions
                .last()
                .is_some_and(|range| unit.slice(range).trim().trim_end_matches(';').trim() == "false"),
            _ => false,
        });
        if dead {
            if site.call.kind != Use::Script {
                let shown = unit.shown(command);
                self.note(
                    &usage::DEAD_CODE,
                    site.spot,
                    format!("`{}` stands behind `if false` and never runs", short(&shown)),
                    None,
                );
                site.fate = Fate::Dead;
                self.out.sites.push(site);
            }
            return;
        }
        if command.broken && site.call.kind != Use::Script {
            let message = "the shell's grammar does not understand this command, so it stays as it is";
            self.note(&usage::SHELL_NOT_UNDERSTOOD, site.spot, message, None);
            site.fate = Fate::Decide(&usage::SHELL_NOT_UNDERSTOOD);
        } else {
            site.fate = self.fate(&site);
        }
        self.out.sites.push(site);
    }

    fn fate(&mut self, site: &Site) -> Fate {
        if site.call.remote {
            self.note(
                &usage::DOCKER_HOST_DROPPED,
                site.spot,
                "the remote daemon named here is no longer used",
                None,
            );
        }
        match site.call.kind {
            Use::Build => self.build(site),
            Use::Tag => self.tag(site),
            Use::Push => self.push(site),
            Use::Save => self.save(site),
            Use::Inspect => self.inspect(site),
            Use::Load => self.load(site),
            _ => self.usage(site),
        }
    }

    /// What is known only when everything was seen.
    fn finish(&mut self) {
        self.settle_runs();
        for number in 0..self.out.builds.len() {
            let orders = &self.orders;
            let order = |destination: &Destination| {
                orders.get(&(number, destination.shown.clone())).copied().unwrap_or(usize::MAX)
            };
            self.out.builds[number].wishes.destinations.sort_by_key(order);
            let build = &self.out.builds[number];
            let Some((spot, kind)) = build.used else { continue };
            let pushed = !build.wishes.destinations.is_empty();
            let early = build.wishes.tar.is_none() && !pushed;
            let rule = match kind {
                _ if !early && pushed => continue,
                Use::Extract => &rule::EXTRACT_FROM_IMAGE,
                _ => &rule::LOCAL_IMAGE_NEEDS_REGISTRY,
            };
            let message = "the image is needed by a later command, and no daemon keeps it until then";
            self.out.builds[number].refused.get_or_insert(rule);
            let own = self.out.builds[number].spot;
            self.note(rule, own, message, Some("push the image under a scratch tag and use that reference"));
            self.refuse_dependant(spot, rule);
        }
    }

    /// The build that starts from an image which is not to be had cannot be converted either.
    fn refuse_dependant(&mut self, spot: Spot, rule: &'static Rule) {
        if let Some(build) = self.out.builds.iter_mut().find(|build| build.spot == spot) {
            build.refused.get_or_insert(rule);
        }
    }
}
