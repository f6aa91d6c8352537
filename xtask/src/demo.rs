//! `cargo xtask demo`: a real guest's life, shown through the real programs.
//!
//! A small cluster (PostgreSQL, two nexus, three sled-agents) in `target/demo`, driven through the `berth`
//! command line as a user would. It ends with the demo, or (`--keep`) stays until `--stop` or the next demo.

mod life;
mod traces;

use crate::house::House;
use crate::steps::step;
use crate::{guest, interrupt, setup, test};
use anyhow::Result;
use berth_launcher::{
    Cluster, ClusterOptions, Database, Hypervisor, Programs, SLED_CPUS, address_of_directory,
};
use berth_postgres::reachable_directory;
use camino::{Utf8Path, Utf8PathBuf};

#[derive(clap::Args)]
pub struct Arguments {
    /// Leaves the cluster up and prints how to use `berth` with it
    #[arg(long)]
    keep: bool,
    /// Ends the cluster that an earlier `--keep` left up
    #[arg(long, conflicts_with = "keep")]
    stop: bool,
}

pub fn run(house: &House, arguments: &Arguments) -> Result<()> {
    berth_launcher::waits_end_when(interrupt::requested);
    let directory = reachable_directory(&house.target("demo"))?;
    if arguments.stop {
        return step("end of the cluster", |_| Cluster::end_at(&directory));
    }
    setup::for_programs()?;
    let guests = guest::run(house)?;
    test::build_programs(house)?;
    let options = options(house, &directory, arguments.keep)?;
    let mut cluster = begin(&options)?;
    if let Err(error) = life::tell(&cluster, &guests) {
        if interrupt::requested() {
            cluster.end()?;
            return Err(error);
        }
        // What the programs said is worth more than a clean directory.
        cluster.keep_files();
        if let Err(also) = cluster.end() {
            eprintln!("and the cluster didn't end cleanly: {also:#}");
        }
        return Err(error.context(format!("the demo failed; each program's log is in {directory}/*.log")));
    }
    if arguments.keep { leave(cluster) } else { step("end of the cluster", |_| cluster.end()) }
}

fn options(house: &House, directory: &Utf8Path, keep: bool) -> Result<ClusterOptions> {
    Ok(ClusterOptions {
        directory: directory.to_owned(),
        address: address_of_directory(directory),
        programs: Programs::at(house.target("debug"))?,
        nexus: 2,
        sleds: 3,
        hypervisor: Hypervisor::Qemu,
        hosts: None,
        database: if keep { Database::Lasting } else { Database::Own },
        nexus_settings: String::new(),
        sled_settings: String::new(),
        sled_cpus: SLED_CPUS,
        state_mib: None,
    })
}

fn begin(options: &ClusterOptions) -> Result<Cluster> {
    let mut cluster = step("PostgreSQL and two nexus", |step| {
        let cluster = Cluster::start_nexus(options)?;
        let doors: Vec<String> = cluster.nexus.iter().map(berth_launcher::Nexus::url).collect();
        step.note(doors.join(", "));
        Ok(cluster)
    })?;
    let joined = step("three sled-agents join the cluster", |step| {
        step.doing("each tries first whether this machine's KVM works");
        cluster.start_sleds(options)
    });
    match joined {
        Ok(()) => Ok(cluster),
        // Dropped, it ends with its files.
        Err(error) if interrupt::requested() => Err(error),
        Err(error) => {
            cluster.keep_files();
            Err(error.context(format!("each program's log is in {}/*.log", options.directory)))
        }
    }
}

fn leave(cluster: Cluster) -> Result<()> {
    let berth = cluster.berth().clone();
    let programs = berth.program().parent().map(Utf8PathBuf::from).unwrap_or_default();
    cluster.leave()?;
    println!("\nThe cluster is up. In a shell:\n");
    println!("  export PATH={programs}:$PATH");
    for (name, value) in berth.environment() {
        println!("  export {name}={value}");
    }
    println!("  export BERTH_PROJECT={}\n", life::PROJECT);
    for example in [
        "berth sled list",
        "berth instance create hello --image obeys --memory 128MiB --command-line 'console=ttyS0 quiet' --start",
        "berth instance serial hello --follow",
        "berth instance explain hello",
        "berth instance stop hello",
        "berth --help",
    ] {
        println!("  {example}");
    }
    println!("\n`cargo xtask demo --stop` ends it.");
    Ok(())
}
