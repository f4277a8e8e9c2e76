//! Targets of a Makefile: the recipes that `make TARGET` runs, prerequisites first, as one shell text.
//!
//! Make runs each line of a recipe in a shell of its own and stops at the first that fails; so does the text. What
//! needs more of make than rules and plain variables is not followed.

use super::CallForm;
use super::called::{Body, Place, process};
use crate::plan::image::folder;
use crate::plan::image::shell::Script;
use std::collections::BTreeSet;

mod read;
mod values;

use read::{Makefile, Rule};
use values::Values;

/// Most targets of one call.
const MOST: usize = 200;

/// The words of a call of make.
#[derive(Debug, Default)]
struct Line {
    folder: Option<String>,
    file: Option<String>,
    targets: Vec<String>,
    /// `NAME=value`: the value as text, or the word's spelling when only the shell knows it.
    variables: Vec<(String, Result<String, String>)>,
}

/// The recipes of the targets that make is asked for.
pub(super) fn body(call: &Place<'_>) -> Option<Body> {
    let line = words(call)?;
    let below = line.folder.clone().unwrap_or_default();
    let at = |name: &str| if below.is_empty() { name.to_string() } else { format!("{below}/{name}") };
    let names = match &line.file {
        Some(name) => vec![name.clone()],
        None => ["GNUmakefile", "makefile", "Makefile"].map(str::to_string).to_vec(),
    };
    let (text, file) = names.iter().find_map(|name| call.file(&at(name)))?;
    let include = |name: &str| call.file(&at(name)).map(|(text, _)| text);
    let makefile = Makefile::read(&text, &include)?;
    let is_set = |name: &str| (call.known.is_set)(name) || call.hands_on(name);
    let values = Values { makefile: &makefile, given: &line.variables, is_set: &is_set };
    let is_file = |name: &str| call.file(&at(name)).is_some();
    let mut recipes = Recipes {
        makefile: &makefile,
        values: &values,
        is_file: &is_file,
        done: BTreeSet::new(),
        text: String::new(),
        lines: Vec::new(),
    };
    if !below.is_empty() {
        recipes.put(&format!("cd {}", crate::plan::image::shell::quote(&below)), 1);
    }
    recipes.put("set -e", 1);
    for name in makefile.exported.iter().filter(|name| makefile.variables.contains_key(*name)) {
        let value = values.expand(&format!("$({name})"), "", &[], 8)?;
        if value.contains(['"', '`', '\\']) {
            return None;
        }
        recipes.put(&format!("export {name}=\"{value}\""), 1);
    }
    let wanted = match line.targets.as_slice() {
        [] => vec![
            makefile.rules.iter().flat_map(|rule| &rule.targets).find(|name| !name.starts_with('.'))?.clone(),
        ],
        targets => targets.to_vec(),
    };
    for target in &wanted {
        recipes.target(target, MOST)?;
    }
    let (text, lines) = (recipes.text.trim_end().to_string(), recipes.lines);
    let handed: Vec<String> = line
        .variables
        .iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref().err()?)))
        .collect();
    let front = handed.iter().map(|set| format!("{set} ")).collect::<String>();
    let form = match process(call, vec![shell(&makefile)], "make", &[]) {
        CallForm::Process { front: before, shell, argv, .. } => {
            CallForm::Process { front: format!("{before}{front}"), shell, behind: String::new(), argv }
        }
        other => other,
    };
    let exports: String = handed.iter().map(|set| format!("export {set}\n")).collect();
    Some(Body {
        prelude: format!("{}{exports}", call.assignments()),
        form,
        folder: folder::join(folder::ROOT, folder::below(call.from.path.as_deref()?)?),
        identity: format!("make {file} {wanted:?}"),
        text,
        lines,
        file,
        make: true,
    })
}

/// `SHELL := /bin/bash`.
fn shell(makefile: &Makefile) -> String {
    let set = makefile.variables.get("SHELL").and_then(Option::as_deref).unwrap_or("sh");
    match set.trim().rsplit('/').next() {
        Some(name @ ("bash" | "dash" | "ash")) => name.to_string(),
        Some(name) if name.ends_with("bash") => "bash".to_string(),
        _ => "sh".to_string(),
    }
}

fn words(call: &Place<'_>) -> Option<Line> {
    let mut line = Line::default();
    let mut words = call.words.iter().skip(1);
    while let Some(word) = words.next() {
        let head = word.head().to_string();
        let name = head.split('=').next().unwrap_or("").trim_end_matches([':', '?', '+']).to_string();
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match head.as_str() {
            "-C" | "--directory" => line.folder = Some(words.next()?.constant()?),
            "-f" | "--file" | "--makefile" => line.file = Some(words.next()?.constant()?),
            "-j" | "--jobs" | "-l" => {
                let number = words.clone().next().and_then(|next| next.constant());
                if number.is_some_and(|text| text.chars().all(|c| c.is_ascii_digit())) {
                    words.next();
                }
            }
            _ if plain && head.contains('=') => {
                let prefix = head.split_inclusive('=').next()?;
                let value = word.without(prefix)?;
                let value = value.constant().ok_or_else(|| value.source.clone());
                line.variables.push((name, value));
            }
            "-s" | "--silent" | "--quiet" | "--no-print-directory" | "-B" | "--always-make" | "-w" => {}
            _ if head.starts_with("-j") => {}
            _ if head.starts_with('-') => return None,
            _ => line.targets.push(word.constant()?),
        }
    }
    Some(line)
}

/// Is there something between single quotes that make expands?
fn quoted_dollar(text: &str) -> bool {
    text.split('\'').skip(1).step_by(2).any(|part| part.contains("$(") || part.contains("${"))
}

/// Writes recipes in the order in which make runs them.
struct Recipes<'a> {
    makefile: &'a Makefile,
    values: &'a Values<'a>,
    is_file: &'a dyn Fn(&str) -> bool,
    done: BTreeSet<String>,
    text: String,
    lines: Vec<usize>,
}

impl Recipes<'_> {
    fn put(&mut self, text: &str, line: usize) {
        self.lines.extend(std::iter::repeat_n(line, text.lines().count()));
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// The recipe of a target behind those of its prerequisites. `None`: it cannot be followed.
    fn target(&mut self, name: &str, left: usize) -> Option<()> {
        if !self.done.insert(name.to_string()) {
            return Some(());
        }
        let rules: Vec<&Rule> =
            self.makefile.rules.iter().filter(|rule| rule.targets.iter().any(|t| t == name)).collect();
        if rules.is_empty() {
            // A file that is there, or that some pattern makes: nothing that docker would be needed for is known of it.
            return ((self.is_file)(name) || !self.makefile.has_patterns).then_some(());
        }
        let left = left.checked_sub(1)?;
        // Make would look at the time of a file before it runs the recipe.
        if (self.is_file)(name) && !self.makefile.phony.contains(name) {
            return None;
        }
        let mut needs = Vec::new();
        for rule in &rules {
            let text = self.values.expand(&rule.needs, name, &[], 8)?;
            needs.extend(text.split_whitespace().filter(|need| *need != "|").map(str::to_string));
        }
        for need in &needs {
            self.target(need, left)?;
        }
        for (line, recipe) in rules.iter().flat_map(|rule| &rule.recipe) {
            self.line(*line, recipe, name, &needs)?;
        }
        Some(())
    }

    fn line(&mut self, line: usize, recipe: &str, target: &str, needs: &[String]) -> Option<()> {
        let bare = recipe.trim_start_matches(['@', '-', '+', ' ']);
        let ignored = recipe[..recipe.len() - bare.len()].contains('-');
        let text = self.values.expand(bare, target, needs, 8)?;
        let text = text.trim();
        // The shell expands nothing in single quotes, and make does.
        if quoted_dollar(bare) && text != bare {
            return None;
        }
        if text.is_empty() || text.starts_with('#') {
            return Some(());
        }
        let read = Script::read(text);
        let single = read.commands.len() == 1 && read.frames.len() == 1 && !text.contains('#');
        match (ignored, single) {
            (false, true) => self.put(text, line),
            (false, false) => self.put(&format!("(set +e\n{text}\n)"), line),
            (true, _) => self.put(&format!("(set +e\n{text}\n) || :"), line),
        }
        Some(())
    }
}
