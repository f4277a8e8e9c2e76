//! Bad and extreme input, through the real program: clear errors that write nothing, and hostile or enormous input
//! that simply works.

#![allow(clippy::unwrap_used, clippy::panic)]

mod inputs;
mod judge;
mod names;
mod output;
mod places;
#[path = "../support/processor.rs"]
mod processor;
#[path = "../reference/mod.rs"]
mod reference;
#[path = "../cli/run.rs"]
#[allow(dead_code)]
mod run;
mod set;
mod signals;
mod size;
mod soak;
mod text;
