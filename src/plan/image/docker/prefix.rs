//! Commands that run another command: `sudo`, `time`, `timeout 900`, `env A=b`.

use super::program;
use crate::plan::image::shell::Word;

/// What stands in front of a command.
#[derive(Debug, Clone, Default)]
pub struct Prefix {
    /// How many words it takes.
    pub length: usize,
    /// The wrappers' names in order.
    pub names: Vec<String>,
    /// The words that can stay in front of the replacement (`time`, `timeout 900`, `env A=b`).
    pub kept: Vec<Word>,
    /// Seconds of `timeout`.
    pub timeout: Option<u64>,
    /// The command is only looked up (`command -v docker`).
    pub asks: bool,
}

/// Options of wrappers that take a value.
fn valued(wrapper: &str, option: &str) -> bool {
    match wrapper {
        "sudo" | "doas" => matches!(option, "-u" | "-g" | "-p" | "-C" | "-h" | "-r" | "-t"),
        "env" => matches!(option, "-u" | "-C"),
        "nice" => option == "-n",
        "ionice" => matches!(option, "-c" | "-n"),
        "timeout" => matches!(option, "-k" | "-s"),
        "xargs" => matches!(option, "-n" | "-I" | "-P" | "-L" | "-d"),
        "retry" => option.starts_with('-'),
        _ => false,
    }
}

/// Takes the wrappers off; the rest starts with the command itself.
pub fn unwrap(words: &[Word]) -> (Prefix, &[Word]) {
    let mut prefix = Prefix::default();
    let mut at = 0;
    while let Some(name) = words.get(at).and_then(Word::constant) {
        let name = program(&name).to_string();
        let stays = matches!(name.as_str(), "time" | "timeout" | "env" | "exec");
        match name.as_str() {
            "which" | "hash" | "type" => {
                prefix.asks = true;
            }
            "sudo" | "doas" | "time" | "env" | "exec" | "command" | "nice" | "ionice" | "nohup"
            | "timeout" | "stdbuf" | "xargs" | "retry" | "builtin" => {}
            _ => break,
        }
        let start = at;
        at += 1;
        at += options(&mut prefix, &name, &words[at..]);
        if name == "timeout" {
            prefix.timeout = words.get(at).and_then(Word::constant).and_then(|text| seconds(&text));
            at += 1;
        }
        if name == "retry" && words.get(at).and_then(Word::constant).is_some_and(|t| t.parse::<u32>().is_ok())
        {
            at += 1;
        }
        while name == "env" && words.get(at).is_some_and(|word| word.head().contains('=')) {
            at += 1;
        }
        if stays {
            prefix.kept.extend_from_slice(words.get(start..at).unwrap_or(&[]));
        }
        prefix.names.push(name);
    }
    prefix.length = at.min(words.len());
    (prefix, words.get(at..).unwrap_or(&[]))
}

fn options(prefix: &mut Prefix, name: &str, words: &[Word]) -> usize {
    let mut at = 0;
    while let Some(option) = words.get(at).map(Word::head).filter(|head| head.starts_with('-')) {
        if name == "command" && matches!(option, "-v" | "-V") {
            prefix.asks = true;
        }
        at += if valued(name, option) { 2 } else { 1 };
    }
    at
}

/// `900`, `15m`, `2h`.
fn seconds(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..end].parse().ok()?;
    let unit = match &text[end..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return None,
    };
    number.checked_mul(unit)
}
