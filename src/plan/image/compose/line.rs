//! The command line of compose: its own options, the subcommand, and the words behind it.

use crate::plan::image::shell::Word;

/// What a command line says.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// `-f`, in order.
    pub files: Vec<String>,
    /// `--project-directory`.
    pub folder: Option<String>,
    /// `up`, `run`, …
    pub command: String,
    /// The words behind it.
    pub words: Vec<Word>,
    /// An option whose meaning is known only at run time, or that is not followed.
    pub unclear: Option<String>,
}

/// Reads the words behind `docker compose` or `docker-compose`.
pub fn read(words: &[Word], known: &dyn Fn(&Word) -> Option<String>) -> Line {
    let mut line = Line::default();
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| word.head().starts_with('-')) {
        at += 1;
        let head = word.head().to_string();
        let (name, glued) = match head.split_once('=') {
            Some((name, _)) => (name.to_string(), word.without(&format!("{name}="))),
            None if head.starts_with("-f") && head.len() > 2 => ("-f".to_string(), word.without("-f")),
            None => (head, None),
        };
        let valued = matches!(
            name.as_str(),
            "-f" | "--file"
                | "-p"
                | "--project-name"
                | "--env-file"
                | "--profile"
                | "--project-directory"
                | "--ansi"
                | "-H"
                | "--host"
                | "--parallel"
                | "--progress"
                | "-c"
                | "--context"
                | "--log-level"
        );
        let value = match glued {
            Some(word) => Some(word),
            None if valued => {
                at += 1;
                words.get(at - 1).cloned()
            }
            None => None,
        };
        let text = value.as_ref().and_then(known);
        match (name.as_str(), text) {
            ("-f" | "--file", Some(file)) => line.files.push(file),
            ("--project-directory", Some(folder)) => line.folder = Some(folder),
            ("-f" | "--file" | "--project-directory" | "--env-file" | "--profile", _) => {
                line.unclear = Some(name);
            }
            _ => {}
        }
    }
    line.command = words.get(at).and_then(Word::constant).unwrap_or_default();
    line.words = words.get(at + 1..).unwrap_or(&[]).to_vec();
    line
}

/// Options of a subcommand, its services, and the words behind the first of them.
#[derive(Debug, Default)]
pub struct Asked {
    /// Options without a value.
    pub switches: Vec<String>,
    /// Options with one.
    pub values: Vec<(String, Word)>,
    /// The words that are no options.
    pub services: Vec<String>,
    /// `run` and `exec`: what stands behind the service.
    pub words: Vec<Word>,
    /// A word that is known only at run time.
    pub unclear: bool,
}

impl Asked {
    /// Reads the words; with `single`, everything behind the first service is a command line. `known` gives the text of a
    /// word that names a service.
    pub fn read(words: &[Word], single: bool, known: &dyn Fn(&Word) -> Option<String>) -> Asked {
        let mut out = Asked::default();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            let head = word.head();
            if !head.starts_with('-') {
                match known(word) {
                    Some(service) => out.services.push(service),
                    None => out.unclear = true,
                }
                if single {
                    out.words = words.get(at..).unwrap_or(&[]).to_vec();
                    break;
                }
                continue;
            }
            let (name, glued) = match head.split_once('=') {
                Some((name, _)) => (name.to_string(), word.without(&format!("{name}="))),
                None => (head.to_string(), None),
            };
            let valued = matches!(
                name.as_str(),
                "--exit-code-from"
                    | "--build-arg"
                    | "-e"
                    | "--env"
                    | "-w"
                    | "--workdir"
                    | "-u"
                    | "--user"
                    | "--name"
                    | "--entrypoint"
                    | "-v"
                    | "--volume"
                    | "-p"
                    | "--publish"
                    | "--scale"
                    | "-t"
                    | "--timeout"
                    | "--progress"
                    | "-m"
                    | "--memory"
                    | "--tail"
                    | "-l"
                    | "--label"
                    | "--wait-timeout"
            ) && !(single && name == "-t");
            match glued {
                Some(value) => out.values.push((name, value)),
                None if valued => {
                    out.values.extend(words.get(at).map(|value| (name, value.clone())));
                    at += 1;
                }
                None => out.switches.push(name),
            }
        }
        out
    }

    /// Is one of these switches there?
    pub fn has(&self, names: &[&str]) -> bool {
        self.switches.iter().any(|switch| names.contains(&switch.as_str()))
    }
}
