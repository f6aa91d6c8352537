//! Configuration of a nexus: one TOML file, unknown keys refused, every default documented in [`EXAMPLE`].

use std::net::SocketAddr;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

/// What `nexus config-example` prints. A test proves that it is read back as the defaults.
pub const EXAMPLE: &str = include_str!("../nexus.example.toml");

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}")]
    Read { path: Utf8PathBuf, source: std::io::Error },
    #[error("{path} is no configuration of a nexus; `nexus config-example` prints one with every key")]
    Parse { path: Utf8PathBuf, source: Box<toml::de::Error> },
    #[error("{path}: {why}")]
    Value { path: Utf8PathBuf, why: String },
}

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of this nexus, unique in the cluster.
    pub name: berth_common::Name,
    /// Folder for its key material and the first admin token; made with mode 0700. One process at a time.
    pub state_dir: Utf8PathBuf,
    pub public: Door,
    pub internal: Door,
    pub database: Database,
    #[serde(default)]
    pub log: Log,
    #[serde(default)]
    pub background: Background,
}

/// An HTTPS door.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Door {
    /// Address to listen at; port 0 takes a free one.
    pub listen: SocketAddr,
    /// `host:port` under which others reach it; default: where it listens.
    pub advertise: Option<String>,
}

/// The durable store.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Address of a PostgreSQL. Omitted: a private server in `private_dir`.
    pub url: Option<String>,
    /// File that holds the address, for one with a password. Excludes `url`.
    pub url_file: Option<Utf8PathBuf>,
    /// Folder of the private server; default: `postgres` beside `state_dir`. Its own user must be able to enter the
    /// folders above it, which is why it isn't inside `state_dir`.
    pub private_dir: Option<Utf8PathBuf>,
    /// Connections at most.
    #[serde(default = "default_pool_size")]
    pub pool_size: usize,
}

/// Log output, to standard error.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    pub level: LogLevel,
    pub format: LogFormat,
}

/// Least severity that is logged.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    Debug,
    Info,
    Warning,
    Error,
}

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Pace of the background tasks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Background {
    /// Milliseconds between two looks of the intent driver, the updater and the reaper.
    pub period_ms: u64,
    /// Days after which ended operations, events and finished sagas are deleted.
    pub retention_days: u32,
    /// Seconds between two runs of the invariant check.
    pub check_period_s: u64,
}

fn default_pool_size() -> usize {
    20
}

impl Default for Log {
    fn default() -> Self {
        Log { level: LogLevel::Info, format: LogFormat::Json }
    }
}

impl Default for Background {
    fn default() -> Self {
        Background { period_ms: 500, retention_days: 30, check_period_s: 300 }
    }
}

impl Config {
    /// Reads and checks a file.
    pub fn read(path: &Utf8Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let config: Config = toml::from_str(&text)
            .map_err(|source| ConfigError::Parse { path: path.to_owned(), source: Box::new(source) })?;
        match config.fault() {
            Some(why) => Err(ConfigError::Value { path: path.to_owned(), why }),
            None => Ok(config),
        }
    }

    fn fault(&self) -> Option<String> {
        if !self.state_dir.is_absolute() {
            return Some(format!("state_dir {:?} must be an absolute path", self.state_dir));
        }
        if self.database.url.is_some() && self.database.url_file.is_some() {
            return Some("database.url and database.url_file exclude each other".to_string());
        }
        if !(2..=500).contains(&self.database.pool_size) {
            return Some("database.pool_size must be 2 to 500".to_string());
        }
        if !(50..=60_000).contains(&self.background.period_ms) {
            return Some("background.period_ms must be 50 to 60000".to_string());
        }
        if self.background.check_period_s == 0 {
            return Some("background.check_period_s must be at least 1".to_string());
        }
        None
    }

    /// Folder of the private PostgreSQL, where one is used.
    pub fn private_postgres_dir(&self) -> Utf8PathBuf {
        let beside = self.state_dir.parent().unwrap_or(&self.state_dir).join("postgres");
        self.database.private_dir.clone().unwrap_or(beside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_configuration_and_shows_the_defaults() {
        let config: Config = toml::from_str(EXAMPLE).expect("the example is valid");
        assert!(config.fault().is_none());
        assert_eq!(config.database.pool_size, default_pool_size());
        assert_eq!(config.background.period_ms, Background::default().period_ms);
        assert_eq!(config.background.retention_days, Background::default().retention_days);
        assert_eq!(config.background.check_period_s, Background::default().check_period_s);
        assert_eq!(config.log.format, Log::default().format);
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(toml::from_str::<Config>(&format!("colour = 1\n{EXAMPLE}")).is_err());
    }
}
