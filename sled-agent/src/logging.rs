//! The agent's log: structured, on standard error.

use slog::{Drain, FilterLevel, LevelFilter, Logger, o};

use crate::config::{LogConfig, LogFormat, LogLevel};

/// Lines that may wait for a slow reader; beyond them lines are dropped and counted, guests don't wait.
const QUEUE_LINES: usize = 4096;

/// Builds the log.
pub fn logger(config: LogConfig) -> Logger {
    let level = match config.level {
        LogLevel::Error => FilterLevel::Error,
        LogLevel::Warning => FilterLevel::Warning,
        LogLevel::Info => FilterLevel::Info,
        LogLevel::Debug => FilterLevel::Debug,
        LogLevel::Trace => FilterLevel::Trace,
    };
    let drain = match config.format {
        LogFormat::Text => {
            let decorator = slog_term::TermDecorator::new().stderr().build();
            queued(slog_term::FullFormat::new(decorator).build().fuse())
        }
        LogFormat::Json => {
            let lines = slog_bunyan::with_name("sled-agent", std::io::stderr()).build();
            queued(std::sync::Mutex::new(lines).fuse())
        }
    };
    let level = slog::Level::from_usize(level.as_usize()).unwrap_or(slog::Level::Info);
    Logger::root(LevelFilter::new(drain, level).fuse(), o!())
}

fn queued<D>(drain: D) -> slog::Fuse<slog_async::Async>
where
    D: Drain<Err = slog::Never, Ok = ()> + Send + 'static,
{
    slog_async::Async::new(drain).chan_size(QUEUE_LINES).build().fuse()
}
