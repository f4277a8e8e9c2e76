//! The options of `docker run` and its copies, and what each means for a container of the pod.

use crate::plan::image::docker::option::{self, Table};
use crate::plan::image::shell::Word;

/// What an option means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as docker names the options")]
pub enum Flag {
    Volume,
    Mount,
    Env,
    EnvFile,
    Workdir,
    Entrypoint,
    User,
    Name,
    Detach,
    Interactive,
    Memory,
    Publish,
    AddHost,
    Link,
    Alias,
    Network,
    /// Rights that no pod of the output gets.
    Privileged,
    /// Nothing to do in a pod, or nothing that can be seen.
    Nothing,
    /// Not in the table.
    Unknown,
}

const TABLE: &Table<Flag> = &[
    ("volume", 'v', true, Flag::Volume),
    ("mount", ' ', true, Flag::Mount),
    ("env", 'e', true, Flag::Env),
    ("env-file", ' ', true, Flag::EnvFile),
    ("workdir", 'w', true, Flag::Workdir),
    ("entrypoint", ' ', true, Flag::Entrypoint),
    ("user", 'u', true, Flag::User),
    ("name", ' ', true, Flag::Name),
    ("detach", 'd', false, Flag::Detach),
    ("interactive", 'i', false, Flag::Interactive),
    ("memory", 'm', true, Flag::Memory),
    ("publish", 'p', true, Flag::Publish),
    ("add-host", ' ', true, Flag::AddHost),
    ("link", ' ', true, Flag::Link),
    ("network-alias", ' ', true, Flag::Alias),
    ("net-alias", ' ', true, Flag::Alias),
    ("hostname", 'h', true, Flag::Alias),
    ("network", ' ', true, Flag::Network),
    ("net", ' ', true, Flag::Network),
    ("privileged", ' ', false, Flag::Privileged),
    ("cap-add", ' ', true, Flag::Privileged),
    ("device", ' ', true, Flag::Privileged),
    ("gpus", ' ', true, Flag::Privileged),
    ("pid", ' ', true, Flag::Privileged),
    ("ipc", ' ', true, Flag::Privileged),
    ("uts", ' ', true, Flag::Privileged),
    ("userns", ' ', true, Flag::Nothing),
    ("rm", ' ', false, Flag::Nothing),
    ("tty", 't', false, Flag::Nothing),
    ("init", ' ', false, Flag::Nothing),
    ("quiet", 'q', false, Flag::Nothing),
    ("read-only", ' ', false, Flag::Nothing),
    ("sig-proxy", ' ', false, Flag::Nothing),
    ("publish-all", 'P', false, Flag::Nothing),
    ("no-healthcheck", ' ', false, Flag::Nothing),
    ("oom-kill-disable", ' ', false, Flag::Nothing),
    ("pull", ' ', true, Flag::Nothing),
    ("attach", 'a', true, Flag::Nothing),
    ("expose", ' ', true, Flag::Nothing),
    ("label", 'l', true, Flag::Nothing),
    ("label-file", ' ', true, Flag::Nothing),
    ("log-driver", ' ', true, Flag::Nothing),
    ("log-opt", ' ', true, Flag::Nothing),
    ("restart", ' ', true, Flag::Nothing),
    ("group-add", ' ', true, Flag::Nothing),
    ("cap-drop", ' ', true, Flag::Nothing),
    ("platform", ' ', true, Flag::Nothing),
    ("ulimit", ' ', true, Flag::Nothing),
    ("shm-size", ' ', true, Flag::Nothing),
    ("tmpfs", ' ', true, Flag::Nothing),
    ("cpus", ' ', true, Flag::Nothing),
    ("cpu-shares", 'c', true, Flag::Nothing),
    ("cpu-quota", ' ', true, Flag::Nothing),
    ("cpu-period", ' ', true, Flag::Nothing),
    ("cpuset-cpus", ' ', true, Flag::Nothing),
    ("memory-swap", ' ', true, Flag::Nothing),
    ("memory-reservation", ' ', true, Flag::Nothing),
    ("pids-limit", ' ', true, Flag::Nothing),
    ("stop-timeout", ' ', true, Flag::Nothing),
    ("stop-signal", ' ', true, Flag::Nothing),
    ("health-cmd", ' ', true, Flag::Nothing),
    ("health-interval", ' ', true, Flag::Nothing),
    ("health-retries", ' ', true, Flag::Nothing),
    ("health-timeout", ' ', true, Flag::Nothing),
    ("health-start-period", ' ', true, Flag::Nothing),
    ("detach-keys", ' ', true, Flag::Nothing),
    ("cgroup-parent", ' ', true, Flag::Nothing),
    ("dns", ' ', true, Flag::Unknown),
    ("security-opt", ' ', true, Flag::Nothing),
    ("volumes-from", ' ', true, Flag::Unknown),
    ("cidfile", ' ', true, Flag::Unknown),
    ("ip", ' ', true, Flag::Unknown),
    ("runtime", ' ', true, Flag::Unknown),
    ("sysctl", ' ', true, Flag::Unknown),
    ("volume-driver", ' ', true, Flag::Unknown),
];

/// One option as given.
pub type Given = option::Given<Flag>;

/// The words of a `run` or an `exec`: options, the image (or the container), and the words behind it.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// The options in order.
    pub given: Vec<Given>,
    /// The image, or the container of an `exec`.
    pub subject: Option<Word>,
    /// What stands behind it.
    pub words: Vec<Word>,
}

impl Line {
    /// Is the option there?
    pub fn has(&self, flag: Flag) -> bool {
        self.given.iter().any(|given| given.flag == flag)
    }

    /// The values of an option, in order.
    pub fn all(&self, flag: Flag) -> impl Iterator<Item = &Word> {
        self.given.iter().filter(move |given| given.flag == flag).filter_map(|given| given.value.as_ref())
    }
}

/// Reads the words behind `run`: options end at the first word that is none.
pub fn read(words: &[Word]) -> Line {
    let mut line = Line::default();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let head = word.head().to_string();
        if !head.starts_with('-') || head == "-" {
            break;
        }
        at += 1;
        if head == "--" {
            break;
        }
        let taken = if head.starts_with("--") {
            long(&mut line, word, &head, words.get(at))
        } else {
            option::letters(TABLE, Flag::Unknown, (word, words.get(at)), &mut line.given)
        };
        at += usize::from(taken);
    }
    line.subject = words.get(at).cloned();
    line.words = words.get(at + 1..).unwrap_or(&[]).to_vec();
    line
}

fn long(line: &mut Line, word: &Word, head: &str, next: Option<&Word>) -> bool {
    let (name, glued) = match head.split_once('=') {
        Some((name, _)) => (name, word.without(&format!("{name}="))),
        None => (head, None),
    };
    let entry = TABLE.iter().find(|entry| entry.0 == &name[2..]);
    let (takes, flag) = entry.map_or((false, Flag::Unknown), |entry| (entry.2, entry.3));
    if !takes && glued.as_ref().and_then(Word::constant).as_deref() == Some("false") {
        return false;
    }
    let used = takes && !head.contains('=');
    let value = glued.or_else(|| used.then(|| next.cloned()).flatten());
    line.given.push(Given { flag, name: name.to_string(), value });
    used
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::image::shell::Script;

    #[test]
    fn options_end_at_the_image() {
        let script = Script::read("run -it --rm -v$PWD:/app -e A=b --env=C=d -w /app node:20 -e x");
        let line = read(&script.commands[0].words[1..]);
        assert_eq!(line.subject.and_then(|word| word.constant()).as_deref(), Some("node:20"));
        assert_eq!(line.words.len(), 2);
        let values: Vec<(Flag, String)> = line
            .given
            .iter()
            .filter_map(|given| Some((given.flag, given.value.as_ref()?.source.clone())))
            .collect();
        let value = |flag, text: &str| (flag, text.to_string());
        assert_eq!(
            values,
            [
                value(Flag::Volume, "$PWD:/app"),
                value(Flag::Env, "A=b"),
                value(Flag::Env, "C=d"),
                value(Flag::Workdir, "/app")
            ]
        );
    }
}
