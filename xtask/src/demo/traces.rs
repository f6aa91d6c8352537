//! What must not be left of deleted guests: processes, files, rows.

use anyhow::{Context, Result, ensure};
use berth_launcher::{Cluster, until};
use std::time::Duration;

/// Cleaning up goes on in the background for a moment after the last operation.
const LIMIT: Duration = Duration::from_secs(15);

/// Tables that are empty when there is no instance and no disk.
const TABLES: [&str; 8] =
    ["instance", "vmm", "disk", "nic", "reservation", "migration", "start_attempt", "stop_delivery"];

/// Folder of a sled's state where it keeps what its latest guests printed.
const SERIAL_ARCHIVE: &str = "serial";

/// Fails unless nothing but the cluster's own programs is there; `ids` are those of what was deleted.
pub fn expect_none(cluster: &Cluster, ids: &[String]) -> Result<()> {
    let mut found = Vec::new();
    until("nothing is left", LIMIT, || {
        found = [processes(cluster)?, files(cluster, ids), rows(cluster)?].concat();
        Ok(found.is_empty().then_some(()))
    })
    .with_context(|| format!("left are:\n  {}", found.join("\n  ")))?;
    let own = cluster.nexus.len() + cluster.sleds.len();
    ensure!(cluster.processes()?.len() == own, "a program of the cluster is gone");
    Ok(())
}

/// Guests and the shims that hold them.
fn processes(cluster: &Cluster) -> Result<Vec<String>> {
    let all = cluster.processes()?.into_iter();
    let guests = all.filter(|(_, words)| words.contains("qemu-") || words.split(' ').nth(1) == Some("shim"));
    Ok(guests.map(|(pid, words)| format!("process {pid}: {words}")).collect())
}

/// Files and directories called after one of them. What an agent remembers on purpose stays: that something must
/// never run or be made again (tombstones), and what the latest guests printed (its archive of serial logs).
fn files(cluster: &Cluster, ids: &[String]) -> Vec<String> {
    let mut open = vec![cluster.directory().to_owned(), cluster.run_directory().to_owned()];
    let mut found = Vec::new();
    while let Some(directory) = open.pop() {
        // What vanishes while we look isn't left.
        for entry in directory.read_dir_utf8().into_iter().flatten().flatten() {
            let (path, name) = (entry.path().to_owned(), entry.file_name());
            let is_memory = path.as_str().contains("tombstone") || name.ends_with(".deleted");
            if !is_memory && ids.iter().any(|id| name.contains(id.as_str())) {
                found.push(format!("file {path}"));
            }
            let is_open = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_open && !["postgres", SERIAL_ARCHIVE].contains(&name) {
                open.push(path);
            }
        }
    }
    found
}

fn rows(cluster: &Cluster) -> Result<Vec<String>> {
    let counts: Vec<String> = TABLES
        .iter()
        .map(|table| format!("SELECT '{table}', count(*) FROM {table} HAVING count(*) > 0"))
        .collect();
    let text = cluster.sql(&counts.join(" UNION ALL "))?;
    Ok(text.lines().map(|line| format!("rows of {}", line.replace('|', ": "))).collect())
}
