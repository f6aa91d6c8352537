//! The two tools of the tests that Debian lacks, kept below the build directory.

use crate::house::House;
use crate::program;
use crate::steps::step;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use std::process::Command;

/// Built by cargo when missing. Any version that is there already will do.
const NEXTEST_VERSION: &str = "0.9.143";

/// Pinned, because a newer tester finds other things: a change of it is a change of the tests.
const SCHEMATHESIS_VERSION: &str = "4.32.5";

/// The test runner; returns the directory that is to be in `PATH`.
pub fn test_runner(house: &House) -> Result<Utf8PathBuf> {
    step("test runner", |step| {
        let root = house.target("tools/nextest");
        let directory = root.join("bin");
        let mut ask = house.cargo();
        ask.args(["nextest", "--version"]);
        if directory.join("cargo-nextest").is_file() || program::succeeds(ask) {
            step.note("there");
            return Ok(directory);
        }
        let mut install = house.cargo();
        // It only starts other programs: not optimising it saves minutes.
        install.args([
            "install",
            "cargo-nextest",
            "--locked",
            "--debug",
            "--version",
            NEXTEST_VERSION,
            "--root",
        ]);
        install.arg(&root);
        program::in_step(step, install).context(
            "the test runner can't be built; is this machine online, and is its crate registry reachable?",
        )?;
        step.note(format!("built {NEXTEST_VERSION}"));
        Ok(directory)
    })
}

/// The API tester; returns the directory that is to be in `PATH`.
pub fn api_tester(house: &House) -> Result<Utf8PathBuf> {
    step("API tester", |step| {
        let root = house.target("tools").join(format!("schemathesis-{SCHEMATHESIS_VERSION}"));
        let directory = root.join("bin");
        // Written last: an environment without it is half made.
        let whole = root.join("whole");
        if whole.is_file() {
            step.note("there");
            return Ok(directory);
        }
        let mut make = Command::new("python3");
        make.args(["-m", "venv", "--clear"]).arg(&root);
        program::in_step(step, make)
            .context("python3 can't make an environment; `cargo xtask setup` installs what it needs")?;
        let mut install = Command::new(directory.join("python"));
        install.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input"]);
        install.arg(format!("schemathesis=={SCHEMATHESIS_VERSION}"));
        program::in_step(step, install)
            .context("the API tester can't be installed; is this machine online, and is its Python registry reachable?")?;
        std::fs::write(whole, "")?;
        step.note(format!("installed {SCHEMATHESIS_VERSION}"));
        Ok(directory)
    })
}
