//! A whole cluster of real processes in one directory.

use crate::database::Store;
use crate::guard::Guard;
use crate::place::Place;
use crate::process::log_tail;
use crate::{Berth, Hosts, Hypervisor, Nexus, Programs, Sled, end_leftovers, until};
use anyhow::{Context, Result};
use berth_postgres::{Lifetime, PrivateServer};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// From a nexus' start to its open door, its first migrations included; generous for a loaded machine.
const NEXUS_LIMIT: Duration = Duration::from_secs(60);
/// From an agent's start until nexus shows its sled online; generous, because KVM may be probed first.
const SLED_LIMIT: Duration = Duration::from_secs(90);

/// Virtual CPUs of a sled, unless somebody wants others.
pub const SLED_CPUS: u32 = 64;

/// Where a cluster's records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A database on the server that all tests share.
    Shared,
    /// A server of its own, that ends with the cluster and can be hurt.
    Own,
    /// A server of its own that lives on when the cluster is left up.
    Lasting,
}

/// What a cluster is made of.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// Everything of it is in here. What another cluster left in it is ended and removed first.
    pub directory: Utf8PathBuf,
    /// Its address below 127/8; with hosts, nexus' own.
    pub address: Ipv4Addr,
    /// A host for each sled; without, all share the caller's network.
    pub hosts: Option<Arc<Hosts>>,
    pub programs: Programs,
    pub nexus: u16,
    pub sleds: u16,
    pub hypervisor: Hypervisor,
    pub database: Database,
    /// More for each nexus' configuration: whole TOML tables.
    pub nexus_settings: String,
    /// More for each sled's configuration: top-level TOML keys.
    pub sled_settings: String,
    /// Virtual CPUs of each sled, with 1 GiB of memory for each.
    pub sled_cpus: u32,
    /// Each sled keeps its state on a disk of its own of so many MiB; none: where everything else is.
    pub state_mib: Option<u32>,
}

impl ClusterOptions {
    /// Two nexus and three sleds with emulated guests, on the shared server, at an address of this process.
    ///
    /// # Errors
    /// When the programs aren't built.
    pub fn new(directory: impl Into<Utf8PathBuf>) -> Result<Self> {
        Ok(Self {
            directory: directory.into(),
            address: crate::address_of_this_process(),
            hosts: None,
            programs: Programs::find()?,
            nexus: 2,
            sleds: 3,
            hypervisor: Hypervisor::Emulated,
            database: Database::Shared,
            nexus_settings: String::new(),
            sled_settings: String::new(),
            sled_cpus: SLED_CPUS,
            state_mib: None,
        })
    }
}

/// A running cluster. Dropping it ends everything of it and removes its files.
#[derive(Debug)]
pub struct Cluster {
    /// Every nexus, first one first.
    pub nexus: Vec<Nexus>,
    /// Every sled, first one first.
    pub sleds: Vec<Sled>,
    store: Store,
    place: Place,
    berth: Berth,
    guard: Option<Guard>,
    /// Its directory is left as it is when it ends.
    keeps_files: bool,
}

impl Cluster {
    /// Starts everything and waits until every sled is online.
    ///
    /// # Errors
    /// When a part doesn't come up; the text has the end of its log.
    pub fn start(options: &ClusterOptions) -> Result<Self> {
        let mut cluster = Self::start_nexus(options)?;
        cluster.start_sleds(options)?;
        Ok(cluster)
    }

    /// Starts the database and every nexus.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_nexus(options: &ClusterOptions) -> Result<Self> {
        let place = Place::prepare(&options.directory)?;
        remove_remains(&place)?;
        let place = Place::prepare(&options.directory)?;
        let guard = Guard::post(&place.directories())?;
        let store = match options.database {
            Database::Shared => Store::shared()?,
            Database::Own => Store::own(&place.directory, Lifetime::EndsWithOwner)?,
            Database::Lasting => Store::own(&place.directory, Lifetime::Daemon)?,
        };
        let (address, url, more) = (options.address, store.url(), &options.nexus_settings);
        let nexus = (1..=options.nexus)
            .map(|number| Nexus::configure(&options.programs, &place, number, address, &url, more))
            .collect::<Result<Vec<_>>>()?;
        let token = nexus.first().context("a cluster has at least one nexus")?.admin_token_file();
        let berth = Berth::new(&options.programs, &place, &nexus, token);
        let mut cluster =
            Self { nexus, sleds: Vec::new(), store, place, berth, guard: Some(guard), keeps_files: false };
        // The first one makes the cluster; the others find it made.
        cluster.start_one_nexus(0)?;
        let authority = cluster.nexus[0].authority_file();
        std::fs::copy(&authority, cluster.place.authority_file())
            .with_context(|| format!("reading {authority}"))?;
        for index in 1..cluster.nexus.len() {
            cluster.start_one_nexus(index)?;
        }
        Ok(cluster)
    }

    fn start_one_nexus(&mut self, index: usize) -> Result<()> {
        let nexus = &mut self.nexus[index];
        nexus.start()?;
        let (door, token) = (nexus.public().to_owned(), nexus.admin_token_file());
        until(&format!("{} opens its door", nexus.name()), NEXUS_LIMIT, || {
            nexus.process()?.expect_running()?;
            let ready = TcpStream::connect(&door).is_ok() && (index > 0 || token.exists());
            Ok(ready.then_some(()))
        })
        .with_context(|| log_tail(&nexus.log()))
    }

    /// Makes the sleds, lets them join, and waits until every one is online.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_sleds(&mut self, options: &ClusterOptions) -> Result<()> {
        let nexus: Vec<String> =
            self.nexus.iter().map(|nexus| format!("https://{}", nexus.internal())).collect();
        for number in 1..=options.sleds {
            let mut sled = Sled::configure(&self.place, number, options, &nexus)?;
            let made = self.berth.json(&["sled", "add"])?;
            let secret = made["secret"].as_str().context("a join token has a secret")?;
            std::fs::write(sled.join_token_file(), secret)?;
            sled.start()?;
            self.sleds.push(sled);
        }
        until("every sled is online", SLED_LIMIT, || {
            for sled in &mut self.sleds {
                sled.process()?.expect_running()?;
            }
            // A busy nexus may not answer in time: that is no word about the sleds.
            let online = self.online_sleds().is_ok_and(|online| online == usize::from(options.sleds));
            Ok(online.then_some(()))
        })
        .with_context(|| self.log_tails())
    }

    fn online_sleds(&self) -> Result<usize> {
        let shown = self.berth.json(&["sled", "list"])?;
        let online = |sled: &&Value| sled["liveness"] == "online";
        Ok(shown.as_array().map_or(0, |sleds| sleds.iter().filter(online).count()))
    }

    /// The CLI as the cluster's first admin.
    pub fn berth(&self) -> &Berth {
        &self.berth
    }

    /// Its directory.
    pub fn directory(&self) -> &Utf8Path {
        &self.place.directory
    }

    /// Where its sleds keep sockets and shims.
    pub fn run_directory(&self) -> &Utf8Path {
        &self.place.run
    }

    /// `host=… user=… dbname=…` of its database.
    pub fn conninfo(&self) -> String {
        self.store.conninfo()
    }

    /// The same as a URL.
    pub fn database_url(&self) -> String {
        self.store.url()
    }

    /// Runs a script on its database and returns its rows, columns separated by `|`.
    ///
    /// # Errors
    /// With the first error the server reports.
    pub fn sql(&self, script: &str) -> Result<String> {
        self.store.sql(script)
    }

    /// Its own PostgreSQL, if it has one.
    pub fn postgres(&mut self) -> Option<&mut PrivateServer> {
        self.store.server()
    }

    /// Every process of it that lives: nexus, agents, shims, guests.
    ///
    /// # Errors
    /// When processes can't be listed.
    pub fn processes(&self) -> Result<Vec<(nix::unistd::Pid, String)>> {
        crate::leftovers(&self.place.directories())
    }

    /// The end of each program's log, for messages.
    pub fn log_tails(&self) -> String {
        let logs = self.nexus.iter().map(Nexus::log).chain(self.sleds.iter().map(Sled::log));
        logs.map(|log| log_tail(&log)).collect::<Vec<_>>().join("\n")
    }

    /// Leaves its files when it ends, for somebody to read.
    pub fn keep_files(&mut self) {
        self.keeps_files = true;
    }

    /// Leaves it up: nobody ends it until the next cluster in this directory.
    ///
    /// # Errors
    /// When its guard can't be dismissed.
    pub fn leave(mut self) -> Result<()> {
        if let Some(guard) = self.guard.take() {
            guard.dismiss()?;
        }
        self.nexus.drain(..).for_each(Nexus::leave);
        self.sleds.drain(..).for_each(Sled::leave);
        // What is left of this value has nothing to end.
        std::mem::forget(self);
        Ok(())
    }

    /// Ends everything: agents and nexus first, politely, then what outlives them, then the database.
    ///
    /// # Errors
    /// When a part had to be killed, or its files can't be removed.
    pub fn end(mut self) -> Result<()> {
        self.end_parts()
    }

    fn end_parts(&mut self) -> Result<()> {
        let mut outcome = Ok(());
        for sled in &mut self.sleds {
            outcome = outcome.and(sled.stop());
        }
        for nexus in &mut self.nexus {
            outcome = outcome.and(nexus.stop());
        }
        outcome = outcome.and(end_leftovers(&self.place.directories()).map(drop));
        for sled in &mut self.sleds {
            sled.unmount();
        }
        outcome = outcome.and(self.store.stop());
        self.guard = None;
        if !self.keeps_files {
            outcome = outcome.and(self.place.remove());
        }
        outcome
    }

    /// Ends what a cluster left up in a directory, and removes its files.
    ///
    /// # Errors
    /// When something doesn't end.
    pub fn end_at(directory: &Utf8Path) -> Result<()> {
        if directory.exists() { remove_remains(&Place::prepare(directory)?) } else { Ok(()) }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.guard.is_some() {
            if std::thread::panicking() {
                eprintln!("{}", self.log_tails());
            }
            for process in self.sleds.iter_mut().flat_map(Sled::process) {
                // What was stopped before needs no signal.
                let _ = process.kill_hard();
            }
            for process in self.nexus.iter_mut().flat_map(Nexus::process) {
                let _ = process.kill_hard();
            }
            if let Err(error) = self.end_parts() {
                eprintln!("the cluster in {} didn't end cleanly: {error:#}", self.place.directory);
            }
        }
    }
}

/// Ends what an earlier cluster left in this place, its own server included, and removes its files.
fn remove_remains(place: &Place) -> Result<()> {
    end_leftovers(&place.directories())?;
    let postgres = place.directory.join("postgres");
    if postgres.join("data").exists() {
        berth_postgres::stop_at(&postgres)?;
    }
    place.remove()
}
