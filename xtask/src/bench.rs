//! `cargo xtask bench`: measures, and prints a table or one JSON object per line.
//!
//! A bench is a file below here and a line in [`BENCHES`]. It hands over rows; how they are shown is
//! decided in one place. Figures are ratios or counts of one run, never a test.

mod cluster;
mod migration;
mod row;
mod saga_engine;

use crate::house::House;
use anyhow::{Result, bail};
use row::Row;

/// One bench: how it is called, what it measures, how to run it.
struct Bench {
    name: &'static str,
    measures: &'static str,
    run: fn(&House) -> Result<Vec<Row>>,
}

/// Every bench, in the order they are run.
const BENCHES: &[Bench] = &[
    Bench {
        name: "saga_engine",
        measures: "durable sagas per second against a store that commits each event, in the same run",
        run: saga_engine::run,
    },
    Bench {
        name: "lifecycle",
        measures: "lives of instances per second without guests, and what start, stop and silence cost the database",
        run: cluster::lifecycle,
    },
    Bench {
        name: "real_guest",
        measures: "start to the guest's first line against the same QEMU run by hand",
        run: cluster::real_guest,
    },
    Bench {
        name: "migration",
        measures: "live migration through two agents against bare QMP between two such processes, pair by pair",
        run: migration::run,
    },
    Bench {
        name: "memory",
        measures: "memory of each process, and its CPU while nothing happens",
        run: cluster::memory,
    },
    Bench {
        name: "recovery",
        measures: "an agent's death with 500 VMMs, and with 500 reboots left down; a nexus' with 50 starts",
        run: cluster::recovery,
    },
];

#[derive(clap::Args)]
pub struct Arguments {
    /// Which to run; all, if none is named
    names: Vec<String>,
    /// One JSON object per line instead of a table
    #[arg(long)]
    json: bool,
    /// Names the benches and what they measure
    #[arg(long)]
    list: bool,
}

pub fn run(house: &House, arguments: &Arguments) -> Result<()> {
    if arguments.list {
        for bench in BENCHES {
            println!("{:<16} {}", bench.name, bench.measures);
        }
        return Ok(());
    }
    let mut all = Vec::new();
    for bench in chosen(&arguments.names)? {
        eprintln!("{}: {}", bench.name, bench.measures);
        let rows = (bench.run)(house)?;
        if arguments.json {
            for row in &rows {
                println!("{}", serde_json::to_string(row)?);
            }
        }
        all.extend(rows);
    }
    if !arguments.json {
        println!("{}", row::table(&all));
    }
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<&'static Bench>> {
    let known = || BENCHES.iter().map(|bench| bench.name).collect::<Vec<_>>().join(", ");
    if let Some(unknown) = names.iter().find(|name| !BENCHES.iter().any(|bench| bench.name == **name)) {
        bail!("no bench is called {unknown}; there are: {}", known());
    }
    Ok(BENCHES
        .iter()
        .filter(|bench| names.is_empty() || names.iter().any(|name| name == bench.name))
        .collect())
}
