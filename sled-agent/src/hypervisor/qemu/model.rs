//! What guests see of a machine, by names that mean the same on every host: a live migration needs the same at both
//! ends, so nothing here may change by itself when QEMU or the host is upgraded without the name changing too.

use camino::Utf8Path;
use tokio::process::Command;

use super::command_line::Accelerator;
use super::{failed, off_runtime};
use crate::hypervisor::LaunchError;

/// The family whose newest version is taken where none is configured.
const FAMILY: &str = "q35";

/// The versioned machine type: the one that is configured, if QEMU has it, else what `q35` stands for.
///
/// # Errors
/// In words, when QEMU can't be asked, or doesn't have the type.
pub(super) async fn machine_type(program: &Utf8Path, wanted: Option<&str>) -> Result<String, LaunchError> {
    let output = Command::new(program).args(["-machine", "help"]).kill_on_drop(true).output().await;
    let output = output.map_err(|error| failed(program, &error))?;
    choose(&String::from_utf8_lossy(&output.stdout), wanted)
}

fn choose(help: &str, wanted: Option<&str>) -> Result<String, LaunchError> {
    let mut offered = help.lines().filter_map(|line| line.split_whitespace().next());
    if let Some(wanted) = wanted {
        return match offered.find(|name| *name == wanted) {
            Some(_) if wanted.starts_with("pc-q35-") => Ok(wanted.to_owned()),
            Some(_) => Err(LaunchError(format!("machine type {wanted} isn't a versioned q35: pc-q35-… are"))),
            None => Err(LaunchError(format!("QEMU has no machine type {wanted}; see `-machine help`"))),
        };
    }
    let alias = help.lines().find(|line| line.split_whitespace().next() == Some(FAMILY));
    let name = alias.and_then(|line| line.split_once("(alias of ")?.1.split_once(')'));
    match name {
        Some((name, _)) => Ok(name.to_owned()),
        None => {
            Err(LaunchError(format!("QEMU doesn't say which version {FAMILY} is; configure `machine_type`")))
        }
    }
}

/// The CPU model in words that are equal on two hosts only if a guest sees the same CPU on both. Under KVM guests see
/// the host's own, so its name and all its features are part of it.
///
/// # Errors
/// In words, when the host doesn't say what CPU it has.
pub(super) async fn cpu_model(accelerator: Accelerator) -> Result<String, LaunchError> {
    if accelerator == Accelerator::Tcg {
        return Ok(accelerator.cpu_model().to_owned());
    }
    let path = Utf8Path::new("/proc/cpuinfo");
    let text =
        off_runtime(move || std::fs::read_to_string(path).map_err(|error| failed(path, &error))).await?;
    Ok(format!("{} {}", accelerator.cpu_model(), host_cpu(&text)))
}

fn host_cpu(cpuinfo: &str) -> String {
    let value = |key: &str| {
        let line = cpuinfo.lines().find(|line| line.split(':').next().map(str::trim) == Some(key));
        line.and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim())
    };
    let mut features: Vec<&str> = value("flags").split_whitespace().collect();
    features.sort_unstable();
    format!("{} {:08x}", value("model name"), crc32fast::hash(features.join(" ").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "Supported machines are:
microvm              microvm (i386)
q35                  Standard PC (Q35 + ICH9, 2009) (alias of pc-q35-7.2)
pc-q35-7.2           Standard PC (Q35 + ICH9, 2009)
pc-q35-7.1           Standard PC (Q35 + ICH9, 2009)
";

    #[test]
    fn the_newest_version_is_taken_by_its_own_name_unless_one_is_configured() {
        assert_eq!(choose(HELP, None).expect("an alias"), "pc-q35-7.2");
        assert_eq!(choose(HELP, Some("pc-q35-7.1")).expect("offered"), "pc-q35-7.1");
    }

    #[test]
    fn what_isnt_there_or_has_no_version_is_refused() {
        for wanted in ["pc-q35-9.9", "q35", "microvm", "pc-q35-7.2,usb=on"] {
            assert!(choose(HELP, Some(wanted)).is_err(), "{wanted}");
        }
        assert!(choose("Supported machines are:\n", None).is_err());
    }

    #[test]
    fn hosts_differ_by_cpu_and_features_and_not_by_their_order() {
        let cpu =
            |flags: &str| host_cpu(&format!("processor\t: 0\nmodel name\t: A CPU\nflags\t\t: {flags}\n"));
        assert_eq!(cpu("sse avx"), cpu("avx sse"));
        assert_ne!(cpu("sse avx"), cpu("sse avx2"));
        assert!(cpu("sse").starts_with("A CPU "));
    }
}
