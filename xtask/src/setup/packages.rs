//! Debian packages: which are missing, and installing them without starting any daemon of theirs.

use crate::program;
use crate::steps::{Step, step};
use anyhow::{Context, Result, bail};
use berth_postgres::Binaries;
use nix::unistd::geteuid;
use std::path::Path;
use std::process::Command;

/// How to tell that a package's work is there, whoever put it there.
#[derive(Debug)]
enum Sign {
    /// A program in one of the usual directories.
    Program(&'static str),
    /// The package itself, as dpkg knows it.
    Installed,
    /// A PostgreSQL new enough for us.
    PostgreSql,
    /// Python can make environments.
    PythonEnvironments,
}

/// A package and how to tell that it isn't needed.
#[derive(Debug)]
pub struct Package {
    name: &'static str,
    sign: Sign,
}

const fn with_program(name: &'static str, program: &'static str) -> Package {
    Package { name, sign: Sign::Program(program) }
}

/// For building and running Berth, and for the guests it shows.
pub const FOR_PROGRAMS: [Package; 11] = [
    with_program("gcc", "cc"),
    with_program("binutils", "strip"),
    with_program("qemu-system-x86", "qemu-system-x86_64"),
    with_program("qemu-utils", "qemu-img"),
    Package { name: "postgresql-15", sign: Sign::PostgreSql },
    Package { name: "busybox-static", sign: Sign::Installed },
    with_program("iproute2", "ip"),
    with_program("nftables", "nft"),
    // How a kernel is packed differs between releases.
    with_program("lz4", "lz4"),
    with_program("xz-utils", "xz"),
    with_program("zstd", "zstd"),
];

/// For the tests besides.
pub const FOR_TESTS: [Package; 2] =
    [with_program("cpio", "cpio"), Package { name: "python3-venv", sign: Sign::PythonEnvironments }];

/// Where programs are, also for users whose `PATH` lacks the administrator's directories.
const PROGRAM_DIRECTORIES: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// Installs packages. PostgreSQL's would make and start a server of its own, and others would start their
/// daemons: both are switched off for the while, unless this machine has its own rules about it.
const INSTALL: &str = r#"
set -e
if ! [ -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
fi
if ! [ -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    trap 'exit 130' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
fi
export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1
apt-get --yes --quiet --no-install-recommends -o Dpkg::Options::=--force-confold \
    -o DPkg::Lock::Timeout=120 install "$@"
"#;

/// Installs those whose work isn't there.
pub fn install_missing(packages: &[Package]) -> Result<()> {
    step("packages", |step| {
        let missing: Vec<&str> =
            packages.iter().filter(|package| !is_there(package)).map(|p| p.name).collect();
        if missing.is_empty() {
            step.note("nothing is missing");
            return Ok(());
        }
        step.say(&format!("missing: {}", missing.join(" ")));
        install(step, &missing)?;
        step.note(format!("installed {}", missing.join(" ")));
        Ok(())
    })
}

/// `apt-get update`, for an index that is empty or older than the mirror.
pub fn refresh_index(step: &Step) -> Result<()> {
    step.doing("apt-get update");
    let mut command = privileged("apt-get")?;
    command.args(["--quiet", "update"]);
    program::in_step(step, command).context("the package index can't be refreshed; is this machine online?")
}

fn install(step: &Step, missing: &[&str]) -> Result<()> {
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!("this isn't Debian; install by its own means what these packages have: {}", missing.join(" "));
    }
    let words = match satisfiable(missing) {
        Some(words) => words,
        None => {
            refresh_index(step)?;
            satisfiable(missing).with_context(|| unsatisfiable(missing))?
        }
    };
    let mut command = privileged("sh")?;
    command.args(["-c", INSTALL, "install"]).args(&words);
    program::in_step(step, command).with_context(|| {
        format!(
            "installing failed; see what `apt-get install {}` says as root, then try again",
            missing.join(" ")
        )
    })
}

/// The first way to install these that the package manager finds possible. The second way is for a machine
/// whose qemu-utils is newer than this release's emulator, which it then breaks.
fn satisfiable(missing: &[&str]) -> Option<Vec<String>> {
    let plain: Vec<String> = missing.iter().map(|name| (*name).to_owned()).collect();
    let mut ways = vec![plain.clone()];
    if missing.iter().any(|name| name.starts_with("qemu-"))
        && let Some(release) = release()
    {
        let mut way: Vec<String> = plain.into_iter().filter(|name| !name.starts_with("qemu-")).collect();
        way.push("--allow-downgrades".to_owned());
        way.extend(["qemu-system-x86", "qemu-utils"].map(|name| format!("{name}/{release}")));
        ways.push(way);
    }
    ways.into_iter().find(|way| program::succeeds(simulation(way)))
}

fn simulation(words: &[String]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(["--simulate", "--no-install-recommends", "install"]).args(words);
    command
}

fn unsatisfiable(missing: &[&str]) -> String {
    let words: Vec<String> = missing.iter().map(|name| (*name).to_owned()).collect();
    let why = program::text(simulation(&words)).err().map(|error| format!("{error:#}")).unwrap_or_default();
    format!("the package manager finds no way to install {}: {why}", missing.join(" "))
}

/// `VERSION_CODENAME` of this machine's release.
fn release() -> Option<String> {
    let text = std::fs::read_to_string("/etc/os-release").ok()?;
    text.lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .map(|name| name.trim_matches('"').to_owned())
}

/// A command as root: we are, or sudo makes us so without a question.
fn privileged(program: &str) -> Result<Command> {
    if geteuid().is_root() {
        return Ok(Command::new(program));
    }
    let mut ask = Command::new("sudo");
    ask.args(["-n", "true"]);
    if !program::succeeds(ask) {
        bail!(
            "installing packages needs root: run `sudo -v` first, or `sudo cargo xtask setup`, then try again"
        );
    }
    let mut command = Command::new("sudo");
    command.args(["-n", "--", program]);
    Ok(command)
}

fn is_there(package: &Package) -> bool {
    match package.sign {
        Sign::Program(program) => {
            PROGRAM_DIRECTORIES.iter().any(|directory| Path::new(directory).join(program).exists())
        }
        Sign::Installed => {
            let mut command = Command::new("dpkg-query");
            command.args(["--show", "--showformat=${db:Status-Status}", package.name]);
            program::text(command).is_ok_and(|status| status == "installed")
        }
        Sign::PostgreSql => Binaries::find().is_ok(),
        Sign::PythonEnvironments => {
            let mut command = Command::new("python3");
            command.args(["-c", "import ensurepip, venv"]);
            program::succeeds(command)
        }
    }
}
