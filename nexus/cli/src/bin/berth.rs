//! `berth`: the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    berth_cli::main()
}
