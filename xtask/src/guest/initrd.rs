//! The guest's first file system: busybox, the modules it needs and our scripts of `xtask/guest`.

use super::archive::{Archive, Entry};
use super::kernel::Module;
use crate::program;
use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use std::process::Command;

/// Statically linked, from the package busybox-static.
pub const BUSYBOX: &str = "/bin/busybox";

/// One of our scripts and where it goes.
pub struct Script {
    pub source: &'static str,
    path: &'static str,
}

pub const SCRIPTS: [Script; 5] = [
    Script { source: "init", path: "init" },
    Script { source: "witness", path: "witness" },
    Script { source: "load", path: "load" },
    Script { source: "farewell", path: "farewell" },
    // busybox's acpid knows the power button by this name.
    Script { source: "power-button", path: "etc/acpi/PWRF/00000080" },
];

const DIRECTORIES: [&str; 10] =
    ["bin", "dev", "etc", "etc/acpi", "etc/acpi/PWRF", "lib", "lib/modules", "proc", "sys", "tmp"];

/// The archive for a guest that answers the power button with `button`. Not compressed: unpacking in an
/// emulated guest takes longer than reading it.
pub fn build(scripts: &Utf8Path, modules: &[Module], button: &str) -> Result<Vec<u8>> {
    let mut archive = Archive::default();
    for directory in DIRECTORIES {
        archive.add(directory, &Entry::Directory);
    }
    archive.add("dev/console", &Entry::Device { major: 5, minor: 1 });
    let busybox = std::fs::read(BUSYBOX).with_context(|| format!("reading {BUSYBOX}"))?;
    archive.add("bin/busybox", &Entry::File { content: &busybox, executable: true });
    for applet in applets()? {
        archive.add(&format!("bin/{applet}"), &Entry::Link { to: "busybox" });
    }
    for module in modules {
        let path = format!("lib/modules/{}.ko", module.name);
        archive.add(&path, &Entry::File { content: &module.content, executable: false });
    }
    for Script { source, path } in &SCRIPTS {
        let content =
            std::fs::read(scripts.join(source)).with_context(|| format!("reading guest script {source}"))?;
        archive.add(path, &Entry::File { content: &content, executable: true });
    }
    let answer = format!("{button}\n");
    archive.add("etc/berth-button", &Entry::File { content: answer.as_bytes(), executable: false });
    Ok(archive.finish())
}

/// What busybox can be called as, sorted; the guest gets a link for each.
fn applets() -> Result<Vec<String>> {
    let mut command = Command::new(BUSYBOX);
    command.arg("--list");
    let text = program::text(command)?;
    let mut applets: Vec<String> =
        text.lines().filter(|applet| *applet != "busybox").map(str::to_owned).collect();
    applets.sort();
    for needed in ["acpid", "dd", "insmod", "poweroff", "usleep"] {
        if !applets.iter().any(|applet| applet == needed) {
            bail!("{BUSYBOX} has no {needed}; install busybox-static (`cargo xtask setup`)");
        }
    }
    Ok(applets)
}
