//! Live migration, measured by an example program of the sled-agent: two agents, real guests, no nexus.

use super::cluster::profile;
use super::row::{self, Row};
use crate::house::House;
use crate::steps::step;
use crate::{guest, program, setup};
use anyhow::Result;

/// Pairs of (bare QMP, through the agents).
const PAIRS: &str = "10";

pub(super) fn run(house: &House) -> Result<Vec<Row>> {
    setup::for_programs()?;
    let guests = guest::run(house)?;
    let (profile, directory) = profile();
    step("build", |step| {
        let mut command = house.cargo();
        command.args(["build", "--profile", profile, "--package", "berth-sled-agent", "--bins"]);
        command.args(["--example", "migration-bench"]);
        program::in_step(step, command)
    })?;
    let programs = house.target(directory);
    step("measure", |_| {
        let mut command = std::process::Command::new(programs.join("examples/migration-bench"));
        command.arg(PAIRS).env("BERTH_BIN_DIR", &programs).env("BERTH_GUEST_DIR", &guests);
        row::read(&program::text(command)?)
    })
}
