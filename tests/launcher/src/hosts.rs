//! Hosts of one cluster as network namespaces: each sled has interfaces of its own, as it would on a machine of its own.
//!
//! ```text
//!  world (nexus, the test)    lo   cluster 10.77.0.1 ┐ bridge        guests 10.78.0.1 ┐ bridge
//!  sled-1                     lo   uplink 10.77.0.11 ┤               guests (bridge) ─┤
//!  sled-2                     lo   uplink 10.77.0.12 ┘               guests (bridge) ─┘
//! ```
//! The agents' and nexus' packets go over one wire, the guests' over another: each sled's `guests` is the bridge that
//! its configuration names, on which the agent puts its taps. A tap is named after its interface, and that comes along
//! when a guest migrates: two sleds in one namespace would fight for it.
//!
//! The namespaces have no names: they, and all that is in them, are gone when nobody works in them any more.
//!
//! Invariant: a thread that made a world lives in it, with all that it starts from then on; other threads don't.

use anyhow::{Context, Result, bail, ensure};
use nix::sched::{CloneFlags, setns, unshare};
use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::process::Command;

/// The bridge of a sled's guests, and of the world's end of them.
pub const GUEST_BRIDGE: &str = "guests";

/// Where nexus listens, and the first part of where agents do.
const CLUSTER: [u8; 3] = [10, 77, 0];
/// Where guests are reached, and the world among them.
const GUESTS: [u8; 3] = [10, 78, 0];
const WORLD: u8 = 1;
const FIRST_SLED: u8 = 11;
const FIRST_GUEST: u8 = 11;
const MOST_SLEDS: u16 = 100;

/// A network with its hosts. It is there for as long as this, or somebody in it.
#[derive(Debug)]
pub struct Hosts {
    hosts: Vec<Host>,
}

/// One sled's.
#[derive(Debug)]
pub struct Host {
    namespace: File,
    address: Ipv4Addr,
}

fn address(network: [u8; 3], host: u8) -> Ipv4Addr {
    let [a, b, c] = network;
    Ipv4Addr::new(a, b, c, host)
}

impl Hosts {
    /// Moves the calling thread into a new world with so many sleds. Needs root.
    ///
    /// # Errors
    /// When it isn't root, or `ip` fails.
    pub fn make(sleds: u16) -> Result<Hosts> {
        ensure!(sleds <= MOST_SLEDS, "at most {MOST_SLEDS} sleds have addresses");
        unshare(CloneFlags::CLONE_NEWNET).context("a network of its own; that needs root")?;
        ip("link set lo up")?;
        for (bridge, network) in [("cluster", CLUSTER), (GUEST_BRIDGE, GUESTS)] {
            ip(&format!("link add {bridge} type bridge"))?;
            ip(&format!("addr add {}/24 dev {bridge}", address(network, WORLD)))?;
            ip(&format!("link set {bridge} up"))?;
        }
        let hosts = (1..=sleds).map(Host::make).collect::<Result<_>>()?;
        Ok(Hosts { hosts })
    }

    /// Where nexus listens.
    pub fn nexus(&self) -> Ipv4Addr {
        address(CLUSTER, WORLD)
    }

    /// What nexus and the `number`-th sled (from 1) send to each other is lost on its way.
    pub(crate) fn cut(&self, number: u16) -> Result<()> {
        self.routes(number, "add")
    }

    /// Undoes [`Hosts::cut`].
    pub(crate) fn mend(&self, number: u16) -> Result<()> {
        self.routes(number, "del")
    }

    /// A black hole at either end: nothing leaves for the other one, and so nothing arrives.
    fn routes(&self, number: u16, verb: &str) -> Result<()> {
        let host = self.sled(number).with_context(|| format!("there is no host {number}"))?;
        let nexus = self.nexus();
        host.within(|| ip(&format!("route {verb} blackhole {nexus}/32")))??;
        ip(&format!("route {verb} blackhole {}/32", host.address))
    }

    /// The `number`-th sled's (from 1).
    pub(crate) fn sled(&self, number: u16) -> Option<&Host> {
        self.hosts.get(usize::from(number).checked_sub(1)?)
    }
}

/// An address for the `number`-th guest (from 0), which the world reaches wherever the guest is; with its prefix as the
/// guest wants it: `10.78.0.11/24`.
pub fn guest_address(number: u8) -> (Ipv4Addr, String) {
    let address = address(GUESTS, FIRST_GUEST.saturating_add(number));
    (address, format!("{address}/24"))
}

impl Host {
    fn make(number: u16) -> Result<Host> {
        let own = std::thread::spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            File::open("/proc/thread-self/ns/net")
        });
        let Ok(namespace) = own.join() else { bail!("the thread that makes a namespace broke down") };
        let address = address(CLUSTER, FIRST_SLED - 1 + u8::try_from(number)?);
        let host = Host { namespace: namespace.context("a network of its own")?, address };
        let there = format!("/proc/{}/fd/{}", std::process::id(), host.namespace.as_raw_fd());
        for (bridge, inside) in [("cluster", "uplink"), (GUEST_BRIDGE, "trunk")] {
            ip(&format!("link add {bridge}-{number} type veth peer name {inside} netns {there}"))?;
            ip(&format!("link set {bridge}-{number} master {bridge} up"))?;
        }
        host.within(|| {
            ip("link set lo up")?;
            ip(&format!("addr add {address}/24 dev uplink"))?;
            ip("link set uplink up")?;
            ip(&format!("link add {GUEST_BRIDGE} type bridge"))?;
            ip(&format!("link set trunk master {GUEST_BRIDGE} up"))?;
            ip(&format!("link set {GUEST_BRIDGE} up"))
        })??;
        Ok(host)
    }

    /// Where the sled's agent listens.
    pub(crate) fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Does something on this host: what is started by it stays there.
    pub(crate) fn within<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T> {
        std::thread::scope(|scope| {
            let on_host = scope.spawn(|| {
                setns(&self.namespace, CloneFlags::CLONE_NEWNET).context("entering a host's network")?;
                Ok(work())
            });
            on_host.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}

/// `ip` with these words.
fn ip(words: &str) -> Result<()> {
    let done =
        Command::new("ip").args(words.split(' ')).output().context("running ip; is iproute2 installed?")?;
    ensure!(done.status.success(), "ip {words}: {}", String::from_utf8_lossy(&done.stderr).trim());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_sled_that_is_cut_off_reaches_the_others_but_not_nexus() -> Result<()> {
        let world = std::thread::spawn(|| -> Result<()> {
            let hosts = Hosts::make(2)?;
            let listens = TcpListener::bind((hosts.nexus(), 7443))?;
            let nexus = listens.local_addr()?;
            let (one, other) = (hosts.sled(1).context("it was made")?, hosts.sled(2).context("it was made")?);
            let there = one.within(|| TcpListener::bind((one.address(), 7601)))??;
            let reached = |to| other.within(|| std::net::TcpStream::connect(to).is_ok());
            hosts.cut(2)?;
            assert!(!reached(nexus)? && reached(there.local_addr()?)?);
            hosts.mend(2)?;
            assert!(reached(nexus)?);
            Ok(())
        });
        world.join().expect("it holds")
    }

    #[test]
    fn a_sled_reaches_nexus_and_two_have_interfaces_of_the_same_name() -> Result<()> {
        let world = std::thread::spawn(|| -> Result<()> {
            let hosts = Hosts::make(2)?;
            let nexus = TcpListener::bind((hosts.nexus(), 7443))?;
            let there = nexus.local_addr()?;
            for number in [1, 2] {
                let host = hosts.sled(number).context("it was made")?;
                let from = host.within(|| {
                    ip("tuntap add dev bt0 mode tap")?;
                    ip(&format!("link set bt0 master {GUEST_BRIDGE} up"))?;
                    Ok::<_, anyhow::Error>(std::net::TcpStream::connect(there)?.local_addr()?)
                })??;
                assert_eq!(from.ip(), host.address());
            }
            Ok(())
        });
        world.join().expect("it holds")
    }
}
