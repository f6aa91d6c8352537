//! `cargo xtask test`: installs what is missing, then runs everything.
//!
//! What the tests find in their environment:
//!
//! | variable | what |
//! |---|---|
//! | `BERTH_TEST_PG` | connection to a private PostgreSQL of this run (`host=… user=…`) |
//! | `BERTH_GUEST_DIR` | the guest images |
//! | `BERTH_BIN_DIR` | the built programs `nexus`, `sled-agent`, `berth` |
//! | `BERTH_MIGRATIONS` | how many migrations in a row the guest makes that is pinged; 10, if nobody says |
//! | `BERTH_SEEDS` | how many seeds random tests take, or which, if `--seeds` was given |
//!
//! Everything started here ends with this process, however it ends.

mod failed;

use crate::house::House;
use crate::steps::step;
use crate::{guest, program, setup};
use anyhow::{Result, anyhow};
use berth_postgres::{Lifetime, PrivateServer, ServerOptions, reachable_directory, test_settings};
use camino::{Utf8Path, Utf8PathBuf};
use std::ffi::OsString;
use std::process::Command;

#[derive(clap::Args)]
pub struct Arguments {
    /// How many seeds each random test takes, or which: `500`, `1000..2000`
    #[arg(long, value_parser = seeds)]
    seeds: Option<String>,
    /// Passed on to the test runner: names of tests, `-p berth-plan`, `--no-capture`, …
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    runner_arguments: Vec<OsString>,
}

pub fn run(house: &House, arguments: &Arguments) -> Result<()> {
    let bench = Workbench::prepare(house)?;
    build_tests(house)?;
    let mut command = bench.runner(house)?;
    command.args(&arguments.runner_arguments);
    if let Some(seeds) = &arguments.seeds {
        command.env("BERTH_SEEDS", seeds);
    }
    program::shown(command).map_err(|error| failure(&report(house), error))
}

/// `500` or `1000..2000`, as the tests read it.
fn seeds(text: &str) -> Result<String, String> {
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("`{text}` is no number"));
    match text.split_once("..") {
        Some((from, to)) if number(from)? < number(to)? => Ok(text.to_owned()),
        Some(_) => Err("the range is empty".to_owned()),
        None => number(text).map(|count| count.to_string()),
    }
}

/// All that tests need, ready; what it started ends with it.
pub struct Workbench {
    tools: Vec<Utf8PathBuf>,
    guests: Utf8PathBuf,
    server: PrivateServer,
}

impl Workbench {
    /// Installs what is missing, makes the guests, and starts a database server. The tests are built by [`build_tests`].
    pub fn prepare(house: &House) -> Result<Self> {
        setup::for_programs()?;
        let tools = setup::for_tests(house)?;
        let guests = guest::run(house)?;
        let server = step("private PostgreSQL", |_| test_server(house))?;
        Ok(Self { tools, guests, server })
    }

    /// The test runner over the whole workspace, to be told what to run. Its last report is gone.
    pub fn runner(&self, house: &House) -> Result<Command> {
        self.runner_of(house, &["--workspace"])
    }

    /// The same over what is selected, as cargo selects.
    pub fn runner_of(&self, house: &House, selection: &[&str]) -> Result<Command> {
        let mut command = house.cargo();
        command.args(["nextest", "run", "--no-input-handler"]).args(selection);
        if in_ci() {
            command.args(["--profile", "ci"]);
        }
        command.env("PATH", path_with(&self.tools)?);
        command.env("BERTH_TEST_PG", self.server.address().server_conninfo());
        command.env("BERTH_GUEST_DIR", &self.guests);
        command.env("BERTH_BIN_DIR", house.target("debug"));
        // What an earlier run left would be taken for this one's.
        let report = report(house);
        if report.exists() {
            std::fs::remove_file(&report)?;
        }
        Ok(command)
    }
}

/// The tests of the last run that failed, each in a line.
pub fn failed(house: &House) -> Vec<String> {
    failed::in_report(&report(house))
        .into_iter()
        .map(|failed| format!("{}: {}", failed.name, failed.why))
        .collect()
}

/// Where the runner leaves its report; `.config/nextest.toml` says its name.
fn report(house: &House) -> Utf8PathBuf {
    let profile = if in_ci() { "ci" } else { "default" };
    house.target("nextest").join(profile).join("junit.xml")
}

fn in_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// The last lines of a run are what many see alone: they name what failed.
fn failure(report: &Utf8Path, error: anyhow::Error) -> anyhow::Error {
    let failed = failed::in_report(report);
    if failed.is_empty() {
        return error.context("the tests didn't run to their end; what is above says why");
    }
    let lines: Vec<String> =
        failed.iter().map(|failed| format!("  {}\n      {}", failed.name, failed.why)).collect();
    let count = failed.len();
    anyhow!("{count} failed; `cargo xtask test NAME` runs one alone:\n{}", lines.join("\n"))
}

/// Builds the tests and, with the same features of every dependency, the programs that they start: built apart, half of
/// the dependencies would be built twice.
pub fn build_tests(house: &House) -> Result<()> {
    step("programs and tests", |step| {
        let mut command = house.cargo();
        command.args(["test", "--workspace", "--no-run"]);
        program::in_step(step, command)
    })
}

/// Builds the programs that the demo starts.
pub fn build_programs(house: &House) -> Result<()> {
    step("programs", |step| {
        let mut command = house.cargo();
        command.args([
            "build",
            "--package",
            "berth-nexus",
            "--package",
            "berth-sled-agent",
            "--package",
            "berth-cli",
        ]);
        program::in_step(step, command)
    })
}

/// A server that ends with this process.
pub fn test_server(house: &House) -> Result<PrivateServer> {
    let directory = reachable_directory(&house.target("xtask-postgres"))?;
    let mut options = ServerOptions::new(directory).lifetime(Lifetime::EndsWithOwner);
    options.settings = test_settings();
    options.start()
}

fn path_with(tools: &[Utf8PathBuf]) -> Result<OsString> {
    let present = std::env::var_os("PATH").unwrap_or_default();
    let tools = tools.iter().map(|tools| tools.clone().into_std_path_buf());
    // Administrators' directories hold programs the tests start, and aren't in everybody's PATH.
    let more = ["/usr/sbin", "/sbin"].map(Into::into);
    Ok(std::env::join_paths(tools.chain(std::env::split_paths(&present)).chain(more))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_a_number_or_a_range_that_is_not_empty() {
        assert_eq!(seeds("500").as_deref(), Ok("500"));
        assert_eq!(seeds("1000..2000").as_deref(), Ok("1000..2000"));
        for wrong in ["", "many", "5..", "..5", "7..7", "9..3", "-1"] {
            assert!(seeds(wrong).is_err(), "{wrong}");
        }
    }
}
