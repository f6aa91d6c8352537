//! What a hypervisor needs to be tried, and how a scenario waits.

use std::time::Duration;

use berth_common::ids::{GenericUuid as _, InstanceUuid, VmmUuid};
use berth_common::vmm::EndedBy;
use berth_sled_agent::hypervisor::{
    Adopted, ExitRecord, Hypervisor, Launch, LaunchBoot, LaunchError, Machine, MachineEvent,
};
use camino::Utf8PathBuf;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

/// From the deadline until the end must have been reported: 2 s of the ladder, and what a slow machine may need on top.
/// That a guest is gone in 2.5 s is for the acceptance scenarios to show; here every grace that would be a wrong one is
/// longer than this.
pub const FORCED_WITHIN: Duration = Duration::from_secs(12);

/// Nothing here takes longer on a machine that works.
const PATIENCE: Duration = Duration::from_secs(60);

/// A hypervisor in a run directory of its own. Dropping it leaves no process.
pub trait World: Sized {
    fn open() -> impl Future<Output = Self>;
    fn hypervisor(&self) -> &dyn Hypervisor;
    /// As if the agent had died: everything in memory is forgotten.
    fn restart(&mut self) -> impl Future<Output = ()>;
    fn run_dir(&self) -> Utf8PathBuf;
    /// A kernel and first file system of guests that do what the words say.
    fn boot(&self, words: &str) -> LaunchBoot;
    /// A launch that can't succeed.
    fn broken(&self) -> Launch;
    /// Names the process that runs now: another one has another name.
    fn process(&self, vmm: VmmUuid) -> String;
    /// What is left of a VMM outside of the run directory.
    fn left_elsewhere(&self, vmm: VmmUuid) -> Option<Utf8PathBuf>;
    /// The process dies as if somebody else had killed it.
    fn crash(&self, vmm: VmmUuid);
}

pub fn launch<W: World>(world: &W, words: &str) -> Launch {
    Launch {
        vmm: VmmUuid::from_untyped_uuid(Uuid::new_v4()),
        instance: InstanceUuid::from_untyped_uuid(Uuid::new_v4()),
        run: 1,
        incoming: false,
        name: "conformance, guest".to_owned(),
        cpus: 1,
        memory_mib: 96,
        boot: world.boot(words),
        disks: Vec::new(),
        nics: Vec::new(),
    }
}

/// A machine with its events.
pub struct Held {
    pub machine: Box<dyn Machine>,
    pub events: UnboundedReceiver<MachineEvent>,
}

impl Held {
    pub fn new(mut machine: Box<dyn Machine>) -> Self {
        let events = machine.events();
        Self { machine, events }
    }

    pub async fn launched<W: World>(world: &W, launch: &Launch) -> Self {
        Self::new(world.hypervisor().launch(launch).await.expect("it launches"))
    }

    /// Waits for the last event.
    pub async fn ended(&mut self) -> ExitRecord {
        loop {
            match self.next().await {
                Some(MachineEvent::Ended(record)) => {
                    assert_eq!(self.next().await, None, "nothing comes after the end");
                    return record;
                }
                Some(_) => {}
                None => panic!("the events ended without an end"),
            }
        }
    }

    pub async fn heard(&mut self, wanted: &MachineEvent) {
        while let Some(event) = self.next().await {
            if event == *wanted {
                return;
            }
        }
        panic!("the events ended without {wanted:?}");
    }

    async fn next(&mut self) -> Option<MachineEvent> {
        timeout(PATIENCE, self.events.recv()).await.expect("something happens in time")
    }

    /// Stops it and waits: the record, and how long it took.
    pub async fn stopped(&mut self, grace: Duration) -> (ExitRecord, Duration) {
        let asked = Instant::now();
        self.machine.stop(grace).await.expect("the order is taken");
        let record = self.ended().await;
        (record, asked.elapsed())
    }
}

/// What adopting gives when it must run.
pub async fn adopted<W: World>(world: &W, launch: &Launch) -> Held {
    match world.hypervisor().adopt(launch.vmm).await.expect("it can be looked at") {
        Adopted::Running { run, machine, .. } => {
            assert_eq!(run, launch.run);
            Held::new(machine)
        }
        other => panic!("{other:?} instead of a running machine"),
    }
}

/// Looks until it has ended.
pub async fn found_ended<W: World>(world: &W, launch: &Launch) -> ExitRecord {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if let Adopted::Ended(record) =
            world.hypervisor().adopt(launch.vmm).await.expect("it can be looked at")
        {
            assert_eq!((record.vmm, record.run), (launch.vmm, launch.run));
            return record;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it still runs");
}

pub fn serial<W: World>(world: &W, launch: &Launch) -> String {
    let bytes = std::fs::read(world.hypervisor().serial_log(launch.vmm)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Waits until the guest has printed `text` `times` times.
pub async fn printed<W: World>(world: &W, launch: &Launch, text: &str, times: usize) {
    let until = Instant::now() + PATIENCE;
    while serial(world, launch).matches(text).count() < times {
        assert!(Instant::now() < until, "no {text:?} in {}", serial(world, launch));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Forgets the VMM and proves that nothing is left.
pub async fn forgotten<W: World>(world: &W, launch: &Launch) {
    world.hypervisor().forget(launch.vmm).await.expect("it is forgotten");
    assert_eq!(world.left_elsewhere(launch.vmm), None);
    nothing_left(world).await;
}

pub async fn nothing_left<W: World>(world: &W) {
    let left = world.run_dir().join("vmms").read_dir_utf8().expect("the folder is there").count();
    assert_eq!(left, 0, "files are left");
    assert_eq!(world.hypervisor().sweep().await.expect("swept"), []);
}

pub fn assert_forced(record: &ExitRecord, took: Duration, grace: Duration) {
    assert_eq!(record.ended_by, EndedBy::ForcedAtDeadline, "{record:?}");
    assert!(took >= grace, "it was forced after {took:?}, before its deadline");
    assert!(took <= grace + FORCED_WITHIN, "it took {took:?}");
}

pub async fn refused(launched: impl Future<Output = Result<Box<dyn Machine>, LaunchError>>) -> String {
    launched.await.expect_err("it must be refused").to_string()
}
