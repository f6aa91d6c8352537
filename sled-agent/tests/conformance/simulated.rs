//! The scenarios on the simulated hypervisor, on a clock that stands still while anything happens; and its own faults.

use std::time::Duration;

use berth_common::ids::VmmUuid;
use berth_common::vmm::EndedBy;
use berth_sled_agent::hypervisor::simulated::{Simulated, SimulatedClock};
use berth_sled_agent::hypervisor::{Adopted, Hypervisor, Launch, LaunchBoot, MachineEvent};
use camino::Utf8PathBuf;

use crate::world::{Held, World, forgotten, launch};

struct SimulatedWorld {
    directory: tempfile::TempDir,
    clock: SimulatedClock,
    hypervisor: Simulated,
}

impl World for SimulatedWorld {
    async fn open() -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let clock = SimulatedClock::begin();
        let path = Utf8PathBuf::from_path_buf(directory.path().to_owned()).expect("text");
        let hypervisor = Simulated::open(&path, clock).expect("it opens");
        Self { directory, clock, hypervisor }
    }

    fn hypervisor(&self) -> &dyn Hypervisor {
        &self.hypervisor
    }

    async fn restart(&mut self) {
        self.hypervisor = Simulated::open(&self.run_dir(), self.clock).expect("it opens");
    }

    fn run_dir(&self) -> Utf8PathBuf {
        Utf8PathBuf::from_path_buf(self.directory.path().to_owned()).expect("text")
    }

    fn boot(&self, words: &str) -> LaunchBoot {
        LaunchBoot::Kernel { kernel: "/none".into(), initrd: "/none".into(), command_line: words.to_owned() }
    }

    fn broken(&self) -> Launch {
        launch(self, "berth.sim=fail_launch")
    }

    fn process(&self, vmm: VmmUuid) -> String {
        let life =
            std::fs::read(self.run_dir().join(format!("vmms/{vmm}/launch.json"))).expect("it was launched");
        serde_json::from_slice::<serde_json::Value>(&life).expect("JSON")["boot_id"].to_string()
    }

    fn left_elsewhere(&self, _vmm: VmmUuid) -> Option<Utf8PathBuf> {
        None
    }

    fn crash(&self, vmm: VmmUuid) {
        self.hypervisor.crash(vmm).expect("it crashes");
    }
}

crate::scenarios::conformance!(SimulatedWorld, tokio::test(start_paused = true));
crate::migration::migrations!(SimulatedWorld, tokio::test(start_paused = true));

#[tokio::test(start_paused = true)]
async fn what_nothing_ends_is_called_stuck() {
    let world = SimulatedWorld::open().await;
    let launch = launch(&world, "berth.sim=stuck berth.button=ignore");
    let mut held = Held::launched(&world, &launch).await;
    held.machine.stop(Duration::from_secs(1)).await.expect("the order is taken");
    held.heard(&MachineEvent::Stuck).await;
    held.machine.kill().await.expect("the order is taken");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(matches!(
        world.hypervisor().adopt(launch.vmm).await,
        Ok(Adopted::Running { stopping: true, .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_silent_monitor_is_told_and_killed_after_its_deadline() {
    let world = SimulatedWorld::open().await;
    let launch = launch(&world, "berth.sim=silent");
    let mut held = Held::launched(&world, &launch).await;
    held.heard(&MachineEvent::Unresponsive(true)).await;
    let (record, took) = held.stopped(Duration::from_secs(3)).await;
    crate::world::assert_forced(&record, took, Duration::from_secs(3));
    assert_eq!(record.status.as_deref(), Some("signal 9"));
    forgotten(&world, &launch).await;
}

#[tokio::test(start_paused = true)]
async fn a_guest_can_be_told_to_power_itself_off() {
    let world = SimulatedWorld::open().await;
    let launch = launch(&world, "berth.sim=never_runs");
    let mut held = Held::launched(&world, &launch).await;
    world.hypervisor.power_off(launch.vmm).expect("it is told");
    assert_eq!(held.ended().await.ended_by, EndedBy::GuestShutdown);
    forgotten(&world, &launch).await;
}

#[tokio::test(start_paused = true)]
async fn an_end_that_could_not_be_written_is_told_once_it_can() {
    let world = SimulatedWorld::open().await;
    let launch = launch(&world, "");
    let mut held = Held::launched(&world, &launch).await;
    // A folder where its record belongs: nothing can be renamed onto it.
    let in_the_way = world.run_dir().join(format!("vmms/{}/exit.json", launch.vmm));
    std::fs::create_dir(&in_the_way).expect("made");
    held.machine.kill().await.expect("the order is taken");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(world.hypervisor().adopt(launch.vmm).await.is_err(), "it can't be written");
    std::fs::remove_dir(&in_the_way).expect("removed");
    assert_eq!(held.ended().await.ended_by, EndedBy::Killed);
    forgotten(&world, &launch).await;
}

/// Of a target that waits, both its holder and whoever awaits the guest look at once when it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_target_that_is_killed_while_it_is_awaited_tells_its_end() {
    let world = SimulatedWorld::open().await;
    for _ in 0..200 {
        let launch = Launch { incoming: true, ..launch(&world, "") };
        let mut held = Held::launched(&world, &launch).await;
        let awaiting: Vec<_> = (0..3)
            .map(|_| {
                let migrator = held.machine.migrator();
                tokio::spawn(async move { migrator.arrived().await })
            })
            .collect();
        held.machine.kill().await.expect("the order is taken");
        assert_eq!(held.ended().await.ended_by, EndedBy::Killed);
        for awaiting in awaiting {
            let refused = awaiting.await.expect("no panic").expect_err("it never arrives");
            assert_eq!(refused.to_string(), "its process has ended");
        }
        forgotten(&world, &launch).await;
    }
}
