//! The program `gocd2argo`: arguments in, exit code out.

fn main() {}
