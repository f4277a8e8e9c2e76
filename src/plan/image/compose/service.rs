//! A service as the words of `docker run` or `docker build`.

use serde_yaml::{Mapping, Value as Yaml};

use super::Project;
use super::word::{Values, split};
use crate::plan::image::folder;
use crate::plan::image::shell::Word;

/// Why a service is left to a person.
pub type Refused = String;

/// How it is seen whether a service is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The words that succeed when it is.
    pub words: Vec<String>,
    /// For how many seconds they are tried.
    pub seconds: u64,
}

/// A service's words.
pub struct Reader<'a> {
    /// The project.
    pub project: &'a Project,
    /// What fills in variables.
    pub values: &'a Values<'a>,
    /// Its name.
    pub name: &'a str,
    /// What the file says.
    pub body: &'a Mapping,
}

impl Reader<'_> {
    /// The options of `docker run`, without image and command.
    pub fn options(&self) -> Result<Vec<Word>, Refused> {
        for key in ["extends", "secrets", "configs", "gpus", "develop", "volumes_from"] {
            if self.body.contains_key(key) {
                return Err(format!("`{key}` of the service `{}` is not followed", self.name));
            }
        }
        let replicas =
            self.body.get("deploy").and_then(|deploy| deploy.get("replicas")).or(self.body.get("scale"));
        if replicas.and_then(Yaml::as_u64).is_some_and(|count| count != 1) {
            return Err(format!("the service `{}` runs several times", self.name));
        }
        let mut out = Vec::new();
        self.each("env_file", &mut out, "--env-file", &|text| folder::join(&self.project.folder, text))?;
        self.pairs("environment", &mut out, "-e")?;
        for (key, option) in [
            ("container_name", "--name"),
            ("hostname", "--network-alias"),
            ("working_dir", "-w"),
            ("user", "-u"),
            ("mem_limit", "-m"),
        ] {
            if let Some(text) = self.body.get(key).and_then(scalar) {
                self.put(&mut out, option, &text)?;
            }
        }
        self.put(&mut out, "--network-alias", self.name)?;
        self.each("extra_hosts", &mut out, "--add-host", &str::to_string)?;
        self.each("links", &mut out, "--link", &str::to_string)?;
        self.networks(&mut out)?;
        self.ports(&mut out)?;
        self.volumes(&mut out)?;
        let rights = ["privileged", "cap_add", "devices", "pid", "ipc"];
        let asks = |key: &&str| self.body.get(*key).is_some_and(|value| value.as_bool() != Some(false));
        if rights.iter().any(asks) {
            out.push(Word::literal("--privileged"));
        }
        Ok(out)
    }

    /// The image.
    pub fn image(&self) -> Result<Option<Word>, Refused> {
        let Some(text) = self.body.get("image").and_then(scalar) else { return Ok(None) };
        self.word(&text).map(Some)
    }

    /// `entrypoint` and `command`: an option, and the words behind the image.
    pub fn command(&self) -> Result<(Option<Word>, Vec<Word>), Refused> {
        let mut entrypoint = self.list("entrypoint")?.into_iter();
        let program = entrypoint.next();
        let mut words: Vec<Word> = entrypoint.collect();
        words.extend(self.list("command")?);
        Ok((program, words))
    }

    /// Its health check.
    pub fn health(&self) -> Option<Health> {
        let check = self.body.get("healthcheck")?;
        if check.get("disable").and_then(Yaml::as_bool) == Some(true) {
            return None;
        }
        let texts: Vec<String> = match check.get("test")? {
            Yaml::String(text) => vec!["CMD-SHELL".to_string(), text.clone()],
            Yaml::Sequence(list) => list.iter().filter_map(scalar).collect(),
            _ => return None,
        };
        let texts: Vec<String> = texts.iter().map(|text| text.replace("$$", "$")).collect();
        let words = match texts.split_first()? {
            (kind, rest) if kind == "CMD-SHELL" => [&["sh".to_string(), "-c".to_string()], rest].concat(),
            (kind, rest) if kind == "CMD" => rest.to_vec(),
            _ => return None,
        };
        let time =
            |key: &str, or: u64| check.get(key).and_then(scalar).and_then(|t| seconds(&t)).unwrap_or(or);
        let retries = check.get("retries").and_then(Yaml::as_u64).unwrap_or(3).clamp(1, 1000);
        let all = time("start_period", 0) + retries.saturating_mul(time("interval", 30).clamp(1, 3600));
        Some(Health { words, seconds: all.clamp(10, 3600) })
    }

    pub(super) fn word(&self, text: &str) -> Result<Word, Refused> {
        self.values
            .word(text)
            .ok_or_else(|| format!("`{text}` of the service `{}` is not understood", self.name))
    }

    pub(super) fn put(&self, out: &mut Vec<Word>, option: &str, text: &str) -> Result<(), Refused> {
        out.extend([Word::literal(option), self.word(text)?]);
        Ok(())
    }

    /// A text or a list of texts.
    pub(super) fn each(
        &self,
        key: &str,
        out: &mut Vec<Word>,
        option: &str,
        make: &dyn Fn(&str) -> String,
    ) -> Result<(), Refused> {
        let texts: Vec<String> = match self.body.get(key) {
            None => Vec::new(),
            Some(Yaml::Sequence(list)) => {
                let text = |item: &Yaml| scalar(item).or_else(|| item.get("path").and_then(scalar));
                list.iter().filter_map(text).collect()
            }
            Some(Yaml::Mapping(map)) => map
                .iter()
                .filter_map(|(name, value)| Some(format!("{}:{}", scalar(name)?, scalar(value)?)))
                .collect(),
            Some(value) => scalar(value).into_iter().collect(),
        };
        texts.iter().try_for_each(|text| self.put(out, option, &make(text)))
    }

    /// `NAME: value` or `- NAME=value`; without a value it is the shell's.
    pub(super) fn pairs(&self, key: &str, out: &mut Vec<Word>, option: &str) -> Result<(), Refused> {
        let texts: Vec<String> = match self.body.get(key) {
            Some(Yaml::Sequence(list)) => list.iter().filter_map(scalar).collect(),
            Some(Yaml::Mapping(map)) => map
                .iter()
                .filter_map(|(name, value)| {
                    let name = scalar(name)?;
                    Some(scalar(value).map_or(name.clone(), |value| format!("{name}={value}")))
                })
                .collect(),
            _ => Vec::new(),
        };
        texts.iter().try_for_each(|text| self.put(out, option, text))
    }

    fn list(&self, key: &str) -> Result<Vec<Word>, Refused> {
        let texts = match self.body.get(key) {
            Some(Yaml::Sequence(list)) => list.iter().filter_map(scalar).collect(),
            Some(Yaml::String(text)) => split(text),
            _ => Vec::new(),
        };
        texts.iter().map(|text| self.word(text)).collect()
    }

    fn networks(&self, out: &mut Vec<Word>) -> Result<(), Refused> {
        if self.body.get("network_mode").and_then(Yaml::as_str) == Some("none") {
            out.extend([Word::literal("--network"), Word::literal("none")]);
        }
        let networks = self.body.get("networks").and_then(Yaml::as_mapping);
        let networks = networks.into_iter().flat_map(|map| map.values());
        let aliases = networks.filter_map(|network| network.get("aliases")?.as_sequence()).flatten();
        aliases.filter_map(scalar).try_for_each(|alias| self.put(out, "--network-alias", &alias))
    }

    fn ports(&self, out: &mut Vec<Word>) -> Result<(), Refused> {
        let ports = self.body.get("ports").and_then(Yaml::as_sequence);
        for port in ports.into_iter().flatten() {
            let long = || {
                let target = port.get("target").and_then(scalar)?;
                Some(match port.get("published").and_then(scalar) {
                    Some(published) => format!("{published}:{target}"),
                    None => target,
                })
            };
            let text = scalar(port).or_else(long);
            let text =
                text.ok_or_else(|| format!("a port of the service `{}` is not understood", self.name))?;
            self.put(out, "-p", &text)?;
        }
        Ok(())
    }

    fn volumes(&self, out: &mut Vec<Word>) -> Result<(), Refused> {
        let volumes = self.body.get("volumes").and_then(Yaml::as_sequence);
        for volume in volumes.into_iter().flatten() {
            let long = || {
                let target = volume.get("target").and_then(scalar)?;
                let kind = volume.get("type").and_then(scalar).unwrap_or_default();
                let read_only = volume.get("read_only").and_then(Yaml::as_bool) == Some(true);
                let source = volume.get("source").and_then(scalar).filter(|_| kind != "tmpfs")?;
                Some(format!("{source}:{target}{}", if read_only { ":ro" } else { "" }))
            };
            let Some(text) = scalar(volume).or_else(long) else { continue };
            let text = match text.split_once(':') {
                Some((source, rest)) if source.starts_with('.') => {
                    format!("{}:{rest}", folder::join(&self.project.folder, source))
                }
                _ => text,
            };
            self.put(out, "-v", &text)?;
        }
        Ok(())
    }
}

/// A text, number or truth value as text.
pub(super) fn scalar(value: &Yaml) -> Option<String> {
    match value {
        Yaml::String(text) => Some(text.clone()),
        Yaml::Number(number) => Some(number.to_string()),
        Yaml::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// `1m30s`, `10s`.
fn seconds(text: &str) -> Option<u64> {
    let mut all = 0u64;
    let mut number = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_digit() || c == '.' => number.push(c),
            'h' | 'm' | 's' => {
                let whole: u64 = number.split('.').next()?.parse().ok()?;
                let unit = match c {
                    'h' => 3600,
                    'm' => 60,
                    _ => 1,
                };
                all = all.checked_add(whole.checked_mul(unit)?)?;
                number.clear();
            }
            _ => return None,
        }
    }
    number.is_empty().then_some(all)
}
