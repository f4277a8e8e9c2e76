//! The program `gocd2argo`: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    gocd2argo::cli::main()
}
