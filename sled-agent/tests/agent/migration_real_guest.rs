//! Migrations of real guests between two agents: QEMU, shims, the tunnel, disks; everything but nexus is real.
//!
//! Where something breaks in the copy, the target's QEMU is frozen before the copy begins: it can't end before the
//! test has seen that it is under way.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use berth_common::migration::MigrationHalf;
use berth_common::storage::ImagePart;
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent::hypervisor::Hypervisor;
use berth_sled_agent::hypervisor::qemu::command_line::Accelerator;
use berth_sled_agent::hypervisor::qemu::{Qemu, QemuConfig};
use berth_sled_agent::shim::durable;
use berth_sled_agent::shim::place::Place;
use berth_sled_agent::shim::process::ProcessId;
use berth_sled_agent::shim::records::Held;
use berth_sled_agent_api::migration::MigrationOrder;
use berth_sled_agent_api::report::{Verdict, VmmReport};
use berth_sled_agent_api::spec::Boot;
use camino::{Utf8Path, Utf8PathBuf};

use crate::disks::upload;
use crate::migration_pair::{Move, Pair, half, half_is, order_of};
use crate::process::PROGRAM;
use crate::sled::{TestSled, Wanted, utf8};

/// What the guest rewrites without end.
const LOAD: &str = "berth.load=16";
const IDLE: &str = "";
const DISK_BYTES: u64 = 8 << 20;
const SECTOR_BYTES: usize = 512;
/// The witness' latest records are in a ring behind its first sector.
const RING: u64 = 1024;

/// Two run directories, and whoever still works in them when the test is over is ended.
struct Hosts([tempfile::TempDir; 2]);

impl Hosts {
    fn run_dir(&self, n: usize) -> Utf8PathBuf {
        utf8(&self.0[n]).join("run")
    }

    fn held(&self, n: usize, wanted: &Wanted) -> Option<Held> {
        let place = Place::new(self.run_dir(n).join("vmms").join(wanted.vmm.to_string()));
        durable::read_json(&place.held()).expect("it can be read")
    }

    /// Everything that is left of any VMM.
    fn left(&self, n: usize) -> usize {
        self.run_dir(n).join("vmms").read_dir_utf8().expect("listed").count()
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for n in 0..2 {
            let Ok(places) = self.run_dir(n).join("vmms").read_dir_utf8() else { continue };
            for entry in places.flatten() {
                let held: Option<Held> =
                    durable::read_json(&Place::new(entry.path()).held()).unwrap_or_default();
                for process in held.into_iter().flat_map(|held| [held.shim, held.hypervisor]) {
                    let _: std::io::Result<bool> = process.kill();
                }
            }
        }
    }
}

async fn qemu(run_dir: &Utf8Path) -> Arc<dyn Hypervisor> {
    std::fs::create_dir_all(run_dir).expect("made");
    let config = QemuConfig {
        run_dir: run_dir.to_owned(),
        probe_cache: run_dir.join("probe.json"),
        shim_program: PROGRAM.into(),
        program: "qemu-system-x86_64".into(),
        accelerator: Some(Accelerator::Tcg),
        machine_type: None,
        log: slog::Logger::root(slog::Discard, slog::o!()),
    };
    Arc::new(Qemu::open(config).await.expect("QEMU is there"))
}

async fn pair() -> (Pair, Hosts) {
    let hosts = Hosts([0; 2].map(|_| tempfile::tempdir().expect("a directory")));
    let (first, second) = (qemu(&hosts.run_dir(0)).await, qemu(&hosts.run_dir(1)).await);
    (Pair::of(first, second).await, hosts)
}

/// The real guest in the place of the simulated one, with a disk for its witness.
fn real(pair: &Pair, mut moved: Move, words: &str) -> Move {
    let guests = Utf8PathBuf::from(
        std::env::var("BERTH_GUEST_DIR")
            .expect("BERTH_GUEST_DIR names the guest images: `cargo xtask test` makes them and sets it"),
    );
    let file = |name: &str, part| {
        let bytes = std::fs::read(guests.join(name)).expect("an image");
        upload(&pair.nexus, &bytes, part)
    };
    let boot = Boot::Kernel {
        kernel: file("vmlinux", ImagePart::Kernel),
        initrd: file("obeys/initrd", ImagePart::Initrd),
        command_line: format!("console=ttyS0 quiet {words}"),
    };
    let path = pair.disk_path(&pair.source, &moved.here.spec, 0);
    std::fs::File::create(&path).and_then(|disk| disk.set_len(DISK_BYTES)).expect("a disk");
    for spec in [&mut moved.here.spec, &mut moved.there.spec] {
        spec.memory_mib = 128;
        spec.disks[0].size_bytes = DISK_BYTES;
        spec.boot = boot.clone();
    }
    moved
}

/// A record of the witness: who wrote, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Record {
    vmm: String,
    counter: u64,
    boot_id: String,
}

impl Record {
    fn read(sector: &[u8]) -> Option<Record> {
        let text = String::from_utf8_lossy(sector);
        let word = |key: &str| {
            let value =
                text.trim_end_matches('\0').split_whitespace().find_map(|word| word.strip_prefix(key));
            value.map(str::to_string)
        };
        Some(Record {
            vmm: word("vmm=")?,
            counter: word("counter=")?.parse().ok()?,
            boot_id: word("boot_id=")?,
        })
    }
}

/// The last record on a disk.
fn record(disk: &Utf8Path) -> Option<Record> {
    Record::read(&std::fs::read(disk).ok()?[..SECTOR_BYTES])
}

/// The ring holds each of the latest records at its place, and every one is this life's: nobody else wrote. (The very
/// last may have been interrupted on its way into the ring.)
fn assert_one_writer(disk: &Utf8Path, life: &Record) {
    let bytes = std::fs::read(disk).expect("it can be read");
    let sectors: Vec<_> = bytes.chunks(SECTOR_BYTES).map(Record::read).collect();
    let last = sectors[0].clone().expect("a record");
    for counter in last.counter.saturating_sub(RING - 1).max(1)..last.counter {
        let place = usize::try_from(1 + counter % RING).expect("small");
        let expected = Record { counter, ..life.clone() };
        assert_eq!(sectors[place].as_ref(), Some(&expected), "record {counter} of {}", last.counter);
    }
}

/// A minute of patience.
async fn comes_true(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("waited in vain for {what}");
}

async fn serial(sled: &TestSled, wanted: &Wanted) -> String {
    use base64::Engine as _;
    let chunk = sled.serial(wanted.vmm).await.expect("a log");
    let bytes = base64::engine::general_purpose::STANDARD.decode(chunk.data_base64).expect("base64");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The guest is up, and its witness writes.
async fn up(pair: &Pair, moved: &Move) -> Record {
    pair.running(moved).await;
    comes_true("the witness writes", async || {
        serial(&pair.source, &moved.here).await.contains("witness wrote")
    })
    .await;
    record(&pair.disk_path(&pair.source, &moved.here.spec, 0)).expect("a record")
}

/// The guest that wrote this goes on writing, here.
async fn writes_on(sled: &TestSled, disk: &Utf8Path, wanted: &Wanted, before: &Record) {
    let now = record(disk).expect("a record").counter;
    comes_true("the guest writes on", async || record(disk).is_some_and(|record| record.counter > now + 3))
        .await;
    let after = record(disk).expect("a record");
    let life = |record: &Record| (record.vmm.clone(), record.boot_id.clone());
    assert_eq!(life(&after), life(before), "it is the same guest, and never booted again");
    let log = serial(sled, wanted).await;
    assert!(!log.contains("TWO WRITERS"), "{log}");
}

/// Stops the guest where it is now, and proves that nothing is left of it at either end.
async fn ended_without_a_trace(pair: &Pair, hosts: &Hosts, moved: &Move, is_there: bool) {
    let (sled, wanted) = if is_there { (&pair.target, &moved.there) } else { (&pair.source, &moved.here) };
    sled.stop(wanted, Duration::from_secs(60)).await.expect("stopped");
    let ended = pair.wait(wanted, "it obeys", |report| report.state.is_terminal()).await;
    assert_eq!(ended.ended_by, Some(EndedBy::GracefulStop), "{ended:?}");
    for wanted in [&moved.here, &moved.there] {
        pair.nexus.book().verdicts.insert(wanted.vmm, Verdict::Forget);
    }
    comes_true("both are forgotten", async || hosts.left(0) + hosts.left(1) == 0).await;
}

async fn moves(moved: impl FnOnce(&Pair) -> Move, words: &str) {
    let (pair, hosts) = pair().await;
    let moved = real(&pair, moved(&pair), words);
    let before = up(&pair, &moved).await;
    let source = hosts.held(0, &moved.here).expect("it runs");
    pair.send(&moved).await;
    let (here, _) = pair.completed(&moved).await;
    let progress = half(&here).and_then(|half| half.progress).expect("numbers");
    assert!(progress.sent_bytes > 0, "{progress:?}");
    for process in [source.hypervisor, source.shim] {
        assert!(process.wait_gone(Duration::from_secs(60)), "the source is gone");
    }
    let disk = pair.disk_path(&pair.target, &moved.there.spec, 0);
    writes_on(&pair.target, &disk, &moved.there, &before).await;
    let log = serial(&pair.target, &moved.there).await;
    assert!(!log.contains("boot_id="), "{log}");
    ended_without_a_trace(&pair, &hosts, &moved, true).await;
    assert_one_writer(&disk, &before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_guest_moves_on_its_shared_disk_and_nothing_is_left_at_the_source() {
    moves(|pair| pair.on_shared_disk(""), IDLE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_guest_that_rewrites_its_memory_moves_on_its_shared_disk() {
    moves(|pair| pair.on_shared_disk(""), LOAD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_guest_that_rewrites_its_memory_moves_with_its_local_disk() {
    moves(|pair| pair.on_local_disk(""), LOAD).await;
}

/// A guest in the middle of its copy, which goes no further: its target is frozen.
async fn stalled(pair: &Pair, hosts: &Hosts, words: &str) -> (Move, Record) {
    let moved = real(pair, pair.on_shared_disk(""), words);
    let before = up(pair, &moved).await;
    let address = pair.waiting(&moved).await;
    signal(hosts.held(1, &moved.there).expect("it waits").hypervisor, "-STOP");
    let order = pair.send_to(&moved, address);
    order_of(&pair.source, &moved.here, moved.migration, order).await.expect("begun");
    let copies = |report: &VmmReport| {
        half(report).and_then(|half| half.progress).is_some_and(|progress| progress.sent_bytes > 0)
    };
    pair.wait(&moved.here, "it copies", copies).await;
    (moved, before)
}

fn signal(process: ProcessId, name: &str) {
    let sent = Command::new("kill").args([name, &process.pid.to_string()]).status().expect("kill runs");
    assert!(sent.success());
}

/// The guest goes on where it was, and nothing is left of its target.
async fn stayed(pair: &Pair, hosts: &Hosts, moved: &Move, before: &Record) {
    pair.kept(moved).await;
    let disk = pair.disk_path(&pair.source, &moved.here.spec, 0);
    writes_on(&pair.source, &disk, &moved.here, before).await;
    let there = pair.wait(&moved.there, "the target is gone", |report| report.state.is_terminal()).await;
    assert_eq!(there.ended_by, Some(EndedBy::NeverStarted), "{there:?}");
    assert!(half_is(&there, MigrationHalf::Failed), "{there:?}");
    ended_without_a_trace(pair, hosts, moved, false).await;
    assert_one_writer(&disk, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_guest_stays_and_writes_on_when_its_migration_is_cancelled() {
    let (pair, hosts) = pair().await;
    let (moved, before) = stalled(&pair, &hosts, LOAD).await;
    order_of(&pair.source, &moved.here, moved.migration, MigrationOrder::Cancel).await.expect("cancelled");
    stayed(&pair, &hosts, &moved, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_guest_stays_and_writes_on_when_its_target_is_killed() {
    let (pair, hosts) = pair().await;
    let (moved, before) = stalled(&pair, &hosts, LOAD).await;
    signal(hosts.held(1, &moved.there).expect("it waits").hypervisor, "-KILL");
    stayed(&pair, &hosts, &moved, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_guest_stays_and_writes_on_when_the_targets_agent_dies_and_the_stream_with_it() {
    let (mut pair, hosts) = pair().await;
    let (moved, before) = stalled(&pair, &hosts, LOAD).await;
    pair.target.end().await;
    pair.kept(&moved).await;
    pair.nexus.turn_page();
    pair.target.begin().await;
    signal(hosts.held(1, &moved.there).expect("it waits").hypervisor, "-CONT");
    stayed(&pair, &hosts, &moved, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_guest_stays_and_writes_on_when_the_sources_agent_dies_and_the_stream_with_it() {
    let (mut pair, hosts) = pair().await;
    let (moved, before) = stalled(&pair, &hosts, LOAD).await;
    pair.source.end().await;
    signal(hosts.held(1, &moved.there).expect("it waits").hypervisor, "-CONT");
    pair.wait(&moved.there, "the target is gone", |report| report.state.is_terminal()).await;
    pair.nexus.turn_page();
    pair.source.begin().await;
    stayed(&pair, &hosts, &moved, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_guest_that_is_killed_in_the_copy_is_over_at_both_ends() {
    let (pair, hosts) = pair().await;
    let (moved, before) = stalled(&pair, &hosts, LOAD).await;
    signal(hosts.held(0, &moved.here).expect("it runs").hypervisor, "-KILL");
    signal(hosts.held(1, &moved.there).expect("it waits").hypervisor, "-CONT");
    let here = pair.wait(&moved.here, "it is over", |report| report.state.is_terminal()).await;
    assert_eq!((here.state, here.ended_by), (VmmState::Failed, Some(EndedBy::Crashed)), "{here:?}");
    assert!(half_is(&here, MigrationHalf::Failed), "{here:?}");
    pair.dropped(&moved, VmmState::Failed).await;
    assert_one_writer(&pair.disk_path(&pair.source, &moved.here.spec, 0), &before);
}
