//! The program itself, as a process: joins by its token, runs a guest, is killed and goes on.

use std::path::Path;
use std::process::{Command, Output};

use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent_api::spec::{Boot, ImageFile};
use berth_sled_agent_api::vmm::VmmDesired;

use crate::disks::upload;
use crate::nexus::{TestCluster, TestNexus};
use crate::process::{PROGRAM, TestHost};
use crate::sled::Wanted;

#[tokio::test(flavor = "multi_thread")]
async fn the_program_joins_runs_a_guest_and_goes_on_after_being_killed() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let mut host = TestHost::start(&cluster, &nexus, "hypervisor = \"simulated\"").await;
    let wanted = host.wanted();
    host.ensure(&wanted).await;
    host.put_state(&wanted, VmmDesired::Running).await;
    let before = nexus.wait_vmm(wanted.vmm, "running", |report| report.state == VmmState::Running).await;
    host.kill();
    nexus.turn_page_for_next();
    host.start_again();
    let full = nexus.wait_full().await;
    let after = full.vmms.iter().find(|report| report.vmm == wanted.vmm).expect("recovered");
    assert_eq!(after.state, VmmState::Running);
    assert!(after.generation >= before.generation);
}

/// A file of the guest images that `cargo xtask test` makes.
fn guest_file(nexus: &TestNexus, name: &str, part: berth_common::storage::ImagePart) -> ImageFile {
    let dir = std::env::var("BERTH_GUEST_DIR")
        .expect("BERTH_GUEST_DIR names the guest images: `cargo xtask test` makes them and sets it");
    upload(nexus, &std::fs::read(Path::new(&dir).join(name)).expect("a guest image"), part)
}

pub fn boot(nexus: &TestNexus, guest: &str) -> Boot {
    Boot::Kernel {
        kernel: guest_file(nexus, "vmlinux", berth_common::storage::ImagePart::Kernel),
        initrd: guest_file(nexus, &format!("{guest}/initrd"), berth_common::storage::ImagePart::Initrd),
        command_line: "console=ttyS0 quiet".to_string(),
    }
}

/// Asks for a real guest to run.
pub async fn real_guest(host: &TestHost, nexus: &TestNexus, guest: &str, memory_mib: u32) -> Wanted {
    let mut wanted = host.wanted();
    wanted.spec.memory_mib = memory_mib;
    wanted.spec.boot = boot(nexus, guest);
    host.ensure(&wanted).await;
    host.put_state(&wanted, VmmDesired::Running).await;
    wanted
}

pub const QEMU: &str = "hypervisor = \"qemu\"\naccelerator = \"tcg\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_real_guest_boots_outlives_its_agent_and_obeys_the_power_button() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let mut host = TestHost::start(&cluster, &nexus, QEMU).await;
    let wanted = real_guest(&host, &nexus, "obeys", 128).await;
    let boot_line = host.wait_serial(&wanted, "boot_id=").await;
    host.kill();
    nexus.turn_page_for_next();
    host.start_again();
    nexus.wait_vmm(wanted.vmm, "still running", |report| report.state == VmmState::Running).await;
    host.put_state(&wanted, VmmDesired::Stopped { grace_ms: 60_000 }).await;
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!(
        (ended.state, ended.ended_by),
        (VmmState::Destroyed, Some(EndedBy::GracefulStop)),
        "{ended:?}"
    );
    let log = host.serial(&wanted).await;
    assert_eq!(log.lines().filter(|line| *line == boot_line).count(), 1, "it booted once: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_guest_that_ignores_the_button_is_forced_at_its_deadline_while_the_agent_is_dead() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let mut host = TestHost::start(&cluster, &nexus, QEMU).await;
    let wanted = real_guest(&host, &nexus, "ignores", 128).await;
    host.wait_serial(&wanted, "boot_id=").await;
    host.put_state(&wanted, VmmDesired::Stopped { grace_ms: 2000 }).await;
    host.kill_and_start_again();
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!(ended.ended_by, Some(EndedBy::ForcedAtDeadline), "{ended:?}");
}

fn check(config: &Path) -> Output {
    Command::new(PROGRAM).args(["run", "--check-config", "--config"]).arg(config).output().expect("it runs")
}

#[test]
fn the_example_is_taken_and_an_unknown_key_is_named() {
    let example = Command::new(PROGRAM).arg("config-example").output().expect("it runs");
    assert!(example.status.success());
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("a.toml");
    std::fs::write(&path, &example.stdout).expect("written");
    assert!(check(&path).status.success());
    std::fs::write(&path, [example.stdout.as_slice(), b"colour = 1\n"].concat()).expect("written");
    let refused = check(&path);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("colour"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_agent_on_the_same_ledger_is_refused() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let host = TestHost::start(&cluster, &nexus, "hypervisor = \"simulated\"").await;
    let second =
        Command::new(PROGRAM).args(["run", "--config", host.config().as_str()]).output().expect("it runs");
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("another sled-agent"));
}
