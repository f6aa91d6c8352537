//! Bench of the saga store, measured by its own program against a private PostgreSQL.

use super::row::{self, Row};
use crate::house::House;
use crate::steps::step;
use crate::{program, test};
use anyhow::Result;

pub(super) fn run(house: &House) -> Result<Vec<Row>> {
    let server = step("private PostgreSQL", |_| test::test_server(house))?;
    let database = "saga_engine_bench";
    server.sql("postgres", &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE);"))?;
    server.sql("postgres", &format!("CREATE DATABASE {database};"))?;
    let arguments = ["--release", "--package", "berth-saga-store", "--bin", "saga-engine-bench"];
    step("build", |step| {
        let mut command = house.cargo();
        command.arg("build").args(arguments);
        program::in_step(step, command)
    })?;
    step("measure", |_| {
        let mut command = house.cargo();
        command.args(["run", "--quiet"]).args(arguments);
        command.args(["--", "--url", &server.address().conninfo(database), "--json"]);
        row::read(&program::text(command)?)
    })
}
