//! Which builds, tags, pushes and other uses of a job belong together.

use super::across::{Earlier, Wish};
use super::build::tagged;
use super::docker::{self, Call, Use};
use super::folder;
use super::guard::{Guards, Relation, Spot};
use super::kaniko::{Destination, Wishes};
use super::request::{self, Context, Recipe, Request, Text};
use super::rules::{build as build_rule, push as rule, usage};
use super::run::RunContainer;
use super::shell::{Command, Kind, Word};
use super::standing::Standing;
use super::unit::{Note, Unit, short};
use super::value::Piece;
use super::{Options, reach};
use crate::finding::Rule;
use std::collections::{BTreeMap, BTreeSet};

mod building;
mod composing;
mod copies;
mod destination;
mod fate;
mod find;
mod finish;
mod joined;
mod name;
mod reaction;
mod running;
mod services;
mod uses;

pub use fate::{Fate, Site};
pub use running::Run;

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
    /// BuildKit builds it.
    pub buildkit: bool,
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
    /// Names of this job's builds that are the same in every job.
    pub names: BTreeMap<String, usize>,
    /// Images of earlier jobs that this job pushes, and the reference they get.
    pub foreign: Vec<(Earlier, Wish)>,
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

/// Most commands for images in a job that are linked: what is asked about pairs of them has to end, whatever is read.
const MOST_SITES: usize = 500;

/// Links the uses of a job.
pub fn link(units: &[Unit], options: &Options<'_>) -> Links {
    let sites = find::sites(units, options);
    let vanishing: BTreeSet<Spot> =
        sites.iter().filter(|site| find::vanishes(site.call.kind)).map(|site| site.spot).collect();
    let mut linker = Linker {
        units,
        options,
        standing: Standing::find(units, &vanishing),
        vanishing,
        handles: BTreeMap::new(),
        origins: BTreeMap::new(),
        loaded: None,
        renamed: BTreeMap::new(),
        orders: BTreeMap::new(),
        running: BTreeMap::new(),
        poisoned: BTreeSet::new(),
        out: Links::default(),
    };
    let too_many = linker.too_many(&sites);
    for site in sites {
        if too_many && site.call.kind != Use::Script {
            let fate = Fate::Decide(&usage::TOO_MANY_IMAGE_COMMANDS);
            linker.out.sites.push(Site { fate, ..site });
        } else {
            linker.site(site);
        }
    }
    linker.finish();
    linker.out
}

struct Linker<'a> {
    units: &'a [Unit],
    options: &'a Options<'a>,
    vanishing: BTreeSet<Spot>,
    standing: Standing,
    handles: BTreeMap<String, Handle>,
    /// Images that were pulled, by name.
    origins: BTreeMap<String, Origin>,
    /// The file that was loaded last.
    loaded: Option<Text>,
    /// Further names of images that earlier jobs build.
    renamed: BTreeMap<String, Earlier>,
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

    /// Says when there are too many to be linked.
    fn too_many(&mut self, sites: &[Site]) -> bool {
        let mut images = sites.iter().filter(|site| site.call.kind != Use::Script);
        let Some(first) = images.next() else { return false };
        let count = images.count() + 1;
        if count > MOST_SITES {
            let message = format!("the job has {count} commands for images; at most {MOST_SITES} are read");
            let help = Some("divide the job, or put the commands in a loop");
            self.note(&usage::TOO_MANY_IMAGE_COMMANDS, first.spot, message, help);
        }
        count > MOST_SITES
    }

    fn site(&mut self, mut site: Site) {
        let (unit, command) = self.command(site.spot);
        if let Some(why) = reach::dead(&unit.script, &unit.text, command) {
            // What a called script has for other callers is no fault of this one.
            if site.call.kind != Use::Script && !unit.is_followed(&command.range) {
                let message = format!("`{}` never runs: {why}", short(&unit.shown(command)));
                self.note(&usage::DEAD_CODE, site.spot, message, None);
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
        let each = site.call.prefix.names.iter().any(|name| name == "xargs");
        match site.call.kind {
            Use::Build | Use::Tag | Use::Push | Use::Run if each => {
                let call = Call { kind: Use::Each, ..site.call.clone() };
                self.usage(&Site { call, spot: site.spot, fate: Fate::Keep })
            }
            Use::Build => self.build(site),
            Use::Tag => self.tag(site),
            Use::Push => self.push(site),
            Use::Save => self.save(site),
            Use::Inspect => self.inspect(site),
            Use::Load => self.load(site),
            _ => self.usage(site),
        }
    }
}
