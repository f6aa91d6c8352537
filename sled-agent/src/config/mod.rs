//! The configuration file: TOML, unknown keys refused, every default written once (here) and documented in the
//! example that [`example`] makes.

mod example;

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use berth_common::Name;
use berth_common::storage::PoolKind;
use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use crate::host;
use crate::vmms::room::Size;
pub use example::example;

/// The longest path of a run directory: sockets below it have names of up to 60 bytes more, and the system takes 107.
pub const RUN_DIR_MAX_BYTES: usize = 46;

/// All of a sled-agent's configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What the sled shall be called.
    pub name: Name,
    /// Survives reboots: ledger, key, images.
    pub state_dir: Utf8PathBuf,
    /// Sockets and shims of running VMMs.
    pub run_dir: Utf8PathBuf,
    /// Where the agent listens, `host:port`; port 0 takes a free one.
    #[serde(default = "default_listen")]
    pub listen: String,
    /// Where nexus reaches the agent, `host:port`, if that is another address than the bound one.
    #[serde(default)]
    pub advertise: Option<String>,
    /// Where the agent takes migrations of other sleds, `host:port`; default: the address of `listen`, and the next port
    /// (0 stays 0).
    #[serde(default)]
    pub migration_listen: Option<String>,
    /// Where other sleds reach that, `host:port`, if that is another address than the bound one; default: the host of
    /// `advertise`, and the bound port.
    #[serde(default)]
    pub migration_advertise: Option<String>,
    /// `https://host:port` of each nexus; one that answers is enough.
    pub nexus: Vec<String>,
    #[serde(default)]
    pub hypervisor: HypervisorChoice,
    #[serde(default)]
    pub accelerator: AcceleratorChoice,
    /// The versioned machine type of new guests; default: the newest that QEMU has. Name one to migrate between hosts
    /// whose QEMUs differ.
    #[serde(default)]
    pub machine_type: Option<String>,
    /// Virtual CPUs for guests; default: the host's cores.
    #[serde(default)]
    pub cpus: Option<u32>,
    /// MiB of memory for guests; default: the host's, less an eighth and at least 1 GiB.
    #[serde(default)]
    pub memory_mib: Option<u32>,
    /// The bridge that guests' taps are put on. Without it guests have no network interfaces.
    #[serde(default)]
    pub bridge: Option<String>,
    #[serde(default)]
    pub pools: Vec<PoolConfig>,
    #[serde(default)]
    pub join: Option<JoinConfig>,
    #[serde(default)]
    pub log: LogConfig,
    /// A report is sent at least this often, in milliseconds.
    #[serde(default = "default_report_interval_ms")]
    pub report_interval_ms: u64,
    /// Bytes of images kept for the next use.
    #[serde(default = "default_image_cache_bytes")]
    pub image_cache_bytes: u64,
}

/// What runs the guests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HypervisorChoice {
    #[default]
    Qemu,
    /// No guest at all, for tests and benchmarks.
    Simulated,
}

/// How QEMU runs guests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcceleratorChoice {
    /// KVM if a probe guest has run under it, else TCG.
    #[default]
    Auto,
    Tcg,
    Kvm,
}

/// One pool.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolConfig {
    pub name: Name,
    pub kind: PoolKind,
    pub path: Utf8PathBuf,
    /// Default: the size of the file system.
    #[serde(default)]
    pub capacity_bytes: Option<u64>,
}

/// How the host becomes a sled, once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinConfig {
    /// A file with the one-time token.
    pub token_file: Utf8PathBuf,
    /// A file with the cluster's CA, PEM: nexus must prove to be of it.
    pub ca_file: Utf8PathBuf,
}

/// The log, on standard error.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    pub level: LogLevel,
    pub format: LogFormat,
}

/// What is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    Error,
    Warning,
    #[default]
    Info,
    Debug,
    Trace,
}

/// How it is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// What is wrong with a configuration file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0} can't be read: {1}")]
    Unreadable(Utf8PathBuf, std::io::Error),
    #[error("{0}: {1}")]
    Malformed(Utf8PathBuf, Box<toml::de::Error>),
    #[error("{path}: `{key}`: {fault}")]
    Invalid { path: Utf8PathBuf, key: &'static str, fault: String },
}

fn default_listen() -> String {
    "0.0.0.0:7600".to_string()
}

const fn default_report_interval_ms() -> u64 {
    1000
}

const fn default_image_cache_bytes() -> u64 {
    20 * 1024 * 1024 * 1024
}

impl Config {
    /// Reads and checks a file.
    pub fn read(path: &Utf8Path) -> Result<Config, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?;
        let config: Config = toml::from_str(&text)
            .map_err(|error| ConfigError::Malformed(path.to_owned(), Box::new(error)))?;
        match config.fault() {
            None => Ok(config),
            Some((key, fault)) => Err(ConfigError::Invalid { path: path.to_owned(), key, fault }),
        }
    }

    fn fault(&self) -> Option<(&'static str, String)> {
        if self.nexus.is_empty() {
            return Some(("nexus", "no address; name at least one `https://host:port`".to_string()));
        }
        if let Some(address) = self.nexus.iter().find(|address| !address.starts_with("https://")) {
            return Some(("nexus", format!("{address:?} doesn't begin with https://")));
        }
        for (key, dir) in [("state_dir", &self.state_dir), ("run_dir", &self.run_dir)] {
            if !dir.is_absolute() {
                return Some((key, format!("{dir} isn't absolute")));
            }
        }
        if self.run_dir.as_str().len() > RUN_DIR_MAX_BYTES {
            let fault = format!("longer than {RUN_DIR_MAX_BYTES} bytes: sockets below it could have no name");
            return Some(("run_dir", fault));
        }
        if self.listen_address().is_err() {
            return Some(("listen", format!("{:?} is no host:port", self.listen)));
        }
        if self.migration_listen_address().is_err() {
            let named = self.migration_listen.as_deref().unwrap_or("the port after `listen`");
            return Some(("migration_listen", format!("{named:?} is no host:port")));
        }
        if self.report_interval_ms == 0 {
            return Some(("report_interval_ms", "0; at least 1 is needed".to_string()));
        }
        self.pools_fault().map(|fault| ("pools", fault))
    }

    fn pools_fault(&self) -> Option<String> {
        for (n, pool) in self.pools.iter().enumerate() {
            if !pool.path.is_absolute() {
                return Some(format!("{}: {} isn't absolute", pool.name, pool.path));
            }
            if self.pools[..n].iter().any(|other| other.name == pool.name) {
                return Some(format!("two are called {}", pool.name));
            }
        }
        None
    }

    /// The address to bind.
    pub fn listen_address(&self) -> std::io::Result<SocketAddr> {
        resolve(&self.listen)
    }

    /// What nexus is told: `https://host:port`.
    pub fn advertised(&self, bound: SocketAddr) -> Result<String, String> {
        match &self.advertise {
            Some(address) => Ok(format!("https://{address}")),
            None if bound.ip().is_unspecified() => Err(format!(
                "`listen` is {bound}, which nobody can call; say by `advertise` how nexus reaches it"
            )),
            None => Ok(format!("https://{bound}")),
        }
    }

    /// The address to bind for migrations.
    pub fn migration_listen_address(&self) -> std::io::Result<SocketAddr> {
        match &self.migration_listen {
            Some(address) => resolve(address),
            None => {
                let mut address = self.listen_address()?;
                if address.port() != 0 {
                    let next = address.port().checked_add(1);
                    let missing =
                        || std::io::Error::other(format!("no port follows {}; name one", address.port()));
                    address.set_port(next.ok_or_else(missing)?);
                }
                Ok(address)
            }
        }
    }

    /// What other sleds are told of it: `host:port`.
    pub fn migration_advertised(&self, bound: SocketAddr) -> Result<String, String> {
        match (
            &self.migration_advertise,
            self.advertise.as_ref().and_then(|address| address.rsplit_once(':')),
        ) {
            (Some(address), _) => Ok(address.clone()),
            (None, Some((host, _))) => Ok(format!("{host}:{}", bound.port())),
            (None, None) if bound.ip().is_unspecified() => Err(format!(
                "migrations are taken at {bound}, which nobody can call; say by `advertise` or `migration_advertise` \
                 how other sleds reach it"
            )),
            (None, None) => Ok(bound.to_string()),
        }
    }

    /// What guests may have.
    pub fn capacity(&self) -> std::io::Result<Size> {
        let memory_mib = match self.memory_mib {
            Some(memory_mib) => memory_mib,
            None => host::guest_memory_mib()?,
        };
        Ok(Size { cpus: self.cpus.unwrap_or_else(host::cores), memory_mib })
    }

    /// How often a report is sent at least.
    pub fn report_interval(&self) -> Duration {
        Duration::from_millis(self.report_interval_ms)
    }

    /// Where the key, the certificate and the CA are.
    pub fn identity_dir(&self) -> Utf8PathBuf {
        self.state_dir.join("identity")
    }
}

fn resolve(text: &str) -> std::io::Result<SocketAddr> {
    text.to_socket_addrs()?.next().ok_or_else(|| std::io::Error::other(format!("{text:?} has no address")))
}

#[cfg(test)]
mod tests;
