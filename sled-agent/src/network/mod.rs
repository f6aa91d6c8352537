//! The network: taps on the bridge that the configuration names.
//!
//! A tap's name is made from its interface's id, so it is found again without being remembered. Only taps that a
//! ledger entry names are ever touched.
//!
//! Invariants:
//! - A tap belongs to the VMM that ensured it last: an earlier VMM of the same instance that ends late doesn't take
//!   it away.
//! - `ip` is called with separate arguments, never through a shell; no text of a user is among them.
//!
//! Not here: the bridge itself (the host's), addresses, overlay networks.

use std::collections::HashMap;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use berth_common::ids::{GenericUuid, NicUuid, VmmUuid};
use camino::Utf8PathBuf;
use nix::net::if_::if_nametoindex;
use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long one call of `ip` may take.
const IP_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a tap couldn't be had, or given back.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    #[error("this sled has no bridge; name one as `bridge` in its configuration")]
    NoBridge,
    #[error("bridge {0} doesn't exist on this host; make it, or correct `bridge` in the configuration")]
    BridgeMissing(String),
    #[error("`ip {arguments}` failed: {reason}")]
    Ip { arguments: String, reason: String },
}

/// The host's network, as far as guests are concerned.
pub struct Network {
    bridge: Option<String>,
    program: Utf8PathBuf,
    exists: Exists,
    /// Who ensured a tap last. Held while `ip` runs: one change at a time.
    owners: Mutex<HashMap<NicUuid, VmmUuid>>,
}

/// Whether there is an interface of this name. Asked of the kernel, not of `/sys`, which may be another network
/// namespace's.
type Exists = Box<dyn Fn(&str) -> bool + Send + Sync>;

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network").field("bridge", &self.bridge).finish_non_exhaustive()
    }
}

/// `bt` and the first twelve digits of the id: at most 15 bytes, as interface names are.
pub fn tap_name(nic: NicUuid) -> String {
    let digits = nic.into_untyped_uuid().simple().to_string();
    format!("bt{}", digits.get(..12).unwrap_or(&digits))
}

impl Network {
    /// `bridge`: the bridge's name, if guests may have interfaces.
    pub fn new(bridge: Option<String>) -> Network {
        Network::with(bridge, "ip".into(), Box::new(|interface| if_nametoindex(interface).is_ok()))
    }

    fn with(bridge: Option<String>, program: Utf8PathBuf, exists: Exists) -> Network {
        Network { bridge, program, exists, owners: Mutex::default() }
    }

    /// Whether guests may have interfaces.
    pub fn has_bridge(&self) -> bool {
        self.bridge.is_some()
    }

    /// Makes sure that the interface's tap exists, is up, on the bridge, and the VMM's. Returns its name.
    pub async fn ensure_tap(&self, vmm: VmmUuid, nic: NicUuid) -> Result<String, NetworkError> {
        let bridge = self.bridge.as_deref().ok_or(NetworkError::NoBridge)?;
        let mut owners = self.owners.lock().await;
        owners.insert(nic, vmm);
        if !(self.exists)(bridge) {
            return Err(NetworkError::BridgeMissing(bridge.to_string()));
        }
        let tap = tap_name(nic);
        if !(self.exists)(&tap) {
            self.ip(&["tuntap", "add", "dev", &tap, "mode", "tap"]).await?;
        }
        self.ip(&["link", "set", "dev", &tap, "master", bridge, "up"]).await?;
        Ok(tap)
    }

    /// Takes the VMM's taps away. Those that another VMM has ensured since are left; absent ones are gone already.
    pub async fn release_taps(&self, vmm: VmmUuid, nics: &[NicUuid]) -> Result<(), NetworkError> {
        for nic in nics {
            let mut owners = self.owners.lock().await;
            if owners.get(nic).is_some_and(|owner| *owner != vmm) {
                continue;
            }
            let tap = tap_name(*nic);
            if (self.exists)(&tap) {
                self.ip(&["link", "delete", "dev", &tap]).await?;
            }
            owners.remove(nic);
        }
        Ok(())
    }

    /// Runs `ip` to its end even if the caller is dropped: half a change is worse than one too many.
    async fn ip(&self, arguments: &[&str]) -> Result<(), NetworkError> {
        let failed = |reason: String| NetworkError::Ip { arguments: arguments.join(" "), reason };
        let mut command = Command::new(self.program.as_std_path());
        command.args(arguments).stdin(Stdio::null()).kill_on_drop(false);
        let ran = tokio::spawn(async move { timeout(IP_TIMEOUT, command.output()).await });
        let output = match ran.await {
            Ok(Ok(Ok(output))) => output,
            Ok(Ok(Err(error))) if error.kind() == io::ErrorKind::NotFound => {
                return Err(failed("there is no such program; install iproute2".to_string()));
            }
            Ok(Ok(Err(error))) => return Err(failed(error.to_string())),
            Ok(Err(_elapsed)) => return Err(failed(format!("no end within {} s", IP_TIMEOUT.as_secs()))),
            Err(error) => return Err(failed(error.to_string())),
        };
        if output.status.success() {
            return Ok(());
        }
        Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_string()))
    }
}

#[cfg(test)]
mod tests;
