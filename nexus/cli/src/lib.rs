//! The command line of Berth: `berth <noun> <verb>`, for users and operators.
//!
//! ```text
//! cli ──> session (profile, environment, options) ──> nouns/*: one file per noun
//!            │                                          │ ask            │ accepted work
//!            └─> client: several nexus, fail-over <─────┘                └─> wait, progress
//!                     └─> generated: made from the public document
//! ```
//!
//! It knows the public contract and nothing else of nexus.
//!
//! Invariants
//! - Standard output has results alone; progress, notes, questions and errors go to standard error.
//! - A request is sent to a second nexus only if the first certainly didn't get it, or if twice is as good as once.
//! - A token is sent over TLS to servers of the cluster's own authority alone, and is printed only when it is made.
//! - Exit codes: 0 done, 1 failed, 2 wrong usage, 3 still running.

mod addressing;
mod advice;
mod amount;
mod batch;
mod cell;
pub mod cli;
mod client;
mod confirm;
mod connection;
mod failure;
pub mod generated;
mod live_names;
mod nouns;
mod output;
mod pages;
mod profile;
mod progress;
mod session;
mod upload;
mod wait;
mod widths;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

/// The whole program: completes for a shell, or parses, runs and reports.
pub fn main() -> ExitCode {
    clap_complete::CompleteEnv::with_factory(cli::Cli::command).var(nouns::completion::VARIABLE).complete();
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&failure::Failure::Output(error)),
    };
    match runtime.block_on(cli::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

fn report(failure: &failure::Failure) -> ExitCode {
    // With standard error closed, the exit code still says it.
    let _nobody_reads = std::io::stderr().write_all(failure.text().as_bytes());
    ExitCode::from(failure.code())
}
