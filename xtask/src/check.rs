//! `cargo xtask check`: what must hold before a commit, without running a test.

use crate::house::House;
use crate::{program, tidy};
use anyhow::Result;

pub fn run(house: &House) -> Result<()> {
    let mut format = house.cargo();
    format.args(["fmt", "--all", "--check"]);
    program::shown(format)?;
    let mut lints = house.cargo();
    lints.args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    program::shown(lints)?;
    tidy::run(house)
}
