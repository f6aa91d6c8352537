//! The benches that need a whole cluster, one by name: prints one JSON object per line for `cargo xtask bench`.
//!
//! Each starts a cluster of its own with the programs of `BERTH_BIN_DIR`, and ends it. Figures are of one run.

mod lifecycle;
mod memory;
mod real_guest;
mod recovery;
mod rows;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let rows = match std::env::args().nth(1).as_deref() {
        Some("lifecycle") => lifecycle::measure()?,
        Some("real_guest") => real_guest::measure()?,
        Some("memory") => memory::measure()?,
        Some("recovery") => recovery::measure()?,
        other => bail!("which of lifecycle, real_guest, memory, recovery? not {other:?}"),
    };
    for row in rows {
        println!("{}", serde_json::to_string(&row)?);
    }
    Ok(())
}
