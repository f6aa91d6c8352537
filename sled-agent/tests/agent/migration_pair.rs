//! Two agents on one host, and a guest to be moved from one to the other.

use std::sync::Arc;

use berth_common::ids::{DiskUuid, GenericUuid as _, MigrationUuid, PoolUuid, SledUuid};
use berth_common::migration::MigrationHalf;
use berth_common::storage::{ImagePart, PoolKind};
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent::hypervisor::Hypervisor;
use berth_sled_agent::hypervisor::simulated::{Simulated, SimulatedClock};
use berth_sled_agent_api::envelope::Envelope;
use berth_sled_agent_api::migration::{Incoming, MigrationOrder, MigrationPut, MigrationReport};
use berth_sled_agent_api::report::VmmReport;
use berth_sled_agent_api::spec::Boot;
use berth_sled_agent_api::vmm::{VmmAnswer, VmmEnsure};
use camino::Utf8PathBuf;

use crate::disks::upload;
use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{Answer, TestSled, Wanted, id, spec_on, utf8};

/// Long enough for whatever works.
pub const LONG_MS: u64 = 60_000;
pub const DISK_BYTES: u64 = 4096;

/// Two sleds with a shared pool, and a local one each.
pub struct Pair {
    pub cluster: Arc<TestCluster>,
    pub nexus: TestNexus,
    pub source: TestSled,
    pub target: TestSled,
    /// The hosts of source and target, where guests are simulated.
    pub hosts: Vec<Arc<Simulated>>,
    /// Deleted with it.
    dirs: Vec<tempfile::TempDir>,
}

/// One guest, its place here and there, and its way.
#[derive(Clone, Debug)]
pub struct Move {
    pub migration: MigrationUuid,
    pub here: Wanted,
    pub there: Wanted,
    pub copied: Vec<DiskUuid>,
    pub deadline_ms: u64,
}

impl Pair {
    /// Simulated guests.
    pub async fn simulated() -> Pair {
        let dirs = [0; 2].map(|_| tempfile::tempdir().expect("a directory"));
        let open = |dir| Simulated::open(utf8(dir), SimulatedClock::begin()).expect("a simulated host");
        let hosts = [Arc::new(open(&dirs[0])), Arc::new(open(&dirs[1]))];
        let mut pair = Pair::of(hosts[0].clone(), hosts[1].clone()).await;
        pair.hosts.extend(hosts);
        pair.dirs.extend(dirs);
        pair
    }

    pub async fn of(first: Arc<dyn Hypervisor>, second: Arc<dyn Hypervisor>) -> Pair {
        let cluster = TestCluster::new();
        let nexus = TestNexus::start(&cluster).await;
        let dir = tempfile::tempdir().expect("a directory");
        let shared = utf8(&dir).to_owned();
        let begin = async |hypervisor| {
            let shared = shared.clone();
            TestSled::start_on(&cluster, &[&nexus], hypervisor, |config| {
                let mut pool = config.pools[0].clone();
                (pool.name, pool.kind, pool.path) =
                    ("shared".parse().expect("a name"), PoolKind::Shared, shared);
                config.pools.push(pool);
                config.memory_mib = Some(4096);
                for pool in &mut config.pools {
                    pool.capacity_bytes = Some(1 << 30);
                }
            })
            .await
        };
        let (source, target) = (begin(first).await, begin(second).await);
        Pair { cluster, nexus, source, target, hosts: Vec::new(), dirs: vec![dir] }
    }

    /// A guest with a disk that both can reach.
    pub fn on_shared_disk(&self, words: &str) -> Move {
        let pool = pool_of(&self.source, 1);
        self.a_move(pool, pool, None, words)
    }

    /// A guest with a disk of its host, which has to be copied.
    pub fn on_local_disk(&self, words: &str) -> Move {
        self.a_move(pool_of(&self.source, 0), pool_of(&self.target, 0), Some(id()), words)
    }

    fn a_move(&self, from: PoolUuid, to: PoolUuid, file: Option<DiskUuid>, words: &str) -> Move {
        let disk: DiskUuid = id();
        let mut here = spec_on(from, disk);
        here.boot = Boot::Kernel {
            kernel: upload(&self.nexus, b"a kernel", ImagePart::Kernel),
            initrd: upload(&self.nexus, b"a disk in memory", ImagePart::Initrd),
            command_line: words.to_string(),
        };
        let mut there = here.clone();
        (there.disks[0].pool, there.disks[0].file) = (to, file);
        let path = self.disk_path(&self.source, &here, 0);
        std::fs::write(path, vec![7; usize::try_from(DISK_BYTES).expect("small")]).expect("a disk");
        Move {
            migration: id(),
            here: Wanted { vmm: id(), epoch: 5, spec: here },
            there: Wanted { vmm: id(), epoch: 6, spec: there },
            copied: file.map(|_| disk).into_iter().collect(),
            deadline_ms: LONG_MS,
        }
    }

    /// Where a disk's file is, or would be.
    pub fn disk_path(
        &self,
        sled: &TestSled,
        spec: &berth_sled_agent_api::spec::VmmSpec,
        n: usize,
    ) -> Utf8PathBuf {
        let disk = &spec.disks[n];
        let pool = (0..2).find(|n| pool_of(sled, *n) == disk.pool).expect("a pool of this sled");
        sled.config.pools[pool].path.join(format!("{}.raw", disk.file()))
    }

    /// Files in a sled's local pool, but for its marker.
    pub fn local_files(&self, sled: &TestSled) -> Vec<String> {
        let listed = sled.config.pools[0].path.read_dir_utf8().expect("listed");
        let names = listed.map(|found| found.expect("read").file_name().to_string());
        let mut names: Vec<_> = names.filter(|name| !name.starts_with(".berth-pool")).collect();
        names.sort();
        names
    }

    /// The guest runs at the source.
    pub async fn running(&self, moved: &Move) {
        self.source.ensure(&moved.here).await.expect("registered");
        self.source.run(&moved.here).await.expect("begun");
        self.wait(&moved.here, "it runs", |report| report.state == VmmState::Running).await;
    }

    /// The target waits, at this address.
    pub async fn waiting(&self, moved: &Move) -> String {
        self.ensure_target(moved).await.expect("registered");
        let waits = |report: &VmmReport| half(report).is_some_and(|half| half.address.is_some());
        let report = self.wait(&moved.there, "it waits", waits).await;
        assert_eq!(report.state, VmmState::Migrating);
        half(&report).and_then(|half| half.address.clone()).expect("an address")
    }

    pub async fn ensure_target(&self, moved: &Move) -> Answer<VmmAnswer> {
        let incoming = Incoming {
            migration: moved.migration,
            source_sled: SledUuid::from_untyped_uuid(self.source.id),
            source_vmm: moved.here.vmm,
            copied_disks: moved.copied.clone(),
            deadline_ms: moved.deadline_ms,
        };
        let envelope = self.target.envelope(&moved.there).await;
        let body = VmmEnsure { envelope, spec: moved.there.spec.clone(), incoming: Some(incoming) };
        self.target.put(&format!("/vmms/{}", moved.there.vmm), &body).await
    }

    pub fn send_to(&self, moved: &Move, address: String) -> MigrationOrder {
        MigrationOrder::Send {
            target_sled: SledUuid::from_untyped_uuid(self.target.id),
            target_vmm: moved.there.vmm,
            address,
            copied_disks: moved.copied.clone(),
            deadline_ms: moved.deadline_ms,
            downtime_limit_ms: 100,
        }
    }

    /// The source begins to send to the target that waits.
    pub async fn send(&self, moved: &Move) {
        let address = self.waiting(moved).await;
        let order = self.send_to(moved, address);
        order_of(&self.source, &moved.here, moved.migration, order).await.expect("begun");
    }

    /// The copy is under way.
    pub async fn copying(&self, moved: &Move) {
        self.running(moved).await;
        self.send(moved).await;
        let copies = |report: &VmmReport| {
            half(report).and_then(|half| half.progress).is_some_and(|progress| progress.total_bytes > 0)
        };
        self.wait(&moved.here, "it copies", copies).await;
    }

    pub async fn wait(&self, wanted: &Wanted, what: &str, is_so: impl Fn(&VmmReport) -> bool) -> VmmReport {
        self.nexus.wait_vmm(wanted.vmm, what, is_so).await
    }

    /// The guest went on at the target, and the source is over.
    pub async fn completed(&self, moved: &Move) -> (VmmReport, VmmReport) {
        let there = self.wait(&moved.there, "it went on there", |report| {
            report.state == VmmState::Running && half_is(report, MigrationHalf::Completed)
        });
        let there = there.await;
        let here = self.wait(&moved.here, "it left", |report| report.state.is_terminal()).await;
        assert_eq!(
            (here.state, here.ended_by),
            (VmmState::Destroyed, Some(EndedBy::MigratedAway)),
            "{here:?}"
        );
        assert!(half_is(&here, MigrationHalf::Completed), "{here:?}");
        (here, there)
    }

    /// The source kept its guest.
    pub async fn kept(&self, moved: &Move) -> VmmReport {
        self.wait(&moved.here, "it stayed", |report| {
            report.state == VmmState::Running && half_is(report, MigrationHalf::Failed)
        })
        .await
    }

    /// The target is gone, and nothing of it is left when nexus has deleted what was copied in vain.
    pub async fn dropped(&self, moved: &Move, state: VmmState) -> VmmReport {
        let report = self.wait(&moved.there, "it is gone", |report| report.state.is_terminal()).await;
        assert_eq!((report.state, report.ended_by), (state, Some(EndedBy::NeverStarted)), "{report:?}");
        assert!(half_is(&report, MigrationHalf::Failed), "{report:?}");
        self.cleared(moved).await;
        report
    }

    /// What was copied in vain is there until nexus deletes it, and then no more.
    pub async fn cleared(&self, moved: &Move) {
        let copied = moved.there.spec.disks.iter().filter(|disk| moved.copied.contains(&disk.disk));
        let mut tombstones = Vec::new();
        for disk in copied {
            let came = format!(".incoming-{}-{}", disk.file(), moved.migration);
            assert_eq!(self.local_files(&self.target), [came]);
            self.target.delete_disk(disk.pool, disk.file()).await.expect("deleted");
            tombstones.push(format!("{}.deleted", disk.file()));
        }
        assert_eq!(self.local_files(&self.target), tombstones);
    }
}

pub fn half(report: &VmmReport) -> Option<&MigrationReport> {
    report.migration.as_ref()
}

pub fn half_is(report: &VmmReport, wanted: MigrationHalf) -> bool {
    half(report).is_some_and(|half| half.half == wanted)
}

fn pool_of(sled: &TestSled, n: usize) -> PoolUuid {
    let marker = std::fs::read_to_string(sled.config.pools[n].path.join(".berth-pool")).expect("a marker");
    marker.trim().parse().expect("an id")
}

pub async fn order_of(
    sled: &TestSled,
    wanted: &Wanted,
    migration: MigrationUuid,
    order: MigrationOrder,
) -> Answer<VmmAnswer> {
    order_as(sled, wanted, migration, order, sled.envelope(wanted).await).await
}

pub async fn order_as(
    sled: &TestSled,
    wanted: &Wanted,
    migration: MigrationUuid,
    order: MigrationOrder,
    envelope: Envelope,
) -> Answer<VmmAnswer> {
    let body = MigrationPut { envelope, migration, order };
    sled.put(&format!("/vmms/{}/migration", wanted.vmm), &body).await
}
