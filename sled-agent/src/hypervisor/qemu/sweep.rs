//! Every process that works in this agent's run directory, whoever started it.

use berth_common::ids::VmmUuid;
use camino::{Utf8Path, Utf8PathBuf};

use super::failed;
use crate::hypervisor::{Found, LaunchError};

/// Looks at all processes and at all folders. A shim and its QEMU work in the folder of their VMM; what only names it
/// in its arguments counts too. A folder in which nobody works is listed without a process.
pub(super) fn sweep(run_dir: &Utf8Path) -> Result<Vec<Found>, LaunchError> {
    let vmms = run_dir.join("vmms");
    let mut found: Vec<Found> = Vec::new();
    for entry in std::fs::read_dir("/proc").map_err(|error| failed("/proc".into(), &error))? {
        let pid = entry.ok().and_then(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        found.extend(pid.and_then(|pid| look(pid, &vmms)));
    }
    for entry in vmms.read_dir_utf8().map_err(|error| failed(&vmms, &error))? {
        let Ok(entry) = entry else { continue };
        let vmm = entry.file_name().parse::<VmmUuid>().ok();
        if vmm.is_none() || !found.iter().any(|process| process.vmm == vmm) {
            found.push(Found { vmm, pid: None, what: format!("the folder {}", entry.file_name()) });
        }
    }
    Ok(found)
}

/// What a process is, if it is any of ours. One that ended while being looked at is none.
fn look(pid: i32, vmms: &Utf8Path) -> Option<Found> {
    if pid == i32::try_from(std::process::id()).ok()? {
        return None;
    }
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let arguments: Vec<String> =
        command.split(|byte| *byte == 0).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    let program = Utf8Path::new(arguments.first()?).file_name()?.to_owned();
    let is_shim = arguments.get(1).is_some_and(|argument| argument == "shim");
    if !is_shim && !program.starts_with("qemu-system") {
        return None;
    }
    let works_in = std::fs::read_link(format!("/proc/{pid}/cwd")).ok();
    let works_in = works_in.and_then(|path| Utf8PathBuf::from_path_buf(path).ok());
    let named = arguments.iter().find_map(|argument| Some(&argument[argument.find(vmms.as_str())?..]));
    let folder = works_in
        .as_deref()
        .and_then(|path| path.strip_prefix(vmms).ok())
        .or_else(|| Utf8Path::new(named?).strip_prefix(vmms).ok())?;
    let vmm = folder.components().next().and_then(|first| first.as_str().parse().ok());
    let what = if is_shim { format!("shim of {folder}") } else { format!("{program} of {folder}") };
    Some(Found { vmm, pid: Some(pid), what })
}
