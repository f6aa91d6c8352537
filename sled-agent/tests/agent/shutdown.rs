//! Shutting a host down, with the program as a process and simulated guests: in order, inside the deadline, with and
//! without an agent, whoever dies meanwhile.

use std::collections::HashMap;
use std::process::{Child, Output};
use std::time::{Duration, Instant};

use berth_common::storage::ImagePart;
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent_api::sled::SledRegister;
use berth_sled_agent_api::spec::Boot;
use berth_sled_agent_api::vmm::VmmDesired;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::disks::upload;
use crate::nexus::{TestCluster, TestNexus};
use crate::process::TestHost;
use crate::sled::{Wanted, eventually};

/// What `sled-agent shutdown` said.
#[derive(Debug)]
pub struct Said {
    pub status: i32,
    pub text: String,
    pub log: String,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub priority: u32,
    pub how: String,
}

impl Said {
    pub fn of(output: &Output) -> Said {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let status = output.status.code().unwrap_or_else(|| panic!("it died: {output:?}"));
        Said { status, text, log: String::from_utf8_lossy(&output.stderr).into_owned() }
    }

    /// The table's lines, by VMM.
    pub fn table(&self) -> HashMap<String, Line> {
        let rows = self.text.lines().skip_while(|line| !line.starts_with("NAME ")).skip(1);
        let lines = rows.filter_map(|row| {
            let words: Vec<&str> = row.split_whitespace().collect();
            let (vmm, how) = (words.last()?, words.get(2..words.len() - 2)?);
            Some(((*vmm).to_string(), Line { priority: words.get(1)?.parse().ok()?, how: how.join(" ") }))
        });
        lines.collect()
    }

    pub fn how(&self, wanted: &Wanted) -> String {
        let table = self.table();
        let line = table.get(&wanted.vmm.to_string());
        line.unwrap_or_else(|| panic!("{} has no line: {}", wanted.vmm, self.text)).how.clone()
    }

    /// No guest was asked before all of higher priority had gone.
    pub fn assert_in_order(&self) {
        let steps: Vec<(u32, bool)> = self
            .text
            .lines()
            .filter_map(|line| {
                let (_, rest) = line.split_once(" (priority ")?;
                Some((rest.split(',').next()?.parse().ok()?, rest.ends_with("is being stopped")))
            })
            .collect();
        for (n, (priority, asked)) in steps.iter().enumerate() {
            let later_of_higher = steps[n..].iter().any(|(later, _)| later > priority);
            let told = (&self.text, &self.log);
            assert!(!(*asked && later_of_higher), "one of {priority} was asked too soon: {told:?}");
        }
    }
}

pub async fn end_of(child: Child) -> Said {
    let output = tokio::task::spawn_blocking(move || child.wait_with_output()).await;
    Said::of(&output.expect("waited").expect("an end"))
}

pub async fn shutdown(host: &TestHost, arguments: &[&str]) -> Said {
    end_of(host.begin_shutdown(arguments)).await
}

struct World {
    nexus: TestNexus,
    host: TestHost,
}

impl World {
    async fn new() -> World {
        let cluster = TestCluster::new();
        let nexus = TestNexus::start(&cluster).await;
        let host = TestHost::start(&cluster, &nexus, "hypervisor = \"simulated\"").await;
        World { nexus, host }
    }

    /// A guest that runs, and does as these words say.
    async fn runs(&self, words: &str, priority: u32, grace: Duration) -> Wanted {
        let mut wanted = self.host.wanted();
        wanted.spec.memory_mib = 16;
        wanted.spec.stop_priority = priority;
        wanted.spec.stop_grace_ms = u64::try_from(grace.as_millis()).expect("short");
        if !words.is_empty() {
            wanted.spec.boot = Boot::Kernel {
                kernel: upload(&self.nexus, b"a kernel", ImagePart::Kernel),
                initrd: upload(&self.nexus, b"an initrd", ImagePart::Initrd),
                command_line: words.to_string(),
            };
        }
        self.host.ensure(&wanted).await;
        self.host.put_state(&wanted, VmmDesired::Running).await;
        self.nexus.wait_vmm(wanted.vmm, "running", |report| report.state == VmmState::Running).await;
        wanted
    }

    /// Nexus and agent are there again: what is told of a VMM's end.
    async fn back(&mut self, wanted: &Wanted) -> (VmmState, Option<EndedBy>) {
        let ended = self.nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
        (ended.state, ended.ended_by)
    }
}

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_secs(1);
const HOST_SHUTDOWN: (VmmState, Option<EndedBy>) = (VmmState::Destroyed, Some(EndedBy::HostShutdown));

/// Three priorities with three guests each: one ignores the button, one's QEMU is silent, one has a spoiled entry.
async fn nine(agent_lives: bool) {
    let mut world = World::new().await;
    let mut guests = Vec::new();
    for (priority, odd) in [(20, "berth.button=ignore"), (10, "berth.sim=silent"), (0, "")] {
        guests.push(world.runs("", priority, LONG).await);
        guests.push(world.runs("", priority, LONG).await);
        guests.push(world.runs(odd, priority, SHORT).await);
    }
    let stopped = world.runs("", 20, LONG).await;
    world.host.put_state(&stopped, VmmDesired::Stopped { grace_ms: 60_000 }).await;
    world.nexus.wait_vmm(stopped.vmm, "stopped", |report| report.state.is_terminal()).await;
    world.nexus.die();
    world.host.kill();
    world.host.spoil_entry(&guests[8]);
    if agent_lives {
        world.host.start_again();
    }
    let begun = Instant::now();
    let said = shutdown(&world.host, &["--deadline", "40"]).await;
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}: {}", begun.elapsed(), said.text);
    assert_eq!(said.status, 1, "{}", said.text);
    said.assert_in_order();
    assert_eq!(said.table().len(), 9, "{}", said.text);
    for (n, guest) in guests.iter().enumerate() {
        let expected = if [2, 5, 8].contains(&n) { "FORCED" } else { "ended by itself" };
        assert_eq!(said.how(guest), expected, "guest {n}: {}", said.text);
    }
    let again = shutdown(&world.host, &["--deadline", "40"]).await;
    assert_eq!((again.table(), again.status), (said.table(), 1), "asked again, it tells the same");

    world.host.kill();
    world.nexus.come_back().await;
    world.nexus.turn_page();
    world.host.start_again();
    for guest in &guests {
        assert_eq!(world.back(guest).await, HOST_SHUTDOWN);
    }
    let users = (VmmState::Destroyed, Some(EndedBy::GracefulStop));
    assert_eq!(world.back(&stopped).await, users, "the user's stop stays the user's");
    world.runs("", 0, LONG).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_guests_end_in_order_inside_the_deadline_and_are_told_of_when_the_host_is_back() {
    nine(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_guests_end_in_order_while_the_agent_is_dead() {
    nine(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gentle_end_of_all_is_status_zero_and_nexus_is_told_at_once_if_it_answers() {
    let world = World::new().await;
    let guest = world.runs("", 3, LONG).await;
    let said = shutdown(&world.host, &[]).await;
    assert_eq!((said.status, said.how(&guest).as_str()), (0, "ended by itself"), "{}", said.text);
    let told = world.nexus.wait("planned down", |book| book.planned_down.first().cloned()).await;
    assert_eq!(told.boot, world.nexus.book().registered[0].boot);
    let ended = world.nexus.wait_vmm(guest.vmm, "ended", |report| report.state.is_terminal()).await;
    assert_eq!((ended.state, ended.ended_by), HOST_SHUTDOWN);
    let detail = ended.detail.expect("words");
    assert!(detail.starts_with("its host was shut down: the guest obeyed the power button"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_agent_nexus_is_told_all_the_same() {
    let mut world = World::new().await;
    // Its host stays until nexus was told: a shutdown that is over tells nobody any more.
    world.runs("berth.button=ignore", 3, 10 * LONG).await;
    world.host.kill();
    let first = world.host.begin_shutdown(&[]);
    world.nexus.wait("planned down", |book| book.planned_down.first().cloned()).await;
    let sooner = shutdown(&world.host, &["--deadline", "1"]).await;
    for said in [end_of(first).await, sooner] {
        assert_eq!(said.status, 1, "{}", said.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_without_an_agent_can_be_taken_on_purpose() {
    let world = World::new().await;
    let guest = world.runs("", 0, LONG).await;
    let said = shutdown(&world.host, &["--without-agent"]).await;
    assert_eq!((said.status, said.how(&guest).as_str()), (0, "ended by itself"), "{}", said.text);
    let pid = world.host.pid();
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("not reaped yet");
    assert!(state.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')), "it was ended: {state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_call_joins_the_first_and_can_only_bring_the_deadline_forward() {
    let world = World::new().await;
    let guest = world.runs("berth.button=ignore", 0, 10 * LONG).await;
    let first = world.host.begin_shutdown(&["--deadline", "300"]);
    eventually("the shutdown has begun", || world.host.dir().join("state/shutdown").exists()).await;
    let later = world.host.begin_shutdown(&["--deadline", "3000"]);
    let begun = Instant::now();
    let sooner = world.host.begin_shutdown(&["--deadline", "5"]);
    let said = [end_of(first).await, end_of(later).await, end_of(sooner).await];
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    for said in &said {
        assert_eq!((said.status, said.how(&guest).as_str()), (1, "FORCED"), "{}", said.text);
        assert_eq!(said.table(), said.table());
    }
    let table = |said: &Said| said.text.split_once("NAME ").map(|(_, table)| table.to_string());
    assert_eq!(table(&said[0]), table(&said[1]), "the same to the last digit");
    assert_eq!(table(&said[0]), table(&said[2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_new_begins_while_the_host_goes_not_even_after_the_agent_was_killed() {
    let mut world = World::new().await;
    let slow = world.runs("berth.button=slow berth.slow=6", 5, LONG).await;
    let last = world.runs("", 0, LONG).await;
    let registered = world.host.wanted();
    world.host.ensure(&registered).await;
    let going = world.host.begin_shutdown(&["--deadline", "120"]);
    eventually("the shutdown has begun", || world.host.dir().join("state/shutdown").exists()).await;
    for killed in [false, true] {
        if killed {
            // Whoever asked may take over at once: then the agent can't start, and nothing begins either.
            world.host.kill();
            break;
        }
        let refused = world.host.try_put_state(&registered, VmmDesired::Running).await.expect_err("refused");
        assert_eq!(refused.1, "shutting_down", "{refused:?}");
        let refused = world.host.try_ensure(&world.host.wanted()).await.expect_err("refused");
        assert_eq!(refused.1, "shutting_down", "{refused:?}");
    }
    let said = end_of(going).await;
    assert_eq!(said.status, 0, "{}", said.text);
    assert_eq!(said.how(&slow), "ended by itself");
    assert_eq!(said.how(&last), "ended by itself");
    assert_eq!(said.table().len(), 2, "what never ran has no line: {}", said.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_started_in_the_middle_goes_on_with_the_shutdown_although_nobody_asks() {
    let mut world = World::new().await;
    let slow = world.runs("berth.button=slow berth.slow=10", 5, LONG).await;
    let last = world.runs("", 0, LONG).await;
    let mut going = world.host.begin_shutdown(&["--deadline", "120"]);
    world.nexus.wait_vmm(slow.vmm, "stopping", |report| report.state == VmmState::Stopping).await;
    going.kill().expect("killed");
    going.wait().expect("reaped");
    world.host.kill_and_start_again();
    for guest in [&slow, &last] {
        assert_eq!(world.back(guest).await, HOST_SHUTDOWN);
    }
    // The first agent, which may have registered more than once, knew of no shutdown then.
    let planned = |register: &&SledRegister| register.shutting_down;
    world.nexus.wait("it stays planned down", |book| book.registered.iter().find(planned).cloned()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_hangs_is_ended_and_its_guests_go_without_it() {
    let world = World::new().await;
    let guest = world.runs("", 0, LONG).await;
    kill(Pid::from_raw(world.host.pid()), Signal::SIGSTOP).expect("stopped");
    let said = shutdown(&world.host, &["--deadline", "60"]).await;
    assert_eq!((said.status, said.how(&guest).as_str()), (0, "ended by itself"), "{}", said.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_ends_is_named_and_holds_up_neither_the_others_nor_the_deadline() {
    let world = World::new().await;
    let stuck = world.runs("berth.sim=stuck berth.button=ignore", 9, SHORT).await;
    let other = world.runs("", 0, LONG).await;
    let begun = Instant::now();
    let said = shutdown(&world.host, &["--deadline", "15"]).await;
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert_eq!(said.status, 1, "{}", said.text);
    assert_eq!(said.how(&stuck), "REMAINS");
    assert_eq!(said.how(&other), "ended by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_guests_of_ten_priorities_end_in_order() {
    let mut world = World::new().await;
    let mut guests = Vec::new();
    for n in 0..100 {
        guests.push(world.runs("", n % 10, LONG).await);
    }
    world.host.kill();
    let said = shutdown(&world.host, &["--deadline", "120"]).await;
    assert_eq!(said.status, 0, "{}", said.text);
    said.assert_in_order();
    assert_eq!(said.table().len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_cannot_be_shut_down_at_all_is_status_two() {
    let world = World::new().await;
    let output = std::process::Command::new(crate::process::PROGRAM)
        .args(["shutdown", "--config", world.host.dir().join("nothing").as_str()])
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
