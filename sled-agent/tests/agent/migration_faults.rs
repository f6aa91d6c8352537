//! Migrations under the death of either end, at each point; the other end is played by the test where that is needed.

use std::sync::Arc;
use std::time::Duration;

use berth_common::ids::{GenericUuid as _, SledUuid};
use berth_common::migration::{MigrationHalf, MigrationPhase};
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent::hypervisor::migration::{Channel, Stream};
use berth_sled_agent::migration::tls::TlsDoor;
use berth_sled_agent::migration::tunnel::{Expecting, Tunnel};
use berth_sled_agent::migration::wire::{Header, Purpose, SourceSays, TargetSays, hear, say};
use berth_sled_agent_api::migration::MigrationOrder;
use tokio::io::AsyncReadExt as _;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::migration_pair::{DISK_BYTES, Move, Pair, half, half_is, order_of};
use crate::sled::{Wanted, id};

const SLOW: &str = "berth.button=obey berth.sim.copy=30";

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_ended_in_the_copy_leaves_the_guest_where_it_was() {
    let pair = Pair::simulated().await;
    let moved = pair.on_local_disk(SLOW);
    pair.copying(&moved).await;
    pair.target.delete(&moved.there).await.expect("ended");
    pair.kept(&moved).await;
    pair.dropped(&moved, VmmState::Destroyed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_ended_in_the_copy_takes_the_target_with_it() {
    let pair = Pair::simulated().await;
    let moved = pair.on_local_disk(SLOW);
    pair.copying(&moved).await;
    pair.source.delete(&moved.here).await.expect("ended");
    let here = pair.wait(&moved.here, "it is gone", |report| report.state.is_terminal()).await;
    assert_eq!(here.ended_by, Some(EndedBy::Killed), "{here:?}");
    assert!(half_is(&here, MigrationHalf::Failed), "{here:?}");
    pair.dropped(&moved, VmmState::Failed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_death_of_the_targets_agent_cuts_the_stream_and_the_guest_stays() {
    let mut pair = Pair::simulated().await;
    let moved = pair.on_local_disk(SLOW);
    pair.copying(&moved).await;
    pair.target.end().await;
    pair.kept(&moved).await;
    pair.target.begin().await;
    pair.dropped(&moved, VmmState::Failed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_death_of_the_sources_agent_cuts_the_stream_and_the_guest_stays() {
    let mut pair = Pair::simulated().await;
    let moved = pair.on_local_disk(SLOW);
    pair.copying(&moved).await;
    pair.source.end().await;
    pair.dropped(&moved, VmmState::Failed).await;
    pair.nexus.turn_page();
    pair.source.begin().await;
    pair.kept(&moved).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_target_goes_on_waiting_after_its_agents_death() {
    let mut pair = Pair::simulated().await;
    let moved = pair.on_shared_disk("berth.button=obey");
    pair.running(&moved).await;
    pair.waiting(&moved).await;
    pair.target.end().await;
    pair.nexus.turn_page();
    pair.target.begin().await;
    pair.send(&moved).await;
    pair.completed(&moved).await;
}

/// The target, played by the test.
struct Played {
    expecting: Expecting,
    address: String,
    _serving: JoinHandle<()>,
}

impl Played {
    async fn target(pair: &Pair, moved: &Move) -> Played {
        let tunnel = tunnel(pair, pair.target.id).await;
        let address = tunnel.0.address().to_string();
        let expecting = tunnel.0.expect(moved.migration, SledUuid::from_untyped_uuid(pair.source.id));
        Played { expecting, address, _serving: tunnel.1 }
    }

    /// The guest runs at the source, which begins to send it here.
    async fn sent(pair: &Pair, moved: &Move) -> Played {
        pair.running(moved).await;
        let played = Played::target(pair, moved).await;
        let order = pair.send_to(moved, played.address.clone());
        order_of(&pair.source, &moved.here, moved.migration, order).await.expect("begun");
        played
    }

    /// The next connection of the source.
    async fn next(&mut self, purpose: Purpose) -> Stream {
        let visitor = self.expecting.visitors.recv().await.expect("somebody comes");
        assert_eq!(visitor.purpose, purpose);
        visitor.take().await.expect("taken")
    }

    /// The whole guest comes; the control stream is what is left.
    async fn receive(&mut self) -> Stream {
        let control = self.next(Purpose::Control).await;
        let mut memory = self.next(Purpose::Stream(Channel::Memory)).await;
        let mut guest = Vec::new();
        memory.read_to_end(&mut guest).await.expect("read");
        assert!(!guest.is_empty());
        control
    }
}

async fn tunnel(pair: &Pair, sled: Uuid) -> (Arc<Tunnel>, JoinHandle<()>) {
    let keys = pair.cluster.sled_keys(sled);
    let door = TlsDoor::bind(keys, (std::net::Ipv4Addr::LOCALHOST, 0).into()).await.expect("bound");
    let tunnel = door.tunnel(door.local_addr().expect("bound").to_string());
    let serving = tokio::spawn(door.serve(tunnel.clone(), pair.cluster.log.clone()));
    (tunnel, serving)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_hands_off_only_what_has_arrived_and_says_so_until_it_is_heard() {
    let mut pair = Pair::simulated().await;
    let moved = pair.on_shared_disk("berth.button=obey");
    let mut played = Played::sent(&pair, &moved).await;
    let mut control = played.receive().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let report = pair.source.report_of(moved.here.vmm).await.expect("it is there");
    assert_eq!(report.state, VmmState::Migrating, "sent isn't arrived");
    say(&mut control, &TargetSays::Arrived).await.expect("said");
    assert_eq!(hear::<SourceSays>(&mut control).await.expect("heard"), SourceSays::HandedOff);
    // The answer is lost, and the source's agent dies: it is said again, and the guest never comes back.
    drop(control);
    let here = pair.wait(&moved.here, "it left", |report| report.state.is_terminal()).await;
    assert_eq!(here.ended_by, Some(EndedBy::MigratedAway), "{here:?}");
    assert!(half_is(&here, MigrationHalf::Completed), "{here:?}");
    pair.source.end().await;
    pair.nexus.turn_page();
    pair.source.begin().await;
    loop {
        let mut control = played.next(Purpose::Control).await;
        // The connection that the former agent was about to make has ended with it.
        if hear::<SourceSays>(&mut control).await.is_ok() {
            say(&mut control, &TargetSays::Running).await.expect("said");
            break;
        }
    }
    pair.wait(&moved.here, "it knows", |report| {
        half(report).is_some_and(|half| half.phase == MigrationPhase::Over)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_whose_target_never_has_the_whole_guest_takes_it_back() {
    let pair = Pair::simulated().await;
    let moved = pair.on_shared_disk("berth.button=obey");
    let mut played = Played::sent(&pair, &moved).await;
    // Its hypervisor has sent everything, and would call the migration completed.
    let control = played.receive().await;
    drop(control);
    pair.kept(&moved).await;
    pair.source.stop(&moved.here, Duration::from_secs(20)).await.expect("stopped");
    let ended = pair.wait(&moved.here, "it obeys", |report| report.state.is_terminal()).await;
    assert_eq!(ended.ended_by, Some(EndedBy::GracefulStop), "its guest is alive: {ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_whose_hand_off_may_be_written_or_not_goes_on_nowhere_until_that_is_known() {
    let pair = Pair::simulated().await;
    let moved = pair.on_shared_disk("berth.button=obey");
    let mut played = Played::sent(&pair, &moved).await;
    let mut control = played.receive().await;
    // From here on every write fails, after who knows what.
    let ledger = pair.source.ledger_dir();
    let aside = camino::Utf8PathBuf::from(format!("{ledger}-aside"));
    std::fs::rename(&ledger, &aside).expect("renamed");
    say(&mut control, &TargetSays::Arrived).await.expect("said");
    while let Ok(word) = hear::<SourceSays>(&mut control).await {
        assert_ne!(word, SourceSays::HandedOff, "nobody knows");
    }
    let runs = || pair.hosts[0].living().expect("listed").iter().any(|living| living.runs);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(!runs(), "a restart may find that it was handed off");
    std::fs::rename(&aside, &ledger).expect("renamed");
    pair.kept(&moved).await;
    assert!(runs());
}

/// The source, played by the test: a whole guest is at the target, and nobody says that it was handed off.
async fn held(pair: &Pair, moved: &Move) -> (Arc<Tunnel>, JoinHandle<()>) {
    let address = pair.waiting(moved).await;
    let (tunnel, serving) = tunnel(pair, pair.source.id).await;
    let target = SledUuid::from_untyped_uuid(pair.target.id);
    let visit = async |purpose| {
        let header = Header { migration: moved.migration, purpose };
        tunnel.visit(target, &address, header).await.expect("let in")
    };
    let mut control = visit(Purpose::Control).await;
    let mut memory = visit(Purpose::Stream(Channel::Memory)).await;
    let soul = serde_json::json!({
        "script": { "button": "obey", "slow_ms": 1, "boot_ms": 1, "off_ms": null, "crash_ms": null, "quirk": null },
        "boot_id": Uuid::new_v4(), "age_ms": 5,
    });
    let soul = soul.to_string();
    tokio::io::AsyncWriteExt::write_u64(&mut memory, soul.len() as u64).await.expect("sent");
    tokio::io::AsyncWriteExt::write_all(&mut memory, soul.as_bytes()).await.expect("sent");
    tokio::io::AsyncWriteExt::flush(&mut memory).await.expect("sent");
    assert_eq!(hear::<TargetSays>(&mut control).await.expect("heard"), TargetSays::Arrived);
    (tunnel, serving)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_with_the_whole_guest_runs_it_on_nexus_word_alone_whatever_breaks() {
    let mut pair = Pair::simulated().await;
    let mut moved = pair.on_local_disk("berth.button=obey");
    moved.deadline_ms = 10_000;
    drop(held(&pair, &moved).await);
    // Past the deadline, without a source, and after its agent's death: it may have been handed off.
    tokio::time::sleep(Duration::from_millis(moved.deadline_ms + 200)).await;
    let still = pair.target.report_of(moved.there.vmm).await.expect("it is there");
    assert_eq!(still.state, VmmState::Migrating, "{still:?}");
    pair.target.end().await;
    pair.nexus.turn_page();
    pair.target.begin().await;
    pair.wait(&moved.there, "it waits on", |report| {
        half(report).is_some_and(|half| half.phase == MigrationPhase::SwitchingOver && half.address.is_some())
    })
    .await;
    order_of(&pair.target, &moved.there, moved.migration, MigrationOrder::Resume).await.expect("resumed");
    let there = pair.wait(&moved.there, "it runs", |report| report.state == VmmState::Running).await;
    assert!(half_is(&there, MigrationHalf::Completed), "{there:?}");
    assert!(pair.disk_path(&pair.target, &moved.there.spec, 0).exists(), "its disk is a disk now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_with_the_whole_guest_is_given_up_by_a_cancel() {
    let pair = Pair::simulated().await;
    let moved = pair.on_local_disk("berth.button=obey");
    let _tunnel = held(&pair, &moved).await;
    order_of(&pair.target, &moved.there, moved.migration, MigrationOrder::Cancel).await.expect("cancelled");
    pair.dropped(&moved, VmmState::Destroyed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_target_received_outlives_its_host_and_is_the_disk_if_nexus_says_so() {
    let mut pair = Pair::simulated().await;
    let moved = pair.on_local_disk("berth.button=obey");
    let _tunnel = held(&pair, &moved).await;
    let files = pair.local_files(&pair.target);
    let content = vec![9; usize::try_from(DISK_BYTES).expect("small")];
    std::fs::write(pair.target.config.pools[0].path.join(&files[0]), &content).expect("copied");
    // The source hands off, and this host dies before it hears of it.
    pair.target.end().await;
    pair.hosts[1].crash(moved.there.vmm).expect("dead");
    pair.nexus.turn_page();
    pair.target.begin().await;
    let gone = pair.wait(&moved.there, "it is gone", |report| report.state.is_terminal()).await;
    assert!(half_is(&gone, MigrationHalf::Failed), "as far as this host knows: {gone:?}");
    pair.target.delete(&moved.there).await.expect("ended");
    assert_eq!(pair.local_files(&pair.target), files, "it may be the only copy");
    // Nexus had it proven dead before it said so, and took the disks for moved.
    let again = Wanted { vmm: id(), epoch: 7, spec: moved.there.spec.clone() };
    pair.target.ensure(&again).await.expect("its disk is there");
    pair.target.run(&again).await.expect("begun");
    pair.wait(&again, "it runs", |report| report.state == VmmState::Running).await;
    let disk = pair.disk_path(&pair.target, &again.spec, 0);
    assert_eq!(std::fs::read(&disk).expect("there"), content);
    assert_eq!(pair.local_files(&pair.target), [disk.file_name().expect("a file")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_sled_that_was_named_gets_through() {
    let pair = Pair::simulated().await;
    let moved = pair.on_shared_disk("");
    let address = pair.waiting(&moved).await;
    let target = SledUuid::from_untyped_uuid(pair.target.id);
    let (stranger, _serving) = tunnel(&pair, Uuid::new_v4()).await;
    let header = Header { migration: moved.migration, purpose: Purpose::Control };
    let refused = stranger.visit(target, &address, header).await.err().expect("another sled is refused");
    let (named, _serving) = tunnel(&pair, pair.source.id).await;
    let unknown = Header { migration: crate::sled::id(), ..header };
    let unexpected =
        named.visit(target, &address, unknown).await.err().expect("another migration is refused");
    assert_eq!(refused.to_string(), unexpected.to_string(), "a stranger learns nothing");
    named.visit(target, &address, header).await.expect("the source is let in");
    // Who isn't of the cluster doesn't get as far.
    let foreign = crate::nexus::TestCluster::new().sled_keys(pair.source.id);
    let door = TlsDoor::bind(foreign, (std::net::Ipv4Addr::LOCALHOST, 0).into()).await.expect("bound");
    let outside = door.tunnel(String::new()).visit(target, &address, header).await;
    assert!(outside.is_err());
}
