//! What became of each command of a job, in order.

use super::docker::Use;
use super::guard;
use super::links::{Fate, Links, Site};
use super::outcome::{Became, Event};
use super::rewrite::{self, Order, Settled};
use super::shell::{Command, Kind, Word};
use super::unit::{Note, Origin, Unit};
use super::value;
use std::collections::VecDeque;
use std::ops::Range;

/// The commands of a job. At most 10 000 are told apart.
pub(super) fn of(units: &[Unit], links: &Links, orders: &[Option<Order>]) -> Vec<Event> {
    let mut out = Vec::new();
    for (number, unit) in units.iter().enumerate() {
        let sites = links.sites.iter().filter(|site| site.spot.0 == number).collect();
        let mut teller = Teller { number, unit, links, orders, sites, out: &mut out };
        match unit.origin {
            Origin::Other => {}
            Origin::Words => teller.words(),
            Origin::Shell { .. } if teller.sites.is_empty() => teller.words(),
            Origin::Followed if teller.sites.is_empty() => teller.words(),
            Origin::Script | Origin::Shell { .. } | Origin::Followed => teller.script(),
        }
    }
    out
}

mod hidden;

/// Most commands of a job that are told apart.
const MOST: usize = 10_000;

struct Teller<'a> {
    number: usize,
    unit: &'a Unit,
    links: &'a Links,
    orders: &'a [Option<Order>],
    sites: Vec<&'a Site>,
    out: &'a mut Vec<Event>,
}

impl Teller<'_> {
    fn words(&mut self) {
        let became = self.sites.first().map_or(Became::Kept, |site| self.became(site));
        self.tell(&(0..0), self.unit.argv.join(" "), became);
    }

    fn script(&mut self) {
        // What was only put in so that a followed text can be read says nothing.
        let own = |range: &Range<usize>| {
            self.unit.regions.iter().any(|region| {
                let inside = region.range.start <= range.start && range.end <= region.range.end;
                let body = region.body.start <= range.start && range.end <= region.body.end;
                inside && !body && range.len() < region.body.len()
            })
        };
        let synthetic = |range: &Range<usize>| {
            let text = self.unit.slice(range);
            let made = |prefix: &str| text.starts_with(prefix);
            let known = made("PATH=$PWD/node_modules/.bin:") || made("(set +e\n");
            !self.unit.regions.is_empty() && (text == "set -e" || text == "set +e" || known)
        };
        let statements: Vec<&Range<usize>> =
            self.unit.script.statements.iter().filter(|range| !own(range) && !synthetic(range)).collect();
        let mut functions = self.functions();
        self.statements(&statements, &(0..self.unit.text.len() + 1), &mut functions);
        // What nobody calls by name, in the order of the text.
        while let Some((_, body)) = functions.pop_front() {
            self.statements(&statements, &body, &mut functions);
        }
    }

    /// The functions with commands about images, which are told where they are called.
    fn functions(&self) -> VecDeque<(String, Range<usize>)> {
        let uses = |range: &Range<usize>| {
            self.sites.iter().any(|site| range.contains(&self.command(site).range.start))
        };
        let named = self.unit.script.frames.iter().filter_map(|frame| match &frame.kind {
            Kind::Function(name) if uses(&frame.range) => Some((name.clone(), frame.range.clone())),
            _ => None,
        });
        named.take(100).collect()
    }

    fn statements(
        &mut self,
        statements: &[&Range<usize>],
        within: &Range<usize>,
        functions: &mut VecDeque<(String, Range<usize>)>,
    ) {
        // Statements are sorted, the outer ones first; what was told is skipped with all that is in it.
        let mut told = within.start;
        for range in statements {
            let inside = told <= range.start && range.end <= within.end && *range != within;
            if !inside || self.out.len() >= MOST {
                continue;
            }
            if let Some((_, body)) = functions.iter().find(|(_, body)| body == *range) {
                told = body.end;
                continue;
            }
            let called = self.called(range);
            let called = called.and_then(|name| functions.iter().position(|(function, _)| *function == name));
            if let Some((_, body)) = called.and_then(|at| functions.remove(at)) {
                self.statements(statements, &body, functions);
                told = range.end;
                continue;
            }
            told = self.statement(range).unwrap_or(told);
        }
    }

    /// The function that a statement calls.
    fn called(&self, range: &Range<usize>) -> Option<String> {
        let command = self.unit.script.commands.iter().find(|command| command.range == *range)?;
        value::invocation(&self.unit.script, command).map(|(name, _)| name)
    }

    /// Tells about a statement as a whole; `None` when what is in it has to be told apart.
    fn statement(&mut self, range: &Range<usize>) -> Option<usize> {
        let inside = |at: usize| range.contains(&at);
        let text = rewrite::as_written(self.unit, range).trim().to_string();
        let own: Vec<&Site> =
            self.sites.iter().copied().filter(|site| inside(self.command(site).range.start)).collect();
        // A called script that has nothing to do with docker is a command like any other.
        let plain = |site: &&Site| site.call.kind == Use::Script && matches!(site.fate, Fate::Keep);
        if own.iter().all(plain) {
            let became = if self.is_state(range) { Became::KeptState } else { Became::Kept };
            self.tell(range, text, became);
            return Some(range.end);
        }
        if self.all_gone(range, &own) {
            self.tell(range, text, Became::Removed);
            return Some(range.end);
        }
        let single = own.iter().find(|site| self.command(site).whole == *range).copied();
        let single = single.or_else(|| own.iter().find(|site| self.command(site).range == *range).copied());
        if let Some(site) = single {
            let became = self.became(site);
            self.tell(range, text, became);
            return Some(range.end);
        }
        None
    }

    fn command(&self, site: &Site) -> &Command {
        &self.unit.script.commands[site.spot.1]
    }

    fn became(&self, site: &Site) -> Became {
        match (rewrite::settled(site, self.links, self.orders), &site.fate) {
            (Settled::Decide(_), _) => Became::Decision,
            (_, Fate::Dead) => Became::Dead,
            (_, Fate::Build(number)) => Became::Build(self.number_of(*number)),
            (_, Fate::Merged(number) | Fate::Digest(number)) => Became::PartOf(self.number_of(*number)),
            (_, Fate::Copy(number)) => Became::Copy(*number),
            (_, Fate::Run(number)) => self.links.step(*number).map_or(Became::Joined, Became::Step),
            (_, Fate::All(all)) => all.iter().map(|fate| self.part(fate)).next().unwrap_or(Became::Joined),
            (_, Fate::Joined) => Became::Joined,
            (_, Fate::Nothing(_))
                if matches!(site.call.kind, Use::Tag | Use::Push | Use::Save | Use::Load) =>
            {
                Became::Joined
            }
            (_, Fate::Nothing(_)) => Became::Removed,
            _ => Became::Kept,
        }
    }

    /// What one of several things that a command became is.
    fn part(&self, fate: &Fate) -> Became {
        match fate {
            Fate::Build(number) => Became::Build(self.number_of(*number)),
            Fate::Merged(number) => Became::PartOf(self.number_of(*number)),
            Fate::Run(number) => self.links.step(*number).map_or(Became::Joined, Became::Step),
            _ => Became::Joined,
        }
    }

    /// Number of a build among those that were converted.
    fn number_of(&self, build: usize) -> usize {
        self.orders.iter().take(build).flatten().count()
    }

    /// Is nothing left of the statement? Either its first command is gone and the rest would only run after its
    /// failure, or everything in it is gone or says something.
    fn all_gone(&self, range: &Range<usize>, own: &[&Site]) -> bool {
        let gone = |site: &&&Site| matches!(self.became(site), Became::Removed);
        if !own.iter().any(|site| gone(&site)) {
            return false;
        }
        let script = &self.unit.script;
        let inside =
            |command: &&Command| range.start <= command.range.start && command.range.end <= range.end;
        let fed = own.iter().any(|site| {
            let feeds =
                site.call.kind == Use::Login || site.call.prefix.names.iter().any(|name| name == "xargs");
            feeds
                && script
                    .around(self.command(site).frame)
                    .any(|(_, frame)| matches!(&frame.kind, Kind::Pipe { last: true, all } if *all == *range))
        });
        let caught = |frame: &Kind| matches!(frame, Kind::Caught(all) if *all == *range);
        let first = own.iter().filter(gone).any(|site| {
            let command = self.command(site);
            let mut others = script
                .commands
                .iter()
                .filter(inside)
                .filter(|other| script.around(other.frame).any(|(_, frame)| caught(&frame.kind)));
            script.around(command.frame).any(|(_, frame)| caught(&frame.kind))
                && others.all(|other| other.range == command.range)
        });
        let checks = own.iter().all(|site| site.call.kind == Use::Check);
        let ends =
            |command: &Command| checks && command.words.first().is_some_and(|word| word.head() == "exit");
        let silent = script.commands.iter().filter(inside).all(|command| {
            let site = own.iter().find(|site| self.command(site).range == command.range);
            site.map_or(guard::harmless(command) || guard::tests(command) || ends(command), |site| {
                gone(&site)
            })
        });
        fed || first || silent
    }

    /// Does the statement set up the shell for what follows?
    fn is_state(&self, range: &Range<usize>) -> bool {
        let mut commands =
            self.unit.script.commands.iter().filter(|command| range.contains(&command.range.start));
        let first = commands.next();
        let Some(command) = first.filter(|command| command.frame == 0 && command.range.start == range.start)
        else {
            return false;
        };
        let name = command.words.first().and_then(Word::constant);
        let sets = ["cd", "pushd", "popd", "set", "shopt", "export", "umask", "readonly", "declare", "."];
        !command.test && name.is_none_or(|name| sets.contains(&name.as_str()))
    }

    fn tell(&mut self, range: &Range<usize>, text: String, became: Became) {
        let here = |note: &&Note| {
            let whole = note.range.is_empty() || range.is_empty();
            note.unit == self.number && (whole || range.contains(&note.range.start))
        };
        let told = !matches!(became, Became::Kept | Became::KeptState);
        let notes = self.links.notes.iter().filter(|note| told || !note.range.is_empty()).filter(here);
        let why = notes.map(|note| (note.rule.name, note.message.clone())).collect();
        let text = hidden::text(&self.unit.script, &self.sites, range, text);
        let written = self.unit.written(range);
        let inside = written.steps.last().cloned();
        let range = (self.unit.origin == Origin::Script && !range.is_empty()).then_some(written.range);
        self.out.push(Event { task: self.number, text, place: self.unit.place, range, inside, became, why });
    }
}
