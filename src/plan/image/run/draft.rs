//! From the words of `docker run` to a container of the pod and the request to it.

use super::mounts::{self, Mounted, View};
use super::options::{Flag, Given, Line};
use super::{RunContainer, Words};
use crate::finding::Rule;
use crate::plan::image::outcome::ContainerStep;
use crate::plan::image::request::{self, Text};
use crate::plan::image::rules::{build as build_rule, container as rule, usage};
use crate::plan::image::shell::Word;
use crate::plan::image::unit::Unit;
use std::collections::BTreeMap;

/// Why a container is left to a person.
pub type Refusal = (&'static Rule, String);

/// What was read from a `run`.
#[derive(Debug, Default)]
pub struct Draft {
    /// The container, without its name and image.
    pub container: RunContainer,
    /// Options of the request, between the container's name and `--`.
    pub options: Vec<Text>,
    /// The same as data.
    pub step: ContainerStep,
    /// Things to say.
    pub notes: Vec<(&'static Rule, String)>,
    /// Names by which others know it.
    pub names: Vec<String>,
    /// Hosts and their addresses.
    pub hosts: Vec<(String, String)>,
    /// Containers it wants to reach by another name: theirs, and that name.
    pub links: Vec<(String, String)>,
}

/// Where a `run` stands.
pub struct Reader<'a> {
    /// The task.
    pub unit: &'a Unit,
    /// Number of the command in it.
    pub at: usize,
    /// Variables with a known value.
    pub variables: &'a BTreeMap<String, String>,
}

impl Reader<'_> {
    /// Reads the options.
    pub fn read(&self, line: &Line) -> Result<Draft, Refusal> {
        let mut draft = Draft::default();
        draft.container.background = line.has(Flag::Detach);
        for given in &line.given {
            self.take(&mut draft, given)?;
        }
        for word in &line.words {
            self.expanded(word)?;
            draft.step.args.push(self.text(word));
        }
        let mut targets: Vec<&str> = draft.container.mounts.iter().map(|m| m.target.as_str()).collect();
        targets.sort_unstable();
        if targets.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err((&usage::DOCKER_RUN, "two mounts have the same place in the container".to_string()));
        }
        let workspaces = || draft.container.mounts.iter().filter(|mount| mount.volume == "workspace");
        let whole = workspaces().find(|mount| mount.sub_path.is_empty()).map(|mount| mount.target.clone());
        let part = workspaces().next().map(|mount| format!("{}:{}", mount.sub_path, mount.target));
        draft.step.workspace = whole.or(part);
        Ok(draft)
    }

    /// A word for readers.
    pub fn text(&self, word: &Word) -> String {
        self.unit.value(&self.unit.script.commands[self.at], word).text()
    }

    /// A word with everything put in that is known.
    pub fn known(&self, word: &Word) -> Option<String> {
        let command = &self.unit.script.commands[self.at];
        let text = self.unit.value(command, word).with(self.variables);
        (!text.contains(['$', '`', '{', '*']) && self.settled(word)).then_some(text)
    }

    fn settled(&self, word: &Word) -> bool {
        let command = &self.unit.script.commands[self.at];
        let value = self.unit.value(command, word);
        value.from_environment()
    }

    fn word(&self, word: &Word) -> Text {
        Text::word(word, &self.unit.value(&self.unit.script.commands[self.at], word))
    }

    fn expanded(&self, word: &Word) -> Result<(), Refusal> {
        if !self.unit.has_shell() && request::looks_expanded(word) {
            let shown = self.text(word);
            let message =
                format!("`{shown}` reaches docker as it is: `exec` has no shell that would expand it");
            return Err((&build_rule::EXEC_VARIABLE_NOT_EXPANDED, message));
        }
        Ok(())
    }

    fn take(&self, draft: &mut Draft, given: &Given) -> Result<(), Refusal> {
        let refuse = |what: String| Err((&usage::DOCKER_RUN, what));
        if given.flag == Flag::Interactive {
            draft.options.push(Text::of("-i"));
        }
        if given.flag == Flag::Unknown {
            return refuse(format!("`{}` has no counterpart in a pod", given.name));
        }
        if given.flag == Flag::Privileged {
            let message = format!("`{}` asks for rights that no pod of the output has", given.name);
            return Err((&rule::PRIVILEGED_CONTAINER, message));
        }
        let Some(word) = &given.value else { return Ok(()) };
        self.expanded(word)?;
        let known = self.known(word);
        match given.flag {
            Flag::Volume | Flag::Mount => self.mount(draft, word, given.flag == Flag::Mount)?,
            Flag::Env => {
                let text = self.text(word);
                let (name, value) = text.split_once('=').unwrap_or((&text, ""));
                let value = if text.contains('=') { value.to_string() } else { format!("${{{name}}}") };
                draft.step.env.push((name.to_string(), value));
                draft.options.extend([Text::of("-e"), self.word(word)]);
            }
            // Before all `-e`, which win.
            Flag::EnvFile => {
                draft.options.splice(0..0, [Text::of("--env-file"), self.word(word)]);
            }
            Flag::Workdir => {
                draft.step.workdir = Some(self.text(word));
                draft.options.extend([Text::of("-w"), self.word(word)]);
            }
            Flag::Entrypoint => {
                draft.step.command = Some(vec![self.text(word)]);
                draft.options.extend([Text::of("--entrypoint"), self.word(word)]);
            }
            Flag::User => Self::user(draft, known),
            Flag::Memory => draft.container.memory = known.unwrap_or_default(),
            Flag::Name | Flag::Alias => draft.names.push(self.key(word)),
            Flag::Publish => publish(draft, known)?,
            Flag::Network if self.text(word) == "none" => {
                return refuse("`--network none` keeps the container off every network".to_string());
            }
            Flag::AddHost => {
                let Some((host, address)) = known.as_deref().and_then(|text| text.split_once([':', '=']))
                else {
                    return refuse(format!("`--add-host {}` is no `host:address`", self.text(word)));
                };
                let address = if address == "host-gateway" { "127.0.0.1" } else { address };
                draft.hosts.push((host.to_string(), address.to_string()));
            }
            Flag::Link => {
                let text = known.unwrap_or_default();
                let (name, alias) = text.split_once(':').unwrap_or((&text, &text));
                draft.links.push((name.to_string(), alias.to_string()));
            }
            _ => {}
        }
        Ok(())
    }

    /// A name as it can be compared across the job.
    pub fn key(&self, word: &Word) -> String {
        self.unit.value(&self.unit.script.commands[self.at], word).key()
    }

    fn mount(&self, draft: &mut Draft, word: &Word, long: bool) -> Result<(), Refusal> {
        let view = View {
            script: &self.unit.script,
            command: &self.unit.script.commands[self.at],
            folder: &self.unit.folders[self.at],
        };
        match if long { mounts::long(view, word)? } else { mounts::volume(view, word)? } {
            Mounted::Folder(mount, compared) => {
                if let Some(source) = compared {
                    draft.options.extend([Text::of("--same"), source, Text::of(&mount.target)]);
                }
                draft.container.mounts.push(mount);
            }
            Mounted::Named(mount) => {
                let message = format!(
                    "the volume at `{}` is empty when the pod starts, and goes with the pod",
                    mount.target
                );
                draft.notes.push((&rule::NAMED_VOLUME, message));
                draft.container.mounts.push(mount);
            }
            Mounted::Dropped(what) => {
                draft.notes.push((&rule::CONTAINER_STEP, format!("{what} is not mounted")))
            }
        }
        Ok(())
    }

    /// A number is the container's user. What is computed only matched the owner of the agent's files.
    fn user(draft: &mut Draft, known: Option<String>) {
        let Some(text) = known else { return };
        let (user, group) = text.split_once(':').map_or((text.as_str(), None), |(u, g)| (u, Some(g)));
        let number = |text: &str| if text == "root" { Some(0) } else { text.parse::<u32>().ok() };
        match (number(user), group.map(number)) {
            (Some(user), None) => draft.container.user = Some((user, None)),
            (Some(user), Some(Some(group))) => draft.container.user = Some((user, Some(group))),
            // The container's root becomes that user, who is known to the image only.
            _ => draft.options.extend([Text::of("--user"), Text::of(&text)]),
        }
    }
}

/// `[ip:]host:container[/proto]`: in a pod every container has the same ports.
fn publish(draft: &mut Draft, known: Option<String>) -> Result<(), Refusal> {
    let text =
        known.ok_or_else(|| (&usage::DOCKER_RUN, "a published port is known only at run time".into()))?;
    let plain = text.strip_suffix("/tcp").unwrap_or(&text);
    let mut numbers = plain.rsplit(':').map(str::parse::<u16>);
    let clear = || (&usage::DOCKER_RUN, format!("the published port `{text}` is not understood"));
    let Some(Ok(inner)) = numbers.next() else { return Err(clear()) };
    draft.container.ports.push(inner);
    match numbers.next() {
        // A port of the agent that nobody knows before: who asks `docker port` for it is told.
        None => {}
        Some(Ok(outer)) if outer == inner => {}
        Some(Ok(outer)) => {
            draft.container.ports.push(outer);
            draft.options.extend([Text::of("--forward"), Text::of(&format!("{outer}:{inner}"))]);
        }
        Some(Err(_)) => return Err(clear()),
    }
    Ok(())
}

impl Draft {
    /// The whole request.
    pub fn request(&self, verb: &str, image: Option<Text>, words: Vec<Text>) -> Words {
        let mut out = Words::new(verb, &self.container.name);
        out.0.extend(self.options.iter().cloned());
        if let Some(image) = image {
            out.option("--image", image);
        }
        out.put("--");
        out.0.extend(words);
        out
    }
}
