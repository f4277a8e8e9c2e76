//! The program as a user meets it: files in a folder, a call, and what it prints, writes and exits with.

#![allow(clippy::unwrap_used, clippy::panic)]

mod builds;
mod colours;
mod convert;
mod diff;
mod edits;
mod explain;
mod init;
mod json;
mod lint;
mod parity;
mod part;
mod places;
mod plan;
mod run;
mod settings;
mod show;
mod simulate;
mod templates;
mod trace;
