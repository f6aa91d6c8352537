//! The program `sled-agent`: its subcommands, its start and its end.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use berth_common::span::span;
use camino::{Utf8Path, Utf8PathBuf};
use clap::{Parser, Subcommand};
use slog::{Logger, info};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{self, AcceleratorChoice, Config, HypervisorChoice};
use crate::hypervisor::Hypervisor;
use crate::hypervisor::qemu::command_line::Accelerator;
use crate::hypervisor::qemu::{Qemu, QemuConfig};
use crate::hypervisor::simulated::{Simulated, SimulatedClock};
use crate::server::Agent;
use crate::shutdown::alone::Alone;
use crate::shutdown::{ask, table};
use crate::{join, logging};

/// Runs virtual machines on this host, for a Berth cluster.
#[derive(Debug, Parser)]
#[command(name = "sled-agent", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the agent (joins the cluster first, if this host isn't a sled yet).
    Run {
        /// The configuration file.
        #[arg(long)]
        config: Utf8PathBuf,
        /// Check the configuration file and do nothing else.
        #[arg(long)]
        check_config: bool,
    },
    /// Make this host a sled, by the token that the configuration names, and do nothing else.
    Join {
        /// The configuration file.
        #[arg(long)]
        config: Utf8PathBuf,
    },
    /// Shut down every guest of this host, in the order of their stop priorities. Works with and without a running
    /// agent, and never waits for nexus. Exit status: 0 all guests ended by themselves, 1 some guest was forced or
    /// could not be ended (the table says which), 2 it could not be carried out.
    Shutdown {
        /// The configuration file.
        #[arg(long, default_value = "/etc/berth/sled-agent.toml")]
        config: Utf8PathBuf,
        /// Time after which nothing shall run any more, as 90s or 5m.
        #[arg(long, value_name = "SPAN", value_parser = span, default_value = "5m")]
        deadline: Duration,
        /// End the agent first, if one runs, and do it from its ledger.
        #[arg(long, hide = true)]
        without_agent: bool,
    },
    /// Print a configuration file with every key, its default and what it means.
    ConfigExample,
    /// Hold one VMM's hypervisor process. The agent starts it; people don't.
    #[command(hide = true)]
    Shim,
}

/// Runs the program. `shim` was told apart before: it starts no runtime.
pub fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::ConfigExample => {
            print!("{}", config::example());
            Ok(())
        }
        Command::Run { config, check_config: true } => check(&config),
        Command::Run { config, check_config: false } => with_runtime(&config, run),
        Command::Join { config } => with_runtime(&config, join_only),
        Command::Shutdown { config, deadline, without_agent } => {
            return shut_down(&config, deadline, without_agent);
        }
        Command::Shim => Err(anyhow::anyhow!("a shim is started by its agent alone")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sled-agent: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs `sled-agent shutdown`, and tells how it went.
fn shut_down(path: &Utf8Path, within: Duration, without_agent: bool) -> ExitCode {
    let mut status = table::STATUS_FAILED;
    let done = with_runtime(path, async |config, log| {
        let table = ask::shutdown(&config, within, without_agent, &log).await?;
        status = table.status();
        // Whoever asked may have gone.
        drop(writeln!(std::io::stdout(), "\n{table}"));
        Ok(())
    });
    if let Err(error) = done {
        eprintln!("sled-agent: the host's guests were not shut down: {error:#}");
    }
    ExitCode::from(status)
}

fn check(path: &Utf8Path) -> anyhow::Result<()> {
    Config::read(path)?;
    println!("{path} is fine");
    Ok(())
}

fn with_runtime(
    path: &Utf8Path,
    run: impl AsyncFnOnce(Config, Logger) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    berth_transport::install_provider();
    let log = logging::logger(config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime")?;
    runtime.block_on(run(config, log))
}

async fn join_only(config: Config, log: Logger) -> anyhow::Result<()> {
    let keys = join::keys(&config, &log).await?;
    println!("this host is {}", keys.identity());
    Ok(())
}

async fn run(config: Config, log: Logger) -> anyhow::Result<()> {
    for dir in [&config.state_dir, &config.run_dir] {
        std::fs::create_dir_all(dir).with_context(|| format!("{dir} can't be made"))?;
    }
    let alone = Alone::take(&config.state_dir)?;
    let Some(_alone) = alone else {
        anyhow::bail!("another sled-agent runs on {}; end it first", config.state_dir)
    };
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let hypervisor = hypervisor(&config, &log).await?;
    let keys = tokio::select! {
        keys = join::keys(&config, &log) => keys?,
        _ = terminated.recv() => return Ok(()),
        _ = interrupted.recv() => return Ok(()),
    };
    let agent = Agent::start(&config, keys, hypervisor, &log).await?;
    // For whoever waits for the start; nobody need listen.
    drop(writeln!(std::io::stdout(), "sled-agent serves at {}", agent.advertised()));
    tokio::select! {
        _ = terminated.recv() => info!(log, "told to end; guests run on"),
        _ = interrupted.recv() => info!(log, "interrupted; guests run on"),
    }
    agent.close().await;
    Ok(())
}

async fn hypervisor(config: &Config, log: &Logger) -> anyhow::Result<Arc<dyn Hypervisor>> {
    match config.hypervisor {
        HypervisorChoice::Simulated => {
            Ok(Arc::new(Simulated::open(&config.run_dir, SimulatedClock::begin())?))
        }
        HypervisorChoice::Qemu => {
            let qemu = Qemu::open(QemuConfig {
                run_dir: config.run_dir.clone(),
                probe_cache: config.state_dir.join("accelerator"),
                shim_program: Utf8PathBuf::try_from(std::env::current_exe().context("this program's path")?)?,
                program: "qemu-system-x86_64".into(),
                accelerator: match config.accelerator {
                    AcceleratorChoice::Auto => None,
                    AcceleratorChoice::Tcg => Some(Accelerator::Tcg),
                    AcceleratorChoice::Kvm => Some(Accelerator::Kvm),
                },
                machine_type: config.machine_type.clone(),
                log: log.clone(),
            });
            Ok(Arc::new(qemu.await?))
        }
    }
}
