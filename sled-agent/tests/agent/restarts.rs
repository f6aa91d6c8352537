//! The program is killed under many guests: none of them notices, and what is nobody's is left alone.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};

use berth_common::ids::VmmUuid;
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent::shim::process::ProcessId;
use berth_sled_agent::shim::records::Held;
use berth_sled_agent_api::report::{QuarantineReason, SledReport};
use berth_sled_agent_api::vmm::VmmDesired;

use crate::binary::{QEMU, real_guest};
use crate::nexus::{TestCluster, TestNexus};
use crate::process::TestHost;
use crate::sled::{Wanted, id};

/// How the program ends before it comes back, each in turn.
const ENDS: [fn(&mut TestHost); 3] = [TestHost::end, TestHost::kill, TestHost::kill];

fn generations(report: &SledReport) -> BTreeMap<VmmUuid, i64> {
    report.vmms.iter().map(|vmm| (vmm.vmm, vmm.generation.as_i64())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_27_and_28_a_hundred_simulated_vmms_run_on_and_their_generations_go_on() {
    const COUNT: usize = 100;
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let mut host = TestHost::start(&cluster, &nexus, "hypervisor = \"simulated\"").await;
    let all: Vec<Wanted> = (0..COUNT).map(|_| host.wanted()).collect();
    for ten in all.chunks(10) {
        futures::future::join_all(ten.iter().map(|wanted| async {
            host.ensure(wanted).await;
            host.put_state(wanted, VmmDesired::Running).await;
        }))
        .await;
    }
    for wanted in &all {
        nexus.wait_vmm(wanted.vmm, "running", |report| report.state == VmmState::Running).await;
    }
    let life = |wanted: &Wanted| std::fs::read(host.vmm_dir(wanted.vmm).join("launch.json")).expect("a life");
    let lives: Vec<Vec<u8>> = all.iter().map(life).collect();
    let mut before = BTreeMap::new();
    for ends in ENDS {
        ends(&mut host);
        nexus.turn_page_for_next();
        host.start_again();
        let full = nexus.wait_full().await;
        assert_eq!(full.recovered.done as usize, COUNT);
        assert_eq!(full.quarantined, []);
        let after = generations(&full);
        assert_eq!(after.len(), COUNT);
        assert!(full.vmms.iter().all(|vmm| vmm.state == VmmState::Running));
        for (vmm, generation) in &before {
            assert!(after[vmm] >= *generation, "{vmm}");
        }
        before = after;
    }
    let life = |wanted: &Wanted| std::fs::read(host.vmm_dir(wanted.vmm).join("launch.json")).expect("a life");
    assert_eq!(all.iter().map(life).collect::<Vec<_>>(), lives, "none was begun again");
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_27_and_28_eight_real_guests_keep_their_processes_when_the_agent_restarts_and_is_killed() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let mut host = TestHost::start(&cluster, &nexus, QEMU).await;
    let mut all = Vec::new();
    for _ in 0..8 {
        let wanted = real_guest(&host, &nexus, "obeys", 96).await;
        // One after the other: all at once they take each other's time.
        let line = host.wait_serial(&wanted, "boot_id=").await;
        all.push((wanted, line));
    }
    let before: Vec<Held> = all.iter().map(|(wanted, _)| host.held(wanted)).collect();
    for ends in ENDS {
        ends(&mut host);
        nexus.turn_page_for_next();
        host.start_again();
        let full = nexus.wait_full().await;
        assert_eq!((full.vmms.len(), &full.quarantined[..]), (8, &[][..]));
        for report in &full.vmms {
            assert_eq!(report.state, VmmState::Running, "{report:?}");
        }
    }
    for ((wanted, line), before) in all.iter().zip(before) {
        assert_eq!(host.held(wanted), before);
        assert!(before.hypervisor.is_alive() && before.shim.is_alive());
        let log = host.serial(wanted).await;
        assert_eq!(log.lines().filter(|other| other == line).count(), 1, "it booted once: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_31_a_spoiled_entry_costs_no_real_guest_its_life() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let mut host = TestHost::start(&cluster, &nexus, QEMU).await;
    let mut all = Vec::new();
    for _ in 0..2 {
        let wanted = real_guest(&host, &nexus, "obeys", 96).await;
        host.wait_serial(&wanted, "berth-guest: ready").await;
        all.push(wanted);
    }
    let before: Vec<Held> = all.iter().map(|wanted| host.held(wanted)).collect();
    host.kill();
    nexus.turn_page_for_next();
    host.spoil_entry(&all[0]);
    host.start_again();
    nexus.wait_full().await;
    for (wanted, before) in all.iter().zip(before) {
        nexus.wait_vmm(wanted.vmm, "runs on", |report| report.state == VmmState::Running).await;
        assert_eq!(host.held(wanted), before);
        assert!(before.hypervisor.is_alive() && before.shim.is_alive());
    }
    for wanted in &all {
        host.put_state(wanted, VmmDesired::Stopped { grace_ms: 30_000 }).await;
        nexus.wait_vmm(wanted.vmm, "obeys", |report| report.ended_by == Some(EndedBy::GracefulStop)).await;
    }
}

/// Somebody's own process, ended with the test.
struct Stranger(Child);

impl Drop for Stranger {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_29_a_foreign_qemu_and_a_shim_without_an_entry_are_listed_and_untouched() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let mut host = TestHost::start(&cluster, &nexus, QEMU).await;
    let wanted = real_guest(&host, &nexus, "obeys", 96).await;
    nexus.wait_vmm(wanted.vmm, "running", |report| report.state == VmmState::Running).await;
    let orphan = host.held(&wanted);
    let stranger_vmm: VmmUuid = id();
    let strangers_dir = host.vmm_dir(stranger_vmm);
    std::fs::create_dir(&strangers_dir).expect("made");
    let stranger = Command::new("qemu-system-x86_64")
        .args(["-machine", "none", "-nodefaults", "-display", "none", "-S"])
        .current_dir(&strangers_dir)
        .stdin(Stdio::null())
        .spawn();
    let mut stranger = Stranger(stranger.expect("QEMU starts"));
    let stranger_pid = i32::try_from(stranger.0.id()).expect("positive");

    // A living agent could write it anew.
    host.kill();
    let name = format!("state/ledger/{}_{}_1.vmm", wanted.vmm, wanted.spec.instance);
    std::fs::remove_file(host.config().with_file_name(name)).expect("lost");
    nexus.turn_page_for_next();
    host.start_again();
    let full = nexus.wait_full().await;
    assert_eq!(full.vmms, []);
    assert!(full.may_run(wanted.vmm) && full.may_run(stranger_vmm));
    let listed: Vec<_> = full.quarantined.iter().map(|found| (found.vmm, found.pid)).collect();
    for expected in [
        (Some(wanted.vmm), Some(orphan.shim.pid)),
        (Some(wanted.vmm), Some(orphan.hypervisor.pid)),
        (Some(stranger_vmm), Some(stranger_pid)),
    ] {
        assert!(listed.contains(&expected), "{expected:?} in {:?}", full.quarantined);
    }
    assert!(full.quarantined.iter().all(|found| found.why == QuarantineReason::NoEntry));
    assert!(orphan.hypervisor.is_alive() && orphan.shim.is_alive(), "untouched");
    assert!(stranger.0.try_wait().expect("ours").is_none() && ProcessId::of(stranger_pid).is_some());
}
