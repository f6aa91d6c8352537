//! QEMU as the shim's child: what it inherits, and how it is surely ended.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, ChildStderr, Command, Stdio};

use camino::Utf8PathBuf;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, getpid, getppid};

use super::cgroup;
use super::process::{PidFd, ProcessId};
use super::records::{LaunchOrder, MONITOR_FD, SERIAL_FD};

/// A child that runs, and everything that leads to it. All descriptors are non-blocking; one that came to its end is
/// dropped, so that nobody waits on it again.
#[derive(Debug)]
pub(super) struct Hypervisor {
    child: Child,
    cgroup: Option<Utf8PathBuf>,
    pub id: ProcessId,
    pub ended: PidFd,
    pub monitor: Option<UnixStream>,
    pub serial: Option<UnixStream>,
    pub stderr: Option<ChildStderr>,
}

impl Hypervisor {
    /// Spawns what the order says.
    pub(super) fn spawn(order: &LaunchOrder) -> io::Result<Self> {
        let (monitor, its_monitor) = inherited_pair()?;
        let (serial, its_serial) = inherited_pair()?;
        let mut command = Command::new(&order.program);
        command
            .args(order.arguments.iter().map(|argument| {
                argument
                    .replace(MONITOR_FD, &its_monitor.as_raw_fd().to_string())
                    .replace(SERIAL_FD, &its_serial.as_raw_fd().to_string())
            }))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0);
        die_with_parent(&mut command);
        let mut child = command.spawn()?;
        let stderr = child.stderr.take().ok_or_else(|| io::Error::other("the child has no error output"))?;
        set_nonblocking(&stderr)?;
        let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
        // It can't have been reaped by anyone else, so its number still is its own, also if it has just ended.
        let ended = PidFd::open(pid)?;
        let id = ProcessId::of(pid).unwrap_or(ProcessId { pid, start: 0 });
        // QEMU makes no children (its sandbox forbids it), so entering late loses none.
        let cgroup = order.cgroup.clone().filter(|path| cgroup::enter(path, pid).is_ok());
        Ok(Self {
            child,
            cgroup,
            id,
            ended,
            monitor: Some(monitor),
            serial: Some(serial),
            stderr: Some(stderr),
        })
    }

    /// SIGKILL to the whole process group, and to the cgroup where there is one.
    pub(super) fn kill(&self) {
        // The child isn't reaped yet, so the group's number can't be anyone else's.
        let _ = killpg(Pid::from_raw(self.id.pid), Signal::SIGKILL);
        if let Some(path) = &self.cgroup {
            let _ = cgroup::kill(path);
        }
    }

    /// Reaps it if it ended: `exit status 0`, `signal 9`.
    pub(super) fn reap(&mut self) -> io::Result<Option<String>> {
        let status = self.child.try_wait()?;
        Ok(status.map(|status| match (status.code(), status.signal()) {
            (Some(code), _) => format!("exit status {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => status.to_string(),
        }))
    }
}

/// Our end, and the one the child inherits.
fn inherited_pair() -> io::Result<(UnixStream, OwnedFd)> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    // One thread, one spawn: nobody else can inherit it in between.
    fcntl(&theirs, FcntlArg::F_SETFD(FdFlag::empty()))?;
    Ok((ours, theirs.into()))
}

fn set_nonblocking(stderr: &ChildStderr) -> io::Result<()> {
    let flags = OFlag::from_bits_truncate(fcntl(stderr, FcntlArg::F_GETFL)?);
    fcntl(stderr, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}

/// The kernel kills the child when the thread that spawned it ends: ours is the only one.
fn die_with_parent(command: &mut Command) {
    let shim = getpid();
    #[expect(unsafe_code, reason = "only code between fork and exec can ask for the parent's death signal")]
    // SAFETY: the closure makes two system calls and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
            // The shim may have died before the request was in place.
            if getppid() == shim { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
        });
    }
}
