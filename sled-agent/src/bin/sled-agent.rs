//! `sled-agent`: the agent, and the processes that outlive it.
//!
//! The shim is told apart before anything else starts: it shall hold few pages, so no runtime and no parser of
//! arguments is touched on its way.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((first, rest)) if first == "shim" => berth_sled_agent::shim::run(rest),
        _ => berth_sled_agent::program::main(),
    }
}
