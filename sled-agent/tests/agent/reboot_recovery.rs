//! An agent that dies in a reboot: what is down is started, what was started isn't started twice, what wasn't asked is
//! asked.

use std::time::{Duration, Instant};

use berth_common::reboot::RebootKind::{Hard, Soft};
use berth_common::reboot::{RebootKind, RebootPhase};
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent_api::report::VmmReport;

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{TestSled, Wanted, eventually};

const LONG: Duration = Duration::from_secs(60);

async fn world() -> (TestNexus, TestSled, Wanted) {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let wanted = sled.running(&nexus).await;
    (nexus, sled, wanted)
}

async fn done(nexus: &TestNexus, sled: &TestSled, wanted: &Wanted, run: u32) -> RebootKind {
    eventually("the next run", || sled.hypervisor.launches().contains(&(wanted.vmm, run))).await;
    eventually("it is held", || sled.hypervisor.is_held(wanted.vmm)).await;
    sled.hypervisor.boot(wanted.vmm);
    let is_done = |report: &VmmReport| report.reboot.is_some_and(|reboot| reboot.phase == RebootPhase::Done);
    let report = nexus.wait_vmm(wanted.vmm, "done", is_done).await;
    assert_eq!(report.state, VmmState::Running);
    report.reboot.expect("done").kind
}

#[tokio::test]
async fn a_guest_that_went_down_while_the_agent_was_away_is_started_as_by_a_hard_reboot() {
    for kind in [Soft, Hard] {
        let (nexus, mut sled, wanted) = world().await;
        if kind == Hard {
            // The kill doesn't reach it before the agent dies.
            sled.hypervisor.fail_orders(u32::MAX);
        }
        sled.reboot(&wanted, 1, kind, LONG).await.expect("accepted");
        sled.end().await;
        sled.hypervisor.fail_orders(0);
        sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
        sled.begin().await;
        assert_eq!(done(&nexus, &sled, &wanted, 2).await, Hard);
        assert_eq!(sled.hypervisor.launches(), [(wanted.vmm, 1), (wanted.vmm, 2)]);
    }
}

#[tokio::test]
async fn a_guest_left_down_while_its_next_run_was_being_begun_is_started_under_the_same_number() {
    let (nexus, mut sled, wanted) = world().await;
    sled.hypervisor.hold_launches();
    sled.reboot(&wanted, 1, Soft, LONG).await.expect("accepted");
    sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
    let starting = |report: &VmmReport| report.reboot.is_some_and(|r| r.phase == RebootPhase::Starting);
    nexus.wait_vmm(wanted.vmm, "starting", starting).await;
    sled.end().await;
    sled.hypervisor.release_launches();
    sled.begin().await;
    assert_eq!(done(&nexus, &sled, &wanted, 2).await, Hard);
    assert_eq!(sled.hypervisor.launches().len(), 2);
}

#[tokio::test]
async fn a_guest_that_was_started_is_not_started_twice_and_the_reboot_is_closed() {
    let (nexus, mut sled, wanted) = world().await;
    sled.reboot(&wanted, 1, Soft, LONG).await.expect("accepted");
    sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
    eventually("the next run", || sled.hypervisor.launches().len() == 2).await;
    sled.end().await;
    sled.begin().await;
    assert_eq!(done(&nexus, &sled, &wanted, 2).await, Soft);
    sled.restart().await;
    let after = nexus.wait_vmm(wanted.vmm, "it runs", |report| report.state == VmmState::Running).await;
    assert_eq!(after.reboot.map(|reboot| reboot.phase), Some(RebootPhase::Done));
    assert_eq!(sled.hypervisor.launches().len(), 2);
}

#[tokio::test]
async fn a_next_run_that_ended_while_the_agent_was_away_ends_the_vmm_and_not_begins_a_third() {
    let (nexus, mut sled, wanted) = world().await;
    sled.reboot(&wanted, 1, Soft, LONG).await.expect("accepted");
    sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
    eventually("the next run", || sled.hypervisor.launches().len() == 2).await;
    sled.end().await;
    sled.hypervisor.end(wanted.vmm, EndedBy::GuestShutdown);
    sled.begin().await;
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!(ended.ended_by, Some(EndedBy::GuestShutdown));
    assert_eq!(sled.hypervisor.launches().len(), 2);
}

#[tokio::test]
async fn a_guest_that_had_not_been_asked_is_asked_with_what_is_left_of_its_grace() {
    let (nexus, mut sled, wanted) = world().await;
    sled.hypervisor.fail_orders(u32::MAX);
    sled.reboot(&wanted, 1, Soft, Duration::from_secs(30)).await.expect("accepted");
    assert!(sled.hypervisor.stops().is_empty());
    sled.end().await;
    sled.hypervisor.fail_orders(0);
    sled.begin().await;
    eventually("it is asked", || !sled.hypervisor.stops().is_empty()).await;
    let (_, left) = sled.hypervisor.stops()[0];
    assert!(left <= Duration::from_secs(30) && left > Duration::from_secs(10), "{left:?}");
    sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
    assert_eq!(done(&nexus, &sled, &wanted, 2).await, Soft, "nobody died under it from then on");
}

#[tokio::test]
async fn a_stop_or_an_end_that_won_before_the_agent_died_still_wins() {
    for delete in [false, true] {
        let (nexus, mut sled, wanted) = world().await;
        sled.reboot(&wanted, 1, Soft, LONG).await.expect("accepted");
        sled.hypervisor.fail_orders(u32::MAX);
        if delete {
            drop(sled.delete(&wanted).await.expect("taken"));
        } else {
            sled.stop(&wanted, LONG).await.expect("taken");
        }
        sled.end().await;
        sled.hypervisor.fail_orders(0);
        sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
        sled.begin().await;
        let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
        assert_eq!(ended.state, VmmState::Destroyed);
        assert_eq!(sled.hypervisor.launches().len(), 1, "it never boots again");
    }
}

#[tokio::test]
async fn five_hundred_guests_that_went_down_are_all_begun_soon_after_the_agent_is_up() {
    const COUNT: usize = 500;
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let mut sled = TestSled::start_with(&cluster, &[&nexus], |config| {
        config.cpus = Some(1000);
        config.memory_mib = Some(100_000);
    })
    .await;
    let mut all = Vec::with_capacity(COUNT);
    for _ in 0..COUNT / 20 {
        let twenty: Vec<Wanted> = futures::future::join_all((0..20).map(|_| sled.wanted(&nexus))).await;
        futures::future::join_all(twenty.iter().map(|wanted| async {
            sled.ensure(wanted).await.expect("registered");
            sled.run(wanted).await.expect("begun");
            sled.launched(wanted).await;
            sled.hypervisor.boot(wanted.vmm);
            let running = |report: &VmmReport| report.state == VmmState::Running;
            nexus.wait_vmm(wanted.vmm, "it runs", running).await;
            sled.reboot(wanted, 1, Soft, LONG).await.expect("accepted");
        }))
        .await;
        all.extend(twenty);
    }
    sled.end().await;
    for wanted in &all {
        sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
    }
    let up = Instant::now();
    sled.begin().await;
    let served = up.elapsed();
    eventually("the first is begun", || sled.hypervisor.launches().len() > COUNT).await;
    let first = up.elapsed();
    eventually("all are begun", || sled.hypervisor.launches().len() == 2 * COUNT).await;
    let last = up.elapsed();
    println!("{COUNT} guests left down: served after {served:?}, first begun {first:?}, all begun {last:?}");
    let mut begun: Vec<_> = sled.hypervisor.launches().into_iter().filter(|(_, run)| *run == 2).collect();
    begun.sort();
    begun.dedup();
    assert_eq!(begun.len(), COUNT, "each once");
}
