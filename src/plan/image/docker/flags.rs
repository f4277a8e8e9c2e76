//! The options of `docker build` and its copies, and what each means for the image.

use super::option::{self, Table};
use crate::plan::image::shell::Word;

/// What an option means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as docker names the options")]
pub enum Flag {
    Tag,
    File,
    BuildArg,
    Label,
    Target,
    NoCache,
    Platform,
    CacheFrom,
    Push,
    IidFile,
    MetadataFile,
    Network,
    AddHost,
    Memory,
    Cpu,
    Squash,
    Secret,
    Ssh,
    Output,
    Isolation,
    Load,
    Quiet,
    /// Differs in nothing that can be seen in the image, or has nothing to differ from.
    Nothing,
    /// Not in the table.
    Unknown,
}

const TABLE: &Table<Flag> = &[
    ("tag", 't', true, Flag::Tag),
    ("file", 'f', true, Flag::File),
    ("build-arg", ' ', true, Flag::BuildArg),
    ("label", ' ', true, Flag::Label),
    ("target", ' ', true, Flag::Target),
    ("no-cache", ' ', false, Flag::NoCache),
    ("platform", ' ', true, Flag::Platform),
    ("cache-from", ' ', true, Flag::CacheFrom),
    ("push", ' ', false, Flag::Push),
    ("load", ' ', false, Flag::Load),
    ("quiet", 'q', false, Flag::Quiet),
    ("iidfile", ' ', true, Flag::IidFile),
    ("metadata-file", ' ', true, Flag::MetadataFile),
    ("network", ' ', true, Flag::Network),
    ("add-host", ' ', true, Flag::AddHost),
    ("memory", 'm', true, Flag::Memory),
    ("memory-swap", ' ', true, Flag::Cpu),
    ("cpu-quota", ' ', true, Flag::Cpu),
    ("cpu-period", ' ', true, Flag::Cpu),
    ("cpu-shares", 'c', true, Flag::Cpu),
    ("cpuset-cpus", ' ', true, Flag::Cpu),
    ("cpuset-mems", ' ', true, Flag::Cpu),
    ("squash", ' ', false, Flag::Squash),
    ("squash-all", ' ', false, Flag::Squash),
    ("secret", ' ', true, Flag::Secret),
    ("ssh", ' ', true, Flag::Ssh),
    ("output", 'o', true, Flag::Output),
    ("pull", ' ', false, Flag::Nothing),
    ("rm", ' ', false, Flag::Nothing),
    ("force-rm", ' ', false, Flag::Nothing),
    ("compress", ' ', false, Flag::Nothing),
    ("layers", ' ', false, Flag::Nothing),
    ("disable-content-trust", ' ', false, Flag::Nothing),
    ("progress", ' ', true, Flag::Nothing),
    ("cache-to", ' ', true, Flag::Nothing),
    ("builder", ' ', true, Flag::Nothing),
    ("provenance", ' ', true, Flag::Nothing),
    ("sbom", ' ', true, Flag::Nothing),
    ("attest", ' ', true, Flag::Nothing),
    ("ulimit", ' ', true, Flag::Nothing),
    ("shm-size", ' ', true, Flag::Nothing),
    ("isolation", ' ', true, Flag::Isolation),
    ("allow", ' ', true, Flag::Unknown),
    ("security-opt", ' ', true, Flag::Nothing),
    ("cgroup-parent", ' ', true, Flag::Nothing),
    ("format", ' ', true, Flag::Nothing),
    ("tls-verify", ' ', false, Flag::Nothing),
    ("volume", 'v', true, Flag::Unknown),
    ("build-context", ' ', true, Flag::Unknown),
];

/// One option as given.
pub type Given = option::Given<Flag>;

/// Options and operands of a `build`.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// The options in order.
    pub given: Vec<Given>,
    /// The rest: the context.
    pub operands: Vec<Word>,
}

/// Reads the words behind `build` as docker's client does.
pub fn read(words: &[Word]) -> Line {
    let mut line = Line::default();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let head = word.head().to_string();
        if head == "--" {
            line.operands.extend_from_slice(words.get(at..).unwrap_or(&[]));
            break;
        }
        let taken = match head.as_bytes() {
            [b'-', b'-', ..] => long(&mut line, word, &head, words.get(at)),
            [b'-', _, ..] => option::letters(TABLE, Flag::Unknown, (word, words.get(at)), &mut line.given),
            _ => {
                line.operands.push(word.clone());
                false
            }
        };
        at += usize::from(taken);
    }
    line
}

/// `--name`, `--name value`, `--name=value`. True: the next word was its value.
fn long(line: &mut Line, word: &Word, head: &str, next: Option<&Word>) -> bool {
    let (name, glued) = match head.split_once('=') {
        Some((name, _)) => (name, word.without(&format!("{name}="))),
        None => (head, None),
    };
    let entry = TABLE.iter().find(|entry| entry.0 == &name[2..]);
    let (takes, flag) = entry.map_or((false, Flag::Unknown), |entry| (entry.2, entry.3));
    let off = !takes && glued.as_ref().and_then(Word::constant).as_deref() == Some("false");
    // `--no-cache=true` is `--no-cache`.
    let value = if takes { glued.or_else(|| next.cloned()) } else { None };
    let used = takes && !head.contains('=');
    if !off {
        line.given.push(Given { flag, name: name.to_string(), value });
    }
    used
}
