//! A small file system below a directory, which can be filled to its last byte.
//!
//! It is mounted in a mount namespace of the calling thread's own: what that thread starts from then on is in it, others
//! see an empty directory, and it is gone when nobody is left in it.

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use nix::sched::{CloneFlags, unshare};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::process::Command;

/// What fills it.
const BALLAST: &str = "ballast";

/// A mounted one.
#[derive(Debug)]
pub struct SmallDisk {
    at: Utf8PathBuf,
}

impl SmallDisk {
    /// Mounts one. Needs root.
    ///
    /// # Errors
    /// When it isn't root, or `mount` fails.
    pub(crate) fn mount(at: &Utf8Path, mib: u32) -> Result<SmallDisk> {
        std::fs::create_dir_all(at).with_context(|| format!("making {at}"))?;
        unshare(CloneFlags::CLONE_NEWNS).context("mounts of its own; that needs root")?;
        run("mount", &["--make-rprivate", "/"])?;
        run("mount", &["-t", "tmpfs", "-o", &format!("size={mib}m,mode=0755"), "none", at.as_str()])?;
        Ok(SmallDisk { at: at.to_owned() })
    }

    /// Takes all the room that is left.
    ///
    /// # Errors
    /// When it can't be written for another reason than that it is full.
    pub fn fill(&self) -> Result<()> {
        let path = self.at.join(BALLAST);
        let mut file = File::options().create(true).append(true).open(&path)?;
        for bytes in [1 << 20, 4096] {
            let filled = loop {
                if let Err(error) = file.write_all(&vec![0x5a; bytes]) {
                    break error;
                }
            };
            ensure!(filled.kind() == ErrorKind::StorageFull, "{path} can't be written: {filled}");
        }
        Ok(())
    }

    /// Gives back what [`SmallDisk::fill`] took.
    ///
    /// # Errors
    /// When nothing fills it.
    pub fn relieve(&self) -> Result<()> {
        let path = self.at.join(BALLAST);
        std::fs::remove_file(&path).with_context(|| format!("removing {path}"))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Whoever still has a file in it keeps that file; what can't be unmounted goes with the namespace.
        let _ = run("umount", &["-l", self.at.as_str()]);
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let done =
        Command::new(program).args(arguments).output().with_context(|| format!("running {program}"))?;
    let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    ensure!(done.status.success(), "{program} {}: {said}", arguments.join(" "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_full_until_it_is_relieved_and_nobody_else_sees_it() -> Result<()> {
        let keeper = tempfile::tempdir()?;
        let at = Utf8PathBuf::try_from(keeper.path().join("small"))?;
        let there = at.clone();
        let within = std::thread::spawn(move || -> Result<()> {
            let disk = SmallDisk::mount(&there, 1)?;
            disk.fill()?;
            let refused = std::fs::write(there.join("more"), [0; 4096]).expect_err("it is full");
            assert_eq!(refused.kind(), ErrorKind::StorageFull);
            disk.relieve()?;
            std::fs::write(there.join("more"), [0; 4096])?;
            drop(disk);
            assert_eq!(std::fs::read_dir(&there)?.count(), 0, "it is gone");
            Ok(())
        });
        within.join().expect("it holds")?;
        assert_eq!(std::fs::read_dir(&at)?.count(), 0, "others see an empty directory");
        Ok(())
    }
}
