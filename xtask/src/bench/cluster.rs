//! Benches of a whole cluster, measured by a program of the tests against the built programs.

use super::row::{self, Row};
use crate::house::House;
use crate::steps::step;
use crate::{guest, program, setup, test};
use anyhow::Result;

/// `dev` measures unoptimised programs: for a quick look, never for figures.
const PROFILE_VARIABLE: &str = "BERTH_BENCH_PROFILE";

/// created → running → stopped → deleted without guests, and what each deed costs the database.
pub(super) fn lifecycle(house: &House) -> Result<Vec<Row>> {
    measure(house, "lifecycle", false)
}

/// Start to the guest's first line, against QEMU by hand.
pub(super) fn real_guest(house: &House) -> Result<Vec<Row>> {
    measure(house, "real_guest", true)
}

/// What each process takes.
pub(super) fn memory(house: &House) -> Result<Vec<Row>> {
    measure(house, "memory", true)
}

/// How soon everything is as it should be after a death.
pub(super) fn recovery(house: &House) -> Result<Vec<Row>> {
    measure(house, "recovery", false)
}

/// Cargo's profile, and its folder in the target directory.
pub(super) fn profile() -> (&'static str, &'static str) {
    let quick = std::env::var(PROFILE_VARIABLE).is_ok_and(|profile| profile == "dev");
    if quick { ("dev", "debug") } else { ("release", "release") }
}

fn measure(house: &House, bench: &str, boots: bool) -> Result<Vec<Row>> {
    setup::for_programs()?;
    let guests = if boots { Some(guest::run(house)?) } else { None };
    let (profile, directory) = profile();
    step("build", |step| {
        let mut command = house.cargo();
        command.args(["build", "--profile", profile]);
        for package in ["berth-nexus", "berth-sled-agent", "berth-cli", "berth-tests"] {
            command.args(["--package", package]);
        }
        command.arg("--bins");
        program::in_step(step, command)
    })?;
    let server = step("private PostgreSQL", |_| test::test_server(house))?;
    let programs = house.target(directory);
    step("measure", |_| {
        let mut command = std::process::Command::new(programs.join("cluster-bench"));
        command.arg(bench).env("BERTH_BIN_DIR", &programs);
        command.env("BERTH_TEST_PG", server.address().server_conninfo());
        if let Some(guests) = &guests {
            command.env("BERTH_GUEST_DIR", guests);
        }
        row::read(&program::text(command)?)
    })
}
