//! The example of a configuration file: the documentation of every key.

use std::fmt;

use super::{RUN_DIR_MAX_BYTES, default_image_cache_bytes, default_listen, default_report_interval_ms};

/// A file with every key, its default and what it means.
pub fn example() -> impl fmt::Display {
    Example
}

struct Example;

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (listen, interval) = (default_listen(), default_report_interval_ms());
        let cache = default_image_cache_bytes();
        write!(
            f,
            r#"# Configuration of a Berth sled-agent. Unknown keys are refused; `sled-agent run --config FILE
# --check-config` checks a file. What is commented out has the default shown.

# What the sled is called. Used when it joins; the sled itself is its certificate, never its name.
name = "sled-1"

# Survives reboots, on a disk of the host itself: ledger, key, images.
state_dir = "/var/lib/berth/sled-agent"

# Sockets and shims of running VMMs. At most {RUN_DIR_MAX_BYTES} bytes long, because sockets have short names.
run_dir = "/run/berth"

# Where the agent listens. Port 0 takes a free one.
#listen = "{listen}"

# How nexus reaches the agent, host:port. Needed when `listen` names no single address.
advertise = "192.0.2.11:7600"

# Where the agent takes guests that migrate from other sleds. Default: the address of `listen`, and the next port.
#migration_listen = "0.0.0.0:7601"

# How other sleds reach that. Default: the host of `advertise`, and the port of `migration_listen`.
#migration_advertise = "192.0.2.11:7601"

# Every nexus; one that answers is enough, the others are learned from it.
nexus = ["https://192.0.2.1:7500", "https://192.0.2.2:7500"]

# What runs the guests: "qemu", or "simulated" (no guest at all, for tests).
#hypervisor = "qemu"

# How QEMU runs them: "auto" (KVM if a probe guest has run under it, else TCG), "tcg", "kvm".
#accelerator = "auto"

# The machine type of new guests, with its version. Default: the newest that QEMU has. Sleds that shall migrate guests
# live to each other need the same: name one that the QEMUs of all have.
#machine_type = "pc-q35-7.2"

# Virtual CPUs that guests may have in all. Default: the host's cores.
#cpus = 8

# Memory that guests may have in all, in MiB. Default: the host's, less an eighth and at least 1 GiB.
#memory_mib = 16384

# The bridge for guests' network interfaces. Default: none, and guests without interfaces only.
#bridge = "br0"

# A report is sent to nexus at least this often; news are sent at once.
#report_interval_ms = {interval}

# Images that were used are kept up to so many bytes; what guests here need is always kept.
#image_cache_bytes = {cache}

# How the host becomes a sled, once: `berth sled add` makes the token, nexus has the CA's file.
[join]
token_file = "/etc/berth/join-token"
ca_file = "/etc/berth/ca.pem"

[log]
#level = "info"     # error, warning, info, debug, trace
#format = "text"    # text, json

# Where disks are. kind: "local" (this host's), "shared" (a directory mounted on several sleds; mount it before the
# agent starts). capacity_bytes: what disks may take in all; default: the size of the file system.
[[pools]]
name = "local"
kind = "local"
path = "/var/lib/berth/pool"
#capacity_bytes = 107374182400
"#
        )
    }
}
