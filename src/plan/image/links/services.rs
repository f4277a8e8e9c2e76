//! Services of a compose file as containers of the pod: in order, and with their health checks.

use super::composing::{Refused, as_call};
use super::*;
use crate::plan::image::compose::line::{self, Asked};
use crate::plan::image::compose::service::{Health, Reader};
use crate::plan::image::compose::{self, Project, Wait};
use crate::plan::image::run::Words;

impl Linker<'_> {
    pub(super) fn compose_up(
        &mut self,
        site: &Site,
        line: &compose::Line,
        project: &Project,
    ) -> Result<Vec<Fate>, Refused> {
        let asked = Asked::read(&line.words, false, &|word| self.known(site, word));
        let refuse = |message: String| (&usage::COMPOSE_UP, message);
        let wanted = Self::asked(&asked, project).map_err(refuse)?;
        let from = asked.values.iter().find(|(name, _)| name == "--exit-code-from");
        let from = from.and_then(|(_, word)| word.constant());
        if asked.values.iter().any(|(name, _)| name == "--scale") {
            return Err(refuse("a service runs several times".to_string()));
        }
        let detached = asked.has(&["-d", "--detach", "--wait"]);
        // The one whose end ends the command.
        let last = match (&from, detached, wanted.as_slice()) {
            (_, true, _) => None,
            (Some(from), ..) => Some(from.clone()),
            (None, false, [only]) => Some(only.clone()),
            _ => return Err(refuse("it waits for the end of several services".to_string())),
        };
        let order = project.order(&wanted, asked.has(&["--no-deps"]));
        let mut order =
            order.ok_or_else(|| refuse("its services need each other in a circle".to_string()))?;
        if let Some(last) = &last {
            order.retain(|name| name != last);
            order.push(last.clone());
        }
        let published =
            order.iter().any(|name| project.services.get(name).is_some_and(|s| s.contains_key("ports")));
        if last.is_none() && !published && !self.asks_services() {
            let message =
                "its services publish no port, so how the commands of the job reach them is not known";
            return Err(refuse(message.to_string()));
        }
        let mut fates = Vec::new();
        for name in &order {
            let foreground = last.as_ref() == Some(name);
            fates.extend(self.service(site, project, name, foreground, None)?);
        }
        if last.is_none() {
            fates.extend(self.ready(site, project, &order, asked.has(&["--wait"])));
        }
        Ok(fates)
    }

    /// `compose run SERVICE WORD…`, with what the service needs.
    pub(super) fn compose_run(
        &mut self,
        site: &Site,
        line: &compose::Line,
        project: &Project,
    ) -> Result<Vec<Fate>, Refused> {
        let asked = Asked::read(&line.words, true, &|word| self.known(site, word));
        let refuse = |message: &str| (&usage::COMPOSE_UP, message.to_string());
        let [name] = asked.services.as_slice() else {
            return Err(refuse("it names no service that is known"));
        };
        if asked.has(&["-d", "--detach"]) {
            return Err(refuse("it runs a second copy of a service in the background"));
        }
        let order = project.order(std::slice::from_ref(name), asked.has(&["--no-deps"]));
        let order =
            order.ok_or_else(|| refuse("its services need each other in a circle, or are not there"))?;
        let mut fates = Vec::new();
        for needed in order.iter().filter(|needed| *needed != name) {
            fates.extend(self.service(site, project, needed, false, None)?);
        }
        fates.extend(self.service(site, project, name, true, Some(&asked))?);
        Ok(fates)
    }

    pub(super) fn compose_exec(&mut self, site: &Site, line: &compose::Line) -> Result<Vec<Fate>, Refused> {
        let mut words: Vec<Word> =
            line.words.iter().skip_while(|word| word.head() == "-T").cloned().collect();
        words.insert(0, Word::literal("exec"));
        let call = as_call(site, Use::Background, words);
        let told = self.told_as(&call, "exec", &call.call.words[1..]);
        told.map(|fate| vec![fate]).ok_or_else(|| {
            (&usage::COMPOSE_UP, "the service is not running, as far as can be seen".to_string())
        })
    }

    /// `compose logs`, `stop`, `down`: of the services named, else of all that run.
    pub(super) fn compose_told(&mut self, site: &Site) -> Option<Fate> {
        let line = line::read(&site.call.words, &Word::constant);
        let verb = match line.command.as_str() {
            "logs" => "logs",
            "down" | "stop" | "kill" | "rm" => "stop",
            _ => return None,
        };
        let asked = Asked::read(&line.words, false, &|word| self.known(site, word));
        let all = asked.services.is_empty();
        let mut numbers: Vec<usize> = self
            .running
            .iter()
            .filter(|(name, number)| {
                self.out.containers[**number].background && (all || asked.services.contains(name))
            })
            .map(|(_, number)| *number)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let told = |number: usize| {
            let words = Words::new(verb, &self.out.containers[number].name);
            (number, words)
        };
        let requests: Vec<(usize, Words)> = numbers.into_iter().map(told).collect();
        let fates: Vec<Fate> =
            requests.into_iter().map(|(number, words)| self.request(site, number, words)).collect();
        (!fates.is_empty()).then_some(Fate::All(fates))
    }

    /// Starts a service, or runs it in the foreground, after what it waits for.
    fn service(
        &mut self,
        site: &Site,
        project: &Project,
        name: &str,
        foreground: bool,
        asked: Option<&Asked>,
    ) -> Result<Vec<Fate>, Refused> {
        let refuse = |message: String| (&usage::COMPOSE_UP, message);
        if !foreground && self.running.contains_key(name) {
            return Ok(Vec::new());
        }
        let words = self.with_service(site, project, name, |service| run_words(service, foreground, asked));
        let words = words.map_err(refuse)?;
        let image = self.with_service(site, project, name, |service| {
            Ok(if service.body.contains_key("build") { service.image()? } else { None })
        });
        if let Some(image) = image.map_err(refuse)?
            && !self.handles.contains_key(&self.key(site.spot, &image))
        {
            return Err(refuse(format!("it would build the image of the service `{name}`")));
        }
        let mut fates = Vec::new();
        for (needed, wait) in project.needs(name) {
            fates.extend(match wait {
                Wait::Started => None,
                Wait::Healthy => self.healthy(site, project, &needed, true),
                Wait::Done => self.running.get(&needed).copied().map(|number| {
                    let container = self.out.containers[number].name.clone();
                    self.request(site, number, Words::new("done", &container))
                }),
            });
        }
        let call = as_call(site, Use::Run, words);
        match self.run(&call, &format!("service {name}")) {
            Fate::Decide(rule) => {
                let message = self.out.notes.pop().map(|note| note.message).unwrap_or_default();
                Err((if rule.name == usage::DOCKER_RUN.name { &usage::COMPOSE_UP } else { rule }, message))
            }
            fate => {
                fates.push(fate);
                Ok(fates)
            }
        }
    }

    /// Waits until a service is ready, when the file says how that is seen.
    fn healthy(&mut self, site: &Site, project: &Project, name: &str, must: bool) -> Option<Fate> {
        let number = *self.running.get(name)?;
        let health: Health =
            self.with_service(site, project, name, |service| Ok(service.health())).ok()??;
        let mut words = Words::new(if must { "healthy" } else { "ready" }, &self.out.containers[number].name);
        words.put(&health.seconds.div_ceil(2).to_string());
        words.put("2");
        words.put("--");
        health.words.iter().for_each(|word| words.put(word));
        Some(self.request(site, number, words))
    }

    fn ready(&mut self, site: &Site, project: &Project, order: &[String], must: bool) -> Vec<Fate> {
        order.iter().filter_map(|name| self.healthy(site, project, name, must)).collect()
    }

    fn request(&mut self, site: &Site, container: usize, words: Words) -> Fate {
        let (spot, built) = (site.spot, None);
        self.out.runs.push(Run { spot, words: vec![words], refused: None, container, built, step: None });
        Fate::Run(self.out.runs.len() - 1)
    }

    /// Does the job ask services through compose or docker, not through their ports?
    fn asks_services(&self) -> bool {
        let commands = self.units.iter().flat_map(|unit| &unit.script.commands);
        commands.filter_map(|command| docker::recognise(&command.words)).any(|call| {
            let asks = |word: &Word| matches!(word.head(), "exec" | "run");
            call.kind == Use::ComposeUp && call.words.iter().any(asks)
                || call.kind == Use::Background && call.tool != "compose"
        })
    }
}

/// The words behind `docker run` for a service.
fn run_words(service: &Reader<'_>, foreground: bool, asked: Option<&Asked>) -> Result<Vec<Word>, String> {
    let mut words = service.options()?;
    let (mut program, mut command) = service.command()?;
    if !foreground {
        words.push(Word::literal("-d"));
    }
    if let Some(asked) = asked {
        for (option, value) in &asked.values {
            match option.as_str() {
                "--entrypoint" => (program, command) = (Some(value.clone()), Vec::new()),
                "-e" | "--env" | "-w" | "--workdir" | "-u" | "--user" | "-v" | "--volume" | "-p"
                | "--publish" => {
                    words.extend([Word::literal(option), value.clone()]);
                }
                _ => {}
            }
        }
        if !asked.words.is_empty() {
            command = asked.words.clone();
        }
        // What is not asked for is not published.
        words.extend(asked.has(&["-i"]).then(|| Word::literal("-i")));
    }
    let image = service.image()?;
    let image = image.ok_or_else(|| {
        format!(
            "the service `{}` is built here and its image has no name: build and push it before",
            service.name
        )
    })?;
    if let Some(program) = program {
        words.extend([Word::literal("--entrypoint"), program]);
    }
    words.push(image);
    words.extend(command);
    Ok(words)
}
