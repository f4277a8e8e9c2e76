//! Compose: images that it builds and pushes become Kaniko builds, services become containers of the pod.

use super::*;
use crate::plan::image::compose::line::{self, Asked};
use crate::plan::image::compose::service::Reader;
use crate::plan::image::compose::word::Values;
use crate::plan::image::compose::{self, Project};
use crate::plan::image::rules::container as container_rule;

/// Why a command of compose is left to a person.
pub(super) type Refused = (&'static Rule, String);

impl Linker<'_> {
    /// A command of compose.
    pub(super) fn compose(&mut self, site: &Site, shown: &str) -> Fate {
        let (unit, _) = self.command(site.spot);
        let line = line::read(&site.call.words, &|word| self.known(site, word));
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

    /// The text of a word, when it is known before the job runs.
    pub(super) fn known(&self, site: &Site, word: &Word) -> Option<String> {
        let (unit, command) = self.command(site.spot);
        find::known(unit.value(command, word), self.options)
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
    pub(super) fn with_service<T>(
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
    pub(super) fn asked(asked: &Asked, project: &Project) -> Result<Vec<String>, String> {
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
        let asked = Asked::read(&line.words, false, &|word| self.known(site, word));
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
        let asked = Asked::read(&line.words, false, &|word| self.known(site, word));
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
}

/// The same place with other words.
pub(super) fn as_call(site: &Site, kind: Use, words: Vec<Word>) -> Site {
    let call = Call { kind, words, tool: "docker".to_string(), ..site.call.clone() };
    Site { spot: site.spot, call, fate: Fate::Keep }
}
