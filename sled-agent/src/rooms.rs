//! The agent's rooms, joined: everything but its doors. The program opens them to TLS ([`crate::server`]), a simulated
//! cluster calls them directly.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use berth_common::ids::{BootUuid, ClusterUuid, SledUuid, VmmUuid};
use berth_sled_agent_api::report::{QuarantineReason, Quarantined};
use berth_sled_agent_api::sled::SledRegister;
use slog::{Logger, o, warn};

use crate::config::Config;
use crate::hypervisor::Hypervisor;
use crate::ledger::entry::Entry;
use crate::ledger::{Ledger, Loaded, now_s};
use crate::migration::tunnel::Tunnel;
use crate::network::Network;
use crate::nexus_client::NexusClient;
use crate::report::Reports;
use crate::report::reporter::Reporter;
use crate::serial::SerialArchive;
use crate::shutdown::mark::Mark;
use crate::storage::Storage;
use crate::storage::images::Images;
use crate::tally::Tally;
use crate::vmms::Shared;
use crate::vmms::admission::{Addressee, Offer};
use crate::vmms::manager::Manager;
use crate::vmms::room::Room;

/// Who this agent is.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    pub sled: SledUuid,
    pub cluster: ClusterUuid,
    /// The host's boot.
    pub boot: BootUuid,
}

/// An agent without doors.
#[derive(Debug)]
pub struct Rooms {
    pub addressee: Addressee,
    pub manager: Arc<Manager>,
    pub shared: Arc<Shared>,
    nexus: Arc<NexusClient>,
}

impl Rooms {
    /// Reads the ledger, and recovers from now on what it holds. `tunnel` leads to other agents; whoever makes it gives
    /// it the connections that come.
    pub fn open(
        config: &Config,
        me: Identity,
        nexus: Arc<NexusClient>,
        hypervisor: Arc<dyn Hypervisor>,
        tunnel: Arc<Tunnel>,
        log: &Logger,
    ) -> anyhow::Result<Rooms> {
        let (shared, entries) = build_shared(config, me, &nexus, hypervisor, tunnel, log)?;
        // Before anything is recovered: a shutdown that was begun begins nothing more.
        if Mark::unfinished(&config.state_dir, me.boot, log).is_some() {
            shared.refuse_new_work();
        }
        let offer = Offer {
            pools: shared.storage.offers().iter().map(|offer| offer.pool).collect(),
            has_bridge: shared.network.has_bridge(),
            shutting_down: false,
        };
        let addressee = Addressee { cluster: me.cluster, ledger: shared.ledger.id() };
        let manager = Manager::start(shared.clone(), addressee, offer, entries);
        let needed = Arc::downgrade(&manager);
        shared.storage.images().set_in_use(Box::new(move || {
            needed.upgrade().map(|manager| manager.images_in_use()).unwrap_or_default()
        }));
        Ok(Rooms { addressee, manager, shared, nexus })
    }

    /// What tells nexus of everything here; `address` is where nexus reaches this agent.
    pub fn reporter(&self, config: &Config, address: &str, log: &Logger) -> Reporter {
        let capacity = self.shared.room.total();
        let sled = SledRegister {
            address: address.to_owned(),
            boot: self.shared.boot,
            ledger: self.shared.ledger.id(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            hypervisor: self.shared.hypervisor.kind(),
            cpu_model: self.shared.hypervisor.cpu_model(),
            machine_type: self.shared.hypervisor.machine_type(),
            cpus: capacity.cpus,
            memory_mib: capacity.memory_mib,
            has_bridge: self.shared.network.has_bridge(),
            pools: self.shared.storage.offers(),
            shutting_down: false,
        };
        Reporter {
            nexus: self.nexus.clone(),
            reports: self.shared.reports.clone(),
            verdicts: self.manager.clone(),
            sled,
            interval: config.report_interval(),
            log: log.new(o!("room" => "report")),
        }
    }
}

/// Everything the VMMs need, with the ledger's entries.
pub(crate) fn build_shared(
    config: &Config,
    Identity { sled, boot, .. }: Identity,
    nexus: &Arc<NexusClient>,
    hypervisor: Arc<dyn Hypervisor>,
    tunnel: Arc<Tunnel>,
    log: &Logger,
) -> anyhow::Result<(Arc<Shared>, Vec<Entry>)> {
    let (ledger, loaded) = Ledger::open(&config.state_dir.join("ledger"))?;
    let Loaded { entries, mut past, unreadable, foreign } = loaded;
    for what in &unreadable {
        warn!(log, "a piece of the ledger was unreadable, and is kept aside"; "what" => what);
    }
    if let Err(error) = ledger.fold(&mut past, now_s()) {
        warn!(log, "old tombstones can't be folded"; "error" => %error);
    }
    let images_dir = config.state_dir.join("images");
    let images =
        Images::open(images_dir, config.image_cache_bytes, nexus.clone(), log.new(o!("room" => "images")))
            .context("the image cache")?;
    let storage = Storage::open(&config.pools, sled, Arc::new(images), log.new(o!("room" => "storage")))?;
    let serial =
        SerialArchive::open(config.state_dir.join("serial"), log.clone()).context("the serial logs")?;
    let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let reports = Arc::new(Reports::new(boot, ledger.id(), count));
    let shared = Shared {
        boot,
        ledger: Arc::new(ledger),
        past: Mutex::new(past),
        reports,
        hypervisor,
        storage: Arc::new(storage),
        network: Arc::new(Network::new(config.bridge.clone())),
        serial,
        foreign_entries: foreign.into_iter().map(foreign_entry).collect(),
        shutting_down: AtomicBool::new(false),
        ended: Tally::default(),
        room: Room::new(config.capacity().context("the host's memory")?),
        tunnel,
        log: log.clone(),
    };
    Ok((Arc::new(shared), entries))
}

/// An entry of another host's ledger, as it is listed.
fn foreign_entry((vmm, file): (VmmUuid, String)) -> Quarantined {
    let what = format!("the entry {file} of another ledger, in this sled's state_dir");
    Quarantined { vmm: Some(vmm), pid: None, what, why: QuarantineReason::OtherLedger }
}
