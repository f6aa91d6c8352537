//! The table over all its cells, and the one row that ends something, on real processes.

use std::process::{Child, Command};

use berth_common::ids::VmmUuid;
use camino::Utf8Path;

use super::*;
use crate::shim::process::ProcessId;

const RECORDS: [Record; 4] = [Record::Absent, Record::Unreadable, Record::Of(1), Record::Of(2)];

fn all() -> Vec<(Facts, Plan)> {
    let processes = [Process::OfAnotherBoot, Process::Gone, Process::Alive];
    let mut cells = Vec::new();
    for launch in RECORDS {
        for shim_lives in [true, false] {
            for exit in RECORDS {
                for held in RECORDS {
                    let looked = matches!(held, Record::Of(_));
                    let processes = processes.iter().map(|process| Some(*process)).filter(|_| looked);
                    for process in processes.chain((!looked).then_some(None)) {
                        let facts = Facts { launch, shim_lives, exit, held, process };
                        cells.push((facts, decide(facts)));
                    }
                }
            }
        }
    }
    cells
}

#[test]
fn while_a_shim_lives_nothing_is_ended_and_nothing_is_taken_for_ended() {
    for (facts, plan) in all().into_iter().filter(|(facts, _)| facts.shim_lives) {
        assert!(matches!(plan, Plan::Held { .. } | Plan::Unclear | Plan::Nothing), "{facts:?} {plan:?}");
        if let Record::Of(run) = facts.launch {
            assert_eq!(plan, Plan::Held { run }, "{facts:?}");
        }
    }
}

#[test]
fn only_a_process_that_is_the_one_written_down_and_of_the_last_run_is_killed() {
    for (facts, plan) in all() {
        if let Plan::KillAndLost { run } = plan {
            assert!(!facts.shim_lives, "{facts:?}");
            assert_eq!((facts.process, facts.held), (Some(Process::Alive), Record::Of(run)), "{facts:?}");
            assert_ne!(facts.exit, Record::Of(run), "{facts:?}");
        }
    }
}

#[test]
fn a_record_of_the_last_run_is_believed_once_no_shim_lives() {
    for (facts, plan) in all() {
        if let Record::Of(run) = facts.launch
            && !facts.shim_lives
            && facts.exit == Record::Of(run)
        {
            assert_eq!(plan, Plan::Ended, "{facts:?}");
        }
    }
}

#[test]
fn a_process_that_may_live_is_never_shown_as_nothing_or_as_never_started() {
    for (facts, plan) in all() {
        let last = match facts.launch {
            Record::Of(run) => facts.held == Record::Of(run),
            Record::Absent | Record::Unreadable => true,
        };
        if facts.process == Some(Process::Alive) && last {
            assert!(
                !matches!(plan, Plan::Nothing | Plan::NeverStarted { .. } | Plan::HostRestarted { .. }),
                "{facts:?} {plan:?}"
            );
        }
    }
}

struct Sleeper(Child);

impl Sleeper {
    fn start() -> (Sleeper, ProcessId) {
        let child = Command::new("sleep").arg("600").spawn().expect("it starts");
        let pid = i32::try_from(child.id()).expect("positive");
        (Sleeper(child), ProcessId::of(pid).expect("it lives"))
    }

    fn is_alive(&mut self) -> bool {
        self.0.try_wait().expect("its own child").is_none()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A folder of a run whose shim is dead, with `process` written down as its QEMU.
fn left(process: ProcessId, boot: String) -> (tempfile::TempDir, Place) {
    let dir = tempfile::tempdir().expect("a directory");
    let vmm = VmmUuid::new_v4();
    let place = Place::new(Utf8Path::from_path(dir.path()).expect("UTF-8").join(vmm.to_string()));
    std::fs::create_dir(place.directory()).expect("made");
    let order = LaunchOrder { vmm, run: 3, program: "qemu".into(), arguments: Vec::new(), cgroup: None };
    durable::write_json(&place.launch(), &order, Keep::WhileHostIsUp).expect("written");
    let held = Held { run: 3, boot, shim: ProcessId { pid: 1, start: 1 }, hypervisor: process };
    durable::write_json(&place.held(), &held, Keep::WhileHostIsUp).expect("written");
    (dir, place)
}

fn ended(place: &Place) -> (EndedBy, u32) {
    match standing(place).expect("clear") {
        Standing::Ended(record) => (record.ended_by, record.run),
        other => panic!("{other:?}"),
    }
}

#[test]
fn acceptance_30_a_number_that_another_program_has_now_is_never_killed() {
    let (mut sleeper, process) = Sleeper::start();
    let former = ProcessId { start: process.start - 1, ..process };
    let (_dir, place) = left(former, clock::boot_id());
    assert_eq!(ended(&place), (EndedBy::Crashed, 3));
    assert!(sleeper.is_alive());
    let (_dir, place) = left(process, "another boot".to_owned());
    assert_eq!(ended(&place), (EndedBy::Crashed, 3));
    assert!(sleeper.is_alive(), "numbers and times of another boot mean nothing");
}

#[test]
fn what_a_dead_shim_left_running_is_ended_even_if_its_order_is_spoiled() {
    for spoil in [false, true] {
        let (mut sleeper, process) = Sleeper::start();
        let (_dir, place) = left(process, clock::boot_id());
        if spoil {
            std::fs::write(place.launch(), "{\"vmm\":").expect("written");
        }
        assert_eq!(ended(&place), (EndedBy::Crashed, 3));
        assert!(!sleeper.is_alive());
        assert_eq!(ended(&place), (EndedBy::Crashed, 3), "and stays so");
    }
}

#[test]
fn a_living_shim_whose_order_is_spoiled_is_held_by_its_own_record() {
    let (_sleeper, process) = Sleeper::start();
    let (_dir, place) = left(process, clock::boot_id());
    std::fs::write(place.launch(), "").expect("written");
    let _lock = place.try_lock().expect("a lock").expect("free");
    assert!(matches!(standing(&place), Ok(Standing::Held { run: 3 })));
    std::fs::remove_file(place.held()).expect("removed");
    standing(&place).expect_err("something lives, and nobody knows what");
}
