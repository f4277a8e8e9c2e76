//! `docker run`, and what is asked of a container that keeps running.

use super::*;
use crate::plan::image::outcome::ContainerStep;
use crate::plan::image::rules::container as container_rule;
use crate::plan::image::run::draft::{Draft, Reader, Refusal};
use crate::plan::image::run::options::{self, Flag, Line};
use crate::plan::image::run::{RunContainer, Words};

/// A request to a container that runs an image.
#[derive(Debug)]
pub struct Run {
    /// Where.
    pub spot: Spot,
    /// What stands there instead.
    pub words: Vec<Words>,
    /// Why it is left to a person after all.
    pub refused: Option<&'static Rule>,
    /// Number of its container.
    pub container: usize,
    /// The image of this build is run.
    pub built: Option<usize>,
    /// As data; `None` for what is asked of a container that runs already.
    pub step: Option<ContainerStep>,
}

/// Variables whose names say that they hold options, not an image.
const OPTIONS: &[&str] = &["OPT", "ARG", "FLAG", "PARAM", "VOLUME", "ENV"];

impl Linker<'_> {
    pub(super) fn run(&mut self, site: &Site, shown: &str) -> Fate {
        if site.call.tool == "buildah" {
            return self.needs(
                site,
                &usage::DOCKER_RUN,
                format!("`{shown}` runs in a container that is built"),
            );
        }
        let line = options::read(&site.call.words);
        match self.draft(site, &line) {
            Ok((draft, image)) => self.planned(site, &line, draft, image),
            Err((rule, message)) => {
                self.poison(line.all(Flag::Name).next(), site);
                self.needs(site, rule, format!("`{shown}`: {message}"))
            }
        }
    }

    /// The container, and the image when it is unpacked at the request.
    fn draft(&self, site: &Site, line: &Line) -> Result<(Draft, Option<Text>), Refusal> {
        let (unit, command) = self.command(site.spot);
        let reader = Reader { unit, at: site.spot.1, variables: self.options.variables };
        let Some(subject) = &line.subject else {
            return Err((&usage::DOCKER_RUN, "it names no image".to_string()));
        };
        let value = unit.value(command, subject);
        let options = |name: &str| OPTIONS.iter().any(|part| name.to_uppercase().contains(part));
        let doubtful = match value.pieces.as_slice() {
            [Piece::Variable { name, .. }] => options(name),
            [Piece::Text(text)] => text.starts_with('-') || text.contains(char::is_whitespace),
            [Piece::Opaque(_)] => true,
            _ => false,
        };
        if doubtful || (!unit.has_shell() && request::looks_expanded(subject)) {
            return Err((&usage::DOCKER_RUN, format!("`{}` may hold options", subject.source)));
        }
        let mut draft = reader.read(line)?;
        draft.step.image = value.text();
        let built = self.handles.contains_key(&self.key(site.spot, subject));
        let known = reader.known(subject).filter(|_| !built);
        let repeats = unit.script.around(command.frame).any(|(_, f)| matches!(f.kind, Kind::Loop { .. }));
        if known.is_none() && repeats && value.computed() {
            let message = "its image changes from round to round".to_string();
            return Err((&usage::DOCKER_RUN, message));
        }
        match known {
            Some(image) => {
                draft.container.image = image;
                Ok((draft, None))
            }
            None => Ok((draft, Some(Text::word(subject, &value)))),
        }
    }

    fn planned(&mut self, site: &Site, line: &Line, mut draft: Draft, image: Option<Text>) -> Fate {
        if let Some(port) = self.clash(&draft.container) {
            let message = format!("port {port} is taken by another container of the same pod");
            return self.needs(site, &container_rule::PORT_CLASH, message);
        }
        let (unit, command) = self.command(site.spot);
        let built = line.subject.as_ref().and_then(|word| {
            self.handles.get(&self.key(site.spot, word)).and_then(|handle| handle.builds.last().copied())
        });
        if let Some(build) = built {
            self.out.builds[build].used.get_or_insert((site.spot, Use::Run));
        }
        let number = self.container(&mut draft);
        let what = match &image {
            None => {
                format!("`{}` runs in the container `{}` of the pod", draft.step.image, draft.container.name)
            }
            Some(_) => format!(
                "`{}` is unpacked and run in the container `{}` of the pod",
                draft.step.image, draft.container.name
            ),
        };
        self.note(&container_rule::CONTAINER_STEP, site.spot, what, None);
        for (rule, message) in std::mem::take(&mut draft.notes) {
            self.note(rule, site.spot, message, None);
        }
        let words = line.words.iter().map(|word| Text::word(word, &unit.value(command, word))).collect();
        let verb = if draft.container.background { "start" } else { "run" };
        let request = draft.request(verb, image, words);
        self.known_as(site, &mut draft, number);
        let step = draft.step;
        let (spot, run) = (site.spot, self.out.runs.len());
        self.out.runs.push(Run {
            spot,
            words: vec![request],
            refused: None,
            container: number,
            built,
            step: Some(step),
        });
        Fate::Run(run)
    }

    /// A container for the draft: one that is there, when it can serve both.
    fn container(&mut self, draft: &mut Draft) -> usize {
        // What has a name may be asked for by it, so it is nobody else's.
        let there = self.out.containers.iter().position(|there| there.serves(&draft.container));
        let there = there.filter(|_| draft.names.is_empty());
        let number = there.unwrap_or(self.out.containers.len());
        draft.container.name = format!("run-{}", number + 1);
        if there.is_none() {
            self.out.containers.push(draft.container.clone());
        }
        number
    }

    /// A port that another container keeps.
    pub(super) fn clash(&self, new: &RunContainer) -> Option<u16> {
        let taken = self.out.containers.iter().filter(|there| there.background && new.background);
        taken.flat_map(|there| &there.ports).find(|port| new.ports.contains(port)).copied()
    }

    /// The names under which later commands, and other containers, know it.
    fn known_as(&mut self, site: &Site, draft: &mut Draft, number: usize) {
        let (unit, command) = self.command(site.spot);
        for (name, alias) in &draft.links {
            if self.running.contains_key(name) {
                self.out.hosts.push((alias.clone(), "127.0.0.1".to_string()));
            }
        }
        self.out.hosts.append(&mut draft.hosts);
        for name in &draft.names {
            if draft.container.background
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
            {
                self.out.hosts.push((name.to_lowercase(), "127.0.0.1".to_string()));
            }
            self.running.insert(name.clone(), number);
        }
        if !draft.container.background {
            return;
        }
        // `ID=$(docker run -d …)`: the text of the substitution is a name of the container.
        let around = unit.script.around(command.frame).find(|(_, f)| matches!(f.kind, Kind::Substitution));
        if let Some((_, frame)) = around {
            self.running.insert(unit.slice(&frame.range).to_string(), number);
        }
    }

    /// `docker exec`, `logs`, `stop`, `rm`, `wait` of a container that this job keeps running.
    pub(super) fn told(&mut self, site: &Site) -> Option<Fate> {
        if site.call.tool == "compose" {
            return self.compose_told(site);
        }
        let (_, command) = self.command(site.spot);
        let verb_at = command.words.len().checked_sub(site.call.words.len() + 1)?;
        let verb = command.words.get(verb_at)?.constant().unwrap_or_default();
        self.told_as(site, &verb, &site.call.words)
    }

    /// The same, with the verb and the words behind it.
    pub(super) fn told_as(&mut self, site: &Site, verb: &str, words: &[Word]) -> Option<Fate> {
        let (unit, command) = self.command(site.spot);
        let line = options::read(words);
        let reader = Reader { unit, at: site.spot.1, variables: self.options.variables };
        let subjects = line.subject.iter().chain(line.words.iter());
        let known: Vec<usize> =
            subjects.filter_map(|word| self.running.get(&reader.key(word)).copied()).collect();
        let number = *known.first()?;
        let background = self.out.containers[number].background;
        if !background && site.call.kind == Use::Clean {
            return None;
        }
        let name = self.out.containers[number].name.clone();
        let words = match verb {
            "exec" if background => {
                let draft = reader.read(&Line { subject: None, ..line.clone() });
                let mut draft = draft.ok().filter(|draft| draft.container.mounts.is_empty())?;
                draft.container.name = name;
                if let Some((user, group)) = draft.container.user {
                    let group = group.map(|group| format!(":{group}")).unwrap_or_default();
                    draft.options.extend([Text::of("--user"), Text::of(&format!("{user}{group}"))]);
                }
                let words = line.words.iter().map(|word| Text::word(word, &unit.value(command, word)));
                vec![draft.request("exec", None, words.collect())]
            }
            "logs" | "wait" if background => vec![Words::new(verb, &name)],
            "stop" | "kill" | "rm" => {
                known.iter().map(|number| Words::new("stop", &self.out.containers[*number].name)).collect()
            }
            _ => {
                self.poisoned.insert(number);
                return None;
            }
        };
        self.out.runs.push(Run {
            spot: site.spot,
            words,
            refused: None,
            container: number,
            built: None,
            step: None,
        });
        Some(Fate::Run(self.out.runs.len() - 1))
    }

    /// Something is asked of a container that cannot be done: all that concerns it is left to a person.
    pub(super) fn poison(&mut self, word: Option<&Word>, site: &Site) {
        let (unit, _) = self.command(site.spot);
        let reader = Reader { unit, at: site.spot.1, variables: self.options.variables };
        let words = word.into_iter().chain(site.call.words.iter());
        let names: Vec<String> = words.map(|word| reader.key(word)).collect();
        for name in names {
            let name = name.split(':').next().unwrap_or(&name);
            if let Some(number) = self.running.get(name) {
                self.poisoned.insert(*number);
            }
        }
    }

    /// What is known only when everything was seen: images that are pushed too late or not at all.
    pub(super) fn settle_runs(&mut self) {
        for number in 0..self.out.runs.len() {
            let run = &self.out.runs[number];
            if self.poisoned.contains(&run.container) {
                let spot = run.spot;
                self.out.runs[number].refused = Some(&usage::BACKGROUND_CONTAINER);
                let message = "the container is used in a way that has no counterpart in a pod";
                self.note(&usage::BACKGROUND_CONTAINER, spot, message, None);
                continue;
            }
            let Some(build) = run.built else { continue };
            let later =
                self.out.sites.iter().any(|site| {
                    site.spot > run.spot && site.call.kind == Use::Push && site.fate.merges(build)
                });
            let pushed = !self.out.builds[build].wishes.destinations.is_empty();
            self.out.runs[number].refused = match (pushed, later) {
                (false, _) => Some(&rule::LOCAL_IMAGE_NEEDS_REGISTRY),
                (true, true) => Some(&rule::PUSHED_BEFORE_TEST),
                (true, false) => None,
            };
        }
    }
}

impl Run {
    /// The requests as shell text.
    pub fn line(&self) -> String {
        let lines: Vec<String> = self.words.iter().map(Words::line).collect();
        match lines.as_slice() {
            [line] => line.clone(),
            lines => format!("{{ {}; }}", lines.join(" && ")),
        }
    }
}

impl Run {
    /// What it is as a step: also where a person decides whether the image may be published before it is tested.
    pub fn shown(&self) -> Option<&ContainerStep> {
        let shown = self.refused.is_none_or(|refused| refused.name == rule::PUSHED_BEFORE_TEST.name);
        self.step.as_ref().filter(|_| shown)
    }
}

impl Links {
    /// Number of a request among the steps.
    pub fn step(&self, run: usize) -> Option<usize> {
        self.runs.get(run)?.shown()?;
        Some(self.runs.iter().take(run).filter_map(Run::shown).count())
    }
}
