//! An address of its own below 127/8 for each cluster of this machine, so that all can use the same ports.

use camino::Utf8Path;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};

/// A process id takes 22 bits at most; these are for the clusters of one process.
const CLUSTER_BITS: u32 = 2;

/// The address of the next cluster of this process; no other live process gets it. The fifth cluster of
/// a process gets the first one's again.
pub fn address_of_this_process() -> Ipv4Addr {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let cluster = COUNT.fetch_add(1, Ordering::Relaxed) % (1 << CLUSTER_BITS);
    below_127((std::process::id() << CLUSTER_BITS) | cluster)
}

/// The address of a cluster that is to be found again at its directory.
pub fn address_of_directory(directory: &Utf8Path) -> Ipv4Addr {
    let mut hasher = DefaultHasher::new();
    directory.hash(&mut hasher);
    let low = u32::try_from(hasher.finish() & 0xffff).expect("sixteen bits fit");
    // Processes begin far below this, so the two kinds don't meet before the highest process ids.
    below_127(0x00ff_0000 | low.clamp(1, 0xfffe))
}

fn below_127(number: u32) -> Ipv4Addr {
    let [_, a, b, c] = (number & 0x00ff_ffff).to_be_bytes();
    Ipv4Addr::new(127, a, b, c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_of_one_process_have_different_addresses_one_can_listen_at() -> std::io::Result<()> {
        let (one, two) = (address_of_this_process(), address_of_this_process());
        assert_ne!(one, two);
        let listeners = [one, two].map(|address| std::net::TcpListener::bind((address, 7199)));
        for listener in listeners {
            listener?;
        }
        Ok(())
    }

    #[test]
    fn a_directory_keeps_its_address() {
        assert_eq!(address_of_directory("/a".into()), address_of_directory("/a".into()));
        assert_ne!(address_of_directory("/a".into()), address_of_directory("/b".into()));
        assert!(address_of_directory("/a".into()).is_loopback());
    }
}
