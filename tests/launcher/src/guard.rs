//! The guard of a cluster: a small shell that ends everything of it if we are killed.
//!
//! It waits for the end of its input. Told `keep`, it leaves without a deed.

use crate::leftovers::PROGRAMS;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// The arguments are the cluster's directories. The same as `end_leftovers`, for when there is no Rust left to run it.
const SCRIPT: &str = r#"
while read -r word; do if [ "$word" = keep ]; then exit 0; fi; done
round=0
while [ $round -lt 40 ]; do
    found=
    for process in /proc/[0-9]*; do
        program=$(readlink "$process/exe") || continue
        case ${program##*/} in PROGRAMS) ;; *) continue ;; esac
        for directory; do
            if { readlink "$process/cwd"; tr '\0' '\n' < "$process/cmdline"; } | grep -qF -- "$directory/"; then
                kill -KILL "${process#/proc/}"
                found=1
            fi
        done
    done 2> /dev/null
    if [ -z "$found" ]; then break; fi
    round=$((round + 1))
    sleep 0.1
done
"#;

/// A guard on duty. Dropping it lets it do its work, and waits for it.
#[derive(Debug)]
pub(crate) struct Guard {
    shell: Child,
}

impl Guard {
    pub(crate) fn post(directories: &[Utf8PathBuf]) -> Result<Self> {
        let patterns = PROGRAMS.map(|beginning| format!("{beginning}*")).join(" | ");
        let shell = Command::new("/bin/sh")
            .args(["-c", &SCRIPT.replace("PROGRAMS", &patterns), "berth-cluster-guard"])
            .args(directories)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("starting the cluster's guard")?;
        Ok(Self { shell })
    }

    /// Sends it home: the cluster is to live on.
    pub(crate) fn dismiss(mut self) -> Result<()> {
        let input = self.shell.stdin.as_mut().context("the guard has its input until it is dropped")?;
        writeln!(input, "keep")?;
        self.shell.wait()?;
        Ok(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // There is nothing to do about a guard that can't be waited for.
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::until;
    use camino::Utf8Path;
    use std::time::Duration;

    /// A stand-in for a shim, which never forks: a child of it would be another one.
    fn shim(directory: &Utf8Path) -> Result<Child> {
        let program = directory.join("sled-agent-stand-in");
        // By another process: a file that we had open for writing can't be run while another test forks.
        assert!(Command::new("cp").arg("/usr/bin/tail").arg(&program).status()?.success());
        let waits_for = directory.join("vmm-1");
        std::fs::write(&waits_for, "")?;
        Ok(Command::new(program).arg("-f").arg(waits_for).process_group(0).spawn()?)
    }

    #[test]
    fn a_guard_that_loses_its_owner_ends_what_is_left() -> Result<()> {
        let keeper = tempfile::tempdir()?;
        let directory = Utf8PathBuf::try_from(keeper.path().to_owned())?;
        let mut shim = shim(&directory)?;
        let guard = Guard::post(std::slice::from_ref(&directory))?;
        assert!(shim.try_wait()?.is_none(), "a guard waits");
        drop(guard);
        // The kernel may still be clearing up after it.
        let ended = until("the stand-in has ended", Duration::from_secs(60), || Ok(shim.try_wait()?))?;
        assert!(!ended.success());
        Ok(())
    }

    #[test]
    fn a_dismissed_guard_leaves_everything_alone() -> Result<()> {
        let keeper = tempfile::tempdir()?;
        let directory = Utf8PathBuf::try_from(keeper.path().to_owned())?;
        let mut shim = shim(&directory)?;
        Guard::post(std::slice::from_ref(&directory))?.dismiss()?;
        assert!(shim.try_wait()?.is_none());
        shim.kill()?;
        shim.wait()?;
        Ok(())
    }
}
