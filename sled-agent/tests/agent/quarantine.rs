//! What nobody answers for: listed in every report, untouched, and never taken for absence.

use std::time::Duration;

use berth_common::vmm::VmmState;
use berth_sled_agent_api::report::{QuarantineReason, Quarantined, SledReport};

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{TestSled, Wanted, id};

async fn world() -> (TestNexus, TestSled, Wanted) {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let wanted = sled.running(&nexus).await;
    (nexus, sled, wanted)
}

fn entry_of(sled: &TestSled, wanted: &Wanted) -> camino::Utf8PathBuf {
    sled.ledger_dir().join(format!("{}_{}_5.vmm", wanted.vmm, wanted.spec.instance))
}

async fn recovered(sled: &TestSled) -> SledReport {
    for _ in 0..1000 {
        let inventory = sled.inventory().await;
        if inventory.recovered.is_complete() {
            return inventory;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never recovered: {:?}", sled.inventory().await);
}

#[tokio::test]
async fn what_has_an_entry_is_not_quarantined() {
    let (_nexus, mut sled, _wanted) = world().await;
    sled.restart().await;
    assert_eq!(recovered(&sled).await.quarantined, []);
}

#[tokio::test]
async fn acceptance_29_a_process_without_an_entry_is_listed_and_runs_on() {
    let (nexus, mut sled, wanted) = world().await;
    let other = sled.running(&nexus).await;
    sled.end().await;
    std::fs::remove_file(entry_of(&sled, &wanted)).expect("lost");
    nexus.turn_page_for_next();
    sled.begin().await;
    let inventory = recovered(&sled).await;
    let [listed] = &inventory.quarantined[..] else { panic!("{:?}", inventory.quarantined) };
    assert_eq!((listed.vmm, listed.why), (Some(wanted.vmm), QuarantineReason::NoEntry));
    assert!(inventory.may_run(wanted.vmm) && !inventory.may_run(other.vmm));
    assert!(sled.hypervisor.is_running(wanted.vmm) && sled.hypervisor.kills().is_empty());
    assert_eq!(nexus.wait_full().await.quarantined, inventory.quarantined, "nexus is told");
}

#[tokio::test]
async fn absence_means_nothing_until_the_hosts_processes_were_looked_at() {
    let (nexus, mut sled, wanted) = world().await;
    sled.end().await;
    sled.hypervisor.fail_sweeps(true);
    sled.begin().await;
    nexus.wait_vmm(wanted.vmm, "recovered", |report| report.state == VmmState::Running).await;
    let inventory = sled.inventory().await;
    assert!(!inventory.recovered.is_complete(), "{:?}", inventory.recovered);
    sled.hypervisor.fail_sweeps(false);
    recovered(&sled).await;
}

#[tokio::test]
async fn an_entry_of_another_hosts_ledger_is_listed_and_no_vmm_of_ours() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let theirs = TestSled::start(&cluster, &[&nexus]).await;
    let stray = theirs.running(&nexus).await;
    let mut ours = TestSled::start(&cluster, &[&nexus]).await;
    ours.end().await;
    let name = format!("{}_{}_5.vmm", stray.vmm, stray.spec.instance);
    std::fs::copy(theirs.ledger_dir().join(&name), ours.ledger_dir().join(&name)).expect("copied");
    for _ in 0..2 {
        ours.begin().await;
        let inventory = recovered(&ours).await;
        let listed: Vec<_> =
            inventory.quarantined.iter().map(|found| (found.vmm, found.pid, found.why)).collect();
        assert_eq!(listed, [(Some(stray.vmm), None, QuarantineReason::OtherLedger)]);
        assert_eq!(inventory.vmms, [], "it is not recovered");
        assert!(!inventory.may_run(stray.vmm), "a file runs nothing");
        ours.end().await;
    }
    let kept = ours.ledger_dir().read_dir_utf8().expect("listed").filter_map(Result::ok);
    assert_eq!(kept.filter(|file| file.file_name().ends_with(".foreign")).count(), 1, "kept for people");
}

#[tokio::test]
async fn a_foreign_process_among_ours_is_listed_with_what_it_is() {
    let (_nexus, mut sled, wanted) = world().await;
    sled.end().await;
    let stranger = id();
    sled.hypervisor.plant(Some(stranger), 4711, "qemu-system-x86_64 of somebody");
    sled.hypervisor.plant(None, 4712, "something");
    sled.begin().await;
    let mut listed = recovered(&sled).await.quarantined;
    listed.sort_by_key(|found| found.pid);
    let expected = |vmm, pid, what: &str| Quarantined {
        vmm,
        pid: Some(pid),
        what: what.to_string(),
        why: QuarantineReason::NoEntry,
    };
    let expected =
        [expected(Some(stranger), 4711, "qemu-system-x86_64 of somebody"), expected(None, 4712, "something")];
    assert_eq!(listed, expected);
    assert!(sled.hypervisor.is_running(wanted.vmm));
}
