//! The command line of `nexus`.

use std::process::ExitCode;

use anyhow::Context;
use berth_db::Db;
use camino::Utf8PathBuf;
use clap::{Parser, Subcommand};
use slog::{Drain, Level, Logger, info, o};

use crate::config::{Config, EXAMPLE, Log, LogFormat, LogLevel};
use crate::server::Server;
use crate::start_up;

/// The control plane's brain: owns every instance record, moves it by sagas, answers users and sleds.
#[derive(Debug, Parser)]
#[command(name = "nexus", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run until SIGTERM or SIGINT.
    Run {
        /// Configuration file.
        #[arg(long)]
        config: Utf8PathBuf,
        /// Only read the configuration and say whether it is one.
        #[arg(long)]
        check_config: bool,
    },
    /// Recompute every invariant from the database's rows; prints differences and ends with status 1 if there are any.
    Check {
        /// Configuration file.
        #[arg(long)]
        config: Utf8PathBuf,
    },
    /// Print a configuration file with every key and its default.
    ConfigExample,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::ConfigExample => {
            print!("{EXAMPLE}");
            Ok(ExitCode::SUCCESS)
        }
        Command::Run { config, check_config: true } => Config::read(&config).map_err(Into::into).map(|_| {
            println!("{config} is a valid configuration");
            ExitCode::SUCCESS
        }),
        Command::Run { config, check_config: false } => in_runtime(&config, run),
        Command::Check { config } => in_runtime(&config, check),
    };
    done.unwrap_or_else(|error| {
        eprintln!("nexus: {error:#}");
        ExitCode::FAILURE
    })
}

fn in_runtime<F>(path: &Utf8PathBuf, work: F) -> anyhow::Result<ExitCode>
where
    F: AsyncFnOnce(Config, Logger) -> anyhow::Result<ExitCode>,
{
    let config = Config::read(path)?;
    let (log, _flushed_at_the_end) = logger(&config.log);
    berth_transport::install_provider();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let log = log.new(o!("nexus" => config.name.to_string()));
    runtime.block_on(work(config, log))
}

async fn run(config: Config, log: Logger) -> anyhow::Result<ExitCode> {
    let mut server = Server::start(config, log.clone()).await?;
    let reason = tokio::select! {
        reason = asked_to_stop() => reason?,
        () = server.was_declared_dead() => return Err(come_back(&log)),
    };
    info!(log, "stopping"; "reason" => reason);
    server.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Another nexus owns this one's sagas: nothing of this process may go on. The same program takes its place at once, under
/// the same process id and a new nexus id; whatever ran here ends with the old image. Returns only if it can't.
fn come_back(log: &Logger) -> anyhow::Error {
    use std::os::unix::process::CommandExt;
    slog::crit!(log, "declared dead by another nexus; coming back under a new id");
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return anyhow::Error::new(error).context("this program can't be found again"),
    };
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).exec();
    anyhow::Error::new(error).context("this program can't be started again")
}

async fn asked_to_stop() -> anyhow::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM can't be caught")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT can't be caught")?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}

async fn check(config: Config, log: Logger) -> anyhow::Result<ExitCode> {
    let url = start_up::database_url(&config, &log)?;
    let db = Db::new(&url, 2)?;
    let violations = berth_db::check::check(&db, berth_db::check::SETTLE_S).await?;
    for found in &violations {
        println!("{}: {}: {}", found.check, found.subject, found.message);
    }
    if violations.is_empty() {
        println!("every invariant holds");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

/// The log, and a guard that writes what is left when dropped.
fn logger(config: &Log) -> (Logger, slog_async::AsyncGuard) {
    let level = match config.level {
        LogLevel::Debug => Level::Debug,
        LogLevel::Info => Level::Info,
        LogLevel::Warning => Level::Warning,
        LogLevel::Error => Level::Error,
    };
    let (drain, guard) = match config.format {
        LogFormat::Json => {
            let bunyan = slog_bunyan::with_name("nexus", std::io::stderr()).build();
            slog_async::Async::new(bunyan.filter_level(level).fuse()).chan_size(4096).build_with_guard()
        }
        LogFormat::Text => {
            let decorator = slog_term::TermDecorator::new().stderr().build();
            let terminal = slog_term::FullFormat::new(decorator).build();
            slog_async::Async::new(terminal.filter_level(level).fuse()).chan_size(4096).build_with_guard()
        }
    };
    (Logger::root(drain.fuse(), o!()), guard)
}
