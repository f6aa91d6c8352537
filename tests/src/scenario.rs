//! One scenario: a cluster of its own, a story, and the last looks.

use crate::{Api, BootImage, DatabaseProxy, Records, Runtime, SledVoice, until};
use anyhow::{Context, Result, ensure};
use berth_launcher::{Cluster, ClusterOptions, Database, GUEST_BRIDGE, Hosts, Hypervisor};
use camino::Utf8PathBuf;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// How long a cluster may take to come to rest after a story.
const REST_LIMIT: Duration = Duration::from_secs(60);

/// From a nexus' waking up to its new life, on a loaded machine.
const COME_BACK_LIMIT: Duration = Duration::from_secs(60);

/// Set to leave the files of a failed scenario where they are.
const KEEP_VARIABLE: &str = "BERTH_KEEP";

/// What a scenario's cluster is made of.
#[derive(Clone, Debug)]
pub struct Shape {
    pub nexus: u16,
    pub sleds: u16,
    pub hypervisor: Hypervisor,
    pub database: Database,
    /// Each sled is a host with a network of its own, and a bridge for guests, which the story's thread reaches.
    pub has_hosts: bool,
    /// More for each nexus' configuration: whole TOML tables.
    pub nexus_settings: String,
    /// More for each sled's configuration: top-level TOML keys.
    pub sled_settings: String,
    /// Virtual CPUs of each sled, with 1 GiB of memory for each.
    pub sled_cpus: u32,
    /// Each sled keeps its state on a disk of its own of so many MiB, which can be filled.
    pub state_mib: Option<u32>,
}

impl Shape {
    /// One nexus and one sled with real guests.
    pub fn real() -> Shape {
        Shape {
            nexus: 1,
            sleds: 1,
            hypervisor: Hypervisor::Emulated,
            database: Database::Shared,
            has_hosts: false,
            nexus_settings: String::new(),
            sled_settings: String::new(),
            sled_cpus: berth_launcher::SLED_CPUS,
            state_mib: None,
        }
    }

    /// `nexus` nexus, and `sleds` sleds without any guest.
    pub fn simulated(nexus: u16, sleds: u16) -> Shape {
        Shape { nexus, sleds, hypervisor: Hypervisor::Simulated, ..Shape::real() }
    }
}

/// A cluster in the middle of its story, with a project, and an admin in it.
#[derive(Debug)]
pub struct Play {
    pub cluster: Cluster,
    pub api: Api,
    pub records: Records,
    runtime: Runtime,
    /// What was put between nexus and the database: the last looks go through it, too.
    wires: Vec<Arc<DatabaseProxy>>,
}

impl Play {
    /// Registers an image.
    pub fn image(&self, image: BootImage) -> Result<()> {
        let (kernel, initrd) = image.files()?;
        self.api.kernel_image(image.name(), kernel, initrd)?;
        Ok(())
    }

    /// The sled that an instance runs on, from 0.
    pub fn sled_of(&self, instance: &str) -> Result<usize> {
        let here = self.api.instance(instance)?.sled.context("it runs nowhere")?.name.to_string();
        self.cluster.sleds.iter().position(|sled| sled.name() == here).context("a sled of ours")
    }

    /// Another session on the records.
    pub fn more_records(&self) -> Result<Records> {
        Records::open(&self.cluster.conninfo())
    }

    /// The runtime on which requests run.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Keeps a wire for as long as the cluster is there.
    pub(crate) fn keep_wire(&mut self, wire: Arc<DatabaseProxy>) {
        self.wires.push(wire);
    }

    /// Waits until a nexus (from 0) that was declared dead, being this one, has come back as another and serves.
    pub fn comes_back(&mut self, nexus: usize, was: &str) -> Result<()> {
        let name = self.cluster.nexus[nexus].name().to_owned();
        let another =
            "SELECT count(*) > 0 FROM nexus WHERE name = $1 AND state = 'active' AND id::text <> $2";
        self.records.until(
            &format!("{name} comes back as another"),
            COME_BACK_LIMIT,
            another,
            &[&name, &was],
        )?;
        let door = self.api.at(nexus);
        until(&format!("{name} serves"), COME_BACK_LIMIT, || {
            Ok(door.get::<serde_json::Value>("/v1/whoami").ok().map(drop))
        })
    }

    /// What one sled would say; `sled` counts from 0.
    pub fn voice(&mut self, sled: usize) -> Result<SledVoice> {
        let doors = self.cluster.nexus.iter().map(|nexus| format!("https://{}", nexus.internal())).collect();
        let sled = &self.cluster.sleds[sled];
        let (state, name) = (sled.state_directory(), sled.name().to_owned());
        SledVoice::of(Arc::clone(&self.runtime), &state, &name, doors, &mut self.records)
    }

    /// Files and directories of the sleds that have one of these in their names. The memory of what must never run, or
    /// be made, again is meant to stay.
    pub fn files_naming(&self, words: &[String]) -> Result<Vec<String>> {
        let mut open = vec![self.cluster.directory().join("shared")];
        for sled in &self.cluster.sleds {
            open.extend([sled.state_directory(), sled.run_directory(), sled.pool_directory()]);
        }
        let mut found = Vec::new();
        while let Some(directory) = open.pop() {
            // What vanishes while we look isn't left.
            let Ok(entries) = directory.read_dir_utf8() else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                if words.iter().any(|word| path.file_name().is_some_and(|name| name.contains(word.as_str())))
                {
                    found.push(path.to_string());
                }
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    open.push(path.to_owned());
                }
            }
        }
        found.retain(|path| !path.contains("tombstone") && !path.ends_with(".deleted"));
        Ok(found)
    }

    /// Waits until no file of any sled names one of these.
    pub fn names_nothing(&self, ids: &[String]) -> Result<()> {
        let mut left = Vec::new();
        until("no file names it", REST_LIMIT, || {
            left = self.files_naming(ids)?;
            Ok(left.is_empty().then_some(()))
        })
        .with_context(|| format!("left: {left:#?}"))
    }

    /// Waits until `nexus check` finds nothing; needs one nexus' configuration, but no running nexus.
    pub fn check(&self) -> Result<()> {
        let mut last = Vec::new();
        until("nexus check finds nothing", REST_LIMIT, || {
            last = self.cluster.nexus[0].check()?;
            Ok(last.is_empty().then_some(()))
        })
        .with_context(|| format!("it finds: {last:#?}"))
    }

    /// Waits until every operation has ended and every saga is done.
    pub fn comes_to_rest(&mut self, limit: Duration) -> Result<()> {
        let open = "SELECT format('operation %s %s is %s %s', kind, id, state, waiting_for) FROM operation
                        WHERE ended_at IS NULL
                    UNION ALL SELECT format('saga %s %s is %s', name, id, state) FROM saga WHERE state <> 'done'
                    UNION ALL SELECT format('instance %s is locked by %s', id, updater_id) FROM instance
                        WHERE updater_id IS NOT NULL";
        let mut last = Vec::<String>::new();
        until("everything ends", limit, || {
            last = self.records.all(open, &[])?;
            Ok(last.is_empty().then_some(()))
        })
        .with_context(|| format!("still open: {last:#?}"))
    }
}

/// Starts a cluster, tells the story, and takes the last looks. The cluster ends and its files go, however it went.
///
/// # Errors
/// The story's own; differences that `nexus check` finds; processes or files that are left.
pub fn play(shape: &Shape, story: impl FnOnce(&mut Play) -> Result<()>) -> Result<()> {
    let keeper = tempfile::Builder::new().prefix("berth-").tempdir()?;
    let directory = Utf8PathBuf::try_from(keeper.path().canonicalize()?)?.join("cluster");
    let mut options = ClusterOptions::new(&directory)?;
    options.nexus = shape.nexus;
    options.sleds = shape.sleds;
    options.hypervisor = shape.hypervisor;
    options.database = shape.database;
    options.nexus_settings.clone_from(&shape.nexus_settings);
    options.sled_settings.clone_from(&shape.sled_settings);
    options.sled_cpus = shape.sled_cpus;
    options.state_mib = shape.state_mib;
    if shape.has_hosts {
        let hosts = Hosts::make(shape.sleds)?;
        options.address = hosts.nexus();
        options.hosts = Some(Arc::new(hosts));
        options.sled_settings = format!("bridge = {GUEST_BRIDGE:?}\n{}", options.sled_settings);
    }
    let mut play = begin(Cluster::start(&options)?)?;
    let told = story(&mut play).and_then(|()| play.check());
    if let Err(error) = told {
        eprintln!("{}", play.cluster.log_tails());
        if std::env::var_os(KEEP_VARIABLE).is_some() {
            play.cluster.keep_files();
            eprintln!("its files stay in {}", keeper.keep().display());
        }
        return Err(error);
    }
    let Play { cluster, records, wires, .. } = play;
    // Sessions of ours would keep its database from being dropped.
    drop(records);
    let directories = [directory.clone(), Utf8PathBuf::from(cluster.run_directory())];
    cluster.end()?;
    drop(wires);
    let left = berth_launcher::leftovers(&directories)?;
    ensure!(left.is_empty(), "processes are left: {left:#?}");
    for directory in &directories {
        ensure!(!directory.exists(), "{directory} is left");
    }
    Ok(())
}

fn begin(cluster: Cluster) -> Result<Play> {
    let runtime =
        Arc::new(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?);
    let ca_pem = std::fs::read_to_string(cluster.directory().join("ca.pem"))?;
    let token = std::fs::read_to_string(cluster.nexus[0].admin_token_file())?;
    let doors = cluster.nexus.iter().map(berth_launcher::Nexus::url).collect();
    let api = Api::new(Arc::clone(&runtime), &ca_pem, doors, token.trim(), "stage")?;
    let made = api.post("/v1/projects", json!({"name": "stage"}))?;
    ensure!(made.status.is_success(), "no project: {}", made.text);
    let records = Records::open(&cluster.conninfo())?;
    Ok(Play { cluster, api, records, runtime, wires: Vec::new() })
}
