//! The oracle `docker-to-kaniko.json`: what became of each case, and the rewritten scripts run under bash.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "docker_to_kaniko/case.rs"]
mod case;
#[path = "docker_to_kaniko/corpus.rs"]
mod corpus;
#[path = "docker_to_kaniko/executed.rs"]
mod executed;
#[path = "docker_to_kaniko/fuzz.rs"]
mod fuzz;
#[path = "docker_to_kaniko/judge.rs"]
mod judge;
#[path = "docker_to_kaniko/own.rs"]
mod own;
#[path = "docker_to_kaniko/pod.rs"]
mod pod;
#[path = "support/processor.rs"]
mod processor;
#[path = "docker_to_kaniko/table.rs"]
mod table;
