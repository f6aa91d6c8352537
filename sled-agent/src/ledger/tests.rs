//! The ledger on a real file system: restarts, corruption, a full disk.

use std::fs;
use std::process::Command;

use berth_common::Generation;
use berth_common::ids::{GenericUuid, InstanceUuid, VmmUuid};
use camino::{Utf8Path, Utf8PathBuf};
use uuid::Uuid;

use super::entry::{Entry, GENERATION_WITHOUT_HISTORY};
use super::past::{Record, Tombstone};
use super::*;
use crate::vmms::machine::Phase;

fn entry(vmm: u128) -> Entry {
    let mut entry = Entry::salvaged(
        VmmUuid::from_untyped_uuid(Uuid::from_u128(vmm)),
        InstanceUuid::from_untyped_uuid(Uuid::from_u128(vmm << 64)),
        Generation::from(3),
    );
    entry.generation = Generation::FIRST;
    entry.generation_reserved = Generation::FIRST;
    entry.detail = None;
    entry.phase = Phase::Stopping;
    entry
}

fn tombstone(vmm: u128) -> Tombstone {
    let entry = entry(vmm);
    Tombstone {
        vmm: entry.vmm,
        instance: entry.instance,
        epoch: entry.epoch,
        generation: entry.generation,
        ended: None,
        at_s: 1,
    }
}

fn utf8(dir: &tempfile::TempDir) -> &Utf8Path {
    Utf8Path::from_path(dir.path()).expect("UTF-8")
}

#[test]
fn a_reopened_ledger_has_the_same_id_entries_and_tombstones() {
    let dir = tempfile::tempdir().expect("a directory");
    let (ledger, loaded) = Ledger::open(utf8(&dir)).expect("made");
    assert!(loaded.entries.is_empty() && loaded.past.is_empty());
    let written = ledger.put(&entry(1), Work::New).expect("written");
    ledger.put(&entry(2), Work::New).expect("written");
    ledger.remove(&entry(2)).expect("removed");
    ledger.bury(&Record::Tombstone(tombstone(2))).expect("buried");
    let (again, loaded) = Ledger::open(utf8(&dir)).expect("opened");
    assert_eq!(again.id(), ledger.id());
    assert_eq!(loaded.entries, [written.reloaded()]);
    assert_eq!(loaded.past.tombstone(entry(2).vmm), Some(&tombstone(2)));
    assert!(loaded.unreadable.is_empty());
}

#[test]
fn a_corrupt_entry_costs_only_itself_and_is_kept() {
    let dir = tempfile::tempdir().expect("a directory");
    let (ledger, _) = Ledger::open(utf8(&dir)).expect("made");
    for vmm in 1..=3 {
        ledger.put(&entry(vmm), Work::New).expect("written");
    }
    let path = utf8(&dir).join(entry(2).file_name());
    let bytes = fs::read(&path).expect("read");
    fs::write(&path, &bytes[..bytes.len() / 2]).expect("truncated");
    let (_, loaded) = Ledger::open(utf8(&dir)).expect("opened all the same");
    assert_eq!(loaded.entries.len(), 3);
    let salvaged = loaded.entries.iter().find(|found| found.vmm == entry(2).vmm).expect("salvaged");
    assert_eq!((salvaged.instance, salvaged.epoch), (entry(2).instance, entry(2).epoch));
    assert_eq!(salvaged.generation.as_i64(), GENERATION_WITHOUT_HISTORY);
    assert_eq!(loaded.unreadable.len(), 1);
    let kept = utf8(&dir).read_dir_utf8().expect("listed").filter_map(Result::ok);
    assert_eq!(kept.filter(|found| found.file_name().ends_with(".corrupt")).count(), 1);
}

#[test]
fn what_was_salvaged_is_found_again_by_every_later_agent() {
    let dir = tempfile::tempdir().expect("a directory");
    let (ledger, _) = Ledger::open(utf8(&dir)).expect("made");
    ledger.put(&entry(1), Work::New).expect("written");
    fs::write(utf8(&dir).join(entry(1).file_name()), "spoiled").expect("spoiled");
    let mut last = 0;
    for open in 0..3 {
        let (_, loaded) = Ledger::open(utf8(&dir)).expect("opened");
        let [found] = &loaded.entries[..] else { panic!("{:?}", loaded.entries) };
        assert_eq!((found.vmm, found.phase, &found.spec), (entry(1).vmm, Phase::Running, &None));
        assert_eq!(loaded.unreadable.len(), usize::from(open == 0), "told once");
        assert!(found.generation.as_i64() >= last);
        last = found.generation.as_i64();
    }
}

#[test]
fn an_entry_cut_off_or_spoiled_anywhere_never_stops_the_others() {
    let dir = tempfile::tempdir().expect("a directory");
    let (ledger, _) = Ledger::open(utf8(&dir)).expect("made");
    ledger.put(&entry(1), Work::New).expect("written");
    ledger.put(&entry(2), Work::New).expect("written");
    let path = utf8(&dir).join(entry(1).file_name());
    let whole = fs::read(&path).expect("read");
    let mut spoiled: Vec<Vec<u8>> = (0..whole.len()).step_by(37).map(|cut| whole[..cut].to_vec()).collect();
    // The header bit by bit, the rest here and there.
    for at in (0..24).chain((24..whole.len()).step_by(41)) {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            spoiled.push(bytes);
        }
    }
    for bytes in spoiled {
        fs::write(&path, &bytes).expect("spoiled");
        let (_, loaded) = Ledger::open(utf8(&dir)).expect("the others are there");
        assert_eq!(loaded.entries.len(), 2);
        assert!(
            loaded.entries.iter().any(|found| found.vmm == entry(2).vmm && found.phase == Phase::Stopping)
        );
    }
}

#[test]
fn an_entry_of_another_ledger_is_set_aside_and_listed_by_every_later_agent() {
    let (ours, theirs) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("another"));
    let (ledger, _) = Ledger::open(utf8(&theirs)).expect("made");
    ledger.put(&entry(7), Work::New).expect("written");
    Ledger::open(utf8(&ours)).expect("made");
    let name = entry(7).file_name();
    fs::copy(utf8(&theirs).join(&name), utf8(&ours).join(&name)).expect("copied");
    for _ in 0..2 {
        let (_, loaded) = Ledger::open(utf8(&ours)).expect("opened");
        assert!(loaded.entries.is_empty() && loaded.unreadable.is_empty());
        let [(vmm, file)] = &loaded.foreign[..] else { panic!("{:?}", loaded.foreign) };
        assert_eq!(*vmm, entry(7).vmm);
        assert!(file.ends_with(".foreign"), "{file}");
    }
}

/// As the first version wrote them: no ledger, no reboot, no former interfaces.
#[test]
fn an_entry_of_the_first_version_is_read() {
    let dir = tempfile::tempdir().expect("a directory");
    Ledger::open(utf8(&dir)).expect("made");
    let vmm = "11111111-1111-4111-8111-111111111111";
    let instance = "22222222-2222-4222-8222-222222222222";
    let body = format!(
        r#"{{"vmm":"{vmm}","instance":"{instance}","epoch":3,"spec":{{"instance":"{instance}","name":"web",
        "cpus":1,"memory_mib":64,"boot":{{"type":"disk"}},"disks":[{{"disk":"33333333-3333-4333-8333-333333333333",
        "pool":"44444444-4444-4444-8444-444444444444","slot":0,"size_bytes":4096}}],"nics":[]}},"phase":"running",
        "run":1,"run_boot":"55555555-5555-4555-8555-555555555555","stop":null,"ended":null,"released":false,
        "detail":null,"unresponsive":false,"stuck":false,"generation":4,"generation_reserved":1003,
        "answered":[{{"request":"66666666-6666-4666-8666-666666666666","admitted":"accepted"}}],"cause":"a test"}}"#
    );
    let name = format!("{vmm}_{instance}_3.vmm");
    let crc = crc32fast::hash(body.as_bytes());
    let text = format!("berth-ledger 1 {crc:08x} {}\n{body}", body.len());
    fs::write(utf8(&dir).join(&name), text).expect("written");
    let (_, loaded) = Ledger::open(utf8(&dir)).expect("opened");
    assert_eq!(loaded.unreadable, Vec::<String>::new());
    let [found] = &loaded.entries[..] else { panic!("{:?}", loaded.entries) };
    assert_eq!((found.phase, found.run, found.generation.as_i64()), (Phase::Running, 1, 1003));
    let spec = found.spec.as_ref().expect("its specification");
    assert_eq!((spec.stop_grace_ms, spec.stop_priority, &found.reboot), (30_000, 0, &None));
}

#[test]
fn an_entry_under_another_vmms_name_is_not_taken_for_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let (ledger, _) = Ledger::open(utf8(&dir)).expect("made");
    ledger.put(&entry(1), Work::New).expect("written");
    let copy = utf8(&dir).join(entry(2).file_name());
    fs::copy(utf8(&dir).join(entry(1).file_name()), copy).expect("copied");
    let (_, loaded) = Ledger::open(utf8(&dir)).expect("opened");
    assert_eq!(loaded.unreadable.len(), 1);
    assert!(loaded.entries.iter().any(|found| found.vmm == entry(2).vmm && found.spec.is_none()));
}

#[test]
fn a_torn_last_tombstone_costs_only_itself_and_later_ones_are_whole() {
    let dir = tempfile::tempdir().expect("a directory");
    let (ledger, _) = Ledger::open(utf8(&dir)).expect("made");
    ledger.bury(&Record::Tombstone(tombstone(1))).expect("buried");
    ledger.bury(&Record::Tombstone(tombstone(2))).expect("buried");
    let path = utf8(&dir).join(TOMBSTONES);
    let bytes = fs::read(&path).expect("read");
    fs::write(&path, &bytes[..bytes.len() - 5]).expect("torn");
    let (ledger, loaded) = Ledger::open(utf8(&dir)).expect("opened");
    assert!(loaded.past.tombstone(entry(1).vmm).is_some());
    assert!(loaded.past.tombstone(entry(2).vmm).is_none());
    ledger.bury(&Record::Tombstone(tombstone(3))).expect("buried");
    let (_, loaded) = Ledger::open(utf8(&dir)).expect("opened");
    assert!(loaded.past.tombstone(entry(3).vmm).is_some());
    assert!(loaded.unreadable.is_empty(), "it was rewritten: {:?}", loaded.unreadable);
}

#[test]
fn an_unreadable_identity_is_not_replaced_by_a_new_one() {
    let dir = tempfile::tempdir().expect("a directory");
    Ledger::open(utf8(&dir)).expect("made");
    fs::write(utf8(&dir).join("ledger"), b"scribble").expect("spoiled");
    assert!(matches!(Ledger::open(utf8(&dir)), Err(OpenError::Identity(..))));
}

/// A file system of one megabyte, unmounted at the end.
struct SmallDisk(
    Utf8PathBuf,
    #[expect(dead_code, reason = "removes the mount point at the end")] tempfile::TempDir,
);

impl SmallDisk {
    fn mount() -> SmallDisk {
        let dir = tempfile::tempdir().expect("a directory");
        let path = utf8(&dir).to_owned();
        let done =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "none", path.as_str()]).status();
        assert!(done.expect("mount runs").success(), "this test mounts a tmpfs: run it as root");
        SmallDisk(path, dir)
    }

    fn fill(&self) {
        let mut file = File::create(self.0.join("ballast")).expect("made");
        while file.write_all(&[0; 1024]).is_ok() {}
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.as_str()).status());
    }
}

#[test]
fn a_full_disk_refuses_new_work_and_serves_what_is_here() {
    let disk = SmallDisk::mount();
    let (ledger, _) = Ledger::open(&disk.0).expect("made");
    ledger.put(&entry(1), Work::New).expect("written");
    disk.fill();
    assert!(matches!(ledger.put(&entry(2), Work::New), Err(WriteError::Full)));
    let stopped = ledger.put(&entry(1), Work::Standing).expect("out of the reserve");
    ledger.bury(&Record::Tombstone(tombstone(5))).expect("out of the reserve");
    assert!(
        matches!(ledger.put(&entry(2), Work::New), Err(WriteError::Full)),
        "the reserve isn't for new work"
    );
    let (ledger, loaded) = Ledger::open(&disk.0).expect("opens on a full disk");
    assert_eq!(loaded.entries, [stopped.reloaded()]);
    assert!(loaded.past.tombstone(entry(5).vmm).is_some());
    fs::remove_file(disk.0.join("ballast")).expect("room again");
    ledger.put(&entry(2), Work::New).expect("new work is taken again");
}
