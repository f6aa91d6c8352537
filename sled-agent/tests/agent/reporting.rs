//! Registering, reporting to whoever answers, and what nexus says back.

use std::time::Duration;

use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent_api::report::Verdict;

use crate::nexus::{TestCluster, TestNexus, newest};
use crate::sled::{TestSled, eventually};

#[tokio::test]
async fn a_sled_registers_what_it_has_and_reports_everything_first() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let full = nexus.wait_full().await;
    assert!(full.vmms.is_empty());
    let registered = nexus.book().registered.clone();
    assert!(!registered.is_empty());
    assert_eq!((registered[0].cpus, registered[0].memory_mib, registered[0].has_bridge), (4, 256, false));
    assert_eq!(registered[0].address, sled.url(""));
    assert_eq!((registered[0].ledger, registered[0].boot), (full.ledger, full.boot));
}

#[tokio::test]
async fn reports_go_on_at_the_other_nexus_when_one_dies() {
    let cluster = TestCluster::new();
    let (mut first, second) = (TestNexus::start(&cluster).await, TestNexus::start(&cluster).await);
    // The second one is only learned.
    first.book().learned = vec![first.address.clone(), second.address.clone()];
    let sled = TestSled::start(&cluster, &[&first]).await;
    let wanted = sled.running(&first).await;
    first.die();
    sled.hypervisor.end(wanted.vmm, EndedBy::GuestShutdown);
    let ended = second.wait_vmm(wanted.vmm, "the end", |report| report.state.is_terminal()).await;
    assert_eq!(ended.ended_by, Some(EndedBy::GuestShutdown));
}

#[tokio::test]
async fn vmms_are_served_while_no_nexus_answers_and_told_afterwards() {
    let cluster = TestCluster::new();
    let mut nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let wanted = sled.running(&nexus).await;
    nexus.die();
    // Control that waited for a report to be told would wait for ever.
    sled.stop(&wanted, Duration::from_secs(30)).await.expect("served");
    assert!(newest(&nexus.book(), wanted.vmm).is_some_and(|told| told.state == VmmState::Running));
    nexus.come_back().await;
    nexus.wait_vmm(wanted.vmm, "the stop", |report| report.state == VmmState::Stopping).await;
}

#[tokio::test]
async fn a_new_lease_epoch_means_registering_again_and_telling_everything_again() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let wanted = sled.running(&nexus).await;
    {
        let mut book = nexus.book();
        book.lease_epoch = 2;
        book.reports.clear();
    }
    nexus.wait_vmm(wanted.vmm, "told again", |report| report.state == VmmState::Running).await;
    let book = nexus.book();
    assert!(book.registered.len() >= 2);
    assert!(book.reports.iter().all(|report| report.lease_epoch.as_i64() == 2));
}

#[tokio::test]
async fn what_was_acknowledged_is_not_told_again_but_in_full_reports() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let wanted = sled.running(&nexus).await;
    nexus.turn_page();
    nexus.wait("more reports", |book| (book.reports.len() > 12).then_some(())).await;
    let book = nexus.book();
    for report in &book.reports[1..] {
        assert_eq!(report.vmms.iter().any(|told| told.vmm == wanted.vmm), report.full, "{report:?}");
    }
    assert!(book.reports.iter().any(|report| report.full));
    assert!(book.reports.windows(2).all(|pair| pair[0].sequence < pair[1].sequence));
}

#[tokio::test]
async fn the_verdict_end_ends_for_certain() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let wanted = sled.running(&nexus).await;
    nexus.book().verdicts.insert(wanted.vmm, Verdict::End);
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!(ended.ended_by, Some(EndedBy::Killed));
    let (_, code, _) = sled.ensure(&wanted).await.expect_err("never again");
    assert_eq!(code, "tombstoned");
}

#[tokio::test]
async fn the_verdict_forget_leaves_a_tombstone_and_the_serial_log() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let mut sled = TestSled::start(&cluster, &[&nexus]).await;
    let wanted = sled.running(&nexus).await;
    // As long as it runs it isn't forgotten, whatever nexus says.
    nexus.book().verdicts.insert(wanted.vmm, Verdict::Forget);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(sled.report_of(wanted.vmm).await.is_some());
    sled.hypervisor.end(wanted.vmm, EndedBy::GuestShutdown);
    let entry = sled.ledger_dir().join(format!("{}_{}_5.vmm", wanted.vmm, wanted.spec.instance));
    eventually("forgotten", || !entry.exists()).await;
    while sled.report_of(wanted.vmm).await.is_some() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let chunk = sled.serial(wanted.vmm).await.expect("kept");
    assert_eq!((chunk.from, chunk.next, chunk.data_base64.as_str()), (0, 6, "cnVuIDEK"));
    sled.restart().await;
    let (_, code, _) = sled.ensure(&wanted).await.expect_err("never again");
    assert_eq!(code, "tombstoned");
    let ended = sled.delete(&wanted).await.expect("remembered").vmm;
    assert_eq!(ended.ended_by, Some(EndedBy::GuestShutdown));
}

#[tokio::test]
async fn the_verdict_quarantine_touches_nothing() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let wanted = sled.running(&nexus).await;
    nexus.book().verdicts.insert(wanted.vmm, Verdict::Quarantine);
    nexus.turn_page();
    nexus
        .wait("full reports", |book| {
            (book.reports.iter().filter(|report| report.full).count() > 1).then_some(())
        })
        .await;
    assert!(sled.hypervisor.is_running(wanted.vmm));
    assert!(sled.hypervisor.stops().is_empty() && sled.hypervisor.kills().is_empty());
}
