//! `cargo xtask setup`: installs what is missing on a Debian machine that has only Rust.
//!
//! Nothing is touched that is there. Programs come from Debian's packages, except two that Debian lacks:
//! the test runner (by cargo) and the API tester (from PyPI, into an environment of its own); both stay
//! below the build directory.

mod packages;
mod tools;

pub use packages::refresh_index;

use crate::house::House;
use anyhow::Result;
use camino::Utf8PathBuf;

/// Everything: what demo needs and what tests need.
pub fn run(house: &House) -> Result<()> {
    for_programs()?;
    for_tests(house).map(drop)
}

/// What building and running Berth needs.
pub fn for_programs() -> Result<()> {
    packages::install_missing(&packages::FOR_PROGRAMS)
}

/// What the tests need besides; returns directories to put before `PATH`.
pub fn for_tests(house: &House) -> Result<Vec<Utf8PathBuf>> {
    packages::install_missing(&packages::FOR_TESTS)?;
    Ok(vec![tools::test_runner(house)?, tools::api_tester(house)?])
}
