//! From the words of `docker build` to what is asked for.

use super::buildkit::asked::{self, Asked};
use super::docker::flags::{self, Flag, Given};
use super::docker::{self, Call};
use super::folder;
use super::rules::build as rule;
use super::shell::{Command, Part, Word};
use super::unit::Unit;
use super::value::Value;
use crate::finding::Rule;

mod output;
mod source;

pub use source::{Context, Recipe};

/// A text for Kaniko's command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// In the shell's spelling.
    pub shell: String,
    /// As it is, when nothing in it depends on run time.
    pub literal: Option<String>,
    /// For readers.
    pub shown: String,
}

impl Text {
    /// A text that is known.
    pub fn of(text: &str) -> Text {
        Text { shell: super::shell::quote(text), literal: Some(text.to_string()), shown: text.to_string() }
    }

    /// A word of the script as it stands there.
    pub fn word(word: &Word, value: &Value) -> Text {
        Text { shell: word.source.clone(), literal: word.constant(), shown: value.text() }
    }
}

/// What a build asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The files.
    pub context: Context,
    /// The Dockerfile.
    pub recipe: Recipe,
    /// Values of `-t`.
    pub tags: Vec<(Word, Value)>,
    /// `NAME=value`.
    pub build_args: Vec<Text>,
    /// Names of arguments that are passed only when the variable is set.
    pub optional_args: Vec<String>,
    /// `name=value`.
    pub labels: Vec<Text>,
    /// `--target`.
    pub target: Option<Text>,
    /// `--platform`.
    pub platform: Option<Text>,
    /// `--cache-from`.
    pub cache_from: Vec<String>,
    /// `--push`.
    pub push: bool,
    /// The tar file of `--output type=docker,dest=FILE`.
    pub saved: Option<String>,
    /// `--no-cache`.
    pub no_cache: bool,
    /// `--squash`.
    pub squash: bool,
    /// `--add-host`.
    pub hosts: Vec<(String, String)>,
    /// `--memory`.
    pub memory: Option<String>,
    /// Things to say; the rule's severity tells whether the build can be converted.
    pub notes: Vec<(&'static Rule, String)>,
    /// What only BuildKit can do.
    pub asked: Asked,
    /// Why it cannot become a build.
    pub refused: Option<&'static Rule>,
}

/// Reads a build. `files` gives the text of repository files.
pub fn read(unit: &Unit, at: usize, call: &Call, files: &dyn Fn(&str) -> Option<String>) -> Request {
    let command = &unit.script.commands[at];
    let line = flags::read(&call.words);
    let file =
        line.given.iter().rev().find(|given| given.flag == Flag::File).and_then(|given| given.value.as_ref());
    let context = source::context(unit, at, line.operands.first());
    let recipe = source::recipe(unit, at, call, file, &context, files);
    let mut request = Request {
        context,
        recipe,
        tags: Vec::new(),
        build_args: Vec::new(),
        optional_args: Vec::new(),
        labels: Vec::new(),
        target: None,
        platform: None,
        cache_from: Vec::new(),
        push: false,
        saved: None,
        no_cache: false,
        squash: false,
        hosts: Vec::new(),
        memory: None,
        notes: Vec::new(),
        asked: Asked::default(),
        refused: None,
    };
    for given in &line.given {
        request.take(unit, command, given);
    }
    if line.operands.len() > 1 {
        let words = line.operands[1].source.clone();
        request.refuse(
            &rule::UNKNOWN_BUILD_OPTION,
            format!("`{words}` stands where the build has one context only"),
        );
    }
    source::judge(&mut request, unit, at);
    request
}

impl Request {
    /// Says something.
    pub fn note(&mut self, rule: &'static Rule, message: impl Into<String>) {
        self.notes.push((rule, message.into()));
    }

    /// Says why the build cannot be converted.
    pub fn refuse(&mut self, rule: &'static Rule, message: impl Into<String>) {
        self.refused.get_or_insert(rule);
        self.note(rule, message);
    }

    fn take(&mut self, unit: &Unit, command: &Command, given: &Given) {
        let Some(word) = &given.value else {
            return self.switch(given);
        };
        let value = unit.value(command, word);
        let text = Text::word(word, &value);
        if !unit.has_shell() && looks_expanded(word) {
            let shown = &text.shown;
            return self.refuse(
                &rule::EXEC_VARIABLE_NOT_EXPANDED,
                format!("`{shown}` reaches the program as it is: `exec` has no shell that would expand it"),
            );
        }
        let shown = text.shown.clone();
        match given.flag {
            Flag::Tag => self.tags.push((word.clone(), value)),
            Flag::BuildArg => self.argument(unit, command, word, text),
            Flag::Label => self.labels.push(text),
            Flag::Target => self.target = Some(text),
            Flag::Platform => self.platform(text),
            Flag::CacheFrom => self.cache_source(&shown),
            Flag::Network => self.note(
                &rule::NETWORK_MODE,
                format!("`--network {shown}` has no counterpart: Kaniko builds in the pod's own network"),
            ),
            Flag::AddHost => match shown.split_once([':', '=']) {
                Some((host, address)) => {
                    self.note(
                        &rule::ADD_HOST,
                        format!("`{host}` becomes a host alias of the pod, at `{address}`"),
                    );
                    self.hosts.push((host.to_string(), address.to_string()));
                }
                None => self.refuse(
                    &rule::UNKNOWN_BUILD_OPTION,
                    format!("`--add-host {shown}` is no `host:address`"),
                ),
            },
            Flag::Memory => {
                self.note(
                    &rule::BUILD_RESOURCE_LIMIT,
                    format!("`{} {shown}` becomes a limit of the container", given.name),
                );
                self.memory = Some(shown);
            }
            Flag::Cpu => self.note(
                &rule::BUILD_RESOURCE_LIMIT,
                format!("`{} {shown}` is left to the limits of the container", given.name),
            ),
            Flag::Secret => asked::secret(self, command, text),
            Flag::Ssh => asked::ssh(self, text),
            Flag::IidFile | Flag::MetadataFile => self.note(
                &rule::IMAGE_ID_FILE,
                format!(
                    "`{}` would write docker's image id to `{shown}`, which Kaniko does not know",
                    given.name
                ),
            ),
            Flag::Output => self.output(&shown),
            Flag::Isolation if shown != "default" => self.refuse(
                &rule::PLATFORM_UNSUPPORTED,
                format!("`--isolation {shown}` is for Windows containers, which Kaniko cannot build"),
            ),
            Flag::Unknown => self.unknown(given),
            _ => {}
        }
    }

    fn switch(&mut self, given: &Given) {
        match given.flag {
            Flag::NoCache => self.no_cache = true,
            Flag::Push => self.push = true,
            Flag::Squash => {
                self.squash = true;
                self.note(&rule::SQUASH_APPROXIMATED, "`--squash` becomes one snapshot of the whole image");
            }
            Flag::Unknown => self.unknown(given),
            _ => {}
        }
    }

    fn unknown(&mut self, given: &Given) {
        self.refuse(
            &rule::UNKNOWN_BUILD_OPTION,
            format!("`{}` is an option of the build that has no known counterpart", given.name),
        );
    }

    fn platform(&mut self, text: Text) {
        let another = self.platform.as_ref().is_some_and(|before| before.shown != text.shown);
        if another || text.shown.contains(',') {
            return asked::platforms(self, text);
        }
        if text.shown.starts_with("windows") {
            self.refuse(&rule::PLATFORM_UNSUPPORTED, format!("`{}` cannot be built by Kaniko", text.shown));
        }
        self.platform = Some(text);
    }

    fn cache_source(&mut self, given: &str) {
        // `type=registry,ref=NAME` is the long form of a reference.
        let long = given.split(',').find_map(|part| part.strip_prefix("ref="));
        let shown = long.filter(|_| given.starts_with("type=registry")).unwrap_or(given).to_string();
        self.note(
            &rule::CACHE_FROM_APPROXIMATED,
            format!("layers of `{shown}` are not taken over; the layer cache repository serves instead"),
        );
        self.cache_from.push(shown);
    }

    /// `--build-arg NAME=value`, and `--build-arg NAME` which takes the value of the variable if it is set.
    fn argument(&mut self, unit: &Unit, command: &Command, word: &Word, text: Text) {
        let name = match word.constant() {
            Some(name) if !name.contains('=') => name,
            _ => return self.build_args.push(text),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(plain) || name.starts_with(|c: char| c.is_ascii_digit()) {
            return self.build_args.push(text);
        }
        if let Some(set) = command.assignments.iter().find(|a| a.name == name).and_then(|a| a.value.as_ref())
        {
            let shown = format!("{name}={}", unit.value(command, set).text());
            let literal = set.constant().map(|value| format!("{name}={value}"));
            return self.build_args.push(Text { shell: format!("{name}={}", set.source), literal, shown });
        }
        let named =
            Word { parts: vec![Part::Variable { name: name.clone(), default: None }], ..Word::default() };
        let exported = unit.value(command, &named).constant();
        self.optional_args.push(name.clone());
        let shell = format!("{name}=\"${name}\"");
        let shown = exported.unwrap_or_else(|| format!("${{{name}}}"));
        self.build_args.push(Text { shell, literal: None, shown: format!("{name}={shown}") });
    }
}

/// `$NAME` or `${NAME}` in a word that no shell reads.
pub fn looks_expanded(word: &Word) -> bool {
    let Some(text) = word.constant() else { return false };
    text.split('$')
        .skip(1)
        .any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '{' | '(')))
}

/// Is the folder in the checkout? For contexts, Dockerfiles and tar files.
pub fn inside(path: &str) -> bool {
    folder::below(path).is_some()
}

/// The name of the tool decides the default file.
pub fn default_file(call: &Call) -> &'static [&'static str] {
    if matches!(docker::base(&call.tool), "podman" | "buildah") {
        &["Containerfile", "Dockerfile"]
    } else {
        &["Dockerfile"]
    }
}
