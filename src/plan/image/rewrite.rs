//! The new text of a script: edits by byte ranges, so that everything else stays byte for byte.

use super::NewForm;
use super::docker::Use;
use super::docker::other::is_docker_variable;
use super::kaniko;
use super::links::{Fate, Links, Run, Site, Transfer};
use super::request::{Recipe, Text};
use super::shell::{Command, Kind};
use super::unit::Unit;
use crate::finding::Rule;
use std::ops::Range;

mod compose;

pub use compose::as_written;

/// A request to a container.
#[derive(Debug, Clone)]
pub struct Order {
    /// The container's name.
    pub container: String,
    /// The executor's words.
    pub words: Vec<Text>,
    /// The Dockerfile comes through standard input.
    pub input: bool,
    /// There is no context.
    pub empty: bool,
}

/// Replacements of bytes.
#[derive(Debug, Default)]
pub struct Edits {
    edits: Vec<(Range<usize>, String)>,
}

impl Edits {
    /// Replaces these bytes.
    pub fn put(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.edits.push((range, text.into()));
    }

    /// The text of a unit with them.
    pub fn made_in(self, unit: &Unit) -> String {
        compose::script(unit, self).unwrap_or_else(|| unit.text.clone())
    }

    /// The edits in order, without those that lie inside of another one.
    fn sorted(mut self) -> Vec<(Range<usize>, String)> {
        // At the same place the longer one first, so that it covers what is inside.
        self.edits.sort_by(|a, b| (a.0.start, b.0.end).cmp(&(b.0.start, a.0.end)));
        let mut at = 0;
        self.edits.retain(|(range, _)| {
            let apart = range.start >= at;
            at = at.max(if apart { range.end } else { at });
            apart
        });
        self.edits
    }
}

/// The new text of a unit with a shell; `None` when nothing changes.
pub fn script(number: usize, unit: &Unit, links: &Links, orders: &[Option<Order>]) -> Option<String> {
    let mut edits = Edits::default();
    for site in links.sites.iter().filter(|site| site.spot.0 == number) {
        edit(unit, site, links, orders, &mut edits);
    }
    compose::script(unit, edits)
}

/// The words of an `exec` whose call was followed.
pub fn followed(number: usize, unit: &Unit, links: &Links, orders: &[Option<Order>]) -> NewForm {
    let mut edits = Edits::default();
    for site in links.sites.iter().filter(|site| site.spot.0 == number) {
        edit(unit, site, links, orders, &mut edits);
    }
    compose::words(unit, edits).map_or(NewForm::Unchanged, NewForm::Exec)
}

fn edit(unit: &Unit, site: &Site, links: &Links, orders: &[Option<Order>], edits: &mut Edits) {
    let command = &unit.script.commands[site.spot.1];
    match settled(site, links, orders) {
        Settled::Keep => {}
        Settled::Nothing(reason) => nothing(unit, command, site, reason, edits),
        Settled::Decide(rule) => {
            let at = command.words.first().map_or(command.range.start, |word| word.range.start);
            edits.put(at..at, kaniko::decision(rule.name));
        }
        settled => {
            strays(command, edits);
            let text = text(unit, command, site, &settled).unwrap_or_default();
            edits.put(command.range.clone(), text);
        }
    }
}

/// The shell text of something that is asked of a container.
pub fn text(unit: &Unit, command: &Command, site: &Site, settled: &Settled<'_>) -> Option<String> {
    Some(match settled {
        Settled::Keep | Settled::Nothing(_) | Settled::Decide(_) => return None,
        Settled::Order(order) => request(unit, command, site, order),
        Settled::Run(run) => format!("{}{}", front(unit, command, site), run.line()),
        Settled::Copy(copy) => {
            let words: Vec<String> = kaniko::copy(copy).into_iter().map(|word| word.shell).collect();
            words.join(" ")
        }
        Settled::Digest(container) => format!("head -n 1 {}", kaniko::digest_file(container)),
        Settled::All(all) => {
            let line = unit.text.get(..command.range.start).unwrap_or("");
            let indent: String = line
                .rsplit('\n')
                .next()
                .unwrap_or("")
                .chars()
                .take_while(|c| matches!(c, ' ' | '\t'))
                .collect();
            let texts: Vec<String> = all.iter().filter_map(|one| text(unit, command, site, one)).collect();
            match texts.as_slice() {
                [only] => only.clone(),
                texts => format!("{{ {}; }}", texts.join(&format!(" &&\n{indent}  "))),
            }
        }
    })
}

/// A fate with the refusals of builds taken into account.
pub enum Settled<'a> {
    /// Stays.
    Keep,
    /// Leaves a reason.
    Nothing(String),
    /// A person decides.
    Decide(&'static Rule),
    /// Asks a container for a build.
    Order(&'a Order),
    /// Prints the digest of what the container built.
    Digest(&'a str),
    /// Copies an image.
    Copy(&'a Transfer),
    /// Asks a container that runs an image.
    Run(&'a Run),
    /// Several of these, one after the other.
    All(Vec<Settled<'a>>),
}

/// What becomes of a site after all.
pub fn settled<'a>(site: &Site, links: &'a Links, orders: &'a [Option<Order>]) -> Settled<'a> {
    settle(&site.fate, site.call.kind, links, orders)
}

fn settle<'a>(fate: &Fate, kind: Use, links: &'a Links, orders: &'a [Option<Order>]) -> Settled<'a> {
    let order = |build: usize| orders.get(build).and_then(Option::as_ref);
    let refused = |build: usize| links.builds.get(build).and_then(|build| build.refused);
    match fate {
        Fate::All(all) => together(all.iter().map(|fate| settle(fate, kind, links, orders)).collect()),
        Fate::Keep => Settled::Keep,
        Fate::Nothing(reason) => Settled::Nothing((*reason).to_string()),
        Fate::Decide(rule) => Settled::Decide(rule),
        Fate::Run(run) => match links.runs.get(*run) {
            Some(Run { refused: Some(_), .. }) if kind == Use::Clean => {
                Settled::Nothing("nothing to clean up".to_string())
            }
            Some(Run { refused: Some(rule), .. }) => Settled::Decide(rule),
            Some(run) => Settled::Run(run),
            None => Settled::Keep,
        },
        Fate::Dead => Settled::Keep,
        Fate::Joined => Settled::Nothing("pushed by the job that builds it".to_string()),
        Fate::Copy(copy) => links.copies.get(*copy).map_or(Settled::Keep, Settled::Copy),
        Fate::Build(build) | Fate::Merged(build) | Fate::Digest(build) => {
            match (order(*build), refused(*build)) {
                (_, Some(rule)) => Settled::Decide(rule),
                (Some(order), None) => match fate {
                    Fate::Build(_) => Settled::Order(order),
                    Fate::Digest(_) => Settled::Digest(&order.container),
                    _ => Settled::Nothing(merged(kind, &order.container)),
                },
                (None, None) => Settled::Keep,
            }
        }
    }
}

/// One decision is a decision about all; what leaves nothing is left out.
fn together(mut all: Vec<Settled<'_>>) -> Settled<'_> {
    if let Some(at) = all.iter().position(|one| matches!(one, Settled::Decide(_))) {
        return all.swap_remove(at);
    }
    if all.iter().all(|one| matches!(one, Settled::Nothing(_))) {
        return all.into_iter().next().unwrap_or(Settled::Keep);
    }
    all.retain(|one| !matches!(one, Settled::Nothing(_)));
    Settled::All(all)
}

fn merged(kind: Use, container: &str) -> String {
    match kind {
        Use::Push | Use::ComposeBuild => format!("pushed by {container}"),
        Use::Save => format!("written by {container}"),
        _ => format!("named by {container}"),
    }
}

fn strays(command: &Command, edits: &mut Edits) {
    for stray in &command.strays {
        edits.put(stray.clone(), "");
    }
}

fn nothing(unit: &Unit, command: &Command, site: &Site, reason: String, edits: &mut Edits) {
    let text = kaniko::no_op(&reason);
    // `aws ecr … | docker login …`, `docker images -q | xargs docker rmi`: what feeds it goes with it.
    let fed = site.call.kind == Use::Login || site.call.prefix.names.iter().any(|name| name == "xargs");
    let pipe = unit.script.around(command.frame).find_map(|(_, frame)| match &frame.kind {
        Kind::Pipe { last: true, all } => Some(all.clone()),
        _ => None,
    });
    if let Some(all) = pipe.filter(|all| fed && command.whole.end >= all.end) {
        return edits.put(all, text);
    }
    // A file that Kaniko writes must not be emptied by the redirection that used to write it.
    if site.call.kind == Use::Save {
        return edits.put(command.whole.clone(), text);
    }
    strays(command, edits);
    edits.put(command.range.clone(), text);
}

/// The request in place of `docker build`.
fn request(unit: &Unit, command: &Command, site: &Site, order: &Order) -> String {
    let front = front(unit, command, site);
    let line = unit.text[..command.range.start].rfind('\n').map_or(0, |at| at + 1);
    let line = &unit.text[line..command.range.start];
    let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let run = format!("{front}{}", kaniko::command(&order.container, &order.words, &indent));
    if !order.input {
        return run;
    }
    let file = kaniko::written_dockerfile(&order.container);
    let folder = match order.empty {
        true => format!("mkdir -p {} && ", kaniko::empty_context(&order.container)),
        false => String::new(),
    };
    format!("{{ {folder}cat > {file} && {run}; }}")
}

/// What stays in front of a replaced command: assignments and wrappers.
fn front(unit: &Unit, command: &Command, site: &Site) -> String {
    let mut front = String::new();
    let first = command.words.first().map_or(command.range.end, |word| word.range.start);
    for assignment in
        command.assignments.iter().filter(|a| a.range.start < first && !is_docker_variable(&a.name))
    {
        front.push_str(unit.slice(&assignment.range));
        front.push(' ');
    }
    for word in &site.call.prefix.kept {
        front.push_str(&word.source);
        front.push(' ');
    }
    front
}

/// Does the build read its Dockerfile from standard input?
pub fn reads_input(recipe: &Recipe) -> bool {
    matches!(recipe, Recipe::Input { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_edits_go_with_the_outer_one() {
        let mut edits = Edits::default();
        edits.put(2..3, "X");
        edits.put(1..4, "-");
        edits.put(5..5, "+");
        assert_eq!(edits.sorted(), [(1..4, "-".to_string()), (5..5, "+".to_string())]);
    }
}
