//! What GoCD does when a pipeline runs: a small interpreter of the configuration.
//!
//! Written from the description of GoCD alone (`../shared/spec/gocd-yaml.md` §3). It knows nothing of Argo and shares
//! nothing with `plan` but the model, so that tests can hold the converted scripts against it, and people can ask
//! `gocd2argo trace PIPELINE --fail 'make test'` what their pipeline means before they move it.
//!
//! It does not interpret commands: what fails is asked for ([`Request::fail`]), and what files there are is only known
//! where a [`World`] is given.

mod artifact;
pub mod clock;
mod environment;
mod fan_in;
pub mod filter;
mod job;
mod request;
mod run;
pub mod start;
mod task;
mod text;
mod trace;
mod value;

pub use request::{Approvals, Failure, Request, Trigger, World};
pub use run::{TraceError, trace};
pub use text::text;
pub use trace::{
    Action, Checkout, Downstream, JobTrace, Level, LockTrace, Outcome, StageState, StageTrace, TaskTrace,
    Trace, Upload, Variable,
};
pub use value::{Known, Part, Value};
