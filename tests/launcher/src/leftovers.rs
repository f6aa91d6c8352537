//! Processes of a cluster that outlive who started them: shims and guests do so on purpose.
//!
//! They are known by their program, and by a directory of the cluster in their arguments or as the one they
//! work in; nothing else that names such a directory (an editor, a pager) is touched.

use crate::wait;
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::Duration;

/// Beginnings of the names of programs a cluster is made of.
pub(crate) const PROGRAMS: [&str; 3] = ["nexus", "sled-agent", "qemu-"];

/// Live processes of the cluster in these directories: pid and arguments.
///
/// # Errors
/// When processes can't be listed.
pub fn leftovers(directories: &[Utf8PathBuf]) -> Result<Vec<(Pid, String)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        // Processes come and go while we look: what can't be read is gone, and a zombie has no arguments.
        let Ok(program) = std::fs::read_link(entry.path().join("exe")) else { continue };
        let name = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !PROGRAMS.iter().any(|beginning| name.starts_with(beginning)) {
            continue;
        }
        let Ok(arguments) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let arguments = String::from_utf8_lossy(&arguments).replace('\0', " ");
        let works_in = std::fs::read_link(entry.path().join("cwd")).unwrap_or_default();
        let ours = |directory: &Utf8PathBuf| names(&arguments, directory) || works_in.starts_with(directory);
        if directories.iter().any(ours) {
            found.push((Pid::from_raw(pid), arguments));
        }
    }
    Ok(found)
}

/// Kills them, in rounds, because one may start another while it dies.
///
/// # Errors
/// When some live on after a minute.
pub fn end_leftovers(directories: &[Utf8PathBuf]) -> Result<usize> {
    let mut ended = std::collections::BTreeSet::new();
    wait::until_the_end("the cluster's processes end", Duration::from_secs(60), || {
        let found = leftovers(directories)?;
        for (pid, _) in &found {
            // It may have gone since.
            let _ = kill(*pid, Signal::SIGKILL);
            ended.insert(*pid);
        }
        Ok(found.is_empty().then_some(()))
    })?;
    Ok(ended.len())
}

/// Whether arguments name something in the directory, and not in one whose name only begins alike.
fn names(arguments: &str, directory: &Utf8Path) -> bool {
    arguments.match_indices(directory.as_str()).any(|(at, found)| {
        let after = arguments[at + found.len()..].chars().next();
        after.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_only_begins_alike_is_another() {
        let directory = Utf8Path::new("/x/demo");
        assert!(names("nexus --config /x/demo/nexus.toml", directory));
        assert!(names("qemu -drive file=/x/demo/a,if=none", directory));
        assert!(names("nexus /x/demo", directory));
        assert!(!names("nexus --config /x/demo-2/nexus.toml", directory));
        assert!(!names("nexus --config /x/demo2/nexus.toml", directory));
    }
}
