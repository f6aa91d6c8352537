//! One sled: its configuration, its agent, and what outlives the agent.

use crate::hosts::Host;
use crate::place::Place;
use crate::{ClusterOptions, Hosts, Process, Programs, SmallDisk, end_leftovers, leftovers};
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::Command;
use std::sync::Arc;

/// Port of the first sled's agent. Each takes two: the next one is for guests that migrate to it.
const FIRST_PORT: u16 = 7601;

/// What runs a sled's guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hypervisor {
    /// QEMU; the agent finds out by a probe guest whether KVM works here.
    Qemu,
    /// QEMU without KVM and without the probe.
    Emulated,
    /// No guest at all.
    Simulated,
}

impl Hypervisor {
    fn settings(self) -> &'static str {
        match self {
            Self::Qemu => "hypervisor = \"qemu\"",
            Self::Emulated => "hypervisor = \"qemu\"\naccelerator = \"tcg\"",
            Self::Simulated => "hypervisor = \"simulated\"",
        }
    }
}

/// A sled that was configured; its agent runs unless it was stopped.
#[derive(Debug)]
pub struct Sled {
    name: String,
    number: u16,
    place: Place,
    programs: Programs,
    hosts: Option<Arc<Hosts>>,
    process: Option<Process>,
    state_disk: Option<SmallDisk>,
}

impl Sled {
    /// Writes the configuration of the `number`-th sled (from 1); doesn't start its agent.
    pub(crate) fn configure(
        place: &Place,
        number: u16,
        options: &ClusterOptions,
        nexus: &[String],
    ) -> Result<Self> {
        let mut sled = Self {
            name: format!("sled-{number}"),
            number,
            place: place.clone(),
            programs: options.programs.clone(),
            hosts: options.hosts.clone(),
            process: None,
            state_disk: None,
        };
        let state_disk = options.state_mib.map(|mib| SmallDisk::mount(&sled.state_directory(), mib));
        sled.state_disk = state_disk.transpose()?;
        let address = sled.host().map_or(options.address, Host::address);
        let (name, state, run) = (&sled.name, sled.state_directory(), sled.run_directory());
        let (local, shared) = (sled.pool_directory(), place.directory.join("shared"));
        for directory in [&local, &shared] {
            std::fs::create_dir_all(directory).with_context(|| format!("making {directory}"))?;
        }
        let (listen, hypervisor) =
            (format!("{address}:{}", FIRST_PORT + 2 * (number - 1)), options.hypervisor.settings());
        let (cpus, more) = (options.sled_cpus, &options.sled_settings);
        let memory_mib = u64::from(cpus) * 1024;
        let (token, authority) = (sled.join_token_file(), place.authority_file());
        let text = format!(
            "name = {name:?}\nstate_dir = {state:?}\nrun_dir = {run:?}\nlisten = {listen:?}\nnexus = {nexus:?}\n\
             cpus = {cpus}\nmemory_mib = {memory_mib}\n{hypervisor}\n{more}\n\n\
             [join]\ntoken_file = {token:?}\nca_file = {authority:?}\n\n[log]\nlevel = \"debug\"\n\n\
             [[pools]]\nname = \"local\"\nkind = \"local\"\npath = {local:?}\n\n\
             [[pools]]\nname = \"shared\"\nkind = \"shared\"\npath = {shared:?}\n"
        );
        std::fs::write(sled.configuration(), text).with_context(|| format!("configuring {name}"))?;
        Ok(sled)
    }

    /// `sled-1`
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says.
    pub fn log(&self) -> Utf8PathBuf {
        self.place.directory.join(format!("{}.log", self.name))
    }

    /// Its configuration file.
    pub fn configuration(&self) -> Utf8PathBuf {
        self.place.directory.join(format!("{}.toml", self.name))
    }

    /// What survives a restart of the host: ledger, key, images.
    pub fn state_directory(&self) -> Utf8PathBuf {
        self.place.directory.join(&self.name).join("state")
    }

    /// Sockets and shims of running VMMs.
    pub fn run_directory(&self) -> Utf8PathBuf {
        self.place.run.join(&self.name)
    }

    /// Its own storage pool.
    pub fn pool_directory(&self) -> Utf8PathBuf {
        self.place.directory.join(&self.name).join("pool")
    }

    pub(crate) fn join_token_file(&self) -> Utf8PathBuf {
        self.place.directory.join(format!("{}.join-token", self.name))
    }

    /// Starts its agent, or does nothing if it runs.
    ///
    /// # Errors
    /// When the program can't be started.
    pub fn start(&mut self) -> Result<()> {
        if self.process.as_mut().is_some_and(|process| process.runs().unwrap_or(false)) {
            return Ok(());
        }
        let mut command = Command::new(self.programs.sled_agent());
        command.args(["run", "--config"]).arg(self.configuration());
        let log = self.log();
        let started = match self.host() {
            Some(host) => host.within(|| Process::start(&self.name, command, &log))?,
            None => Process::start(&self.name, command, &log),
        };
        self.process = Some(started?);
        Ok(())
    }

    /// Its host, if it has one of its own.
    fn host(&self) -> Option<&Host> {
        self.hosts.as_ref()?.sled(self.number)
    }

    /// Its agent's process.
    ///
    /// # Errors
    /// When it was never started.
    pub fn process(&mut self) -> Result<&mut Process> {
        self.process.as_mut().with_context(|| format!("{} was never started", self.name))
    }

    /// kill −9 of the agent; shims and guests live on.
    ///
    /// # Errors
    /// When it doesn't run.
    pub fn kill_hard(&mut self) -> Result<()> {
        self.process()?.kill_hard()
    }

    /// kill −9 of the agent, its shims and its guests, as one: none of them sees, or says, that another ended.
    ///
    /// # Errors
    /// When the agent doesn't run, or something lives on.
    pub fn kill_all_hard(&mut self) -> Result<()> {
        self.process()?.freeze()?;
        for (pid, _) in leftovers(&[self.run_directory()])? {
            // It may have gone since.
            let _ = kill(pid, Signal::SIGSTOP);
        }
        self.process()?.kill_hard()?;
        end_leftovers(&[self.run_directory()]).map(drop)
    }

    /// Nexus and its host don't hear each other any more; the hosts still do. To be called where the world is.
    ///
    /// # Errors
    /// When it has no host of its own, or `ip` fails.
    pub fn cut_from_nexus(&self) -> Result<()> {
        self.hosts()?.cut(self.number)
    }

    /// Undoes [`Sled::cut_from_nexus`].
    ///
    /// # Errors
    /// As there.
    pub fn mend_to_nexus(&self) -> Result<()> {
        self.hosts()?.mend(self.number)
    }

    fn hosts(&self) -> Result<&Hosts> {
        self.hosts.as_deref().with_context(|| format!("{} has no host of its own", self.name))
    }

    /// The disk that its state is on.
    ///
    /// # Errors
    /// When it has none of its own.
    pub fn state_disk(&self) -> Result<&SmallDisk> {
        self.state_disk.as_ref().with_context(|| format!("the state of {} has no disk of its own", self.name))
    }

    /// Takes that disk away; nobody may need it any more.
    pub(crate) fn unmount(&mut self) {
        self.state_disk = None;
    }

    /// Asks the agent to end; shims and guests live on.
    ///
    /// # Errors
    /// When it had to be killed.
    pub fn stop(&mut self) -> Result<()> {
        match &mut self.process {
            Some(process) => process.stop().map(drop),
            None => Ok(()),
        }
    }

    /// The command that shuts its host's guests down, by the agent or without it.
    pub fn shutdown_command(&self, deadline_s: u64) -> Command {
        let mut command = Command::new(self.programs.sled_agent());
        command.args(["shutdown", "--config"]).arg(self.configuration());
        command.args(["--deadline", &deadline_s.to_string()]);
        command
    }

    /// The QEMU processes of this sled: pid and arguments.
    ///
    /// # Errors
    /// When processes can't be listed.
    pub fn guests(&self) -> Result<Vec<(Pid, String)>> {
        let ours = leftovers(&[self.run_directory()])?;
        Ok(ours
            .into_iter()
            .filter(|(_, arguments)| arguments.split(' ').next().is_some_and(is_qemu))
            .collect())
    }

    pub(crate) fn leave(self) {
        if let Some(process) = self.process {
            process.leave();
        }
    }
}

fn is_qemu(program: &str) -> bool {
    program.rsplit('/').next().is_some_and(|name| name.starts_with("qemu-"))
}
