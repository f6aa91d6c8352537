//! What the agent and a shim take of their host's memory: their own pages, which nobody else could have.

use berth_common::vmm::VmmState;
use berth_sled_agent_api::vmm::VmmDesired;

use crate::binary::{QEMU, real_guest};
use crate::nexus::{TestCluster, TestNexus};
use crate::process::{PROGRAM, TestHost};
use crate::sled::Wanted;

/// A program that was just built has pages that wait for the disk: they would be counted as if the process had changed
/// them.
fn program_on_disk() {
    std::fs::File::open(PROGRAM).and_then(|file| file.sync_all()).expect("on disk");
}

/// Of one process, in KiB: (pages it wrote itself, all that are resident).
fn private_dirty_and_resident(pid: i32) -> (u64, u64) {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("it lives");
    let value = |key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).expect("a known key");
        line.split_ascii_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("KiB")
    };
    (value("Private_Dirty:"), value("Rss:"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shim_takes_at_most_4_mib_after_its_guest_has_booted_and_printed() {
    const LIMIT_KIB: u64 = 4 * 1024;
    program_on_disk();
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let host = TestHost::start(&cluster, &nexus, QEMU).await;
    let wanted = real_guest(&host, &nexus, "obeys", 96).await;
    host.wait_serial(&wanted, "berth-guest: ready").await;
    let held = host.held(&wanted);
    let (private, resident) = private_dirty_and_resident(held.shim.pid);
    println!("shim: {private} KiB private dirty, {resident} KiB resident");
    assert!(private <= LIMIT_KIB, "{private} KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_takes_at_most_40_mib_and_50_kib_for_each_of_500_vmms() {
    const COUNT: u64 = 500;
    const LIMIT_KIB: u64 = 40 * 1024 + 50 * COUNT;
    program_on_disk();
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let host = TestHost::start(&cluster, &nexus, "hypervisor = \"simulated\"").await;
    let (before, _) = private_dirty_and_resident(host.pid());
    let all: Vec<Wanted> = (0..COUNT).map(|_| host.wanted()).collect();
    for some in all.chunks(20) {
        futures::future::join_all(some.iter().map(|wanted| async {
            host.ensure(wanted).await;
            host.put_state(wanted, VmmDesired::Running).await;
        }))
        .await;
    }
    for wanted in &all {
        nexus.wait_vmm(wanted.vmm, "running", |report| report.state == VmmState::Running).await;
    }
    let (private, resident) = private_dirty_and_resident(host.pid());
    let each = private.saturating_sub(before) / COUNT;
    println!(
        "agent: {before} KiB without, {private} KiB with {COUNT} VMMs ({each} each), {resident} KiB resident"
    );
    assert!(private <= LIMIT_KIB, "{private} KiB of {LIMIT_KIB}");
}
