//! A process, named so that another one that got its number is never taken for it.

use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Number and start time; unique within one boot of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    pub pid: i32,
    /// Clock ticks after boot: field 22 of `/proc/PID/stat`.
    pub start: u64,
}

/// A handle that goes on naming the same process after it ended.
#[derive(Debug)]
pub struct PidFd(OwnedFd);

impl ProcessId {
    /// The living process of this number, if there is one; a zombie counts as none.
    pub fn of(pid: i32) -> Option<Self> {
        let (state, start) = state_and_start(pid)?;
        (state != 'Z' && state != 'X').then_some(Self { pid, start })
    }

    pub fn is_alive(&self) -> bool {
        Self::of(self.pid) == Some(*self)
    }

    /// SIGKILL to exactly this process; `false` when it was gone already.
    ///
    /// The number can't be reused between look and kill: the handle is opened before the start time is compared.
    pub fn kill(&self) -> io::Result<bool> {
        let handle = match PidFd::open(self.pid) {
            Err(error) if error.raw_os_error() == Some(libc::ESRCH) => return Ok(false),
            other => other?,
        };
        if !self.is_alive() {
            return Ok(false);
        }
        handle.signal(libc::SIGKILL).map(|()| true)
    }

    /// Looks until it is gone; `false` when it still is there after `patience`.
    pub fn wait_gone(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        while self.is_alive() {
            if Instant::now() > until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }
}

impl PidFd {
    pub fn open(pid: i32) -> io::Result<Self> {
        #[expect(
            unsafe_code,
            reason = "no safe wrapper of pidfd_open; it takes two integers, gives a descriptor"
        )]
        // SAFETY: a successful call returns a descriptor that nobody else has.
        unsafe {
            let fd = libc::syscall(libc::SYS_pidfd_open, pid, 0);
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            let fd = i32::try_from(fd).map_err(io::Error::other)?;
            Ok(Self(OwnedFd::from_raw_fd(fd)))
        }
    }

    fn signal(&self, signal: i32) -> io::Result<()> {
        let no_info = std::ptr::null::<libc::siginfo_t>();
        #[expect(unsafe_code, reason = "no safe wrapper of pidfd_send_signal")]
        // SAFETY: the descriptor is ours and open; a null siginfo is what the call documents for a plain signal.
        let done =
            unsafe { libc::syscall(libc::SYS_pidfd_send_signal, self.0.as_raw_fd(), signal, no_info, 0) };
        if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl std::os::fd::AsFd for PidFd {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Fields 3 and 22 of `/proc/PID/stat`. The name in field 2 may contain anything, so fields are counted from its end.
fn state_and_start(pid: i32) -> Option<(char, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let start = fields.nth(18)?.parse().ok()?;
    Some((state, start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_process_of_the_same_number_but_another_start_is_not_killed() -> io::Result<()> {
        let mut child = Command::new("sleep").arg("60").spawn()?;
        let pid = i32::try_from(child.id()).expect("a pid is positive");
        let real = ProcessId::of(pid).expect("it runs");
        let former = ProcessId { pid, start: real.start - 1 };
        assert!(!former.kill()?);
        assert!(real.is_alive());
        assert!(real.kill()?);
        assert!(real.wait_gone(Duration::from_secs(60)), "a zombie counts as gone");
        child.wait()?;
        assert!(!real.kill()?);
        Ok(())
    }
}
