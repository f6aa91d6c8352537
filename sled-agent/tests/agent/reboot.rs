//! Reboots: the table hard/soft × hard/soft × stop × delete, as asked of an agent and as reported by it.

use std::time::Duration;

use berth_common::reboot::RebootKind::{Hard, Soft};
use berth_common::reboot::{RebootKind, RebootPhase};
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent_api::report::VmmReport;
use berth_sled_agent_api::vmm::Admitted;

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{TestSled, Wanted, eventually, rebooted};

const LONG: Duration = Duration::from_secs(600);

async fn world() -> (TestNexus, TestSled, Wanted) {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let wanted = sled.running(&nexus).await;
    (nexus, sled, wanted)
}

fn told(report: &VmmReport) -> Option<(i64, RebootKind, RebootPhase)> {
    report.reboot.map(|reboot| (reboot.reboot_gen.as_i64(), reboot.kind, reboot.phase))
}

async fn done(nexus: &TestNexus, wanted: &Wanted, number: i64, kind: RebootKind) {
    let what = format!("reboot {number} is done");
    let is_done = |report: &VmmReport| told(report) == Some((number, kind, RebootPhase::Done));
    let report = nexus.wait_vmm(wanted.vmm, &what, is_done).await;
    assert_eq!(report.state, VmmState::Running);
}

async fn begun_again(sled: &TestSled, wanted: &Wanted, run: u32) {
    eventually("the next run", || sled.hypervisor.launches().contains(&(wanted.vmm, run))).await;
    sled.launched(wanted).await;
    sled.hypervisor.boot(wanted.vmm);
}

#[tokio::test]
async fn a_soft_reboot_asks_the_guest_then_begins_a_new_run_of_the_same_vmm() {
    let (nexus, sled, wanted) = world().await;
    let answer = sled.reboot(&wanted, 1, Soft, LONG).await.expect("accepted");
    assert_eq!((answer.admitted, answer.vmm.state), (Admitted::Accepted, VmmState::Rebooting));
    assert_eq!(told(&answer.vmm), Some((1, Soft, RebootPhase::ShuttingDown)));
    assert_eq!(answer.vmm.stop_remaining_ms, None, "nothing is being stopped for good");
    let [(_, grace)] = sled.hypervisor.stops()[..] else { panic!("asked once") };
    assert!(grace <= LONG && grace > LONG / 2, "{grace:?}");
    sled.hypervisor.hold_launches();
    sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
    let starting = nexus
        .wait_vmm(wanted.vmm, "starting", |report| told(report) == Some((1, Soft, RebootPhase::Starting)))
        .await;
    assert_eq!((starting.state, starting.ended_by), (VmmState::Rebooting, None));
    sled.hypervisor.release_launches();
    begun_again(&sled, &wanted, 2).await;
    done(&nexus, &wanted, 1, Soft).await;
    assert_eq!(sled.hypervisor.launches(), [(wanted.vmm, 1), (wanted.vmm, 2)]);
}

#[tokio::test]
async fn whatever_a_guest_exits_of_while_it_is_asked_counts_as_down() {
    for (number, ended_by) in
        [EndedBy::GracefulStop, EndedBy::GuestShutdown, EndedBy::Crashed, EndedBy::Killed]
            .into_iter()
            .zip_number()
    {
        let (nexus, sled, wanted) = world().await;
        sled.reboot(&wanted, number, Soft, LONG).await.expect("accepted");
        sled.hypervisor.end(wanted.vmm, ended_by);
        begun_again(&sled, &wanted, 2).await;
        done(&nexus, &wanted, number, Soft).await;
    }
}

/// Numbers a few things from 1.
trait ZipNumber<T> {
    fn zip_number(self) -> impl Iterator<Item = (i64, T)>;
}

impl<T, I: Iterator<Item = T>> ZipNumber<T> for I {
    fn zip_number(self) -> impl Iterator<Item = (i64, T)> {
        (1..).zip(self)
    }
}

#[tokio::test]
async fn a_soft_reboot_that_was_forced_at_its_deadline_is_a_hard_one() {
    let (nexus, sled, wanted) = world().await;
    sled.reboot(&wanted, 1, Soft, LONG).await.expect("accepted");
    sled.hypervisor.end(wanted.vmm, EndedBy::ForcedAtDeadline);
    begun_again(&sled, &wanted, 2).await;
    done(&nexus, &wanted, 1, Hard).await;
}

#[tokio::test]
async fn a_hard_reboot_kills_and_builds_what_its_order_names() {
    let (nexus, sled, wanted) = world().await;
    let mut spec = wanted.spec.clone();
    let other = sled.wanted(&nexus).await;
    spec.disks.push(berth_sled_agent_api::spec::DiskAttachment { slot: 1, ..other.spec.disks[0].clone() });
    spec.name = "renamed".parse().expect("a name");
    let answer = sled.put_state(&wanted, rebooted(3, Hard, LONG, spec.clone())).await.expect("accepted");
    assert_eq!(answer.vmm.state, VmmState::Rebooting);
    begun_again(&sled, &wanted, 2).await;
    done(&nexus, &wanted, 3, Hard).await;
    assert_eq!(sled.hypervisor.kills(), [wanted.vmm]);
    assert!(sled.hypervisor.stops().is_empty(), "nobody is asked");
    let launch = sled.hypervisor.launch_of(wanted.vmm).expect("launched");
    assert_eq!((launch.disks.len(), launch.name.as_str()), (2, "renamed"));
    let disk = &other.spec.disks[0];
    let (_, code, _) = sled.delete_disk(disk.pool, disk.disk).await.expect_err("it is attached now");
    assert_eq!(code, "wrong_state");
}

#[tokio::test]
async fn a_hard_reboot_takes_over_a_soft_one_wherever_it_is() {
    for leg in ["asking", "starting"] {
        let (nexus, sled, wanted) = world().await;
        sled.reboot(&wanted, 1, Soft, LONG).await.expect("accepted");
        if leg == "starting" {
            sled.hypervisor.hold_launches();
            sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
            let starting = |report: &VmmReport| told(report) == Some((1, Soft, RebootPhase::Starting));
            nexus.wait_vmm(wanted.vmm, "starting", starting).await;
        }
        let answer = sled.reboot(&wanted, 2, Hard, LONG).await.expect("taken over");
        assert_eq!(answer.admitted, Admitted::Accepted);
        assert_eq!(told(&answer.vmm).map(|(number, kind, _)| (number, kind)), Some((2, Hard)));
        sled.hypervisor.release_launches();
        let run = if leg == "starting" { 3 } else { 2 };
        begun_again(&sled, &wanted, run).await;
        done(&nexus, &wanted, 2, Hard).await;
        assert_eq!(sled.hypervisor.kills(), [wanted.vmm], "{leg}");
    }
}

#[tokio::test]
async fn a_soft_reboot_over_anything_in_flight_is_denied_by_name_and_changes_nothing() {
    for first in [Soft, Hard] {
        let (nexus, sled, wanted) = world().await;
        sled.hypervisor.hold_launches();
        sled.reboot(&wanted, 1, first, LONG).await.expect("accepted");
        let before = sled.report_of(wanted.vmm).await.expect("there").reboot.expect("one").reboot_gen;
        let (status, code, message) = sled.reboot(&wanted, 2, Soft, LONG).await.expect_err("denied");
        assert_eq!((status, code.as_str()), (409, "rebooting"));
        assert!(message.contains("reboot 1 is"), "{message}");
        let after = sled.report_of(wanted.vmm).await.expect("there").reboot.expect("one").reboot_gen;
        assert_eq!(before, after);
        sled.hypervisor.release_launches();
        if first == Soft {
            sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
        }
        begun_again(&sled, &wanted, 2).await;
        done(&nexus, &wanted, 1, first).await;
    }
}

#[tokio::test]
async fn a_second_hard_reboot_is_the_one_in_flight_under_the_later_number() {
    let (nexus, sled, wanted) = world().await;
    sled.hypervisor.hold_launches();
    sled.reboot(&wanted, 1, Hard, LONG).await.expect("accepted");
    let again = sled.reboot(&wanted, 2, Hard, LONG).await.expect("so already");
    assert_eq!(again.admitted, Admitted::Already);
    sled.hypervisor.release_launches();
    begun_again(&sled, &wanted, 2).await;
    done(&nexus, &wanted, 2, Hard).await;
    assert_eq!(sled.hypervisor.launches().len(), 2, "begun once");
}

#[tokio::test]
async fn a_number_that_was_begun_is_never_begun_again() {
    let (nexus, sled, wanted) = world().await;
    sled.reboot(&wanted, 5, Hard, LONG).await.expect("accepted");
    begun_again(&sled, &wanted, 2).await;
    done(&nexus, &wanted, 5, Hard).await;
    for number in [5, 4, 1] {
        for kind in [Soft, Hard] {
            let late = sled.reboot(&wanted, number, kind, LONG).await.expect("so already");
            assert_eq!((late.admitted, late.vmm.state), (Admitted::Already, VmmState::Running));
        }
    }
    assert_eq!(sled.hypervisor.launches().len(), 2);
    sled.reboot(&wanted, 6, Soft, LONG).await.expect("the next one is new");
}

#[tokio::test]
async fn a_stop_during_a_soft_reboot_wins_and_the_guest_never_boots_again() {
    let (nexus, sled, wanted) = world().await;
    sled.reboot(&wanted, 1, Soft, Duration::from_secs(20)).await.expect("accepted");
    let stopping = sled.stop(&wanted, LONG).await.expect("accepted");
    assert_eq!((stopping.admitted, stopping.vmm.state), (Admitted::Accepted, VmmState::Stopping));
    let left = stopping.vmm.stop_remaining_ms.expect("a deadline");
    assert!(left <= 20_000, "the shim was told 20 s already, and that only gets shorter: {left}");
    sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!(ended.ended_by, Some(EndedBy::GracefulStop));
    assert_eq!(told(&ended), Some((1, Soft, RebootPhase::ShuttingDown)), "as far as it came");
    assert_eq!(sled.hypervisor.launches().len(), 1);
    let late = sled.reboot(&wanted, 1, Hard, LONG).await.expect("so already");
    assert!(late.vmm.state.is_terminal());
    let (_, code, _) = sled.reboot(&wanted, 2, Hard, LONG).await.expect_err("it is over");
    assert_eq!(code, "wrong_state");
}

#[tokio::test]
async fn a_stop_or_a_delete_while_the_next_run_is_being_begun_kills_it_before_it_boots() {
    for delete in [false, true] {
        let (nexus, sled, wanted) = world().await;
        sled.hypervisor.hold_launches();
        sled.reboot(&wanted, 1, Hard, LONG).await.expect("accepted");
        let starting = |report: &VmmReport| told(report) == Some((1, Hard, RebootPhase::Starting));
        nexus.wait_vmm(wanted.vmm, "starting", starting).await;
        if delete {
            let (taken, ()) = tokio::join!(sled.delete(&wanted), async {
                // The order has come while the run is being begun.
                nexus.wait_vmm(wanted.vmm, "stopping", |report| report.state == VmmState::Stopping).await;
                sled.hypervisor.release_launches();
            });
            taken.expect("taken");
        } else {
            let stopping = sled.stop(&wanted, LONG).await.expect("accepted");
            assert_eq!(stopping.vmm.state, VmmState::Stopping);
            sled.hypervisor.release_launches();
        }
        let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
        assert_eq!((ended.state, ended.ended_by), (VmmState::Destroyed, Some(EndedBy::Killed)));
        assert_eq!(sled.hypervisor.kills(), [wanted.vmm, wanted.vmm], "the old run, and the new one");
    }
}

#[tokio::test]
async fn a_launch_that_fails_after_the_guest_is_down_ends_the_vmm_and_says_why() {
    let (nexus, sled, wanted) = world().await;
    sled.hypervisor.fail_launches("no such thing");
    sled.reboot(&wanted, 1, Hard, LONG).await.expect("accepted");
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!((ended.state, ended.ended_by), (VmmState::Failed, Some(EndedBy::Crashed)));
    let detail = ended.detail.as_deref().unwrap_or_default();
    assert!(detail.contains("can't be started again") && detail.contains("no such thing"), "{detail}");
}

#[tokio::test]
async fn what_is_wrong_with_an_order_is_said_and_changes_nothing() {
    let (nexus, sled, wanted) = world().await;
    let mut bigger = wanted.spec.clone();
    bigger.memory_mib += 1;
    let (_, code, _) =
        sled.put_state(&wanted, rebooted(1, Hard, LONG, bigger)).await.expect_err("room was reserved");
    assert_eq!(code, "spec_mismatch");
    let mut elsewhere = wanted.spec.clone();
    elsewhere.disks[0].pool = crate::sled::id();
    let (_, code, _) =
        sled.put_state(&wanted, rebooted(1, Hard, LONG, elsewhere)).await.expect_err("no such pool");
    assert_eq!(code, "pool_unavailable");
    let mut other = wanted.spec.clone();
    other.instance = crate::sled::id();
    let (status, _, _) =
        sled.put_state(&wanted, rebooted(1, Hard, LONG, other)).await.expect_err("another instance");
    assert_eq!(status, 400);
    let registered = sled.wanted(&nexus).await;
    let (_, code, _) = sled.reboot(&registered, 1, Soft, LONG).await.expect_err("never heard of");
    assert_eq!(code, "not_registered");
    sled.ensure(&registered).await.expect("registered");
    let (_, code, _) = sled.reboot(&registered, 1, Soft, LONG).await.expect_err("it doesn't run");
    assert_eq!(code, "wrong_state");
    let report = sled.report_of(wanted.vmm).await.expect("there");
    assert_eq!((report.state, report.reboot), (VmmState::Running, None));
    assert!(sled.hypervisor.kills().is_empty());
}
