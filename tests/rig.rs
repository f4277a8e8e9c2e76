//! Converted pipelines on the real controllers of `../shared/rig`: what the cluster did is what `gocd2argo::reference` says.
//!
//! `tests/rig/behaviour` starts the rig and runs this; `cargo test` alone leaves it out.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "rig/api.rs"]
mod api;
#[path = "rig/cases.rs"]
mod cases;
#[path = "behaviour/cluster.rs"]
#[allow(dead_code, reason = "the fast layer uses the rest")]
mod cluster;
#[path = "rig/compare.rs"]
mod compare;
#[path = "rig/corpus.rs"]
mod corpus;
#[path = "rig/found.rs"]
mod found;
#[path = "rig/inbox.rs"]
mod inbox;
#[path = "rig/measure.rs"]
mod measure;
#[path = "rig/objects.rs"]
mod objects;
#[path = "support/pod.rs"]
mod pod;
#[path = "rig/real.rs"]
mod real;
#[path = "rig/repository.rs"]
mod repository;
#[path = "rig/rules.rs"]
mod rules;
#[path = "rig/run.rs"]
mod run;
#[path = "reference/mod.rs"]
mod sets;
#[path = "rig/special.rs"]
mod special;
#[path = "rig/unit.rs"]
mod unit;
#[path = "rig/values.rs"]
mod values;
#[path = "support/words.rs"]
mod words;
