//! Stand-ins for the commands of a job: each records how it was called, and fails if it is told to.

use std::path::PathBuf;

use crate::pod::Pod;

/// The names they stand for.
const NAMES: [&str; 13] = [
    "tool",
    "make",
    "a tool",
    "echo",
    "task",
    "t1",
    "a=b",
    "$A",
    "ant",
    "nant",
    "rake",
    "bash",
    "interpreter",
];

/// A call of a command.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    /// Its name.
    pub program: String,
    /// Its arguments; of an interpreter only the script.
    pub arguments: Vec<String>,
    pub cwd: PathBuf,
    pub env: Vec<(String, String)>,
}

/// Puts the stand-ins into the pod. Ant says that it has failed, the others exit with 7.
pub fn install(pod: &Pod, failing: &[String]) {
    let calls = pod.path("calls");
    for name in NAMES {
        let interprets = ["bash", "interpreter"].contains(&name);
        let argument = if interprets {
            "printf '1\\0'; cat \"$1\"; printf '\\0'"
        } else {
            "printf '%s\\0' \"$#\" \"$@\""
        };
        let words = if interprets { "\"$(cat \"$1\")\"" } else { "\"$*\"" };
        let fails = if name == "ant" { "echo 'BUILD FAILED'" } else { "exit 7" };
        let cases: String =
            failing.iter().map(|id| format!("case $words in *{id}*) {fails} ;; esac\n")).collect();
        pod.program(
            name,
            &format!(
                "#!/bin/sh\n{{ printf '%s\\0' '{name}'; {argument}; printf '%s\\0' \"$(pwd -P)\"; cat /proc/$$/environ; \
                 printf '\\0'; }} >>'{}'\nwords={words}\n{cases}exit 0\n",
                calls.display()
            ),
        );
    }
}

/// The calls so far.
pub fn calls(pod: &Pod) -> Vec<Call> {
    let Ok(bytes) = std::fs::read(pod.path("calls")) else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut fields = text.split('\0').map(String::from);
    let mut calls = Vec::new();
    while let Some(program) = fields.next().filter(|program| !program.is_empty()) {
        let count: usize = fields.next().unwrap().parse().unwrap();
        let arguments = fields.by_ref().take(count).collect();
        let cwd = fields.next().unwrap().into();
        let env = fields.by_ref().take_while(|entry| !entry.is_empty());
        let env = env
            .filter_map(|entry| entry.split_once('=').map(|(name, value)| (name.into(), value.into())))
            .collect();
        calls.push(Call { program, arguments, cwd, env });
    }
    calls
}
