//! One job: its tasks in, the new tasks and the build containers out.

use super::build::{ImageBuild, registry};
use super::buildkit;
use super::docker::{self, Use};
use super::events;
use super::folder;
use super::guard::Spot;
use super::kaniko;
use super::links::{self, Fate, Links, Transfer};
use super::request::{Context, Text};
use super::rewrite::{self, Order, Settled};
use super::rules::{build as rule, push as push_rule, usage};
use super::run::RunContainer;
use super::runs;
use super::shell::{Kind, Word};
use super::unit::{Note, Origin, Unit, short};
use super::{ContainerStep, ImageCopy, JobImages, NewForm, Options, TaskText};
use crate::finding::{Account, Rule};
use std::collections::{BTreeMap, BTreeSet};

mod judge;

/// Plans the images of a job; `units` are its tasks as they were read.
pub(super) fn plan(
    tasks: &[TaskText<'_>],
    units: &[Unit],
    options: &Options<'_>,
    account: &mut Account,
) -> JobImages {
    let mut links = links::link(units, options);
    judge::tasks(units, &mut links, options);
    let mut orders = Vec::new();
    let mut builds = Vec::new();
    for number in 0..links.builds.len() {
        if links.builds[number].refused.is_some() {
            orders.push(None);
            continue;
        }
        let container = buildkit::container(&links.builds[number], builds.len() + 1);
        let (build, order) = converted(units, &mut links, number, container, options);
        builds.push(build);
        orders.push(Some(order));
    }
    buildkit::tell(units, &mut links, &builds, options);
    credentials(units, &mut links, &builds, options.registry_secret);
    let forms = units.iter().enumerate().map(|(number, unit)| form(number, unit, &links, &orders)).collect();
    report(tasks, units, &links, &forms, account);
    let copies = copies(units, &links);
    let events = events::of(units, &links, &orders);
    let (steps, containers, hosts) = running(&mut links);
    JobImages { tasks: forms, builds, copies, steps, containers, hosts, events }
}

/// What is run, and the containers for it: those that only decisions asked for are left out.
fn running(links: &mut Links) -> (Vec<ContainerStep>, Vec<RunContainer>, Vec<(String, String)>) {
    let mut used = BTreeSet::new();
    let mut steps = Vec::new();
    for run in &links.runs {
        if run.refused.is_none() {
            used.insert(run.container);
        }
        steps.extend(run.shown().cloned());
    }
    let containers = std::mem::take(&mut links.containers).into_iter().enumerate();
    let containers: Vec<_> =
        containers.filter(|(number, _)| used.contains(number)).map(|(_, container)| container).collect();
    let hosts = if containers.is_empty() { Vec::new() } else { std::mem::take(&mut links.hosts) };
    (steps, containers, hosts)
}

fn copies(units: &[Unit], links: &Links) -> Vec<ImageCopy> {
    let copy = |copy: &Transfer| {
        let unit = &units[copy.spot.0];
        let from = folder::below(&copy.from.shown).unwrap_or(&copy.from.shown).to_string();
        ImageCopy {
            from,
            to: copy.to.shown.clone(),
            condition: judge::condition(unit, &unit.script.commands[copy.spot.1]),
            runs: runs::of(&unit.script, &unit.script.commands[copy.spot.1]).values,
            registry: registry(&copy.known),
            place: unit.place,
        }
    };
    links.copies.iter().map(copy).collect()
}

/// The container of a build and the request to it.
fn converted(
    units: &[Unit],
    links: &mut Links,
    number: usize,
    container: String,
    options: &Options<'_>,
) -> (ImageBuild, Order) {
    let build = &links.builds[number];
    let unit = &units[build.spot.0];
    let command = &unit.script.commands[build.spot.1];
    let mut runs = runs::of(&unit.script, command);
    runs.called_with(unit.positional());
    let words = buildkit::words(&container, build, options, runs.repeated);
    let mut image = kaniko::image(&build.request, &build.wishes);
    image.digest_file = build.digest_file.clone();
    image.timeout = links.timeout(build);
    image.kind = buildkit::kind(build);
    image.condition = judge::condition(unit, command);
    let known = build.wishes.destinations.iter().map(|destination| &destination.known);
    let first = build.wishes.destinations.first();
    let repository = first.and_then(|first| crate::plan::digest::repository(&first.known));
    let registries: BTreeSet<String> = known.filter_map(|known| registry(known)).collect();
    let order = Order {
        container: container.clone(),
        words,
        input: rewrite::reads_input(&build.request.recipe),
        empty: matches!(build.request.context, Context::Empty),
    };
    let image = ImageBuild {
        container,
        registries: registries.into_iter().collect(),
        repository,
        image,
        place: unit.place,
        cleanup: runs.repeated,
        runs: runs.values.clone(),
    };
    judge::build(units, links, number, &image, &runs, options);
    (image, order)
}

/// One decision per registry that is pushed to or logged in to.
fn credentials(units: &[Unit], links: &mut Links, builds: &[ImageBuild], secret: &str) {
    let mut hosts: BTreeSet<String> =
        builds.iter().flat_map(|build| build.registries.iter().cloned()).collect();
    hosts.extend(links.copies.iter().filter_map(|copy| registry(&copy.known)));
    let unnamed = links.logins.contains("") && hosts.is_empty();
    hosts.extend(links.logins.iter().filter(|host| !host.is_empty()).cloned());
    if unnamed {
        hosts.insert("docker.io".to_string());
    }
    let spot = links
        .sites
        .iter()
        .find(|site| matches!(site.call.kind, Use::Login | Use::Push | Use::Build))
        .map(|s| s.spot);
    let Some(spot) = spot else { return };
    let range = units[spot.0].script.commands[spot.1].range.clone();
    for host in hosts {
        links.notes.push(Note {
            rule: &push_rule::REGISTRY_CREDENTIALS,
            message: format!("the containers that push need credentials for `{host}`"),
            help: Some(match secret {
                "" => "give the job's ServiceAccount the right to push: no Secret is mounted".to_string(),
                _ => format!(
                    "put them into the Secret `{secret}`, or give the job's ServiceAccount the right to push"
                ),
            }),
            unit: spot.0,
            range: range.clone(),
        });
    }
}

/// What becomes of a task.
fn form(number: usize, unit: &Unit, links: &Links, orders: &[Option<Order>]) -> NewForm {
    match &unit.origin {
        Origin::Other => NewForm::Unchanged,
        Origin::Words => words(number, unit, links, orders),
        Origin::Followed => rewrite::followed(number, unit, links, orders),
        Origin::Script | Origin::Shell { .. } => {
            let text = rewrite::script(number, unit, links, orders);
            let text = match judge::unseen(unit) {
                Some(rule) => Some(format!(
                    "{}|| exit 1\n{}",
                    kaniko::decision(rule.name),
                    text.as_ref().unwrap_or(&unit.text)
                )),
                None => text,
            };
            let Some(text) = text else { return NewForm::Unchanged };
            if empty(number, unit, links, orders) {
                return NewForm::Nothing;
            }
            match unit.origin {
                Origin::Shell { at } => {
                    let mut argv = unit.argv.clone();
                    argv[at] = text;
                    NewForm::Exec(argv)
                }
                _ => NewForm::Script(text),
            }
        }
    }
}

/// Does every command of the task vanish?
fn empty(number: usize, unit: &Unit, links: &Links, orders: &[Option<Order>]) -> bool {
    let gone: BTreeMap<Spot, bool> = links
        .sites
        .iter()
        .map(|site| (site.spot, matches!(rewrite::settled(site, links, orders), Settled::Nothing(_))))
        .collect();
    let login = |index: usize| {
        let frame = unit.script.commands[index].frame;
        unit.script.around(frame).any(|(_, frame)| {
            matches!(&frame.kind, Kind::Pipe { all, .. } if
            links.sites.iter().any(|site| site.spot.0 == number && site.call.kind == Use::Login
                && all.contains(&unit.script.commands[site.spot.1].range.start)))
        })
    };
    (0..unit.script.commands.len())
        .all(|index| gone.get(&(number, index)).copied().unwrap_or_else(|| login(index)))
}

/// An `exec` without a shell.
fn words(number: usize, unit: &Unit, links: &Links, orders: &[Option<Order>]) -> NewForm {
    let Some(site) = links.sites.iter().find(|site| site.spot.0 == number) else {
        return NewForm::Unchanged;
    };
    match rewrite::settled(site, links, orders) {
        Settled::Keep => NewForm::Unchanged,
        Settled::Nothing(_) => NewForm::Nothing,
        Settled::Decide(rule) => {
            let front = [kaniko::NEEDS_DECISION.to_string(), rule.name.to_string()];
            NewForm::Exec(front.into_iter().chain(unit.argv.iter().cloned()).collect())
        }
        Settled::Copy(copy) => plain_or_shell(&kaniko::copy(copy)),
        Settled::Run(run) => match run.words.as_slice() {
            [words] => plain_or_shell(&words.0),
            _ => NewForm::Exec(["sh", "-c"].map(str::to_string).into_iter().chain([run.line()]).collect()),
        },
        Settled::Digest(container) => NewForm::Exec(
            ["head", "-n", "1"]
                .map(str::to_string)
                .into_iter()
                .chain([kaniko::digest_file(container)])
                .collect(),
        ),
        settled @ Settled::All(_) => {
            let text = rewrite::text(unit, &unit.script.commands[site.spot.1], site, &settled);
            NewForm::Exec(["sh".to_string(), "-c".to_string(), text.unwrap_or_default()].into())
        }
        Settled::Order(order) => {
            let kept = site.call.prefix.kept.iter().filter_map(Word::constant);
            match kaniko::argv(&order.container, &order.words) {
                Some(argv) => NewForm::Exec(kept.chain(argv).collect()),
                // A destination that only a shell can put together.
                None => {
                    let text = format!("exec {}", kaniko::command(&order.container, &order.words, ""));
                    NewForm::Exec(kept.chain(["sh".to_string(), "-c".to_string(), text]).collect())
                }
            }
        }
    }
}

/// The words as they are, or a shell that puts them together.
fn plain_or_shell(words: &[Text]) -> NewForm {
    let plain: Option<Vec<String>> = words.iter().map(|word| word.literal.clone()).collect();
    NewForm::Exec(plain.unwrap_or_else(|| {
        let words: Vec<&str> = words.iter().map(|word| word.shell.as_str()).collect();
        vec!["sh".to_string(), "-c".to_string(), format!("exec {}", words.join(" "))]
    }))
}

fn report(
    tasks: &[TaskText<'_>],
    units: &[Unit],
    links: &Links,
    forms: &Vec<NewForm>,
    account: &mut Account,
) {
    let mut said: BTreeSet<(&str, usize, usize, usize, &str)> = BTreeSet::new();
    for note in &links.notes {
        if !said.insert((note.rule.name, note.unit, note.range.start, note.range.end, &note.message)) {
            continue;
        }
        let unit = &units[note.unit];
        let written = unit.written(&note.range);
        let steps: Vec<String> =
            written.steps.iter().map(|(file, line)| format!("`{file}` line {line}")).collect();
        let message = match steps.as_slice() {
            [] => note.message.clone(),
            steps => format!("{}: {}", steps.join(" → "), note.message),
        };
        let finding = account.report(note.rule, unit.place, message);
        if unit.origin == Origin::Script && !note.range.is_empty() {
            finding.within(written.range.start, written.range.end);
        }
        if let Some(help) = &note.help {
            finding.help(help.clone());
        }
    }
    for (task, form) in tasks.iter().zip(forms) {
        if *form != NewForm::Unchanged {
            account.convert(rule::DOCKER_TO_KANIKO.name, task.item);
        }
    }
}
