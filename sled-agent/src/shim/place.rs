//! The folder of one VMM on its host, and the name of everything in it.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;

use camino::{Utf8Path, Utf8PathBuf};
use nix::fcntl::{Flock, FlockArg};

/// `<run_dir>/vmms/<vmm>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    directory: Utf8PathBuf,
}

impl Place {
    pub fn new(directory: impl Into<Utf8PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    pub fn directory(&self) -> &Utf8Path {
        &self.directory
    }

    /// See [`super::records::LaunchOrder`].
    pub fn launch(&self) -> Utf8PathBuf {
        self.directory.join("launch.json")
    }

    /// See [`super::records::StopOrder`].
    pub fn stop(&self) -> Utf8PathBuf {
        self.directory.join("stop.json")
    }

    /// See [`super::records::Held`].
    pub fn held(&self) -> Utf8PathBuf {
        self.directory.join("held.json")
    }

    /// See [`crate::hypervisor::ExitRecord`].
    pub fn exit(&self) -> Utf8PathBuf {
        self.directory.join("exit.json")
    }

    /// There when SIGKILL didn't end the process.
    pub fn stuck(&self) -> Utf8PathBuf {
        self.directory.join("stuck")
    }

    /// Locked for as long as a shim lives.
    pub fn lock(&self) -> Utf8PathBuf {
        self.directory.join("shim.lock")
    }

    /// What the shim itself had to say.
    pub fn shim_log(&self) -> Utf8PathBuf {
        self.directory.join("shim.log")
    }

    /// What the guest printed, all runs; see [`crate::serial::parts`].
    pub fn serial_log(&self) -> Utf8PathBuf {
        self.directory.join("serial.log")
    }

    /// The shim's control socket, by its name in the folder.
    pub const CONTROL: &'static str = "shim.sock";

    /// The socket that takes what is typed for the guest, by its name in the folder.
    pub const INPUT: &'static str = "input.sock";

    /// The hypervisor's monitor for the agent, by its name in the folder.
    pub const MONITOR: &'static str = "qmp.sock";

    /// The same for migrations: a long copy must not get in the way of the other.
    pub const MIGRATION_MONITOR: &'static str = "migration.sock";

    /// Takes the shim's lock if nobody has it; `None` proves that a shim lives (or that an agent looks right now).
    pub fn try_lock(&self) -> io::Result<Option<Flock<File>>> {
        let file = OpenOptions::new().create(true).append(true).open(self.lock())?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => Ok(Some(lock)),
            Err((_, nix::errno::Errno::EWOULDBLOCK)) => Ok(None),
            Err((_, error)) => Err(error.into()),
        }
    }
}

/// A way to sockets in a folder whose path may be longer than a socket address can be (107 bytes).
#[derive(Debug)]
pub struct SocketDoor {
    directory: File,
}

impl SocketDoor {
    pub fn open(place: &Place) -> io::Result<Self> {
        let directory = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_PATH | libc::O_DIRECTORY)
            .open(place.directory())?;
        Ok(Self { directory })
    }

    /// A short path, good for as long as this door is open.
    pub fn path(&self, name: &str) -> String {
        format!("/proc/self/fd/{}/{name}", self.directory.as_raw_fd())
    }
}
