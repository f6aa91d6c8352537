//! Migrations as nexus orders them, between two agents with simulated guests: everything but the guest is real.

use berth_common::migration::{MigrationHalf, MigrationRole};
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent_api::migration::MigrationOrder;
use berth_sled_agent_api::vmm::Admitted;
use std::time::Duration;

use crate::metrics::figure;
use crate::migration_pair::{Pair, half, half_is, order_as, order_of};
use crate::sled::id;

const SLOW: &str = "berth.button=obey berth.sim.copy=30";

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_on_a_shared_disk_goes_on_at_the_target_and_the_source_ends_at_once() {
    let pair = Pair::simulated().await;
    let moved = pair.on_shared_disk("berth.button=obey");
    pair.running(&moved).await;
    pair.send(&moved).await;
    let (here, there) = pair.completed(&moved).await;
    assert_eq!(half(&here).map(|half| half.role), Some(MigrationRole::Source));
    assert_eq!(half(&there).map(|half| half.role), Some(MigrationRole::Target));
    let settled = pair.wait(&moved.here, "its downtime is known", |report| {
        half(report).and_then(|half| half.progress).is_some_and(|progress| progress.downtime_ms.is_some())
    });
    settled.await;
    for sled in [&pair.source, &pair.target] {
        let page = sled.metrics().await.expect("a page");
        let ahead = figure(&page, "berth_sled_ledger_ahead_total");
        assert_eq!(ahead, Some(1.0), "its half of the hand-over waited for one sync only: {page}");
    }
    pair.target.stop(&moved.there, Duration::from_secs(20)).await.expect("stopped");
    let ended = pair.wait(&moved.there, "it obeys there", |report| report.state.is_terminal()).await;
    assert_eq!(ended.ended_by, Some(EndedBy::GracefulStop), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_disk_comes_along_and_the_sources_file_stays_for_nexus_to_delete() {
    let pair = Pair::simulated().await;
    let moved = pair.on_local_disk("berth.button=obey");
    pair.running(&moved).await;
    pair.send(&moved).await;
    pair.completed(&moved).await;
    let (from, to) = (
        pair.disk_path(&pair.source, &moved.here.spec, 0),
        pair.disk_path(&pair.target, &moved.there.spec, 0),
    );
    crate::sled::eventually("the disk's name", || to.exists()).await;
    assert_eq!(std::fs::read(&to).expect("there"), std::fs::read(&from).expect("there"));
    assert_eq!(pair.local_files(&pair.target).len(), 1, "nothing but the disk");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_copy_leaves_the_guest_where_it_was_and_nothing_at_the_target() {
    let pair = Pair::simulated().await;
    let moved = pair.on_local_disk(SLOW);
    pair.copying(&moved).await;
    order_of(&pair.source, &moved.here, moved.migration, MigrationOrder::Cancel).await.expect("cancelled");
    let kept = pair.kept(&moved).await;
    assert!(half(&kept).and_then(|half| half.detail.as_deref()).is_some_and(|why| why.contains("cancelled")));
    // The target saw the stream end; to be told of it too changes nothing.
    order_of(&pair.target, &moved.there, moved.migration, MigrationOrder::Cancel).await.expect("already");
    pair.wait(&moved.there, "it is gone", |report| report.state.is_terminal()).await;
    pair.cleared(&moved).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_target_is_cancelled_by_a_word() {
    let pair = Pair::simulated().await;
    let moved = pair.on_local_disk("");
    pair.waiting(&moved).await;
    order_of(&pair.target, &moved.there, moved.migration, MigrationOrder::Cancel).await.expect("cancelled");
    pair.dropped(&moved, VmmState::Destroyed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_takes_longer_than_its_deadline_fails_at_both_ends() {
    let pair = Pair::simulated().await;
    let mut moved = pair.on_local_disk("berth.sim=endless_migration");
    // Counted from before the copy begins.
    moved.deadline_ms = 10_000;
    pair.copying(&moved).await;
    pair.kept(&moved).await;
    pair.dropped(&moved, VmmState::Failed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_fails_is_tried_again_under_another_id() {
    let pair = Pair::simulated().await;
    let moved = pair.on_shared_disk("berth.sim=fail_migration");
    pair.running(&moved).await;
    pair.send(&moved).await;
    pair.kept(&moved).await;
    pair.dropped(&moved, VmmState::Failed).await;
    let mut again = moved.clone();
    (again.migration, again.there.vmm, again.there.epoch) = (id(), id(), 7);
    pair.send(&again).await;
    let failed_again = |report: &berth_sled_agent_api::report::VmmReport| {
        half(report).is_some_and(|half| half.migration == again.migration)
            && half_is(report, MigrationHalf::Failed)
    };
    pair.wait(&again.here, "it fails again", failed_again).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_may_be_repeated_and_come_in_any_order() {
    let pair = Pair::simulated().await;
    let moved = pair.on_shared_disk(SLOW);
    pair.running(&moved).await;
    let address = pair.waiting(&moved).await;
    pair.ensure_target(&moved).await.expect("the same registration");
    let envelope = pair.source.envelope(&moved.here).await;
    let send = pair.send_to(&moved, address);
    for admitted in [Admitted::Accepted, Admitted::Accepted] {
        let sent = order_as(&pair.source, &moved.here, moved.migration, send.clone(), envelope.clone()).await;
        assert_eq!(sent.expect("taken").admitted, admitted, "the same request has the same answer");
    }
    let repeated = order_of(&pair.source, &moved.here, moved.migration, send.clone()).await.expect("taken");
    assert_eq!(repeated.admitted, Admitted::Already);
    let other = order_of(&pair.source, &moved.here, id(), send.clone()).await.expect_err("one at a time");
    assert_eq!((other.0, other.1.as_str()), (409, "wrong_migration"), "{other:?}");
    let early = order_of(&pair.target, &moved.there, moved.migration, MigrationOrder::Resume).await;
    assert_eq!(early.expect_err("half a guest is never released").1, "wrong_state");
    order_of(&pair.source, &moved.here, moved.migration, MigrationOrder::Cancel).await.expect("cancelled");
    pair.kept(&moved).await;
    let late = order_of(&pair.source, &moved.here, moved.migration, send).await.expect("taken");
    assert_eq!(late.admitted, Admitted::Already);
    assert!(half_is(&late.vmm, MigrationHalf::Failed), "an order that comes late begins nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_to_send_that_comes_after_its_cancel_begins_nothing() {
    let pair = Pair::simulated().await;
    let moved = pair.on_shared_disk("");
    pair.running(&moved).await;
    order_of(&pair.source, &moved.here, moved.migration, MigrationOrder::Cancel).await.expect("remembered");
    let send = pair.send_to(&moved, "127.0.0.1:9".to_string());
    let late = order_of(&pair.source, &moved.here, moved.migration, send).await.expect("taken");
    assert_eq!((late.admitted, late.vmm.state), (Admitted::Already, VmmState::Running));
    assert!(half_is(&late.vmm, MigrationHalf::Failed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_wins_the_source_stops_its_guest_and_the_target_is_ended_at_once() {
    let pair = Pair::simulated().await;
    let moved = pair.on_local_disk(SLOW);
    pair.copying(&moved).await;
    pair.source.stop(&moved.here, Duration::from_secs(20)).await.expect("stopped");
    pair.target.stop(&moved.there, Duration::from_secs(20)).await.expect("stopped");
    let here = pair.wait(&moved.here, "it obeys", |report| report.state.is_terminal()).await;
    assert_eq!(here.ended_by, Some(EndedBy::GracefulStop), "{here:?}");
    let there = pair.wait(&moved.there, "it is gone", |report| report.state.is_terminal()).await;
    assert_eq!(there.ended_by, Some(EndedBy::NeverStarted), "{there:?}");
    pair.cleared(&moved).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_doesnt_run_or_a_disk_it_doesnt_have_cant_migrate() {
    let pair = Pair::simulated().await;
    let moved = pair.on_shared_disk("");
    pair.source.ensure(&moved.here).await.expect("registered");
    let send = pair.send_to(&moved, "127.0.0.1:9".to_string());
    let refused = order_of(&pair.source, &moved.here, moved.migration, send).await.expect_err("not running");
    assert_eq!((refused.0, refused.1.as_str()), (409, "wrong_state"), "{refused:?}");
    let mut strange = moved.clone();
    strange.copied = vec![id()];
    let refused = pair.ensure_target(&strange).await.expect_err("no such disk");
    assert_eq!(refused.0, 400, "{refused:?}");
    let mut copied = moved.clone();
    copied.copied = vec![moved.there.spec.disks[0].disk];
    let refused = pair.ensure_target(&copied).await.expect_err("it is shared");
    assert_eq!((refused.0, refused.1.as_str()), (409, "spec_mismatch"), "{refused:?}");
}
