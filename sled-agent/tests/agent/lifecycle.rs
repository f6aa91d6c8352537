//! Registered, run, stopped, ended: what is answered, what is done, what is reported.

use std::time::Duration;

use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent::hypervisor::MachineEvent;
use berth_sled_agent_api::vmm::{Admitted, VmmDesired};

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{TestSled, eventually};

const LONG: Duration = Duration::from_secs(600);

async fn world() -> (TestNexus, TestSled) {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    (nexus, sled)
}

#[tokio::test]
async fn a_vmm_is_registered_runs_stops_and_every_step_is_reported() {
    let (nexus, sled) = world().await;
    let wanted = sled.wanted(&nexus).await;
    let registered = sled.ensure(&wanted).await.expect("registered");
    assert_eq!((registered.admitted, registered.vmm.state), (Admitted::Accepted, VmmState::Starting));
    assert!(sled.hypervisor.launches().is_empty(), "registering starts nothing");
    sled.run(&wanted).await.expect("begun");
    sled.launched(&wanted).await;
    assert_eq!(sled.hypervisor.launches(), [(wanted.vmm, 1)]);
    sled.hypervisor.boot(wanted.vmm);
    nexus.wait_vmm(wanted.vmm, "running", |report| report.state == VmmState::Running).await;
    let stopping = sled.stop(&wanted, LONG).await.expect("accepted");
    assert_eq!(stopping.vmm.state, VmmState::Stopping);
    let [(stopped, grace)] = sled.hypervisor.stops()[..] else { panic!("one stop") };
    assert_eq!(stopped, wanted.vmm);
    assert!(grace <= LONG && grace > LONG / 2, "{grace:?}");
    let told = nexus.wait_vmm(wanted.vmm, "stopping", |report| report.state == VmmState::Stopping).await;
    assert!(told.stop_remaining_ms.is_some_and(|left| left > 100_000), "{told:?}");
    sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!((ended.state, ended.ended_by), (VmmState::Destroyed, Some(EndedBy::GracefulStop)));
    assert_eq!(ended.stop_remaining_ms, None);
}

#[tokio::test]
async fn generations_of_reports_grow_with_every_change() {
    let (nexus, sled) = world().await;
    let wanted = sled.wanted(&nexus).await;
    // Each is waited for: a state that is over before its report begins is told by none.
    let told =
        async |state: VmmState| nexus.wait_vmm(wanted.vmm, "told", |report| report.state == state).await;
    sled.ensure(&wanted).await.expect("registered");
    told(VmmState::Starting).await;
    sled.run(&wanted).await.expect("begun");
    sled.launched(&wanted).await;
    sled.hypervisor.boot(wanted.vmm);
    told(VmmState::Running).await;
    sled.hypervisor.end(wanted.vmm, EndedBy::GuestShutdown);
    told(VmmState::Destroyed).await;
    let book = nexus.book();
    let told: Vec<_> = book.reports.iter().flat_map(|report| &report.vmms).collect();
    for pair in told.windows(2) {
        assert!(pair[0].generation <= pair[1].generation, "{pair:?}");
        let differ = (pair[0].state, &pair[0].detail) != (pair[1].state, &pair[1].detail);
        assert!(!differ || pair[0].generation < pair[1].generation, "{pair:?}");
    }
    let mut generations: Vec<_> = told.iter().map(|report| report.generation.as_i64()).collect();
    generations.dedup();
    assert_eq!(generations, [1, 2, 3], "starting, running, ended: nothing else is news");
}

#[tokio::test]
async fn a_repeated_request_gets_its_recorded_answer_and_is_done_once() {
    let (nexus, sled) = world().await;
    let wanted = sled.wanted(&nexus).await;
    let envelope = sled.envelope(&wanted).await;
    let (first, second) =
        tokio::join!(sled.ensure_as(&wanted, envelope.clone()), sled.ensure_as(&wanted, envelope.clone()));
    assert_eq!(first.expect("registered").admitted, Admitted::Accepted);
    assert_eq!(second.expect("joined").admitted, Admitted::Accepted, "the same request, the same answer");
    assert_eq!(sled.ensure(&wanted).await.expect("so already").admitted, Admitted::Already);
    let run = sled.envelope(&wanted).await;
    for _ in 0..3 {
        let answer = sled.put_state_as(&wanted, VmmDesired::Running, run.clone()).await.expect("begun");
        assert_eq!(answer.admitted, Admitted::Accepted);
    }
    assert_eq!(sled.run(&wanted).await.expect("so already").admitted, Admitted::Already);
    sled.launched(&wanted).await;
    assert_eq!(sled.hypervisor.launches().len(), 1);
}

#[tokio::test]
async fn a_late_repetition_of_run_doesnt_start_a_stopped_vmm_again() {
    let (nexus, sled) = world().await;
    let wanted = sled.wanted(&nexus).await;
    sled.ensure(&wanted).await.expect("registered");
    let run = sled.envelope(&wanted).await;
    sled.put_state_as(&wanted, VmmDesired::Running, run.clone()).await.expect("begun");
    sled.launched(&wanted).await;
    sled.hypervisor.end(wanted.vmm, EndedBy::GuestShutdown);
    nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    let repeated = sled.put_state_as(&wanted, VmmDesired::Running, run).await.expect("recorded");
    assert_eq!((repeated.admitted, repeated.vmm.state), (Admitted::Accepted, VmmState::Destroyed));
    let (_, code, _) = sled.run(&wanted).await.expect_err("a new one is refused");
    assert_eq!(code, "wrong_state");
    assert_eq!(sled.hypervisor.launches().len(), 1);
}

#[tokio::test]
async fn stop_right_after_start_is_accepted_while_launching_and_keeps_its_deadline() {
    let (nexus, sled) = world().await;
    let wanted = sled.wanted(&nexus).await;
    sled.ensure(&wanted).await.expect("registered");
    sled.hypervisor.hold_launches();
    sled.run(&wanted).await.expect("begun");
    let stopping = sled.stop(&wanted, Duration::from_secs(300)).await.expect("accepted at once");
    assert_eq!(stopping.vmm.state, VmmState::Stopping);
    tokio::time::sleep(Duration::from_millis(300)).await;
    sled.hypervisor.release_launches();
    eventually("the ladder", || !sled.hypervisor.stops().is_empty()).await;
    let (_, grace) = sled.hypervisor.stops()[0];
    assert!(grace <= Duration::from_millis(299_700), "the time of the launch counts: {grace:?}");
    assert!(grace > Duration::from_secs(100), "{grace:?}");
    sled.hypervisor.boot(wanted.vmm);
    sled.hypervisor.end(wanted.vmm, EndedBy::GracefulStop);
    nexus.wait_vmm(wanted.vmm, "ended", |report| report.ended_by == Some(EndedBy::GracefulStop)).await;
}

#[tokio::test]
async fn a_stop_before_the_launch_means_that_it_never_happens() {
    let (nexus, sled) = world().await;
    let wanted = sled.wanted(&nexus).await;
    sled.ensure(&wanted).await.expect("registered");
    let stopped = sled.stop(&wanted, LONG).await.expect("accepted");
    assert_eq!((stopped.vmm.state, stopped.vmm.ended_by), (VmmState::Destroyed, Some(EndedBy::NeverStarted)));
    assert!(sled.hypervisor.launches().is_empty());
    nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
}

#[tokio::test]
async fn a_stop_with_less_grace_shortens_and_with_more_changes_nothing() {
    let (nexus, sled) = world().await;
    let wanted = sled.running(&nexus).await;
    let asked = [
        (60, Admitted::Accepted),
        (90, Admitted::Already),
        (20, Admitted::Accepted),
        (0, Admitted::Accepted),
    ];
    for (seconds, expected) in asked {
        let answer = sled.stop(&wanted, Duration::from_secs(seconds)).await.expect("taken");
        assert_eq!(answer.admitted, expected, "{seconds} s");
    }
    let graces: Vec<u64> = sled.hypervisor.stops().iter().map(|(_, grace)| grace.as_secs()).collect();
    assert_eq!(graces.len(), 3, "{graces:?}");
    assert!(graces[0] > graces[1] && graces[1] > graces[2], "{graces:?}");
}

#[tokio::test]
async fn an_order_the_machine_doesnt_take_is_given_again() {
    let (nexus, sled) = world().await;
    let wanted = sled.running(&nexus).await;
    sled.hypervisor.fail_orders(2);
    sled.stop(&wanted, LONG).await.expect("accepted all the same");
    eventually("the stop", || !sled.hypervisor.stops().is_empty()).await;
}

#[tokio::test]
async fn a_delete_kills_and_answers_with_the_end() {
    let (nexus, sled) = world().await;
    let wanted = sled.running(&nexus).await;
    let ended = sled.ended(&wanted).await;
    assert_eq!((ended.vmm.state, ended.vmm.ended_by), (VmmState::Destroyed, Some(EndedBy::Killed)));
    assert_eq!(sled.hypervisor.kills(), [wanted.vmm]);
    let again = sled.delete(&wanted).await.expect("the same");
    assert_eq!((again.admitted, again.vmm.ended_by), (Admitted::Already, Some(EndedBy::Killed)));
    nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
}

#[tokio::test]
async fn a_delete_while_launching_ends_what_the_launch_brings() {
    let (nexus, sled) = world().await;
    let wanted = sled.wanted(&nexus).await;
    sled.ensure(&wanted).await.expect("registered");
    sled.hypervisor.hold_launches();
    sled.run(&wanted).await.expect("begun");
    let (ended, ()) = tokio::join!(sled.ended(&wanted), async {
        // The order has come while it is being launched.
        nexus.wait_vmm(wanted.vmm, "stopping", |report| report.state == VmmState::Stopping).await;
        sled.hypervisor.release_launches();
    });
    assert_eq!(ended.vmm.ended_by, Some(EndedBy::Killed));
    assert!(!sled.hypervisor.is_running(wanted.vmm));
}

#[tokio::test]
async fn a_failed_launch_is_told_with_its_reason_and_gives_its_room_back() {
    let (nexus, sled) = world().await;
    for _ in 0..5 {
        let wanted = sled.wanted(&nexus).await;
        sled.hypervisor.fail_launches("no such firmware");
        sled.ensure(&wanted).await.expect("there is room again");
        sled.run(&wanted).await.expect("begun");
        let failed = nexus.wait_vmm(wanted.vmm, "failed", |report| report.state.is_terminal()).await;
        assert_eq!((failed.state, failed.ended_by), (VmmState::Failed, Some(EndedBy::NeverStarted)));
        assert!(failed.detail.is_some_and(|detail| detail.contains("no such firmware")));
    }
}

#[tokio::test]
async fn what_the_machine_says_is_shown_and_what_holds_it_may_die() {
    let (nexus, sled) = world().await;
    let wanted = sled.running(&nexus).await;
    sled.hypervisor.tell(wanted.vmm, MachineEvent::Unresponsive(true));
    nexus.wait_vmm(wanted.vmm, "unresponsive", |report| report.unresponsive).await;
    sled.hypervisor.tell(wanted.vmm, MachineEvent::Unresponsive(false));
    nexus.wait_vmm(wanted.vmm, "responsive", |report| !report.unresponsive).await;
    sled.hypervisor.tell(wanted.vmm, MachineEvent::Stuck);
    nexus.wait_vmm(wanted.vmm, "stuck", |report| report.stuck && report.detail.is_some()).await;
    sled.hypervisor.cut(wanted.vmm);
    eventually("held again", || {
        sled.hypervisor.tell(wanted.vmm, MachineEvent::Ladder("a step".to_string()));
        let book = nexus.book();
        crate::nexus::newest(&book, wanted.vmm)
            .is_some_and(|report| report.detail.as_deref() == Some("a step"))
    })
    .await;
    sled.hypervisor.end(wanted.vmm, EndedBy::Crashed);
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!((ended.state, ended.stuck), (VmmState::Failed, false));
}
