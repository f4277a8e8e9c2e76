//! What is said about a job's builds and tasks once everything is linked.

use super::*;
use crate::plan::image::follow::CallForm;
use crate::plan::image::reach;
use crate::plan::image::runs::Runs;
use crate::plan::image::shell::Command;

fn note(units: &[Unit], links: &mut Links, spot: Spot, rule: &'static Rule, message: String) {
    let range = units[spot.0].script.commands[spot.1].range.clone();
    links.notes.push(Note { rule, message, help: None, unit: spot.0, range });
}

/// The `if` around a command as text.
pub(super) fn condition(unit: &Unit, command: &Command) -> Option<String> {
    let mut all = Vec::new();
    for (id, frame) in unit.script.around(command.frame) {
        if reach::taken(&unit.script, &unit.text, id) == Some(true) {
            continue;
        }
        match &frame.kind {
            Kind::Branch { conditions, otherwise } => {
                let last = conditions.len().saturating_sub(1);
                for (index, range) in conditions.iter().enumerate().rev() {
                    let text = unit.slice(range).trim().trim_end_matches(';').trim();
                    let negated = *otherwise || index < last;
                    all.push(if negated { format!("! {{ {text}; }}") } else { text.to_string() });
                }
            }
            Kind::And(left) if asks(unit, left) => all.push(side(unit, left).to_string()),
            Kind::Or(left) if asks(unit, left) => all.push(format!("! {}", side(unit, left))),
            Kind::Arm { subject, patterns } => {
                all.push(format!("case {} in {patterns})", unit.slice(subject)))
            }
            _ => {}
        }
    }
    all.reverse();
    (!all.is_empty()).then(|| all.join(" && "))
}

/// The left side of `&&` or `||` as text.
fn side<'u>(unit: &'u Unit, left: &std::ops::Range<usize>) -> &'u str {
    unit.slice(left).trim().trim_end_matches(['&', '|']).trim()
}

/// Does the left side only ask something? `make && docker build` is work that comes before.
fn asks(unit: &Unit, left: &std::ops::Range<usize>) -> bool {
    let quiet = |command: &Command| {
        let words: Vec<&str> = command.words.iter().map(Word::head).collect();
        matches!(words.first(), Some(&("grep" | "git" | "cmp" | "diff")))
            && words.iter().any(|word| matches!(*word, "-q" | "--quiet" | "-s" | "--exit-code"))
    };
    let mut commands = unit.script.within(left).peekable();
    commands.peek().is_some()
        && commands.all(|command| crate::plan::image::guard::tests(command) || quiet(command))
}

/// Says what is to be said about a build that was converted.
pub(super) fn build(
    units: &[Unit],
    links: &mut Links,
    number: usize,
    build: &ImageBuild,
    runs: &Runs,
    options: &Options<'_>,
) {
    let spot = links.builds[number].spot;
    let summary = build.image.summary();
    note(
        units,
        links,
        spot,
        &rule::DOCKER_TO_KANIKO,
        format!("{summary}: built by Kaniko in the container `{}`", build.container),
    );
    if !build.image.push && build.image.tar.is_none() && !links.builds[number].request.tags.is_empty() {
        let message = "the image is not pushed by this job, so it is gone when the pod ends".to_string();
        note(units, links, spot, &push_rule::BUILT_WITHOUT_PUSH, message);
    }
    if let Some(condition) = &build.condition {
        note(
            units,
            links,
            spot,
            &rule::CONDITIONAL_BUILD,
            format!("the image is built only when `{}` holds, as before", short(condition)),
        );
    }
    repetitions(units, links, spot, runs);
    outputs(units, links, spot);
    for push in
        links.sites.iter().filter(|site| merged(site, number)).map(|site| site.spot).collect::<Vec<_>>()
    {
        outputs(units, links, push);
    }
    wrappers(units, links, spot);
    arguments(units, links, number, options);
    buildkit(units, links, number, options);
}

fn repetitions(units: &[Unit], links: &mut Links, spot: Spot, runs: &Runs) {
    if let Some(function) = &runs.function {
        let message = match runs.values.len() {
            1 => format!("the function `{function}` is called once in this script"),
            times => format!(
                "the function `{function}` is called {times} times in this script; its builds run in one container, one after the other"
            ),
        };
        note(units, links, spot, &rule::FUNCTION_INLINED, message);
    }
    if runs.unrolled {
        let message =
            format!("the loop builds {} images, one after the other in one container", runs.values.len());
        note(units, links, spot, &rule::LOOP_UNROLLED, message);
    }
    if runs.retried {
        let message = "the build is tried again in a loop".to_string();
        note(units, links, spot, &usage::RETRY_LOST, message);
    }
}

/// Is it a push that goes with the build?
fn merged(site: &links::Site, number: usize) -> bool {
    site.call.kind == Use::Push && matches!(site.fate, Fate::Merged(build) if build == number)
}

/// Something reads what the build prints.
fn outputs(units: &[Unit], links: &mut Links, spot: Spot) {
    let unit = &units[spot.0];
    let command = &unit.script.commands[spot.1];
    let piped = unit
        .script
        .around(command.frame)
        .any(|(_, frame)| matches!(frame.kind, Kind::Pipe { last: false, .. }));
    let file = command.redirects.iter().any(|redirect| {
        let target = redirect.target.as_ref().and_then(Word::constant).unwrap_or_default();
        matches!(redirect.operator.as_str(), ">" | ">>" | "&>" | "&>>")
            && target != "/dev/null"
            && !target.is_empty()
    });
    if piped || file {
        let message = "the output of the build goes to something that may look for docker's lines in it";
        note(units, links, spot, &rule::BUILD_OUTPUT_USED, message.to_string());
    }
}

fn wrappers(units: &[Unit], links: &mut Links, build: Spot) {
    let sites = links.sites.iter().filter(|site| site.spot == build || site.call.kind == Use::Push);
    let found: Vec<(Spot, Vec<String>)> =
        sites.map(|site| (site.spot, site.call.prefix.names.clone())).collect();
    for (spot, names) in found {
        for name in names
            .iter()
            .filter(|name| !matches!(name.as_str(), "sudo" | "env" | "exec" | "command" | "xargs"))
        {
            let message = format!("`{name}` stood in front of a docker command");
            if name == "retry" {
                note(units, links, spot, &usage::RETRY_LOST, message.clone());
            }
            note(units, links, spot, &rule::COMMAND_WRAPPER_DROPPED, message);
        }
    }
}

/// Secure variables handed over as build arguments.
fn arguments(units: &[Unit], links: &mut Links, number: usize, options: &Options<'_>) {
    let spot = links.builds[number].spot;
    let arguments: Vec<String> =
        links.builds[number].request.build_args.iter().map(|argument| argument.shown.clone()).collect();
    for name in options.secure {
        if arguments.iter().any(|argument| argument.contains(&format!("${{{name}}}"))) {
            let message = format!("the secure variable `{name}` becomes part of the image's history");
            note(units, links, spot, &rule::SECRET_IN_BUILD_ARG, message);
        }
    }
}

fn buildkit(units: &[Unit], links: &mut Links, number: usize, options: &Options<'_>) {
    let spot = links.builds[number].spot;
    let commands = &units[spot.0].script.commands;
    let exports = |other: &&Command| other.words.first().is_some_and(|word| word.head() == "export");
    let exported = commands[..spot.1].iter().filter(exports).chain([&commands[spot.1]]);
    let asked = exported.flat_map(|command| &command.assignments).any(|assignment| {
        assignment.name == "DOCKER_BUILDKIT"
            && assignment.value.as_ref().and_then(Word::constant).as_deref() == Some("1")
    });
    let asked = asked
        || links.sites.iter().filter(|site| site.spot == spot).any(|site| {
            site.call.prefix.kept.iter().any(|word| word.constant().as_deref() == Some("DOCKER_BUILDKIT=1"))
        });
    if asked || options.variables.get("DOCKER_BUILDKIT").is_some_and(|value| value == "1") {
        note(
            units,
            links,
            spot,
            &rule::BUILDKIT_REQUESTED,
            "BuildKit is asked for, and nothing that needs it was found".to_string(),
        );
    }
}

/// Says which calls were followed.
fn followed(units: &[Unit], links: &mut Links) {
    for (number, unit) in units.iter().enumerate() {
        for region in &unit.regions {
            let inside = |site: &&links::Site| {
                site.spot.0 == number && region.body.contains(&unit.script.commands[site.spot.1].range.start)
            };
            let uses = links.sites.iter().filter(inside).filter(|site| site.call.kind != Use::Script).count();
            // Variables of a sourced file matter where images are built.
            let sets = region.form == CallForm::Here && !links.builds.is_empty();
            if region.file.is_empty() || uses == 0 && !sets {
                continue;
            }
            let rule = if region.make { &rule::MAKE_FOLLOWED } else { &rule::WRAPPER_FOLLOWED };
            let what = match uses {
                0 => "whose variables are read".to_string(),
                1 => "with 1 command about images".to_string(),
                uses => format!("with {uses} commands about images"),
            };
            let message = format!("`{}` runs `{}`, {what}", short(&region.call), region.file);
            // The place of the call itself.
            let range = region.range.start..region.range.start + 1;
            links.notes.push(Note { rule, message, help: None, unit: number, range });
        }
    }
}

/// Says what concerns the tasks as a whole.
pub(super) fn tasks(units: &[Unit], links: &mut Links, options: &Options<'_>) {
    followed(units, links);
    let first = links
        .sites
        .iter()
        .find(|site| site.call.kind != Use::Script && !matches!(site.fate, Fate::Dead))
        .map(|site| site.spot);
    if let (Some(spot), true) = (first, options.variables.contains_key("DOCKER_HOST")) {
        note(
            units,
            links,
            spot,
            &usage::DOCKER_HOST_DROPPED,
            "the variable `DOCKER_HOST` names a daemon that is no longer used".to_string(),
        );
    }
    for (number, unit) in units.iter().enumerate() {
        if let Origin::Shell { at } = unit.origin {
            let idle = unit.argv.iter().skip(at + 1).find(|word| speaks_of_docker(word));
            if let Some(idle) = idle {
                let message = format!(
                    "`{}` stands behind the text that the shell runs and is never executed",
                    short(idle)
                );
                let rule = &usage::ARGUMENT_AFTER_COMMAND_STRING;
                links.notes.push(Note { rule, message, help: None, unit: number, range: 0..0 });
            }
        }
        if let Some(rule) = unseen(unit) {
            let range = unit.script.skipped.first().cloned().unwrap_or(0..0);
            let message =
                "the shell's grammar does not understand this text, and it speaks of docker".to_string();
            links.notes.push(Note { rule, message, help: None, unit: number, range });
        }
    }
}

/// A part of the text that nobody could read and that speaks of docker outside the commands that were found.
pub(super) fn unseen(unit: &Unit) -> Option<&'static Rule> {
    let hidden = unit.script.skipped.iter().any(|range| {
        let found = unit.script.within(range).any(|command| docker::recognise(&command.words).is_some());
        !found && speaks_of_docker(unit.slice(range))
    });
    hidden.then_some(&usage::SHELL_NOT_UNDERSTOOD)
}

fn speaks_of_docker(text: &str) -> bool {
    let words = text
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')' | '`' | '"' | '\''));
    words.into_iter().any(|word| {
        matches!(docker::base(word), "docker" | "podman" | "buildah" | "nerdctl" | "docker-compose")
    })
}
