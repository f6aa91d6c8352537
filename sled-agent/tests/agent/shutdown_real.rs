//! Shutting a host down under real guests: three priorities, one guest ignores the button, one QEMU is stopped, one
//! ledger entry is spoiled; nexus and agent are dead.

use std::time::{Duration, Instant};

use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent::shim::records::Held;
use berth_sled_agent_api::vmm::VmmDesired;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::binary::{QEMU, boot};
use crate::nexus::{TestCluster, TestNexus};
use crate::process::TestHost;
use crate::shutdown::shutdown;
use crate::sled::Wanted;

fn hypervisor_of(host: &TestHost, wanted: &Wanted) -> Pid {
    let path = host.dir().join(format!("r/vmms/{}/held.json", wanted.vmm));
    let held: Held = serde_json::from_slice(&std::fs::read(path).expect("held")).expect("understood");
    Pid::from_raw(held.hypervisor.pid)
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_real_guests_end_in_order_inside_the_deadline_while_nexus_and_agent_are_dead() {
    let cluster = TestCluster::new();
    let mut nexus = TestNexus::start(&cluster).await;
    let mut host = TestHost::start(&cluster, &nexus, QEMU).await;
    let mut guests: Vec<Wanted> = Vec::new();
    for n in 0..9_u32 {
        let mut wanted = host.wanted();
        wanted.spec.memory_mib = 96;
        wanted.spec.stop_priority = 20 - n / 3 * 10;
        // Those that obey have time on a slow host; those that don't cost little.
        wanted.spec.stop_grace_ms = if [2, 5].contains(&n) { 3000 } else { 60_000 };
        wanted.spec.boot = boot(&nexus, if n == 2 { "ignores" } else { "obeys" });
        host.ensure(&wanted).await;
        host.put_state(&wanted, VmmDesired::Running).await;
        guests.push(wanted);
    }
    for wanted in &guests {
        host.wait_serial(wanted, "ready").await;
    }
    let pids: Vec<Pid> = guests.iter().map(|wanted| hypervisor_of(&host, wanted)).collect();
    kill(pids[5], Signal::SIGSTOP).expect("stopped");
    nexus.die();
    host.kill();
    host.spoil_entry(&guests[8]);

    let begun = Instant::now();
    let said = shutdown(&host, &["--deadline", "150"]).await;
    let took = begun.elapsed();
    eprintln!("it took {took:?}\n{}", said.text);
    assert!(took < Duration::from_secs(150), "{took:?}: {}", said.text);
    assert_eq!(said.status, 1, "{}", said.text);
    said.assert_in_order();
    for (n, guest) in guests.iter().enumerate() {
        let expected = if [2, 5, 8].contains(&n) { "FORCED" } else { "ended by itself" };
        assert_eq!(said.how(guest), expected, "guest {n}: {}", said.text);
        assert!(kill(pids[n], None).is_err(), "guest {n} still has a process");
    }

    nexus.come_back().await;
    nexus.turn_page();
    host.start_again();
    for guest in &guests {
        let ended = nexus.wait_vmm(guest.vmm, "ended", |report| report.state.is_terminal()).await;
        assert_eq!((ended.state, ended.ended_by), (VmmState::Destroyed, Some(EndedBy::HostShutdown)));
    }
}
