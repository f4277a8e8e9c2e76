//! What stands between a build and its push.

use super::guard::{Spot, harmless, tests};
use super::shell::{Command, Kind, Script};
use super::unit::Unit;
use std::collections::BTreeSet;
use std::ops::Range;

/// The commands of a job that keep a push from being moved to its build: neither harmless nor tests, and no part of a
/// command that vanishes. They are looked for once, because every push of every build asks.
#[derive(Debug)]
pub struct Standing(Vec<Vec<usize>>);

impl Standing {
    /// Looks through all tasks.
    pub fn find(units: &[Unit], vanishing: &BTreeSet<Spot>) -> Standing {
        let of_unit = |(number, unit): (usize, &Unit)| {
            let commands = &unit.script.commands;
            let gone =
                outermost(vanishing.range((number, 0)..(number + 1, 0)).map(|spot| &commands[spot.1].range));
            let part_of_one = |command: &Command| {
                let behind = gone.partition_point(|range| range.start <= command.range.start);
                gone[..behind].last().is_some_and(|range| command.range.end <= range.end)
            };
            let weighs = |command: &Command| !harmless(command) && !command.test && !tests(command);
            let numbered = commands.iter().enumerate();
            numbered
                .filter(|(_, command)| weighs(command) && !part_of_one(command))
                .map(|(at, _)| at)
                .collect()
        };
        Standing(units.iter().enumerate().map(of_unit).collect())
    }

    /// The first of them between two places. Those in the build's own pipeline do not count.
    pub fn between(&self, units: &[Unit], from: Spot, to: Spot) -> Option<Spot> {
        let start = |spot: Spot| units[spot.0].script.commands[spot.1].range.start;
        self.0.iter().enumerate().take(to.0 + 1).skip(from.0).find_map(|(unit, standing)| {
            let script = &units[unit].script;
            let after = if unit == from.0 { start(from) + 1 } else { 0 };
            let before = if unit == to.0 { start(to) } else { usize::MAX };
            let found = standing.iter().find(|at| {
                let spot = (unit, **at);
                let command = &script.commands[**at];
                (after..before).contains(&command.range.start)
                    && spot != from
                    && spot != to
                    && !piped(script, from, spot)
            });
            found.map(|at| (unit, *at))
        })
    }
}

/// The ranges that lie in no other, in order.
fn outermost<'r>(ranges: impl Iterator<Item = &'r Range<usize>>) -> Vec<&'r Range<usize>> {
    let mut sorted: Vec<_> = ranges.collect();
    sorted.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut end = 0;
    sorted.retain(|range| {
        let outer = range.end > end;
        end = end.max(range.end);
        outer
    });
    sorted
}

/// Is the command in the pipeline of the build?
fn piped(script: &Script, build: Spot, other: Spot) -> bool {
    let range = &script.commands[other.1].range;
    build.0 == other.0
        && script.around(script.commands[build.1].frame).any(|(_, frame)| match &frame.kind {
            Kind::Pipe { all, .. } => all.start <= range.start && range.end <= all.end,
            _ => false,
        })
}
