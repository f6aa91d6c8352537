//! Restarts: what ran runs on, what ended is told with its cause, what was ordered is ordered again.

use std::time::Duration;

use berth_common::vmm::{EndedBy, VmmState};

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{TestSled, eventually};

async fn world() -> (TestNexus, TestSled) {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    (nexus, sled)
}

#[tokio::test]
async fn guests_run_on_over_a_restart_and_generations_go_on() {
    let (nexus, mut sled) = world().await;
    let wanted = sled.running(&nexus).await;
    let before = sled.report_of(wanted.vmm).await.expect("there");
    sled.end().await;
    nexus.turn_page_for_next();
    sled.begin().await;
    let full = nexus.wait_full().await;
    assert_eq!((full.recovered.done, full.recovered.total), (1, 1));
    let after = &full.vmms[0];
    assert_eq!((after.vmm, after.state), (wanted.vmm, VmmState::Running));
    assert!(after.generation >= before.generation);
    sled.hypervisor.end(wanted.vmm, EndedBy::GuestShutdown);
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert!(ended.generation > after.generation);
    assert_eq!(sled.hypervisor.launches().len(), 1);
}

#[tokio::test]
async fn what_ended_while_the_agent_was_away_is_told_with_its_real_cause() {
    let (nexus, mut sled) = world().await;
    let wanted = sled.running(&nexus).await;
    sled.end().await;
    sled.hypervisor.end(wanted.vmm, EndedBy::GuestShutdown);
    nexus.turn_page_for_next();
    sled.begin().await;
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!(ended.ended_by, Some(EndedBy::GuestShutdown));
}

#[tokio::test]
async fn a_run_that_left_no_trace_has_crashed() {
    let (nexus, mut sled) = world().await;
    let wanted = sled.running(&nexus).await;
    sled.end().await;
    sled.hypervisor.lose_all();
    sled.begin().await;
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!((ended.state, ended.ended_by), (VmmState::Failed, Some(EndedBy::Crashed)));
    assert_eq!(sled.hypervisor.launches().len(), 1);
}

#[tokio::test]
async fn a_launch_without_a_trace_is_begun_again_under_the_same_run() {
    let (nexus, mut sled) = world().await;
    let wanted = sled.wanted(&nexus).await;
    sled.ensure(&wanted).await.expect("registered");
    sled.hypervisor.hold_launches();
    sled.run(&wanted).await.expect("accepted");
    sled.end().await;
    assert!(sled.hypervisor.launches().is_empty());
    sled.hypervisor.release_launches();
    sled.begin().await;
    sled.launched(&wanted).await;
    assert_eq!(sled.hypervisor.launches(), [(wanted.vmm, 1)]);
}

#[tokio::test]
async fn a_stop_accepted_before_the_launch_keeps_it_from_happening_after_a_restart() {
    let (nexus, mut sled) = world().await;
    let wanted = sled.wanted(&nexus).await;
    sled.ensure(&wanted).await.expect("registered");
    sled.hypervisor.hold_launches();
    sled.run(&wanted).await.expect("accepted");
    sled.stop(&wanted, Duration::from_secs(60)).await.expect("accepted");
    sled.end().await;
    sled.hypervisor.release_launches();
    sled.begin().await;
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!((ended.state, ended.ended_by), (VmmState::Destroyed, Some(EndedBy::NeverStarted)));
    assert!(sled.hypervisor.launches().is_empty());
}

#[tokio::test]
async fn a_stop_in_flight_is_given_again_with_what_is_left_of_its_grace() {
    let (nexus, mut sled) = world().await;
    let wanted = sled.running(&nexus).await;
    sled.stop(&wanted, Duration::from_secs(300)).await.expect("accepted");
    sled.end().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    sled.begin().await;
    eventually("the second order", || sled.hypervisor.stops().len() == 2).await;
    let (_, left) = sled.hypervisor.stops()[1];
    assert!(left <= Duration::from_millis(299_700) && left > Duration::from_secs(100), "{left:?}");
    // Asked for anew, it is known to be in flight.
    let answer = sled.stop(&wanted, Duration::from_secs(600)).await.expect("known");
    assert_eq!(answer.vmm.state, VmmState::Stopping);
    assert_eq!(sled.hypervisor.stops().len(), 2);
}

#[tokio::test]
async fn an_end_whose_agent_died_is_finished() {
    let (nexus, mut sled) = world().await;
    let wanted = sled.running(&nexus).await;
    sled.hypervisor.fail_orders(u32::MAX);
    let (deleted, ()) = tokio::join!(sled.delete(&wanted), tokio::time::sleep(Duration::from_millis(1)));
    assert!(!deleted.expect("taken").vmm.state.is_terminal(), "it can't be killed yet");
    sled.end().await;
    sled.hypervisor.fail_orders(0);
    sled.begin().await;
    let ended = nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!(ended.ended_by, Some(EndedBy::Killed));
}

#[tokio::test]
async fn a_vmm_that_doesnt_answer_is_shown_and_delays_nobody() {
    let (nexus, mut sled) = world().await;
    let silent = sled.running(&nexus).await;
    let other = sled.running(&nexus).await;
    sled.end().await;
    sled.hypervisor.silence(silent.vmm, true);
    nexus.turn_page_for_next();
    sled.begin().await;
    let full = nexus.wait_full().await;
    assert_eq!(full.recovered.total, 2);
    nexus.wait_vmm(other.vmm, "recovered", |report| report.state == VmmState::Running).await;
    let shown = nexus.wait_vmm(silent.vmm, "shown", |report| report.unresponsive).await;
    assert_eq!(shown.state, VmmState::Running, "the state last known");
    sled.hypervisor.silence(silent.vmm, false);
    nexus.wait_vmm(silent.vmm, "answers again", |report| !report.unresponsive).await;
}

#[tokio::test]
async fn a_corrupt_entry_costs_only_its_own_vmm_and_not_its_life() {
    let (nexus, mut sled) = world().await;
    let spoiled = sled.running(&nexus).await;
    let other = sled.running(&nexus).await;
    let before = sled.report_of(spoiled.vmm).await.expect("there");
    sled.end().await;
    let entry = sled.ledger_dir().join(format!("{}_{}_5.vmm", spoiled.vmm, spoiled.spec.instance));
    let bytes = std::fs::read(&entry).expect("read");
    std::fs::write(&entry, &bytes[..bytes.len() - 20]).expect("truncated");
    nexus.turn_page_for_next();
    sled.begin().await;
    nexus.wait_full().await;
    let after = nexus.wait_vmm(spoiled.vmm, "salvaged", |report| report.state == VmmState::Running).await;
    assert!(after.generation > before.generation);
    nexus.wait_vmm(other.vmm, "untouched", |report| report.state == VmmState::Running).await;
    let kept = sled.ledger_dir().read_dir_utf8().expect("listed").filter_map(Result::ok);
    assert_eq!(kept.filter(|file| file.file_name().ends_with(".corrupt")).count(), 1);
    sled.stop(&spoiled, Duration::from_secs(30)).await.expect("it can still be stopped");
    eventually("the order", || !sled.hypervisor.stops().is_empty()).await;
}

#[tokio::test]
async fn a_registered_vmm_is_still_registered_after_a_restart_and_holds_its_room() {
    let (nexus, mut sled) = world().await;
    let mut wanted = sled.wanted(&nexus).await;
    wanted.spec.memory_mib = 200;
    sled.ensure(&wanted).await.expect("registered");
    sled.restart().await;
    let mut other = sled.wanted(&nexus).await;
    other.spec.memory_mib = 100;
    let (_, code, _) = sled.ensure(&other).await.expect_err("no room");
    assert_eq!(code, "no_capacity");
    sled.run(&wanted).await.expect("begun");
    sled.launched(&wanted).await;
}

#[tokio::test]
async fn a_vmm_the_ledger_lost_altogether_is_still_ended_for_certain() {
    let (nexus, mut sled) = world().await;
    let wanted = sled.running(&nexus).await;
    sled.end().await;
    let entry = sled.ledger_dir().join(format!("{}_{}_5.vmm", wanted.vmm, wanted.spec.instance));
    std::fs::remove_file(entry).expect("lost");
    sled.begin().await;
    let ended = sled.delete(&wanted).await.expect("ended").vmm;
    assert_eq!(ended.ended_by, Some(EndedBy::Killed));
    assert!(!sled.hypervisor.is_running(wanted.vmm));
    assert!(ended.generation.as_i64() > 1_000_000, "above whatever was counted");
}
