//! What the converted jobs do is what GoCD's jobs did: generated pipelines are converted, their job scripts are run by every
//! shell there is, and what happened is compared with `gocd2argo::reference`.
//!
//! `GOCD2ARGO_BEHAVIOUR_CASES=5000 cargo test --test behaviour -- --nocapture` runs more cases than usual.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "behaviour/cancel.rs"]
mod cancel;
#[path = "behaviour/cluster.rs"]
mod cluster;
#[path = "behaviour/compare.rs"]
mod compare;
#[path = "behaviour/corpus.rs"]
mod corpus;
#[path = "behaviour/fast.rs"]
mod fast;
#[path = "behaviour/flow.rs"]
mod flow;
#[path = "behaviour/generate.rs"]
mod generate;
#[path = "support/pod.rs"]
mod pod;
#[path = "behaviour/random.rs"]
mod random;
#[path = "behaviour/record.rs"]
mod record;
#[path = "reference/mod.rs"]
mod sets;
#[path = "behaviour/tasks.rs"]
mod tasks;
#[path = "support/words.rs"]
mod words;
