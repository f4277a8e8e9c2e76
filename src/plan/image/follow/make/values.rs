//! Make's variables put into a text.

use super::read::Makefile;

/// What is known about variables.
pub(super) struct Values<'a> {
    pub(super) makefile: &'a Makefile,
    /// `NAME=value` on the command line: the text, or what only the shell knows.
    pub(super) given: &'a [(String, Result<String, String>)],
    pub(super) is_set: &'a dyn Fn(&str) -> bool,
}

/// Longest text that becomes of a line.
const LONGEST: usize = 20_000;

impl Values<'_> {
    /// The text as the shell gets it. `None`: it needs more of make.
    pub(super) fn expand(&self, text: &str, target: &str, needs: &[String], depth: usize) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let behind = &rest[at + 1..];
            let first = behind.chars().next()?;
            let (value, used) = match first {
                '$' => ("$".to_string(), 1),
                '(' | '{' => {
                    let inner = enclosed(behind, first)?;
                    (self.reference(inner, target, needs, depth)?, inner.len() + 2)
                }
                '@' => (target.to_string(), 1),
                '<' => (needs.first()?.clone(), 1),
                '^' => (needs.join(" "), 1),
                c if c.is_ascii_alphanumeric() || c == '_' => {
                    (self.variable(&c.to_string(), target, needs, depth)?, 1)
                }
                _ => return None,
            };
            out.push_str(&value);
            rest = &behind[used..];
            if out.len() > LONGEST {
                return None;
            }
        }
        out.push_str(rest);
        Some(out)
    }

    /// What stands between `$(` and `)`.
    fn reference(&self, inner: &str, target: &str, needs: &[String], depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        let plain = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
        };
        if plain(inner) {
            return self.variable(inner, target, needs, depth);
        }
        match inner {
            "@" => return Some(target.to_string()),
            "<" => return needs.first().cloned(),
            "@D" | "@F" | "^" => return None,
            _ => {}
        }
        let (function, arguments) = inner.split_once(char::is_whitespace)?;
        if !FUNCTIONS.contains(&function) && !inner.contains(['$', '=']) {
            // `$(lsof -Pi :8080)`, where `$$(…)` was meant: a variable of that strange name, which nobody has set.
            return Some(String::new());
        }
        let value = self.expand(arguments.trim_start(), target, needs, depth)?;
        match function {
            "shell" => Some(format!("$({value})")),
            "strip" => Some(value.split_whitespace().collect::<Vec<_>>().join(" ")),
            "notdir" if !value.contains(['$', ' ']) => {
                Some(value.rsplit('/').next().unwrap_or("").to_string())
            }
            _ => None,
        }
    }

    fn variable(&self, name: &str, target: &str, needs: &[String], depth: usize) -> Option<String> {
        if let Some((_, value)) = self.given.iter().rev().find(|(given, _)| given == name) {
            return Some(match value {
                Ok(text) => text.clone(),
                Err(_) => format!("${{{name}}}"),
            });
        }
        match name {
            "MAKE" => return Some("make".to_string()),
            "CURDIR" | "PWD" => return Some("$PWD".to_string()),
            "MAKEFLAGS" | "MFLAGS" => return Some(String::new()),
            _ => {}
        }
        match self.makefile.variables.get(name) {
            // The environment beats `?=`, and what the file says beats the environment.
            Some(_) if self.makefile.defaults.contains(name) && (self.is_set)(name) => {
                Some(format!("${{{name}}}"))
            }
            Some(value) => self.expand(value.as_ref()?, target, needs, depth.checked_sub(1)?),
            None => Some(format!("${{{name}}}")),
        }
    }
}

/// The functions of GNU make.
const FUNCTIONS: &[&str] = &[
    "abspath",
    "addprefix",
    "addsuffix",
    "and",
    "basename",
    "call",
    "dir",
    "error",
    "eval",
    "file",
    "filter",
    "filter-out",
    "findstring",
    "firstword",
    "flavor",
    "foreach",
    "guile",
    "if",
    "info",
    "intcmp",
    "join",
    "lastword",
    "let",
    "notdir",
    "or",
    "origin",
    "patsubst",
    "realpath",
    "shell",
    "sort",
    "strip",
    "subst",
    "suffix",
    "value",
    "warning",
    "wildcard",
    "word",
    "wordlist",
    "words",
];

/// The text up to the bracket that closes the first one.
fn enclosed(text: &str, open: char) -> Option<&str> {
    let close = if open == '(' { ')' } else { '}' };
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return text.get(1..at);
            }
        }
    }
    None
}
