//! The scenarios on QEMU with real guests, and what only real processes can do.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use berth_common::vmm::EndedBy;
use berth_sled_agent::hypervisor::qemu::command_line::Accelerator;
use berth_sled_agent::hypervisor::qemu::probe;
use berth_sled_agent::hypervisor::{Adopted, Launch, LaunchBoot, LaunchDisk, MachineEvent};
use berth_sled_agent::shim::clock;
use berth_sled_agent::shim::durable::{self, Keep};
use berth_sled_agent::shim::process::ProcessId;
use berth_sled_agent::shim::records::{Held as HeldRecord, LaunchOrder, StopOrder};
use camino::Utf8Path;

use crate::qemu_world::{QemuWorld, gone};
use crate::world::{Held, World, assert_forced, forgotten, found_ended, launch, printed, refused};

const SECOND: Duration = Duration::from_secs(1);
const IGNORES: &str = "berth.button=ignore";

crate::scenarios::conformance!(QemuWorld, tokio::test(flavor = "multi_thread"));
crate::migration::migrations!(QemuWorld, tokio::test(flavor = "multi_thread"));

fn signal(process: ProcessId, name: &str) {
    let sent = Command::new("kill").args([name, &process.pid.to_string()]).status().expect("kill runs");
    assert!(sent.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_process_is_unresponsive_and_ends_at_its_deadline() {
    let world = QemuWorld::open().await;
    let launch = launch(&world, "berth.button=obey");
    let mut held = Held::launched(&world, &launch).await;
    let qemu = world.held(launch.vmm).hypervisor;
    signal(qemu, "-STOP");
    held.heard(&MachineEvent::Unresponsive(true)).await;
    signal(qemu, "-CONT");
    held.heard(&MachineEvent::Unresponsive(false)).await;
    signal(qemu, "-STOP");
    let (record, took) = held.stopped(3 * SECOND).await;
    assert_forced(&record, took, 3 * SECOND);
    assert_eq!(record.status.as_deref(), Some("signal 9"));
    assert!(gone(qemu));
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_restarts_itself_goes_on_in_the_same_process() {
    let world = QemuWorld::open().await;
    // Its kernel finds nothing to run, panics, and restarts the machine, for ever.
    let launch = launch(&world, "rdinit=/nothing panic=1");
    let mut held = Held::launched(&world, &launch).await;
    let process = world.process(launch.vmm);
    for times in 1..=3 {
        printed(&world, &launch, "Kernel panic", times).await;
    }
    assert_eq!(world.process(launch.vmm), process);
    match world.hypervisor().adopt(launch.vmm).await {
        Ok(Adopted::Running { run: 1, stopping: false, .. }) => {}
        other => panic!("{other:?}"),
    }
    held.machine.kill().await.expect("the order is taken");
    assert_eq!(held.ended().await.ended_by, EndedBy::Killed);
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_shim_takes_its_process_with_it() {
    let world = QemuWorld::open().await;
    let launch = launch(&world, IGNORES);
    let mut held = Held::launched(&world, &launch).await;
    let processes = world.held(launch.vmm);
    assert!(processes.shim.kill().expect("it can be killed"));
    let record = held.ended().await;
    assert_eq!(record.ended_by, EndedBy::Crashed, "{record:?}");
    assert!(gone(processes.hypervisor));
    assert_eq!(found_ended(&world, &launch).await, record);
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_shim_nor_process_is_in_the_agents_session_or_cgroup() {
    let world = QemuWorld::open().await;
    let launch = launch(&world, IGNORES);
    let mut held = Held::launched(&world, &launch).await;
    let processes = world.held(launch.vmm);
    let session =
        |pid: i32| nix::unistd::getsid(Some(nix::unistd::Pid::from_raw(pid))).expect("it lives").as_raw();
    assert_eq!(session(processes.shim.pid), processes.shim.pid);
    assert_eq!(session(processes.hypervisor.pid), processes.shim.pid);
    let order: Option<LaunchOrder> =
        durable::read_json(&world.place(launch.vmm).launch()).expect("it can be read");
    // A host without cgroups of version 2 gives none.
    if order.expect("it was launched").cgroup.is_some() {
        let cgroup = |pid: i32| std::fs::read_to_string(format!("/proc/{pid}/cgroup")).expect("it lives");
        assert!(cgroup(processes.shim.pid).contains("0::/berth/shims\n"));
        assert!(cgroup(processes.hypervisor.pid).contains(&format!("0::/berth/{}\n", launch.vmm)));
    }
    held.machine.kill().await.expect("the order is taken");
    held.ended().await;
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_nobody_poked_about_is_found() {
    let world = QemuWorld::open().await;
    let launch = launch(&world, IGNORES);
    let mut held = Held::launched(&world, &launch).await;
    let ordered = tokio::time::Instant::now();
    let deadline_ms = clock::now_ms() + 1000;
    let order = StopOrder { run: 1, boot: clock::boot_id(), deadline_ms, kill: false };
    durable::write_json(&world.place(launch.vmm).stop(), &order, Keep::ThroughPowerLoss).expect("written");
    let record = held.ended().await;
    // The deadline's clock has no parts of a millisecond.
    assert_forced(&record, ordered.elapsed() + SECOND / 100, SECOND);
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shim_keeps_less_than_four_mebibytes_of_its_own() {
    // A program that was just built has pages that wait for the disk: they would be counted as if the shim had
    // changed them.
    std::fs::File::open(env!("CARGO_BIN_EXE_sled-agent")).and_then(|file| file.sync_all()).expect("on disk");
    let world = QemuWorld::open().await;
    let launch = launch(&world, IGNORES);
    let mut held = Held::launched(&world, &launch).await;
    let shim = world.held(launch.vmm).shim.pid;
    let pages = std::fs::read_to_string(format!("/proc/{shim}/smaps_rollup")).expect("it lives");
    let line = pages.lines().find(|line| line.starts_with("Private_Dirty:")).expect("Linux says so");
    let kib: u64 = line.split_ascii_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number");
    println!("a shim's private dirty memory: {kib} KiB");
    assert!(kib <= 4096, "{kib} KiB");
    held.machine.kill().await.expect("the order is taken");
    held.ended().await;
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_in_use_is_refused_to_a_second_machine() {
    let world = QemuWorld::open().await;
    let path = world.run_dir().join("disk,1.raw");
    std::fs::File::create(&path).and_then(|file| file.set_len(1 << 20)).expect("made");
    let disk = LaunchDisk { path, slot: 0, serial: "witness".to_owned(), shared: true };
    let mut first = launch(&world, IGNORES);
    first.disks.push(disk.clone());
    let mut second = launch(&world, IGNORES);
    second.disks.push(disk);
    let mut held = Held::launched(&world, &first).await;
    let why = refused(world.hypervisor().launch(&second)).await;
    assert!(why.contains("lock"), "{why}");
    signal(world.held(first.vmm).hypervisor, "-STOP");
    refused(world.hypervisor().launch(&second)).await;
    held.machine.kill().await.expect("the order is taken");
    held.ended().await;
    let mut held = Held::launched(&world, &second).await;
    held.machine.kill().await.expect("the order is taken");
    held.ended().await;
    world.hypervisor().forget(first.vmm).await.expect("it is forgotten");
    forgotten(&world, &second).await;
}

/// A guest whose boot sector is `code`.
fn boot_sector(world: &QemuWorld, code: &[u8]) -> Launch {
    let mut launch = launch(world, "");
    let path = world.run_dir().join("boot.raw");
    let mut sector = vec![0; 512];
    sector[..code.len()].copy_from_slice(code);
    sector[510..].copy_from_slice(&[0x55, 0xaa]);
    sector.resize(1 << 20, 0);
    std::fs::write(&path, sector).expect("written");
    launch.boot = LaunchBoot::Disk;
    launch.disks.push(LaunchDisk { path, slot: 0, serial: "boot".to_owned(), shared: false });
    launch
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_floods_its_console_delays_no_deadline() {
    let world = QemuWorld::open().await;
    // Writes `x` to the first serial port for ever.
    let launch = boot_sector(&world, &[0xba, 0xf8, 0x03, 0xb0, b'x', 0xee, 0xeb, 0xfd]);
    let mut held = Held::launched(&world, &launch).await;
    crate::world::printed(&world, &launch, "xxxxxxxx", 1000).await;
    let (record, took) = held.stopped(2 * SECOND).await;
    assert_forced(&record, took, 2 * SECOND);
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_shim_leaves_no_zombie() {
    let world = QemuWorld::open().await;
    let launch = launch(&world, IGNORES);
    let mut held = Held::launched(&world, &launch).await;
    let shim = world.held(launch.vmm).shim.pid;
    held.machine.kill().await.expect("the order is taken");
    held.ended().await;
    let until = tokio::time::Instant::now() + 60 * SECOND;
    while Path::new(&format!("/proc/{shim}")).exists() {
        assert!(tokio::time::Instant::now() < until, "the agent doesn't reap its shims");
        tokio::time::sleep(SECOND / 50).await;
    }
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_boots_from_its_disk() {
    let world = QemuWorld::open().await;
    // Prints `up` on the first serial port and halts.
    let code = [0xba, 0xf8, 0x03, 0xb0, b'u', 0xee, 0xb0, b'p', 0xee, 0xf4, 0xeb, 0xfd];
    let launch = boot_sector(&world, &code);
    let mut held = Held::launched(&world, &launch).await;
    crate::world::printed(&world, &launch, "up", 1).await;
    held.machine.kill().await.expect("the order is taken");
    held.ended().await;
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_process_in_a_vmms_folder_is_found_and_left_alone() {
    let world = QemuWorld::open().await;
    let vmm = launch(&world, IGNORES).vmm;
    let folder = world.run_dir().join("vmms").join(vmm.to_string());
    std::fs::create_dir(&folder).expect("made");
    let mut foreign = Command::new("qemu-system-x86_64")
        .args(["-nodefaults", "-display", "none", "-machine", "none", "-S"])
        .current_dir(&folder)
        .spawn()
        .expect("it runs");
    let pid = i32::try_from(foreign.id()).expect("a pid is positive");
    tokio::time::sleep(SECOND / 5).await;
    let found = world.hypervisor().sweep().await.expect("swept");
    assert!(found.iter().any(|found| found.vmm == Some(vmm) && found.pid == Some(pid)), "{found:?}");
    assert!(matches!(world.hypervisor().adopt(vmm).await, Ok(Adopted::Nothing)));
    assert!(ProcessId::of(pid).is_some());
    foreign.kill().and_then(|()| foreign.wait()).expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_got_the_number_of_a_dead_one_is_never_killed() {
    let world = QemuWorld::open().await;
    let launch = launch(&world, IGNORES);
    let mut other = Command::new("sleep").arg("60").spawn().expect("it runs");
    let other_id = ProcessId::of(i32::try_from(other.id()).expect("a pid is positive")).expect("it lives");
    let former = ProcessId { start: other_id.start - 1, ..other_id };
    let place = world.place(launch.vmm);
    std::fs::create_dir(place.directory()).expect("made");
    let order = LaunchOrder {
        vmm: launch.vmm,
        run: 1,
        program: "/nowhere/qemu".into(),
        arguments: Vec::new(),
        cgroup: None,
    };
    durable::write_json(&place.launch(), &order, Keep::WhileHostIsUp).expect("written");
    for boot in [clock::boot_id(), "another boot".to_owned()] {
        let held = HeldRecord { run: 1, boot, shim: former, hypervisor: former };
        durable::write_json(&place.held(), &held, Keep::WhileHostIsUp).expect("written");
        let _ = std::fs::remove_file(place.exit());
        assert_eq!(found_ended(&world, &launch).await.ended_by, EndedBy::Crashed);
        assert!(other_id.is_alive());
    }
    other.kill().and_then(|()| other.wait()).expect("ended");
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shim_that_begins_late_finds_its_run_ended() {
    let world = QemuWorld::open().await;
    let launch = launch(&world, IGNORES);
    let place = world.place(launch.vmm);
    std::fs::create_dir(place.directory()).expect("made");
    let order = LaunchOrder {
        vmm: launch.vmm,
        run: 1,
        program: "/bin/sleep".into(),
        arguments: vec!["60".to_owned()],
        cgroup: None,
    };
    durable::write_json(&place.launch(), &order, Keep::WhileHostIsUp).expect("written");
    assert_eq!(found_ended(&world, &launch).await.ended_by, EndedBy::NeverStarted);
    let shim = Command::new(env!("CARGO_BIN_EXE_sled-agent"))
        .args(["shim", place.directory().as_str(), "1"])
        .output()
        .expect("it runs");
    assert!(!shim.status.success());
    assert!(String::from_utf8_lossy(&shim.stdout).contains("has ended already"), "{shim:?}");
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_without_a_monitor_is_a_failed_launch() {
    let world = QemuWorld::open().await;
    let launch = launch(&world, IGNORES);
    let place = world.place(launch.vmm);
    std::fs::create_dir(place.directory()).expect("made");
    let order = LaunchOrder {
        vmm: launch.vmm,
        run: 1,
        program: "/bin/sleep".into(),
        arguments: vec!["60".to_owned()],
        cgroup: None,
    };
    durable::write_json(&place.launch(), &order, Keep::WhileHostIsUp).expect("written");
    let shim = Command::new(env!("CARGO_BIN_EXE_sled-agent"))
        .args(["shim", place.directory().as_str(), "1"])
        .output()
        .expect("it runs");
    assert!(String::from_utf8_lossy(&shim.stdout).contains("the monitor did not answer"), "{shim:?}");
    assert_eq!(found_ended(&world, &launch).await.ended_by, EndedBy::NeverStarted);
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probe_guest_runs_where_guests_run() {
    let qemu = which_qemu();
    // The probe's patience is the product's, and an emulator that is kept from the processors gives no answer to it.
    let mut ran = false;
    for _ in 0..5 {
        ran =
            ran || probe::guest_runs(Utf8Path::new(&qemu), Accelerator::Tcg).await.expect("it can be tried");
    }
    assert!(ran);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_probed_is_remembered_for_this_boot() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let directory = Utf8Path::from_path(directory.path()).expect("text");
    let (qemu, cache, runs) = (directory.join("qemu"), directory.join("probe.json"), directory.join("runs"));
    let log = slog::Logger::root(slog::Discard, slog::o!());
    // Stands for QEMU: counts its runs, and exits as if the guest had written its byte.
    let stand_in = |more: &str| {
        std::fs::write(&qemu, format!("#!/bin/sh\necho ran >> '{runs}'\nexit 33\n{more}")).expect("written");
        std::fs::set_permissions(&qemu, std::fs::Permissions::from_mode(0o755)).expect("made a program");
    };
    let probed = || std::fs::read_to_string(&runs).map_or(0, |text| text.lines().count());
    // Where there is no KVM nothing is probed at all.
    let (each, found) =
        if Path::new("/dev/kvm").exists() { (1, Accelerator::Kvm) } else { (0, Accelerator::Tcg) };
    stand_in("");
    for _ in 0..3 {
        assert_eq!(probe::accelerator(&qemu, &cache, &log).await.expect("probed"), found);
        assert_eq!(probed(), each, "once is enough");
    }
    stand_in("# another version\n");
    assert_eq!(probe::accelerator(&qemu, &cache, &log).await.expect("probed"), found);
    assert_eq!(probed(), 2 * each, "another QEMU is another question");
    std::fs::remove_file(&cache).expect("it was kept");
    assert_eq!(probe::accelerator(&qemu, &cache, &log).await.expect("probed"), found);
    assert_eq!(probed(), 3 * each, "what isn't kept is found out again");
}

fn which_qemu() -> String {
    let output = Command::new("sh").args(["-c", "command -v qemu-system-x86_64"]).output().expect("sh runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
