//! Compose: images that it builds and pushes become Kaniko builds, services become containers of the pod.

use super::*;
use crate::plan::image::compose::line::{self, Asked};
use crate::plan::image::compose::service::{Health, Reader};
use crate::plan::image::compose::word::Values;
use crate::plan::image::compose::{self, Project, Wait};
use crate::plan::image::rules::container as container_rule;
use crate::plan::image::run::Words;

/// Why a command of compose is left to a person.
type Refused = (&'static Rule, String);

impl Linker<'_> {
    /// A command of compose.
    pub(super) fn compose(&mut self, site: &Site, shown: &str) -> Fate {
        let (unit, command) = self.command(site.spot);
        let known = |word: &Word| {
            let text = unit.value(command, word).with(self.options.variables);
            (!text.contains(['$', '`'])).then_some(text)
        };
        let line = line::read(&site.call.words, &known);
        let building = matches!(line.command.as_str(), "build" | "push");
        let general = if building { &usage::COMPOSE_BUILD } else { &usage::COMPOSE_UP };
        let project = match &line.unclear {
            Some(option) => Err(format!("`{option}` is not followed")),
            None => compose::read(&line, unit.folders[site.spot.1].path.as_deref(), self.options.files),
        };
        let fates = project.map_err(|message| (general, message)).and_then(|project| {
            let planned = match line.command.as_str() {
                "build" => self.compose_build(site, &line, &project),
                "push" => self.compose_push(site, &line, &project),
                "up" => self.compose_up(site, &line, &project),
                "run" => self.compose_run(site, &line, &project),
                "exec" => self.compose_exec(site, &line),
                other => Err((general, format!("`{other}` has no counterpart"))),
            }?;
            Ok((planned, project))
        });
        match fates {
            Ok((fates, project)) if !fates.is_empty() => {
                let rule =
                    if building { &build_rule::COMPOSE_FOLLOWED } else { &container_rule::COMPOSE_SERVICES };
                let files = project.files.join("`, `");
                self.note(rule, site.spot, format!("`{shown}` does what `{files}` says"), None);
                Fate::All(fates)
            }
            Ok(_) => Fate::Nothing("the compose file builds nothing"),
            Err((rule, message)) => self.compose_refused(site, shown, rule, &message),
        }
    }

    fn compose_refused(&mut self, site: &Site, shown: &str, rule: &'static Rule, message: &str) -> Fate {
        let help = if rule.name == usage::COMPOSE_UP.name {
            "add each service to the job as a sidecar: its image, command and environment as in the compose file, the workspace \
             at the place of each volume; wait for its port; let the tests use `localhost`"
        } else {
            "write one `docker build` and one `docker push` per image"
        };
        let fate = self.needs(site, rule, format!("`{shown}`: {message}"));
        if let Some(note) = self.out.notes.last_mut() {
            note.help = Some(help.to_string());
        }
        fate
    }

    /// Does something with the words of a service; what fills in its variables is looked up once.
    fn with_service<T>(
        &self,
        site: &Site,
        project: &Project,
        name: &str,
        read: impl FnOnce(&Reader<'_>) -> Result<T, String>,
    ) -> Result<T, String> {
        let (unit, command) = self.command(site.spot);
        let shell = |name: &str| {
            unit.script.assigned.contains(name)
                || unit.script.set.contains_key(name)
                || self.options.variables.contains_key(name)
                || self.options.secure.contains(name)
                || name.starts_with("GO_")
                || matches!(name, "HOME" | "PWD" | "USER" | "HOSTNAME" | "UID" | "PATH")
        };
        let front = command.assignments.iter().filter_map(|a| Some((a.name.clone(), a.value.clone()?)));
        let values = Values { file: project.variables.clone(), front: front.collect(), shell: Some(&shell) };
        let body = project.services.get(name).ok_or_else(|| format!("there is no service `{name}`"))?;
        read(&Reader { project, values: &values, name, body })
    }

    /// The services that are asked for; all of them when none is named.
    fn asked(asked: &Asked, project: &Project) -> Result<Vec<String>, String> {
        if asked.unclear {
            return Err("which services are meant is known only when the job runs".to_string());
        }
        match asked.services.as_slice() {
            [] => Ok(project.default_services()),
            services => Ok(services.to_vec()),
        }
    }

    fn compose_build(
        &mut self,
        site: &Site,
        line: &compose::Line,
        project: &Project,
    ) -> Result<Vec<Fate>, Refused> {
        let asked = Asked::read(&line.words, false);
        let refuse = |message: String| (&usage::COMPOSE_BUILD, message);
        let fine = [
            "--pull",
            "--parallel",
            "--no-cache",
            "--push",
            "-q",
            "--quiet",
            "--force-rm",
            "--compress",
            "--no-rm",
        ];
        if let Some(other) = asked.switches.iter().find(|switch| !fine.contains(&switch.as_str())) {
            return Err(refuse(format!("`{other}` is not followed")));
        }
        let mut calls = Vec::new();
        for name in Self::asked(&asked, project).map_err(refuse)? {
            let Some(mut words) = self.with_service(site, project, &name, |s| s.build()).map_err(refuse)?
            else {
                continue;
            };
            let mut front: Vec<Word> = asked
                .switches
                .iter()
                .filter(|switch| matches!(switch.as_str(), "--no-cache" | "--push"))
                .map(|switch| Word::literal(switch))
                .collect();
            for (option, value) in asked.values.iter().filter(|(option, _)| option == "--build-arg") {
                front.extend([Word::literal(option), value.clone()]);
            }
            front.append(&mut words);
            calls.push(front);
        }
        Ok(calls.into_iter().map(|words| self.build(&as_call(site, Use::Build, words))).collect())
    }

    fn compose_push(
        &mut self,
        site: &Site,
        line: &compose::Line,
        project: &Project,
    ) -> Result<Vec<Fate>, Refused> {
        let asked = Asked::read(&line.words, false);
        let refuse = |message: String| (&usage::COMPOSE_BUILD, message);
        let mut images = Vec::new();
        for name in Self::asked(&asked, project).map_err(refuse)? {
            let image = self.with_service(site, project, &name, |service| {
                Ok(if service.body.contains_key("build") { service.image()? } else { None })
            });
            images.extend(image.map_err(refuse)?);
        }
        Ok(images.into_iter().map(|image| self.push(&as_call(site, Use::Push, vec![image]))).collect())
    }

    fn compose_up(
        &mut self,
        site: &Site,
        line: &compose::Line,
        project: &Project,
    ) -> Result<Vec<Fate>, Refused> {
        let asked = Asked::read(&line.words, false);
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
    fn compose_run(
        &mut self,
        site: &Site,
        line: &compose::Line,
        project: &Project,
    ) -> Result<Vec<Fate>, Refused> {
        let asked = Asked::read(&line.words, true);
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

    fn compose_exec(&mut self, site: &Site, line: &compose::Line) -> Result<Vec<Fate>, Refused> {
        let mut words: Vec<Word> =
            line.words.iter().skip_while(|word| word.head() == "-T").cloned().collect();
        words.insert(0, Word::literal("exec"));
        let call = as_call(site, Use::Background, words);
        let told = self.told_as(&call, "exec", &call.call.words[1..]);
        told.map(|fate| vec![fate]).ok_or_else(|| {
            (&usage::COMPOSE_UP, "the service is not running, as far as can be seen".to_string())
        })
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

/// The same place with other words.
fn as_call(site: &Site, kind: Use, words: Vec<Word>) -> Site {
    let call = Call { kind, words, tool: "docker".to_string(), ..site.call.clone() };
    Site { spot: site.spot, call, fate: Fate::Keep }
}
