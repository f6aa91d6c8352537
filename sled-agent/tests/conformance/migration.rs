//! What every hypervisor must do at either end of a migration. The agents are played by the test: streams go from one
//! end to the other in memory.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::migration::MigrationPhase;
use berth_common::vmm::EndedBy;
use berth_sled_agent::hypervisor::migration::{Channel, Migrator, Peer, Progress, Sending, Stream, Trail};
use berth_sled_agent::hypervisor::{Launch, LaunchDisk, LaunchError, MachineEvent};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::world::{Held, World, adopted, forgotten, launch, printed, serial};

const PATIENCE: Duration = Duration::from_secs(60);
const OBEYS: &str = "berth.button=obey";
/// So long a simulated guest is copied.
const SLOW: &str = "berth.button=obey berth.sim.copy=2";

/// The guest's witness writes below.
const WITNESS: usize = 3 << 18;

/// The way from one to the other: streams opened at the source come out at the target.
#[derive(Debug)]
struct Road {
    target: Arc<dyn Migrator>,
    /// Whatever comes out at the target passes here. Held up, it leaves time for something to happen in the copy.
    gate: Arc<Semaphore>,
    streams: std::sync::Mutex<Vec<JoinHandle<Result<(), LaunchError>>>>,
}

impl Road {
    fn to(target: &Held) -> Arc<Road> {
        Road::with(target, Semaphore::MAX_PERMITS)
    }

    /// Nothing comes out at the target before [`Road::let_through`].
    fn held_up(target: &Held) -> Arc<Road> {
        Road::with(target, 0)
    }

    fn with(target: &Held, permits: usize) -> Arc<Road> {
        let gate = Arc::new(Semaphore::new(permits));
        Arc::new(Road { target: target.machine.migrator(), gate, streams: std::sync::Mutex::default() })
    }

    fn let_through(&self) {
        self.gate.add_permits(Semaphore::MAX_PERMITS);
    }

    /// As if an agent had died.
    fn cut(&self) {
        self.streams.lock().expect("no panic before").drain(..).for_each(|stream| stream.abort());
    }
}

#[async_trait]
impl Peer for Road {
    async fn open(&self, channel: Channel) -> io::Result<Stream> {
        let (near, far) = tokio::io::duplex(1 << 16);
        let (target, gate) = (self.target.clone(), self.gate.clone());
        let stream = tokio::spawn(async move {
            let _passes = gate.acquire().await.expect("it is never closed");
            target.receive(channel, Box::new(far)).await
        });
        self.streams.lock().expect("no panic before").push(stream);
        Ok(Box::new(near))
    }

    async fn close_disks(&self) -> io::Result<()> {
        self.target.close_disks().await.map_err(io::Error::other)
    }
}

fn sending(copied_slots: &[u32]) -> Sending {
    Sending { downtime_limit_ms: 300, copied_slots: copied_slots.to_vec() }
}

/// The same guest, at the other end.
fn there<W: World>(world: &W, here: &Launch) -> Launch {
    Launch { vmm: launch(world, "").vmm, incoming: true, ..here.clone() }
}

async fn waiting<W: World>(world: &W, launch: &Launch, copied_slots: &[u32]) -> Held {
    let held = Held::launched(world, launch).await;
    let awaited = timeout(PATIENCE, held.machine.migrator().await_guest(copied_slots)).await;
    awaited.expect("in time").expect("it can receive");
    held
}

/// A guest that is up.
async fn up<W: World>(world: &W, launch: &Launch) -> Held {
    let mut held = Held::launched(world, launch).await;
    held.heard(&MachineEvent::Running).await;
    printed(world, launch, "berth-guest: ready", 1).await;
    held
}

type Sent = JoinHandle<Result<Trail, LaunchError>>;

/// Begins to send; the receiver tells how far it is.
fn send(source: &Held, road: &Arc<Road>, copied: &[u32]) -> (Sent, mpsc::UnboundedReceiver<Progress>) {
    let (migrator, road, sending) = (source.machine.migrator(), road.clone(), sending(copied));
    let (told, progress) = mpsc::unbounded_channel();
    (tokio::spawn(async move { migrator.send(&sending, road, told).await }), progress)
}

async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("{what} took too long"))
}

/// It is copied, but not released: neither end runs.
async fn moved(source: &Held, target: &Held, copied: &[u32]) {
    let road = Road::to(target);
    let (sent, _progress) = send(source, &road, copied);
    let _trail = in_time("sending", sent).await.expect("no panic").expect("sent");
    in_time("arriving", target.machine.migrator().arrived()).await.expect("arrived");
}

async fn copying(progress: &mut mpsc::UnboundedReceiver<Progress>) {
    loop {
        let told = in_time("the copy", progress.recv()).await.expect("it is being copied");
        if told.phase == MigrationPhase::CopyingMemory && told.numbers.total_bytes > 0 {
            return;
        }
    }
}

async fn end<W: World>(world: &W, held: &mut Held, launch: &Launch) {
    held.machine.kill().await.expect("the order is taken");
    held.ended().await;
    world.hypervisor().forget(launch.vmm).await.expect("it is forgotten");
}

pub async fn a_guest_goes_on_at_the_target_and_doesnt_boot_again<W: World>() {
    let world = W::open().await;
    let here = launch(&world, OBEYS);
    let there = there(&world, &here);
    let mut source = up(&world, &here).await;
    let mut target = waiting(&world, &there, &[]).await;
    moved(&source, &target, &[]).await;
    target.machine.migrator().release().await.expect("released");
    target.heard(&MachineEvent::Running).await;
    end(&world, &mut source, &here).await;
    let (record, _) = target.stopped(Duration::from_secs(50)).await;
    assert_eq!(record.ended_by, EndedBy::GracefulStop, "{record:?}");
    assert!(!serial(&world, &there).contains("boot_id="), "it never booted here");
    forgotten(&world, &there).await;
}

pub async fn a_local_disk_arrives_with_its_guest<W: World>() {
    let world = W::open().await;
    let disk = |name: &str, byte: u8| {
        let path = world.run_dir().join(name);
        std::fs::write(&path, vec![byte; 1 << 20]).expect("written");
        LaunchDisk { path, slot: 2, serial: "moves".to_owned(), shared: false }
    };
    let mut here = launch(&world, "berth.button=obey");
    here.disks.push(disk("here.raw", 7));
    let mut there = there(&world, &here);
    there.disks = vec![disk("there.raw", 0)];
    let mut source = up(&world, &here).await;
    let mut target = waiting(&world, &there, &[2]).await;
    moved(&source, &target, &[2]).await;
    target.machine.migrator().release().await.expect("released");
    target.heard(&MachineEvent::Running).await;
    end(&world, &mut source, &here).await;
    end(&world, &mut target, &there).await;
    let content = |launch: &Launch| std::fs::read(&launch.disks[0].path).expect("there");
    // What the guest itself writes (its witness) may come on top of it at the target.
    assert_eq!(content(&here)[WITNESS..], content(&there)[WITNESS..]);
    assert!(content(&there)[WITNESS..].iter().all(|byte| *byte == 7));
}

pub async fn nothing_runs_before_it_is_released_nor_after_it_was_sent<W: World>() {
    let mut world = W::open().await;
    let here = launch(&world, OBEYS);
    let there = there(&world, &here);
    let source = up(&world, &here).await;
    let target = waiting(&world, &there, &[]).await;
    let early = target.machine.migrator().release().await;
    early.expect_err("half a guest is never released");
    moved(&source, &target, &[]).await;
    drop((source, target));
    // Whoever comes after the agent's death finds it so, and can let it go on.
    world.restart().await;
    for launch in [&here, &there] {
        let mut held = adopted(&world, launch).await;
        let heard = timeout(Duration::from_millis(500), held.heard(&MachineEvent::Running)).await;
        assert!(heard.is_err(), "it runs");
    }
    let mut target = adopted(&world, &there).await;
    in_time("arriving", target.machine.migrator().arrived()).await.expect("it is here");
    target.machine.migrator().release().await.expect("released");
    target.heard(&MachineEvent::Running).await;
    end(&world, &mut target, &there).await;
    let mut source = adopted(&world, &here).await;
    end(&world, &mut source, &here).await;
}

pub async fn a_guest_that_was_sent_and_not_released_is_taken_back<W: World>() {
    let world = W::open().await;
    let here = launch(&world, OBEYS);
    let there = there(&world, &here);
    let mut source = up(&world, &here).await;
    let mut target = waiting(&world, &there, &[]).await;
    moved(&source, &target, &[]).await;
    end(&world, &mut target, &there).await;
    for _ in 0..2 {
        in_time("taking back", source.machine.migrator().take_back()).await.expect("it runs again");
    }
    let (record, _) = source.stopped(Duration::from_secs(50)).await;
    assert_eq!(record.ended_by, EndedBy::GracefulStop, "{record:?}");
    forgotten(&world, &here).await;
}

pub async fn a_copy_that_is_given_up_leaves_the_guest_and_ends_what_received_it<W: World>() {
    let world = W::open().await;
    let here = launch(&world, SLOW);
    let there = there(&world, &here);
    let mut source = up(&world, &here).await;
    let mut target = waiting(&world, &there, &[]).await;
    let road = Road::held_up(&target);
    let (sent, mut progress) = send(&source, &road, &[]);
    copying(&mut progress).await;
    sent.abort();
    drop(sent.await);
    road.let_through();
    in_time("taking back", source.machine.migrator().take_back()).await.expect("it runs again");
    target.ended().await;
    world.hypervisor().forget(there.vmm).await.expect("it is forgotten");
    let (record, _) = source.stopped(Duration::from_secs(50)).await;
    assert_eq!(record.ended_by, EndedBy::GracefulStop, "{record:?}");
    forgotten(&world, &here).await;
}

pub async fn a_target_that_dies_in_the_copy_fails_it<W: World>() {
    let world = W::open().await;
    let here = launch(&world, SLOW);
    let there = there(&world, &here);
    let mut source = up(&world, &here).await;
    let mut target = waiting(&world, &there, &[]).await;
    let road = Road::held_up(&target);
    let (sent, mut progress) = send(&source, &road, &[]);
    copying(&mut progress).await;
    end(&world, &mut target, &there).await;
    road.cut();
    in_time("the failure", sent).await.expect("no panic").expect_err("there is nobody to send to");
    in_time("taking back", source.machine.migrator().take_back()).await.expect("it runs again");
    end(&world, &mut source, &here).await;
}

pub async fn a_source_that_dies_in_the_copy_ends_what_received_it<W: World>() {
    let world = W::open().await;
    let here = launch(&world, SLOW);
    let there = there(&world, &here);
    let mut source = up(&world, &here).await;
    let mut target = waiting(&world, &there, &[]).await;
    let road = Road::held_up(&target);
    let (sent, mut progress) = send(&source, &road, &[]);
    copying(&mut progress).await;
    end(&world, &mut source, &here).await;
    road.let_through();
    in_time("the failure", sent).await.expect("no panic").expect_err("its process is gone");
    in_time("the target's end", target.ended()).await;
    world.hypervisor().forget(there.vmm).await.expect("it is forgotten");
}

pub async fn a_cut_stream_fails_the_copy_and_ends_what_received_it<W: World>() {
    let world = W::open().await;
    let here = launch(&world, SLOW);
    let there = there(&world, &here);
    let mut source = up(&world, &here).await;
    let mut target = waiting(&world, &there, &[]).await;
    let road = Road::held_up(&target);
    let (sent, mut progress) = send(&source, &road, &[]);
    copying(&mut progress).await;
    road.cut();
    let sent = in_time("the failure", sent).await.expect("no panic");
    if sent.is_err() {
        in_time("taking back", source.machine.migrator().take_back()).await.expect("it runs again");
    }
    end(&world, &mut source, &here).await;
    end(&world, &mut target, &there).await;
}

macro_rules! migrations {
    ($world:ty, $test:meta) => {
        $crate::migration::migrations! { $world, $test:
            a_guest_goes_on_at_the_target_and_doesnt_boot_again,
            a_local_disk_arrives_with_its_guest,
            nothing_runs_before_it_is_released_nor_after_it_was_sent,
            a_guest_that_was_sent_and_not_released_is_taken_back,
            a_copy_that_is_given_up_leaves_the_guest_and_ends_what_received_it,
            a_target_that_dies_in_the_copy_fails_it,
            a_source_that_dies_in_the_copy_ends_what_received_it,
            a_cut_stream_fails_the_copy_and_ends_what_received_it,
        }
    };
    ($world:ty, $test:meta: $($scenario:ident,)+) => {
        $(
            #[$test]
            async fn $scenario() {
                $crate::migration::$scenario::<$world>().await;
            }
        )+
    };
}
pub(crate) use migrations;
