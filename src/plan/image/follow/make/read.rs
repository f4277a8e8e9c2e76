//! A Makefile as rules and variables.

use std::collections::{BTreeMap, BTreeSet};

/// Deepest `include`.
const DEEPEST: usize = 4;

/// What was read of a Makefile.
#[derive(Debug, Default)]
pub(super) struct Makefile {
    /// Rules with explicit targets, in order.
    pub(super) rules: Vec<Rule>,
    /// Variables with their text; `None` for those whose value depends on more than the text.
    pub(super) variables: BTreeMap<String, Option<String>>,
    /// Variables set with `?=` only.
    pub(super) defaults: BTreeSet<String>,
    /// Targets that are no files.
    pub(super) phony: BTreeSet<String>,
    /// Variables that the recipes' programs see.
    pub(super) exported: BTreeSet<String>,
    /// Are there rules with `%`?
    pub(super) has_patterns: bool,
}

/// One rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// Its targets.
    pub(super) targets: Vec<String>,
    /// Prerequisites as written.
    pub(super) needs: String,
    /// Lines of its recipe with their numbers, `@` and `-` in front.
    pub(super) recipe: Vec<(usize, String)>,
}

/// The state of a reading.
struct Reader<'a> {
    out: Makefile,
    include: &'a dyn Fn(&str) -> Option<String>,
    /// Conditionals that are open.
    open: usize,
    define: bool,
    /// Does a recipe line belong to the last rule?
    in_rule: bool,
}

impl Makefile {
    /// Reads a text. `None`: it cannot be understood.
    pub(super) fn read(text: &str, include: &dyn Fn(&str) -> Option<String>) -> Option<Makefile> {
        let mut reader = Reader { out: Makefile::default(), include, open: 0, define: false, in_rule: false };
        reader.text(text, DEEPEST)?;
        Some(reader.out)
    }
}

impl Reader<'_> {
    fn text(&mut self, text: &str, depth: usize) -> Option<()> {
        let mut lines = text.lines().enumerate().peekable();
        while let Some((number, first)) = lines.next() {
            let recipe = first.starts_with('\t');
            let mut line = first.strip_prefix('\t').unwrap_or(first).to_string();
            while line.ends_with('\\') {
                let Some((_, next)) = lines.next() else { break };
                if recipe {
                    line.push('\n');
                    line.push_str(next.strip_prefix('\t').unwrap_or(next));
                } else {
                    line.truncate(line.len() - 1);
                    line.push(' ');
                    line.push_str(next.trim_start());
                }
            }
            match recipe && self.in_rule {
                true => self.recipe(number + 1, &line)?,
                false => self.line(&line, depth)?,
            }
        }
        Some(())
    }

    fn recipe(&mut self, number: usize, line: &str) -> Option<()> {
        // What a condition decides about a recipe is not followed.
        if self.open > 0 && !self.define {
            return None;
        }
        if let Some(rule) = self.out.rules.last_mut() {
            rule.recipe.push((number, line.to_string()));
        }
        Some(())
    }

    fn line(&mut self, line: &str, depth: usize) -> Option<()> {
        let bare = line.split('#').next().unwrap_or("").trim();
        let word = bare.split_whitespace().next().unwrap_or("");
        if self.define {
            self.define = word != "endef";
            return Some(());
        }
        match word {
            "" => return Some(()),
            "define" => {
                self.define = true;
                let name = bare.split_whitespace().nth(1).unwrap_or("").to_string();
                self.out.variables.insert(name, None);
                return Some(());
            }
            "ifeq" | "ifneq" | "ifdef" | "ifndef" => self.open += 1,
            "endif" => self.open = self.open.saturating_sub(1),
            "else" => {}
            "include" | "-include" | "sinclude" => {
                for name in bare.split_whitespace().skip(1) {
                    match (self.include)(name) {
                        Some(text) if depth > 0 => self.text(&text, depth - 1)?,
                        _ if word != "include" && !name.contains('$') => {}
                        _ => return None,
                    }
                }
            }
            ".PHONY:" => self.out.phony.extend(bare.split_whitespace().skip(1).map(str::to_string)),
            _ => return self.definition(bare),
        }
        self.in_rule =
            self.in_rule && matches!(word, "ifeq" | "ifneq" | "ifdef" | "ifndef" | "else" | "endif");
        Some(())
    }

    fn definition(&mut self, line: &str) -> Option<()> {
        let line = line.strip_prefix("override ").unwrap_or(line);
        let exported = line.strip_prefix("export ");
        let line = exported.unwrap_or(line);
        if exported.is_some() {
            match assignment(line) {
                Some((name, _, _)) => drop(self.out.exported.insert(name.to_string())),
                None => {
                    self.out.exported.extend(line.split_whitespace().map(str::to_string));
                    return Some(());
                }
            }
        }
        if let Some((name, operator, value)) = assignment(line) {
            self.in_rule = false;
            self.assign(name, operator, value);
            return Some(());
        }
        if line.starts_with("unexport") || line.starts_with("vpath") {
            return Some(());
        }
        let (targets, rest) = line.split_once(':')?;
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        if let Some((name, _, _)) = assignment(rest) {
            // A value that only some targets see.
            self.out.variables.insert(name.to_string(), None);
            return Some(());
        }
        self.in_rule = true;
        if targets.contains('%') {
            self.out.has_patterns = true;
        }
        // A rule inside of a condition may or may not be there.
        if self.open > 0 {
            return None;
        }
        let (needs, first) = rest.split_once(';').map_or((rest, None), |(needs, first)| (needs, Some(first)));
        let recipe = first.map(|first| (0, first.trim().to_string())).into_iter().collect();
        let targets = targets.split_whitespace().map(str::to_string).collect();
        self.out.rules.push(Rule { targets, needs: needs.trim().to_string(), recipe });
        Some(())
    }

    fn assign(&mut self, name: &str, operator: &str, value: &str) {
        let known = self.out.variables.contains_key(name);
        if operator == "?=" && known {
            return;
        }
        let value = match operator {
            "!=" => Some(format!("$(shell {value})")),
            "+=" => self.out.variables.get(name).cloned().flatten().map(|before| format!("{before} {value}")),
            _ => Some(value.to_string()),
        };
        let itself = value.as_ref().is_some_and(|text| {
            text.contains(&format!("$({name})")) || text.contains(&format!("${{{name}}}"))
        });
        let sure = self.open == 0 && !itself;
        self.out.variables.insert(name.to_string(), value.filter(|_| sure));
        if operator == "?=" {
            self.out.defaults.insert(name.to_string());
        } else {
            self.out.defaults.remove(name);
        }
    }
}

/// `NAME = value` with any of make's operators.
fn assignment(line: &str) -> Option<(&str, &str, &str)> {
    let at = line.find('=')?;
    let before = &line[..at];
    let operator = ["::", ":", "?", "+", "!"].iter().find(|operator| before.ends_with(**operator));
    let name = before.strip_suffix(operator.copied().unwrap_or("")).unwrap_or(before).trim();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    let operator = match operator {
        Some(&"?") => "?=",
        Some(&"+") => "+=",
        Some(&"!") => "!=",
        _ => "=",
    };
    plain.then(|| (name, operator, line[at + 1..].trim()))
}
