//! Reboots of real guests: the boot id tells them.

use std::time::Duration;

use berth_common::reboot::{RebootKind, RebootPhase};
use berth_common::vmm::VmmState;
use berth_sled_agent_api::report::VmmReport;

use crate::binary::{QEMU, real_guest};
use crate::nexus::{TestCluster, TestNexus};
use crate::process::TestHost;
use crate::sled::{Wanted, rebooted};

async fn guest(guest: &str) -> (TestNexus, TestHost, Wanted, String) {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let host = TestHost::start(&cluster, &nexus, QEMU).await;
    let wanted = real_guest(&host, &nexus, guest, 128).await;
    host.wait_serial(&wanted, "berth-guest: ready").await;
    let line = host.wait_serial(&wanted, "up boot_id=").await;
    (nexus, host, wanted, line)
}

async fn done(nexus: &TestNexus, wanted: &Wanted, kind: RebootKind) -> VmmReport {
    let is_done = |report: &VmmReport| {
        report.reboot.is_some_and(|reboot| (reboot.kind, reboot.phase) == (kind, RebootPhase::Done))
    };
    let report = nexus.wait_vmm(wanted.vmm, "the reboot is done", is_done).await;
    assert_eq!(report.state, VmmState::Running);
    assert_eq!(report.detail, None, "what is said of the process that went down is no news of this one");
    report
}

/// Waits until the guest has told another boot id, and returns how often it told one.
async fn booted_again(host: &TestHost, wanted: &Wanted, former: &str) -> usize {
    for _ in 0..600 {
        let log = host.serial(wanted).await;
        let boots: Vec<&str> = log.lines().filter(|line| line.contains("up boot_id=")).collect();
        if boots.last().is_some_and(|line| *line != former) {
            return boots.len();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never booted again: {}", host.serial(wanted).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_12_a_soft_reboot_is_a_new_process_and_a_new_boot_of_the_same_vmm() {
    let (nexus, host, wanted, line) = guest("obeys").await;
    let order = rebooted(1, RebootKind::Soft, Duration::from_secs(60), wanted.spec.clone());
    host.put_state(&wanted, order).await;
    done(&nexus, &wanted, RebootKind::Soft).await;
    assert_eq!(booted_again(&host, &wanted, &line).await, 2);
    let log = host.serial(&wanted).await;
    assert!(log.contains("power button pressed") && log.contains("farewell"), "it was asked: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_13_and_14_a_guest_that_ignores_is_forced_while_the_agent_is_dead_and_started_when_it_is_back()
 {
    let (nexus, mut host, wanted, line) = guest("ignores").await;
    let order = rebooted(1, RebootKind::Soft, Duration::from_secs(2), wanted.spec.clone());
    host.put_state(&wanted, order).await;
    host.kill_and_start_again();
    done(&nexus, &wanted, RebootKind::Hard).await;
    assert_eq!(booted_again(&host, &wanted, &line).await, 2);
    host.kill_and_start_again();
    done(&nexus, &wanted, RebootKind::Hard).await;
    assert_eq!(booted_again(&host, &wanted, &line).await, 2, "no second reboot");
}
