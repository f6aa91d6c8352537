//! A cgroup (v2) around one VMM's hypervisor, where the host lets us have one: a kill no process can slip out of.

use std::io;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

/// Where the cgroup of a VMM would be: below the mount of cgroup v2 (unified, or the v2 part of a hybrid host).
pub fn parent() -> Option<Utf8PathBuf> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let mount = mounts.lines().find_map(|line| {
        let mut fields = line.split(' ');
        let (_, at, kind) = (fields.next()?, fields.next()?, fields.next()?);
        (kind == "cgroup2").then_some(at)
    })?;
    Some(Utf8Path::new(mount).join("berth"))
}

/// Makes the cgroup. `None` where the host won't: not every one has cgroups, not every agent may use them.
pub fn make(path: &Utf8Path) -> Option<()> {
    std::fs::create_dir_all(path).ok()?;
    path.join("cgroup.kill").exists().then_some(())
}

/// Moves a process into it.
pub fn enter(path: &Utf8Path, pid: i32) -> io::Result<()> {
    std::fs::write(path.join("cgroup.procs"), pid.to_string())
}

/// Moves this process into the cgroup of all shims, beside those of their VMMs: whoever ends the agent by its own
/// cgroup (a service manager does) must not end them. Best effort, like all here.
pub fn enter_shims(vmm: &Utf8Path) {
    let shims = vmm.with_file_name("shims");
    let _ = make(&shims).map(|()| std::fs::write(shims.join("cgroup.procs"), "0"));
}

/// Kills everything in it.
pub fn kill(path: &Utf8Path) -> io::Result<()> {
    std::fs::write(path.join("cgroup.kill"), "1")
}

/// Removes it. The kernel calls it busy for a moment after its last process was reaped; what still can't be removed
/// then is left.
pub fn remove(path: &Utf8Path) {
    let until = Instant::now() + Duration::from_millis(500);
    while let Err(error) = std::fs::remove_dir(path) {
        if error.kind() != io::ErrorKind::ResourceBusy || Instant::now() > until {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
