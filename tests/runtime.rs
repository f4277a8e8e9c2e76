//! Runs the scripts of `templates/runtime` for real: under every shell there is, with real git repositories and, in place of
//! a cluster, `tests/runtime/kubectl`, which keeps objects in files and refuses stale writes.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "runtime/bridge.rs"]
mod bridge;
#[path = "runtime/checkout.rs"]
mod checkout;
#[path = "runtime/container.rs"]
mod container;
#[path = "runtime/deliver.rs"]
mod deliver;
#[path = "runtime/job.rs"]
mod job;
#[path = "runtime/prepare.rs"]
mod prepare;
#[path = "runtime/pull_request.rs"]
mod pull_request;
#[path = "runtime/reconcile.rs"]
mod reconcile;
mod reference;
#[path = "support/pod.rs"]
mod rig;
#[path = "runtime/sidecar.rs"]
mod sidecar;
#[path = "runtime/upstream.rs"]
mod upstream;
