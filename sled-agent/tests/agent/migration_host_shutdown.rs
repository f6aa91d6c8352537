//! A host is shut down in the middle of a migration, at either end: it goes inside its deadline, what becomes of the
//! guest is decided, and nothing is left of the other end.

use std::time::{Duration, Instant};

use berth_common::migration::MigrationHalf;
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent::shutdown::ask;
use berth_sled_agent::shutdown::table::{How, STATUS_GENTLE, Stage, Table};

use crate::migration_pair::{Move, Pair, half_is};
use crate::sled::{TestSled, Wanted};

const SLOW: &str = "berth.button=obey berth.sim.copy=30";
const DEADLINE: Duration = Duration::from_secs(20);

/// Shuts a host down, and tells how.
async fn shut_down(pair: &Pair, sled: &TestSled) -> Table {
    let begun = Instant::now();
    let table = ask::shutdown(&sled.config, DEADLINE, false, &pair.cluster.log).await.expect("carried out");
    assert!(begun.elapsed() < DEADLINE, "{:?}: {table}", begun.elapsed());
    assert_eq!(table.status(), STATUS_GENTLE, "{table}");
    table
}

fn how(table: &Table, wanted: &Wanted) -> How {
    match table.rows.iter().find(|row| row.vmm == wanted.vmm).map(|row| row.stage) {
        Some(Stage::Gone { how, .. }) => how,
        other => panic!("{other:?}: {table}"),
    }
}

/// The guest was shut down where it was.
async fn went_with_its_host(pair: &Pair, moved: &Move) {
    let here = pair.wait(&moved.here, "it went", |report| report.state.is_terminal()).await;
    assert_eq!((here.state, here.ended_by), (VmmState::Destroyed, Some(EndedBy::HostShutdown)), "{here:?}");
    assert!(half_is(&here, MigrationHalf::Failed), "{here:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_shut_down_in_the_copy_shuts_its_guest_down_and_the_target_is_dropped() {
    let pair = Pair::simulated().await;
    let moved = pair.on_local_disk(SLOW);
    pair.copying(&moved).await;
    let table = shut_down(&pair, &pair.source).await;
    assert_eq!(how(&table, &moved.here), How::ByItself, "{table}");
    went_with_its_host(&pair, &moved).await;
    pair.dropped(&moved, VmmState::Failed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_shut_down_in_the_copy_is_dropped_and_the_guest_stays() {
    let pair = Pair::simulated().await;
    let moved = pair.on_local_disk(SLOW);
    pair.copying(&moved).await;
    let table = shut_down(&pair, &pair.target).await;
    assert_eq!(how(&table, &moved.there), How::NotBegun, "{table}");
    pair.kept(&moved).await;
    pair.dropped(&moved, VmmState::Destroyed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_waits_when_its_host_is_shut_down_gets_no_guest() {
    let pair = Pair::simulated().await;
    let moved = pair.on_shared_disk("berth.button=obey");
    pair.running(&moved).await;
    let address = pair.waiting(&moved).await;
    let table = shut_down(&pair, &pair.target).await;
    assert_eq!(how(&table, &moved.there), How::NotBegun, "{table}");
    pair.dropped(&moved, VmmState::Destroyed).await;
    // The order was on its way.
    let order = pair.send_to(&moved, address);
    crate::migration_pair::order_of(&pair.source, &moved.here, moved.migration, order).await.expect("begun");
    pair.kept(&moved).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_hosts_that_are_shut_down_at_once_end_with_one_guest_that_was_shut_down() {
    let pair = Pair::simulated().await;
    let moved = pair.on_local_disk(SLOW);
    pair.copying(&moved).await;
    let (here, there) = tokio::join!(shut_down(&pair, &pair.source), shut_down(&pair, &pair.target));
    assert_eq!(how(&here, &moved.here), How::ByItself, "{here}");
    assert!(matches!(how(&there, &moved.there), How::NotBegun), "{there}");
    went_with_its_host(&pair, &moved).await;
    let gone = pair.wait(&moved.there, "it is gone", |report| report.state.is_terminal()).await;
    assert_eq!(gone.ended_by, Some(EndedBy::NeverStarted), "{gone:?}");
    pair.cleared(&moved).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_came_is_shut_down_as_any_other() {
    let pair = Pair::simulated().await;
    let moved = pair.on_shared_disk("berth.button=obey");
    pair.running(&moved).await;
    pair.send(&moved).await;
    pair.completed(&moved).await;
    let table = shut_down(&pair, &pair.source).await;
    assert!(table.rows.is_empty(), "its guest is elsewhere: {table}");
    let table = shut_down(&pair, &pair.target).await;
    assert_eq!(how(&table, &moved.there), How::ByItself, "{table}");
    let there = pair.wait(&moved.there, "it went", |report| report.state.is_terminal()).await;
    assert_eq!(there.ended_by, Some(EndedBy::HostShutdown), "{there:?}");
}
