//! The program `sled-agent`: its subcommands, its start and its end.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};
use clap::{Parser, Subcommand};
use nix::fcntl::{Flock, FlockArg};
use slog::{Logger, info};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{self, AcceleratorChoice, Config, HypervisorChoice};
use crate::hypervisor::Hypervisor;
use crate::hypervisor::qemu::command_line::Accelerator;
use crate::hypervisor::qemu::{Qemu, QemuConfig};
use crate::hypervisor::simulated::{Simulated, SimulatedClock};
use crate::server::Agent;
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
    let _alone = lock(&config.state_dir)?;
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

/// Two agents on one ledger would each undo what the other does.
fn lock(state_dir: &Utf8Path) -> anyhow::Result<Flock<std::fs::File>> {
    let path = state_dir.join("lock");
    let file = std::fs::File::create(&path).with_context(|| format!("{path} can't be made"))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock)
        .map_err(|_| anyhow::anyhow!("another sled-agent runs on {state_dir}; end it first"))
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
