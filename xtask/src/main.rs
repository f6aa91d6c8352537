//! `cargo xtask`: everything one does with this repository, in one place.
//!
//! Each subcommand is a file of its name. Those that start something end it again, also on Ctrl-C. This
//! crate stays cheap to build, because it is what a newcomer's first command waits for: it knows no room
//! but `berth-postgres` and `berth-launcher`, and starts the programs rather than linking them.

mod bench;
mod check;
mod demo;
mod guest;
mod house;
mod interrupt;
mod openapi;
mod program;
mod setup;
mod soak;
mod steps;
mod test;
mod tidy;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Everything one does with this repository")]
struct Arguments {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Subcommand)]
enum Deed {
    /// Boots a real guest in a small cluster of its own and shows its life
    Demo(demo::Arguments),
    /// Installs what is missing and runs every test
    Test(test::Arguments),
    /// Runs for hours what is run briefly every day, and prints a table of results
    Soak(soak::Arguments),
    /// Formatting, lints and the rules of the house
    Check,
    /// The rules of the house alone
    Tidy,
    /// Measures, and prints a table
    Bench(bench::Arguments),
    /// Writes the OpenAPI documents and the client made from them
    Openapi(openapi::Arguments),
    /// Builds the guests that tests and demo boot
    Guest,
    /// Installs what is missing on this machine
    Setup,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match interrupt::listen().and_then(|()| run(arguments.deed)) {
        Ok(()) => ExitCode::SUCCESS,
        // Whatever it was that couldn't go on, that was wished.
        Err(_) if interrupt::requested() => {
            eprintln!("interrupted: what was started has ended");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("\nerror: {error}");
            for cause in error.chain().skip(1) {
                eprintln!("  because {cause}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(deed: Deed) -> anyhow::Result<()> {
    let house = house::House::find()?;
    match deed {
        Deed::Demo(arguments) => demo::run(&house, &arguments),
        Deed::Test(arguments) => test::run(&house, &arguments),
        Deed::Soak(arguments) => soak::run(&house, &arguments),
        Deed::Check => check::run(&house),
        Deed::Tidy => tidy::run(&house),
        Deed::Bench(arguments) => bench::run(&house, &arguments),
        Deed::Openapi(arguments) => openapi::run(&house, &arguments),
        Deed::Guest => guest::run(&house).map(drop),
        Deed::Setup => setup::run(&house),
    }
}
