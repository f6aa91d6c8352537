//! Nothing of a cluster survives it: neither its ordinary end nor its owner's death.

use anyhow::Result;
use berth_launcher::{Process, end_leftovers, leftovers, until};
use camino::{Utf8Path, Utf8PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// A program under the name of one of ours, that waits with the directory in its arguments and never forks: a moment
/// after its fork a child would be another one of that name.
fn stand_in(directory: &Utf8Path) -> Result<Command> {
    let program = directory.join("sled-agent-stand-in");
    if !program.exists() {
        // By another process: a file that we had open for writing can't be run while another test forks.
        assert!(Command::new("cp").arg("/usr/bin/tail").arg(&program).status()?.success());
    }
    let waits_for = directory.join("vmm-1");
    std::fs::write(&waits_for, "")?;
    let mut command = Command::new(program);
    command.arg("-f").arg(waits_for);
    Ok(command)
}

fn directory() -> Result<(tempfile::TempDir, Utf8PathBuf)> {
    let keeper = tempfile::tempdir()?;
    let path = Utf8PathBuf::try_from(keeper.path().to_owned())?;
    Ok((keeper, path))
}

#[test]
fn leftovers_are_found_by_program_and_directory_and_ended() -> Result<()> {
    let (_keeper, path) = directory()?;
    let mut ours = Process::start("ours", stand_in(&path)?, &path.join("log"))?;
    let mut reader = Command::new("tail").arg("-f").arg(path.join("log")).stdout(Stdio::null()).spawn()?;
    until("it is seen", SOON, || Ok((leftovers(std::slice::from_ref(&path))?.len() == 1).then_some(())))?;
    let found: Vec<_> = leftovers(std::slice::from_ref(&path))?.into_iter().map(|(pid, _)| pid).collect();
    assert_eq!(found, [ours.pid()]);
    assert_eq!(end_leftovers(std::slice::from_ref(&path))?, 1);
    // The kernel may still be clearing up after it.
    assert!(!ours.wait_end(SOON)?.success());
    assert!(reader.try_wait()?.is_none(), "who only reads the log is left alone");
    reader.kill()?;
    reader.wait()?;
    Ok(())
}

#[test]
fn a_process_can_be_frozen_thawed_stopped_and_killed() -> Result<()> {
    let (_keeper, path) = directory()?;
    let mut process = Process::start("stand-in", stand_in(&path)?, &path.join("log"))?;
    let state = |process: &Process| -> Result<String> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.pid()))?;
        Ok(stat.rsplit(')').next().unwrap_or_default().trim().chars().take(1).collect())
    };
    process.freeze()?;
    until("it is frozen", SOON, || Ok((state(&process)? == "T").then_some(())))?;
    process.thaw()?;
    until("it is thawed", SOON, || Ok((state(&process)? != "T").then_some(())))?;
    process.freeze()?;
    assert!(!process.stop()?.success(), "a frozen one hears SIGTERM when it is thawed");
    let mut process = Process::start("stand-in", stand_in(&path)?, &path.join("log"))?;
    process.kill_hard()?;
    assert!(process.expect_running().is_err());
    Ok(())
}

#[test]
fn a_process_ends_when_it_is_dropped() -> Result<()> {
    let (_keeper, path) = directory()?;
    let process = Process::start("stand-in", stand_in(&path)?, &path.join("log"))?;
    // Its arguments appear a moment after its start.
    until("it is seen", SOON, || Ok((leftovers(std::slice::from_ref(&path))?.len() == 1).then_some(())))?;
    drop(process);
    assert!(leftovers(std::slice::from_ref(&path))?.is_empty());
    Ok(())
}
