//! Live migration through two agents (tunnel, ledgers, hand-over) against bare QMP between two such QEMU processes, in
//! interleaved pairs. Prints rows for `cargo xtask bench migration`.
//!
//! Both are measured alike: total, from the order to send until the target has answered `cont`; downtime, from QEMU's
//! STOP at the source until then. Its parts: until both QEMUs say *completed*, until the target is told `cont` (ours: the
//! hand-over), until it has answered. The two ends are processes of one host, and so is whoever measures: there is one
//! clock. `BERTH_LOG=1` shows what the agents log.

mod bare;
mod watched;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use berth_common::Generation;
use berth_common::ids::{
    BootUuid, ClusterUuid, GenericUuid, ImageUuid, InstanceUuid, MigrationUuid, RequestUuid, SledUuid,
    VmmUuid,
};
use berth_common::migration::MigrationHalf;
use berth_common::storage::ImagePart;
use berth_common::vmm::VmmState;
use berth_sled_agent::config::Config;
use berth_sled_agent::hypervisor::Hypervisor;
use berth_sled_agent::hypervisor::qemu::command_line::Accelerator;
use berth_sled_agent::hypervisor::qemu::{Qemu, QemuConfig};
use berth_sled_agent::migration::tls::TlsDoor;
use berth_sled_agent::nexus_client::NexusClient;
use berth_sled_agent::report::reporter::VerdictTaker as _;
use berth_sled_agent::rooms::{Identity, Rooms};
use berth_sled_agent_api::envelope::Envelope;
use berth_sled_agent_api::migration::{Incoming, MigrationOrder, MigrationPut};
use berth_sled_agent_api::report::{Verdict, VmmReport, VmmVerdict};
use berth_sled_agent_api::spec::{Boot, ImageFile, VmmSpec};
use berth_sled_agent_api::vmm::{VmmDesired, VmmEndQuery, VmmEnsure, VmmStatePut};
use berth_transport::{Authority, KeyRing, Subject};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use slog::{Drain as _, Logger, o};
use uuid::Uuid;

use self::bare::bare;
use self::watched::{Watch, Watched};

const MEMORY_MIB: u32 = 128;
const PATIENCE: Duration = Duration::from_secs(120);
const DOWNTIME_LIMIT_MS: u64 = 300;
/// After the guest has said that it is ready: its first seconds are no measure.
const SETTLE: Duration = Duration::from_secs(1);

/// What one migration took, in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Took {
    total: f64,
    downtime: f64,
    /// Parts of the downtime.
    copying: f64,
    handing_over: f64,
    going_on: f64,
}

type Pick = fn(&Took) -> f64;

/// What is compared.
const FIGURES: [(&str, Pick); 5] = [
    ("total", |took| took.total),
    ("downtime", |took| took.downtime),
    ("downtime: the rest copied", |took| took.copying),
    ("downtime: handed over", |took| took.handing_over),
    ("downtime: going on", |took| took.going_on),
];

/// One host: an agent's rooms over QEMU.
struct Host {
    qemu: Arc<Qemu>,
    rooms: Rooms,
    watch: Watch,
    sled: SledUuid,
    dir: Utf8PathBuf,
}

struct Guest {
    kernel: ImageFile,
    initrd: ImageFile,
    words: String,
}

fn id<T: GenericUuid>() -> T {
    T::from_untyped_uuid(Uuid::new_v4())
}

#[tokio::main]
async fn main() -> Result<()> {
    berth_transport::install_provider();
    let pairs: usize = match std::env::args().nth(1) {
        Some(pairs) => pairs.parse().context("how many pairs")?,
        None => 10,
    };
    let dir = tempfile::tempdir()?;
    let root = Utf8Path::from_path(dir.path()).context("a temporary path is text")?;
    let authority = Authority::create(Uuid::new_v4())?;
    let watch = Watch::default();
    let hosts = [host(&authority, root, 1, &watch).await?, host(&authority, root, 2, &watch).await?];
    for (case, words) in [("idle", ""), ("16 MiB being rewritten", "berth.load=16")] {
        measure(&hosts, case, words, pairs).await?;
    }
    Ok(())
}

async fn measure(hosts: &[Host; 2], case: &str, words: &str, pairs: usize) -> Result<()> {
    let guest = guest(hosts, words)?;
    let mut took: Vec<(Took, Took)> = Vec::new();
    for n in 0..pairs {
        // Whoever is second finds warm caches: they take turns.
        let pair = if n % 2 == 0 {
            let bare = bare(hosts, &guest).await.context("bare")?;
            (bare, through_agents(hosts, &guest).await.context("through the agents")?)
        } else {
            let agents = through_agents(hosts, &guest).await.context("through the agents")?;
            (bare(hosts, &guest).await.context("bare")?, agents)
        };
        eprintln!("{case}: pair {}: bare {:?}, through the agents {:?}", n + 1, pair.0, pair.1);
        took.push(pair);
    }
    for (what, pick) in FIGURES {
        let bare: Vec<f64> = took.iter().map(|(bare, _)| pick(bare)).collect();
        let agents: Vec<f64> = took.iter().map(|(_, agents)| pick(agents)).collect();
        let mut ratios: Vec<f64> = agents.iter().zip(&bare).map(|(agents, bare)| agents / bare).collect();
        ratios.sort_by(f64::total_cmp);
        let row = |subject: &str, value: f64, ratio: f64| {
            let row = json!({
                "bench": "migration", "case": format!("{case}, {what}"), "subject": subject, "value": value,
                "unit": "ms", "against": "bare QMP", "against_value": median(&bare), "ratio": ratio,
            });
            println!("{row}");
        };
        row("through the agents", median(&agents), median(&ratios));
        if what.starts_with("downtime:") {
            continue;
        }
        let (lowest, highest) = (ratios.first().copied(), ratios.last().copied());
        row(
            "lowest of the pairs",
            agents.iter().copied().fold(f64::MAX, f64::min),
            lowest.unwrap_or_default(),
        );
        row("highest of the pairs", agents.iter().copied().fold(0.0, f64::max), highest.unwrap_or_default());
    }
    Ok(())
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted.len().saturating_sub(1) / 2, sorted.len() / 2);
    sorted.get(low).zip(sorted.get(high)).map_or(0.0, |(low, high)| f64::midpoint(*low, *high))
}

async fn host(authority: &Authority, root: &Utf8Path, number: u32, watch: &Watch) -> Result<Host> {
    let dir = root.join(number.to_string());
    std::fs::create_dir_all(dir.join("state/images"))?;
    let programs = std::env::var("BERTH_BIN_DIR").context("BERTH_BIN_DIR names the built programs")?;
    let log = match std::env::var_os("BERTH_LOG") {
        Some(_) => {
            let lines = slog_term::PlainSyncDecorator::new(std::io::stderr());
            Logger::root(slog_term::FullFormat::new(lines).build().fuse(), o!("host" => number))
        }
        None => Logger::root(slog::Discard, o!()),
    };
    let qemu = QemuConfig {
        run_dir: dir.join("run"),
        probe_cache: dir.join("probe"),
        shim_program: Utf8PathBuf::from(programs).join("sled-agent"),
        program: "qemu-system-x86_64".into(),
        accelerator: Some(Accelerator::Tcg),
        machine_type: None,
        log: log.clone(),
    };
    std::fs::create_dir_all(dir.join("run"))?;
    let qemu = Arc::new(Qemu::open(qemu).await?);
    let sled: SledUuid = id();
    let keys = KeyRing::new(authority.issue(&Subject::sled(*sled.as_untyped_uuid(), Vec::new()))?);
    let door = TlsDoor::bind(keys, "127.0.0.1:0".parse()?).await?;
    let tunnel = door.tunnel(door.local_addr()?.to_string());
    tokio::spawn(door.serve(tunnel.clone(), log.clone()));
    let text = format!(
        "name = \"bench-{number}\"\nstate_dir = \"{dir}/state\"\nrun_dir = \"/r\"\nlisten = \"127.0.0.1:0\"\n\
         nexus = [\"https://127.0.0.1:9\"]\ncpus = 64\nmemory_mib = 65536\n"
    );
    std::fs::write(dir.join("config.toml"), text)?;
    let config = Config::read(&dir.join("config.toml"))?;
    let boot: BootUuid = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().parse()?;
    let me = Identity { sled, cluster: ClusterUuid::from_untyped_uuid(authority.cluster()), boot };
    let nexus = Arc::new(NexusClient::new(reqwest::Client::new(), &config.nexus));
    let watched = Arc::new(Watched { qemu: qemu.clone(), watch: watch.clone() });
    let rooms = Rooms::open(&config, me, nexus, watched, tunnel, &log)?;
    Ok(Host { qemu, rooms, watch: watch.clone(), sled, dir })
}

/// The guest's images, in both caches: there is no nexus to fetch them from.
fn guest(hosts: &[Host; 2], words: &str) -> Result<Guest> {
    let guests =
        Utf8PathBuf::from(std::env::var("BERTH_GUEST_DIR").context("BERTH_GUEST_DIR names the guests")?);
    let file = |name: &str, part| -> Result<ImageFile> {
        let bytes = std::fs::read(guests.join(name)).with_context(|| format!("{name} of {guests}"))?;
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        for host in hosts {
            std::fs::write(host.dir.join("state/images").join(&sha256), &bytes)?;
        }
        Ok(ImageFile { image: id::<ImageUuid>(), part, sha256, size_bytes: bytes.len() as u64 })
    };
    Ok(Guest {
        kernel: file("vmlinux", ImagePart::Kernel)?,
        initrd: file("obeys/initrd", ImagePart::Initrd)?,
        words: format!("console=ttyS0 quiet {words}"),
    })
}

impl Host {
    async fn ready(&self, vmm: VmmUuid) -> Result<()> {
        let path = self.qemu.serial_log(vmm);
        until("the guest is ready", || {
            std::fs::read(&path).is_ok_and(|log| String::from_utf8_lossy(&log).contains("berth-guest: ready"))
        })
        .await?;
        tokio::time::sleep(SETTLE).await;
        Ok(())
    }

    fn report(&self, vmm: VmmUuid) -> Option<VmmReport> {
        self.rooms.shared.reports.get(vmm)
    }

    fn envelope(&self, instance: InstanceUuid, epoch: i64) -> Envelope {
        Envelope {
            cluster: self.rooms.addressee.cluster,
            ledger: self.rooms.addressee.ledger,
            request: id::<RequestUuid>(),
            instance,
            epoch: Generation::from(epoch),
            cause: None,
        }
    }

    async fn gone(&self, vmm: VmmUuid, instance: InstanceUuid, epoch: i64) -> Result<()> {
        let Envelope { cluster, ledger, request, instance, epoch, .. } = self.envelope(instance, epoch);
        let query = VmmEndQuery { cluster, ledger, request, instance, epoch, erase: Some(true) };
        self.rooms.manager.end(vmm, query).await?;
        self.rooms.manager.take(&VmmVerdict { vmm, verdict: Verdict::Forget });
        until("it is forgotten", || self.report(vmm).is_none()).await
    }
}

async fn until(what: &str, is_so: impl Fn() -> bool) -> Result<()> {
    let patience = Instant::now() + PATIENCE;
    while !is_so() {
        ensure!(Instant::now() < patience, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

async fn through_agents(hosts: &[Host; 2], guest: &Guest) -> Result<Took> {
    let [source, target] = hosts;
    let instance: InstanceUuid = id();
    let (here, there): (VmmUuid, VmmUuid) = (id(), id());
    let migration: MigrationUuid = id();
    let spec = VmmSpec {
        instance,
        name: "bench".parse()?,
        cpus: 1,
        memory_mib: MEMORY_MIB,
        boot: Boot::Kernel {
            kernel: guest.kernel.clone(),
            initrd: guest.initrd.clone(),
            command_line: guest.words.clone(),
        },
        disks: Vec::new(),
        nics: Vec::new(),
        stop_grace_ms: 1000,
        stop_priority: 0,
    };
    let body = VmmEnsure { envelope: source.envelope(instance, 1), spec: spec.clone(), incoming: None };
    source.rooms.manager.ensure(here, body).await?;
    let body = VmmStatePut { envelope: source.envelope(instance, 1), desired: VmmDesired::Running };
    source.rooms.manager.put_state(here, body).await?;
    source.ready(here).await?;
    let incoming = Incoming {
        migration,
        source_sled: source.sled,
        source_vmm: here,
        copied_disks: Vec::new(),
        deadline_ms: 60_000,
    };
    let body = VmmEnsure { envelope: target.envelope(instance, 2), spec, incoming: Some(incoming) };
    target.rooms.manager.ensure(there, body).await?;
    let address = || target.report(there)?.migration?.address;
    until("the target waits", || address().is_some()).await?;
    let order = MigrationOrder::Send {
        target_sled: target.sled,
        target_vmm: there,
        address: address().context("an address")?,
        copied_disks: Vec::new(),
        deadline_ms: 60_000,
        downtime_limit_ms: DOWNTIME_LIMIT_MS,
    };
    source.watch.begin();
    let begun = Instant::now();
    let put = MigrationPut { envelope: source.envelope(instance, 1), migration, order };
    source.rooms.manager.put_migration(here, put).await?;
    let half = |host: &Host, vmm| host.report(vmm).and_then(|report| report.migration);
    until("it is over", || half(target, there).is_some_and(|half| half.half.is_terminal())).await?;
    let report = target.report(there).context("a report")?;
    ensure!(half(target, there).is_some_and(|half| half.half == MigrationHalf::Completed), "{report:?}");
    let marks = source.watch.read();
    let (stopped, told) = (marks.stopped.context("it was stopped")?, marks.told.context("it was released")?);
    let (sent, arrived) = (marks.sent.context("it was sent")?, marks.arrived.context("it arrived")?);
    let runs = marks.runs.context("it runs")?;
    let downtime = || half(source, here)?.progress?.downtime_ms;
    until("the source knows", || downtime().is_some()).await?;
    until("it runs", || target.report(there).is_some_and(|report| report.state == VmmState::Running)).await?;
    target.gone(there, instance, 2).await?;
    source.gone(here, instance, 1).await?;
    Ok(Took::of(begun, stopped, sent.max(arrived), told, runs))
}

impl Took {
    fn of(begun: Instant, stopped: Instant, copied: Instant, told: Instant, runs: Instant) -> Took {
        Took {
            total: milliseconds(runs - begun),
            downtime: milliseconds(runs - stopped),
            copying: milliseconds(copied - stopped),
            handing_over: milliseconds(told - copied),
            going_on: milliseconds(runs - told),
        }
    }
}
