//! One nexus: its configuration, its process, its doors.

use crate::place::Place;
use crate::{Process, Programs};
use anyhow::{Context, Result, bail};
use camino::Utf8PathBuf;
use std::net::Ipv4Addr;
use std::process::Command;

/// Ports of the first nexus; the next ones follow in steps of two.
const FIRST_PUBLIC_PORT: u16 = 7443;
const FIRST_INTERNAL_PORT: u16 = 7444;

/// A nexus that was configured, and runs unless it was stopped.
#[derive(Debug)]
pub struct Nexus {
    name: String,
    place: Place,
    programs: Programs,
    public: String,
    internal: String,
    process: Option<Process>,
}

impl Nexus {
    /// Writes the configuration of the `number`-th nexus (from 1); doesn't start it.
    pub(crate) fn configure(
        programs: &Programs,
        place: &Place,
        number: u16,
        address: Ipv4Addr,
        database: &str,
        more: &str,
    ) -> Result<Self> {
        let step = (number - 1) * 2;
        let nexus = Self {
            name: format!("nexus-{number}"),
            place: place.clone(),
            programs: programs.clone(),
            public: format!("{address}:{}", FIRST_PUBLIC_PORT + step),
            internal: format!("{address}:{}", FIRST_INTERNAL_PORT + step),
            process: None,
        };
        let Self { name, public, internal, .. } = &nexus;
        let state = nexus.state_directory();
        let text = format!(
            "name = {name:?}\nstate_dir = {state:?}\n\n[public]\nlisten = {public:?}\n\n\
             [internal]\nlisten = {internal:?}\n\n[database]\nurl = {database:?}\n\n\
             [log]\nlevel = \"debug\"\nformat = \"text\"\n\n{more}\n"
        );
        std::fs::write(nexus.configuration(), text).with_context(|| format!("configuring {name}"))?;
        Ok(nexus)
    }

    /// `nexus-1`
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `127.…:port` of the door for users.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// `https://…` of the door for users.
    pub fn url(&self) -> String {
        format!("https://{}", self.public)
    }

    /// `127.…:port` of the door for sleds.
    pub fn internal(&self) -> &str {
        &self.internal
    }

    /// What it says.
    pub fn log(&self) -> Utf8PathBuf {
        self.place.directory.join(format!("{}.log", self.name))
    }

    /// Its configuration file.
    pub fn configuration(&self) -> Utf8PathBuf {
        self.place.directory.join(format!("{}.toml", self.name))
    }

    /// Its own folder: key material, and the first admin token.
    pub fn state_directory(&self) -> Utf8PathBuf {
        self.place.directory.join(&self.name)
    }

    /// The first admin's token, once the first nexus has made the cluster.
    pub fn admin_token_file(&self) -> Utf8PathBuf {
        self.state_directory().join("admin-token")
    }

    /// The certificate of the cluster's authority.
    pub(crate) fn authority_file(&self) -> Utf8PathBuf {
        self.state_directory().join("ca.pem")
    }

    /// Starts it, or does nothing if it runs.
    ///
    /// # Errors
    /// When the program can't be started.
    pub fn start(&mut self) -> Result<()> {
        self.start_with(&[])
    }

    /// Starts it with more in its environment (fault injection).
    ///
    /// # Errors
    /// As [`Nexus::start`].
    pub fn start_with(&mut self, environment: &[(&str, &str)]) -> Result<()> {
        if self.process.as_mut().is_some_and(|process| process.runs().unwrap_or(false)) {
            return Ok(());
        }
        let mut command = Command::new(self.programs.nexus());
        command.args(["run", "--config"]).arg(self.configuration()).envs(environment.iter().copied());
        self.process = Some(Process::start(&self.name, command, &self.log())?);
        Ok(())
    }

    /// Runs `nexus check` with its configuration, whether it runs or not; returns the differences, one a line.
    ///
    /// # Errors
    /// When the check itself couldn't be made.
    pub fn check(&self) -> Result<Vec<String>> {
        let mut command = Command::new(self.programs.nexus());
        command.args(["check", "--config"]).arg(self.configuration());
        let output = command.output().context("starting nexus check")?;
        let said = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            return Ok(Vec::new());
        }
        if said.trim().is_empty() {
            bail!("nexus check failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(said.lines().map(str::to_owned).collect())
    }

    /// Its process.
    ///
    /// # Errors
    /// When it was never started.
    pub fn process(&mut self) -> Result<&mut Process> {
        self.process.as_mut().with_context(|| format!("{} was never started", self.name))
    }

    /// kill −9.
    ///
    /// # Errors
    /// When it doesn't run.
    pub fn kill_hard(&mut self) -> Result<()> {
        self.process()?.kill_hard()
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// When it had to be killed.
    pub fn stop(&mut self) -> Result<()> {
        match &mut self.process {
            Some(process) => process.stop().map(drop),
            None => Ok(()),
        }
    }

    pub(crate) fn leave(self) {
        if let Some(process) = self.process {
            process.leave();
        }
    }
}
