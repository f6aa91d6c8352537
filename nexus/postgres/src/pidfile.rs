//! What `postmaster.pid` says, and whether it is true; and what a guard notes of its server.
//!
//! The file outlives a killed server, and its pid may by then belong to anybody, or to a zombie nobody
//! has reaped. So a pid counts only if that process lives and has our data directory in its arguments.

use camino::Utf8Path;
use nix::unistd::Pid;

/// Line on which the server writes its state.
const STATUS_LINE: usize = 7;

/// The server that holds a data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) pid: Pid,
    /// It accepts connections.
    pub(crate) ready: bool,
}

/// The live server of a data directory, if there is one.
pub(crate) fn holder(data: &Utf8Path) -> Option<Holder> {
    let text = std::fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let pid = Pid::from_raw(text.lines().next()?.trim().parse().ok()?);
    if !serves(pid, data) {
        return None;
    }
    let ready = text.lines().nth(STATUS_LINE).is_some_and(|status| status.trim() == "ready");
    Some(Holder { pid, ready })
}

/// Whether a process lives and is the server of this data directory.
pub(crate) fn serves(pid: Pid, data: &Utf8Path) -> bool {
    let Ok(arguments) = std::fs::read(format!("/proc/{pid}/cmdline")) else { return false };
    let ours = arguments.split(|byte| *byte == 0).any(|word| word == data.as_str().as_bytes());
    ours && lives(pid)
}

/// The server's pid as its guard noted it when it began it; none: not yet, or not wholly.
pub(crate) fn noted(note: &Utf8Path) -> Option<Pid> {
    let text = std::fs::read_to_string(note).ok()?;
    Some(Pid::from_raw(text.strip_suffix('\n')?.parse().ok()?))
}

/// Whether a process exists and isn't a zombie.
pub(crate) fn lives(pid: Pid) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    // The state follows the program's name, which is in parentheses and may contain anything.
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.trim_start().chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}
