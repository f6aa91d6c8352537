//! What every hypervisor must do. Each leaves nothing behind.

use std::time::Duration;

use berth_common::ids::{GenericUuid as _, VmmUuid};
use berth_common::vmm::EndedBy;
use berth_sled_agent::hypervisor::{Adopted, MachineEvent};
use tokio::io::AsyncWriteExt as _;

use crate::world::{
    Held, World, adopted, assert_forced, forgotten, found_ended, launch, nothing_left, printed, refused,
    serial,
};

const SECOND: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(50);
const IGNORES: &str = "berth.button=ignore";

pub async fn a_vmm_never_heard_of_is_nothing<W: World>() {
    let world = W::open().await;
    let vmm = VmmUuid::from_untyped_uuid(uuid::Uuid::new_v4());
    assert!(matches!(world.hypervisor().adopt(vmm).await, Ok(Adopted::Nothing)));
    world.hypervisor().forget(vmm).await.expect("forgetting nothing is done");
    nothing_left(&world).await;
}

pub async fn launching_a_run_twice_makes_one_process<W: World>() {
    let world = W::open().await;
    let launch = launch(&world, IGNORES);
    let mut first = Held::launched(&world, &launch).await;
    let process = world.process(launch.vmm);
    let mut second = Held::launched(&world, &launch).await;
    assert_eq!(world.process(launch.vmm), process);
    let mut later = launch.clone();
    later.run = 2;
    refused(world.hypervisor().launch(&later)).await;
    second.machine.kill().await.expect("the order is taken");
    let record = first.ended().await;
    assert_eq!(record.ended_by, EndedBy::Killed);
    assert_eq!(second.ended().await, record);
    forgotten(&world, &launch).await;
}

pub async fn an_ended_run_is_never_launched_again_but_the_next_one_is<W: World>() {
    let world = W::open().await;
    let first = launch(&world, IGNORES);
    let mut held = Held::launched(&world, &first).await;
    let process = world.process(first.vmm);
    held.machine.kill().await.expect("the order is taken");
    let record = held.ended().await;
    assert_eq!(Held::launched(&world, &first).await.ended().await, record);
    let mut second = first.clone();
    second.run = 2;
    let mut held = Held::launched(&world, &second).await;
    held.heard(&MachineEvent::Running).await;
    assert_ne!(world.process(first.vmm), process);
    held.machine.kill().await.expect("the order is taken");
    assert_eq!(held.ended().await.run, 2);
    refused(world.hypervisor().launch(&first)).await;
    forgotten(&world, &second).await;
}

pub async fn a_launch_that_fails_leaves_nothing<W: World>() {
    let world = W::open().await;
    let launch = world.broken();
    let why = refused(world.hypervisor().launch(&launch)).await;
    assert!(!why.is_empty());
    assert!(matches!(world.hypervisor().adopt(launch.vmm).await, Ok(Adopted::Nothing)));
    nothing_left(&world).await;
}

pub async fn a_guest_that_obeys_ends_by_a_graceful_stop<W: World>() {
    let world = W::open().await;
    let launch = launch(&world, "berth.button=obey");
    let mut held = Held::launched(&world, &launch).await;
    held.heard(&MachineEvent::Running).await;
    printed(&world, &launch, "berth-guest: ready", 1).await;
    let (record, took) = held.stopped(LONG).await;
    assert_eq!(record.ended_by, EndedBy::GracefulStop, "{record:?}");
    assert_eq!(record.reason.as_deref(), Some("guest-shutdown"));
    assert_eq!(record.status.as_deref(), Some("exit status 0"));
    assert!(took < LONG);
    assert!(serial(&world, &launch).contains("berth-guest: power button pressed"));
    forgotten(&world, &launch).await;
}

pub async fn a_stop_right_after_launch_is_obeyed_once_the_guest_listens<W: World>() {
    let world = W::open().await;
    let launch = launch(&world, "berth.button=obey");
    let mut held = Held::launched(&world, &launch).await;
    let (record, _) = held.stopped(LONG).await;
    assert_eq!(record.ended_by, EndedBy::GracefulStop, "{record:?}");
    forgotten(&world, &launch).await;
}

pub async fn a_guest_that_ignores_the_button_is_forced_at_its_deadline<W: World>() {
    let world = W::open().await;
    let launch = launch(&world, IGNORES);
    let mut held = Held::launched(&world, &launch).await;
    printed(&world, &launch, "berth-guest: ready", 1).await;
    // It may take its time to hear the button; only then its time runs out.
    held.machine.stop(LONG).await.expect("the order is taken");
    printed(&world, &launch, "power button pressed; ignored", 1).await;
    let (record, took) = held.stopped(3 * SECOND).await;
    assert_forced(&record, took, 3 * SECOND);
    forgotten(&world, &launch).await;
}

pub async fn a_shorter_deadline_shortens_and_a_longer_one_changes_nothing<W: World>() {
    let world = W::open().await;
    let launch = launch(&world, IGNORES);
    let mut held = Held::launched(&world, &launch).await;
    held.machine.stop(LONG).await.expect("the order is taken");
    tokio::time::sleep(SECOND / 2).await;
    let asked = tokio::time::Instant::now();
    held.machine.stop(SECOND).await.expect("the order is taken");
    held.machine.stop(LONG).await.expect("the order is taken");
    let record = held.ended().await;
    assert_forced(&record, asked.elapsed(), SECOND);
    forgotten(&world, &launch).await;
}

pub async fn no_grace_forces_at_once<W: World>() {
    let world = W::open().await;
    let launch = launch(&world, "berth.button=obey");
    let mut held = Held::launched(&world, &launch).await;
    let (record, took) = held.stopped(Duration::ZERO).await;
    assert_forced(&record, took, Duration::ZERO);
    forgotten(&world, &launch).await;
}

pub async fn a_kill_ends_a_stop_with_a_long_grace<W: World>() {
    let world = W::open().await;
    let launch = launch(&world, IGNORES);
    let mut held = Held::launched(&world, &launch).await;
    held.machine.stop(LONG).await.expect("the order is taken");
    held.machine.kill().await.expect("the order is taken");
    let record = held.ended().await;
    assert_eq!(record.ended_by, EndedBy::Killed, "{record:?}");
    held.machine.stop(SECOND).await.expect("stopping what ended is done");
    assert_eq!(found_ended(&world, &launch).await, record);
    forgotten(&world, &launch).await;
}

pub async fn a_process_that_dies_by_itself_has_crashed<W: World>() {
    let world = W::open().await;
    let launch = launch(&world, IGNORES);
    let mut held = Held::launched(&world, &launch).await;
    held.heard(&MachineEvent::Running).await;
    world.crash(launch.vmm);
    let record = held.ended().await;
    assert_eq!(record.ended_by, EndedBy::Crashed, "{record:?}");
    assert_eq!(record.status.as_deref(), Some("signal 9"));
    assert_eq!(found_ended(&world, &launch).await, record);
    forgotten(&world, &launch).await;
}

pub async fn a_running_guest_is_adopted_and_obeys_its_new_holder<W: World>() {
    let mut world = W::open().await;
    let launch = launch(&world, "berth.button=obey");
    let held = Held::launched(&world, &launch).await;
    printed(&world, &launch, "berth-guest: ready", 1).await;
    let process = world.process(launch.vmm);
    drop(held);
    world.restart().await;
    match world.hypervisor().adopt(launch.vmm).await {
        Ok(Adopted::Running { run: 1, running: true, stopping: false, .. }) => {}
        other => panic!("{other:?}"),
    }
    let mut held = adopted(&world, &launch).await;
    held.heard(&MachineEvent::Running).await;
    assert_eq!(world.process(launch.vmm), process);
    let (record, _) = held.stopped(LONG).await;
    assert_eq!(record.ended_by, EndedBy::GracefulStop, "{record:?}");
    assert_eq!(serial(&world, &launch).matches("berth-guest: ready").count(), 1, "it never booted again");
    forgotten(&world, &launch).await;
}

pub async fn a_stop_goes_on_while_nobody_holds_it<W: World>() {
    let mut world = W::open().await;
    let launch = launch(&world, IGNORES);
    let held = Held::launched(&world, &launch).await;
    held.machine.stop(10 * SECOND).await.expect("the order is taken");
    drop(held);
    world.restart().await;
    match world.hypervisor().adopt(launch.vmm).await {
        Ok(Adopted::Running { stopping: true, .. }) => {}
        other => panic!("{other:?}"),
    }
    let record = found_ended(&world, &launch).await;
    assert_eq!(record.ended_by, EndedBy::ForcedAtDeadline, "{record:?}");
    forgotten(&world, &launch).await;
}

pub async fn a_guest_that_powers_itself_off_while_nobody_looks_is_found_with_its_cause<W: World>() {
    let mut world = W::open().await;
    let launch = launch(&world, "berth.button=obey berth.off=1");
    drop(Held::launched(&world, &launch).await);
    world.restart().await;
    let record = found_ended(&world, &launch).await;
    assert_eq!(record.ended_by, EndedBy::GuestShutdown, "{record:?}");
    assert_eq!(found_ended(&world, &launch).await, record, "it is found again until it is forgotten");
    forgotten(&world, &launch).await;
}

pub async fn each_run_appends_to_the_serial_log<W: World>() {
    let world = W::open().await;
    let mut launch = launch(&world, IGNORES);
    for run in 1..=2 {
        launch.run = run;
        let mut held = Held::launched(&world, &launch).await;
        printed(&world, &launch, "berth-guest: up boot_id=", usize::try_from(run).expect("small")).await;
        held.machine.kill().await.expect("the order is taken");
        held.ended().await;
    }
    forgotten(&world, &launch).await;
}

pub async fn what_is_typed_reaches_the_guest_from_several_at_once_and_breaks_with_its_run<W: World>() {
    let world = W::open().await;
    let launch = launch(&world, IGNORES);
    let mut held = Held::launched(&world, &launch).await;
    printed(&world, &launch, "berth-guest: ready", 1).await;
    let mut first = world.hypervisor().serial_input(launch.vmm).await.expect("a way to type");
    let mut second = world.hypervisor().serial_input(launch.vmm).await.expect("another one");
    first.write_all(b"hello from one\r").await.expect("typed");
    printed(&world, &launch, "hello from one", 1).await;
    second.write_all(b"hello from two\r").await.expect("typed");
    printed(&world, &launch, "hello from two", 1).await;
    drop(second);
    held.machine.kill().await.expect("the order is taken");
    held.ended().await;
    let mut broke = false;
    for _ in 0..100 {
        broke = first.write_all(b"anybody there?\r").await.is_err();
        if broke {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(broke, "nobody is left to be typed to");
    assert!(world.hypervisor().serial_input(launch.vmm).await.is_err());
    forgotten(&world, &launch).await;
}

pub async fn what_runs_is_not_forgotten_and_is_swept_up_by_its_name<W: World>() {
    let world = W::open().await;
    let launch = launch(&world, IGNORES);
    let mut held = Held::launched(&world, &launch).await;
    world.hypervisor().forget(launch.vmm).await.expect_err("it runs");
    std::fs::create_dir(world.run_dir().join("vmms/leftover")).expect("made");
    let found = world.hypervisor().sweep().await.expect("swept");
    assert!(found.iter().any(|found| found.vmm == Some(launch.vmm)), "{found:?}");
    assert!(found.iter().any(|found| found.vmm.is_none() && found.what.contains("leftover")), "{found:?}");
    std::fs::remove_dir(world.run_dir().join("vmms/leftover")).expect("removed");
    held.machine.kill().await.expect("the order is taken");
    held.ended().await;
    forgotten(&world, &launch).await;
}

/// Makes a test of each scenario.
macro_rules! conformance {
    ($world:ty, $test:meta) => {
        $crate::scenarios::conformance! { $world, $test:
            a_vmm_never_heard_of_is_nothing,
            launching_a_run_twice_makes_one_process,
            an_ended_run_is_never_launched_again_but_the_next_one_is,
            a_launch_that_fails_leaves_nothing,
            a_guest_that_obeys_ends_by_a_graceful_stop,
            a_stop_right_after_launch_is_obeyed_once_the_guest_listens,
            a_guest_that_ignores_the_button_is_forced_at_its_deadline,
            a_shorter_deadline_shortens_and_a_longer_one_changes_nothing,
            no_grace_forces_at_once,
            a_kill_ends_a_stop_with_a_long_grace,
            a_process_that_dies_by_itself_has_crashed,
            a_running_guest_is_adopted_and_obeys_its_new_holder,
            a_stop_goes_on_while_nobody_holds_it,
            a_guest_that_powers_itself_off_while_nobody_looks_is_found_with_its_cause,
            each_run_appends_to_the_serial_log,
            what_is_typed_reaches_the_guest_from_several_at_once_and_breaks_with_its_run,
            what_runs_is_not_forgotten_and_is_swept_up_by_its_name,
        }
    };
    ($world:ty, $test:meta: $($scenario:ident,)+) => {
        $(
            #[$test]
            async fn $scenario() {
                $crate::scenarios::$scenario::<$world>().await;
            }
        )+
    };
}
pub(crate) use conformance;
