//! The agent dies by SIGKILL, with its whole process group, right after it took a stop order.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use berth_common::vmm::EndedBy;
use berth_sled_agent::shim::records::StopOrder;
use berth_sled_agent::shim::{clock, durable};
use camino::Utf8PathBuf;

use crate::qemu_world::{QemuWorld, open};
use crate::world::{FORCED_WITHIN, Held, World, forgotten, found_ended, launch};

/// Where the helper launches, and what.
const RUN_DIR: &str = "BERTH_CONFORMANCE_RUN_DIR";
const LAUNCH: &str = "BERTH_CONFORMANCE_LAUNCH";
const GRACE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn real_guest_a_stop_is_on_time_although_the_agent_was_killed_right_after_it() {
    let world = QemuWorld::open().await;
    let launch = launch(&world, "berth.button=ignore");
    let mut agent = Command::new(std::env::current_exe().expect("this test has a program"))
        .args(["--exact", "agent_death::helper_launches_orders_a_stop_and_hangs", "--ignored", "--nocapture"])
        .env(RUN_DIR, world.run_dir())
        .env(LAUNCH, serde_json::to_string(&launch).expect("JSON"))
        .process_group(0)
        .stdout(Stdio::null())
        .spawn()
        .expect("the helper runs");
    let stop = world.place(launch.vmm).stop();
    let patience = Instant::now() + Duration::from_secs(30);
    while !stop.exists() {
        assert!(Instant::now() < patience, "the helper orders nothing");
        std::thread::sleep(Duration::from_millis(1));
    }
    let group = format!("-{}", agent.id());
    assert!(Command::new("kill").args(["-9", "--", &group]).status().expect("kill runs").success());
    agent.wait().expect("reaped");
    let qemu = world.held(launch.vmm).hypervisor;
    assert!(qemu.is_alive(), "the guest outlives the agent");
    let order: Option<StopOrder> = durable::read_json(&stop).expect("it can be read");
    let deadline_ms = order.expect("it was given").deadline_ms;
    let late_ms = deadline_ms + u64::try_from(FORCED_WITHIN.as_millis()).expect("short");
    while qemu.is_alive() {
        assert!(clock::now_ms() < late_ms, "the shim is late");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(clock::now_ms() >= deadline_ms, "the shim is early");
    assert_eq!(found_ended(&world, &launch).await.ended_by, EndedBy::ForcedAtDeadline);
    forgotten(&world, &launch).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the agent of the test above, in a process of its own"]
async fn helper_launches_orders_a_stop_and_hangs() {
    let run_dir = Utf8PathBuf::from(std::env::var(RUN_DIR).expect("the other test says where"));
    let launch = std::env::var(LAUNCH).expect("the other test says what");
    let launch = serde_json::from_str(&launch).expect("a launch");
    let machine = berth_sled_agent::hypervisor::Hypervisor::launch(&open(&run_dir).await, &launch).await;
    let held = Held::new(machine.expect("it launches"));
    held.machine.stop(GRACE).await.expect("the order is taken");
    std::future::pending::<()>().await;
}
