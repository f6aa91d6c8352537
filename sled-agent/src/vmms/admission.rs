//! Who is meant, and may it come in: decided before anything is touched. Pure; each refusal names the thing, the
//! reason and what would help.

use berth_common::Generation;
use berth_common::ids::{ClusterUuid, DiskUuid, InstanceUuid, LedgerUuid, PoolUuid, VmmUuid};
use berth_common::refusal::Denial;
use berth_sled_agent_api::spec::{Boot, ImageFile, VmmSpec};
use berth_sled_agent_api::vmm::Denied;

use crate::ledger::past::Past;

/// Longest kernel command line: QEMU's x86 loader takes no more.
const COMMAND_LINE_MAX_BYTES: usize = 2048;

/// Builds a refusal.
pub fn denied(denial: Denial, message: impl Into<String>) -> Denied {
    Denied { denial, message: message.into() }
}

/// Who this agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addressee {
    pub cluster: ClusterUuid,
    pub ledger: LedgerUuid,
}

impl Addressee {
    /// Whether a request is for this cluster and this ledger.
    pub fn check(&self, cluster: ClusterUuid, ledger: LedgerUuid) -> Result<(), Denied> {
        if cluster != self.cluster {
            let message = format!(
                "the request is for cluster {cluster}, this sled belongs to {}; ask a sled of your own cluster",
                self.cluster
            );
            return Err(denied(Denial::WrongCluster, message));
        }
        if ledger != self.ledger {
            let message = format!(
                "the request is for ledger {ledger}, this sled's is {}: its memory isn't the one you know; read \
                 its registration again",
                self.ledger
            );
            return Err(denied(Denial::WrongLedger, message));
        }
        Ok(())
    }
}

/// Whom a request about a VMM names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    pub vmm: VmmUuid,
    pub instance: InstanceUuid,
    pub epoch: Generation,
}

/// Whether a VMM of this name may be asked for things. `here`: the highest epoch of the instance's VMMs that are
/// here; `registered`: this VMM is one of them.
pub fn check_standing(
    named: Named,
    past: &Past,
    here: Option<Generation>,
    registered: bool,
) -> Result<(), Denied> {
    let Named { vmm, instance, epoch } = named;
    if past.tombstone(vmm).is_some() {
        let message =
            format!("VMM {vmm} was ended for certain and never runs again; start the instance anew");
        return Err(denied(Denial::Tombstoned, message));
    }
    let highest = past.highest(instance).max(here);
    if let Some(highest) = highest
        && epoch < highest
    {
        let message = format!(
            "the request is of epoch {epoch} of instance {instance}, this sled has seen {highest}: it is late; \
             read the instance again"
        );
        return Err(denied(Denial::StaleEpoch, message));
    }
    if !registered && past.is_folded(instance, epoch) {
        let message = format!(
            "the request is of epoch {epoch} of instance {instance}, whose VMMs on this sled all ended long ago; \
             read the instance again"
        );
        return Err(denied(Denial::StaleEpoch, message));
    }
    Ok(())
}

/// What this sled has to offer to a new VMM, besides room.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    pub pools: Vec<PoolUuid>,
    pub has_bridge: bool,
    pub shutting_down: bool,
}

/// Whether a new VMM's parts exist here at all.
pub fn check_offer(offer: &Offer, spec: &VmmSpec) -> Result<(), Denied> {
    if offer.shutting_down {
        let message = "this host is being shut down; place the VMM on another sled";
        return Err(denied(Denial::ShuttingDown, message));
    }
    if let Some(disk) = spec.disks.iter().find(|disk| !offer.pools.contains(&disk.pool)) {
        let message = format!(
            "disk {} is in pool {}, which this sled doesn't have; place the VMM on a sled that has it",
            disk.disk, disk.pool
        );
        return Err(denied(Denial::PoolUnavailable, message));
    }
    if !spec.nics.is_empty() && !offer.has_bridge {
        let message = "the VMM has network interfaces, this sled has no bridge; name one as `bridge` in its \
                       configuration, or place the VMM on a sled that has one";
        return Err(denied(Denial::NetworkUnavailable, message));
    }
    Ok(())
}

/// What is wrong with a specification in itself, whatever this sled has.
pub fn spec_fault(instance: InstanceUuid, spec: &VmmSpec) -> Option<String> {
    if spec.instance != instance {
        return Some("the specification is of another instance than the envelope".to_string());
    }
    if !(1..=255).contains(&spec.cpus) {
        return Some(format!("{} virtual CPUs; 1 to 255 are possible", spec.cpus));
    }
    if spec.memory_mib == 0 {
        return Some("no memory".to_string());
    }
    boot_fault(&spec.boot, spec.disks.is_empty())
        .or_else(|| duplicate("disks", spec.disks.iter().map(|disk| disk.slot)))
        .or_else(|| duplicate("network interfaces", spec.nics.iter().map(|nic| nic.slot)))
        .or_else(|| {
            let twice = spec
                .disks
                .iter()
                .enumerate()
                .find(|(n, disk)| spec.disks[..*n].iter().any(|other| other.disk == disk.disk))?;
            Some(format!("disk {} is attached twice", twice.1.disk))
        })
        .or_else(|| {
            let bad = spec.nics.iter().find(|nic| !is_mac(&nic.mac))?;
            Some(format!(
                "{:?} is no MAC address; six lower-case hexadecimal pairs with ':' are one",
                bad.mac
            ))
        })
}

/// What is wrong with the disks that a migration shall copy.
pub fn copies_fault(copied: &[DiskUuid], spec: &VmmSpec) -> Option<String> {
    let unknown = copied.iter().find(|copied| !spec.disks.iter().any(|disk| disk.disk == **copied))?;
    Some(format!("disk {unknown} shall be copied, and isn't attached"))
}

fn boot_fault(boot: &Boot, no_disks: bool) -> Option<String> {
    match boot {
        Boot::Disk if no_disks => Some("it boots from a disk and has none".to_string()),
        Boot::Disk => None,
        Boot::Kernel { kernel, initrd, command_line } => {
            if command_line.len() > COMMAND_LINE_MAX_BYTES || command_line.contains(['\0', '\n']) {
                let limit = COMMAND_LINE_MAX_BYTES;
                return Some(format!(
                    "the kernel's command line is longer than {limit} bytes, or has a line end"
                ));
            }
            [kernel, initrd].into_iter().find_map(image_fault)
        }
    }
}

/// What is wrong with an image file's description: its checksum becomes a file name.
pub fn image_fault(file: &ImageFile) -> Option<String> {
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let good = file.sha256.len() == 64 && file.sha256.chars().all(is_hex);
    (!good).then(|| format!("{:?} is no SHA-256 in lower-case hexadecimal", file.sha256))
}

fn duplicate(what: &str, slots: impl Iterator<Item = u32>) -> Option<String> {
    let mut seen = Vec::new();
    for slot in slots {
        if seen.contains(&slot) {
            return Some(format!("two {what} in slot {slot}"));
        }
        seen.push(slot);
    }
    None
}

fn is_mac(text: &str) -> bool {
    let pairs: Vec<&str> = text.split(':').collect();
    let is_pair = |pair: &&str| {
        pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    pairs.len() == 6 && pairs.iter().all(is_pair)
}

#[cfg(test)]
mod tests {
    use berth_common::ids::{GenericUuid, NicUuid};
    use berth_sled_agent_api::spec::{DiskAttachment, NicSpec};
    use uuid::Uuid;

    use super::*;
    use crate::ledger::past::{Record, Tombstone};

    fn id<T: GenericUuid>(n: u128) -> T {
        T::from_untyped_uuid(Uuid::from_u128(n))
    }

    fn named(vmm: u128, epoch: i64) -> Named {
        Named { vmm: id(vmm), instance: id(9), epoch: Generation::from(epoch) }
    }

    fn past_with(vmm: u128, epoch: i64) -> Past {
        let mut past = Past::default();
        past.take(Record::Tombstone(Tombstone {
            vmm: id(vmm),
            instance: id(9),
            epoch: Generation::from(epoch),
            generation: Generation::FIRST,
            ended: None,
            at_s: 0,
        }));
        past
    }

    fn denial(result: Result<(), Denied>) -> Option<Denial> {
        result.err().map(|denied| denied.denial)
    }

    #[test]
    fn only_this_cluster_and_this_ledger_are_served() {
        let me = Addressee { cluster: id(1), ledger: id(2) };
        assert_eq!(me.check(id(1), id(2)), Ok(()));
        assert_eq!(denial(me.check(id(3), id(2))), Some(Denial::WrongCluster));
        assert_eq!(denial(me.check(id(1), id(3))), Some(Denial::WrongLedger));
    }

    #[test]
    fn a_tombstoned_vmm_is_named_as_such_whatever_its_epoch() {
        for epoch in [1, 5, 9] {
            let check = check_standing(named(1, epoch), &past_with(1, 5), None, false);
            assert_eq!(denial(check), Some(Denial::Tombstoned), "epoch {epoch}");
        }
    }

    #[test]
    fn an_epoch_below_what_was_seen_is_stale_whoever_has_seen_it() {
        let buried = past_with(1, 5);
        assert_eq!(denial(check_standing(named(2, 4), &buried, None, false)), Some(Denial::StaleEpoch));
        assert_eq!(denial(check_standing(named(2, 5), &buried, None, false)), None);
        let here = Some(Generation::from(7));
        assert_eq!(denial(check_standing(named(2, 6), &buried, here, true)), Some(Denial::StaleEpoch));
        assert_eq!(denial(check_standing(named(2, 7), &buried, here, true)), None);
    }

    #[test]
    fn an_epoch_folded_away_is_closed_to_newcomers_only() {
        let mut past = Past::default();
        past.take(Record::Folded { instance: id(9), epoch: Generation::from(5) });
        assert_eq!(denial(check_standing(named(1, 5), &past, None, false)), Some(Denial::StaleEpoch));
        assert_eq!(denial(check_standing(named(1, 5), &past, Some(Generation::from(5)), true)), None);
        assert_eq!(denial(check_standing(named(1, 6), &past, None, false)), None);
    }

    fn spec() -> VmmSpec {
        VmmSpec {
            instance: id(9),
            name: "web".parse().expect("a name"),
            cpus: 1,
            memory_mib: 64,
            boot: Boot::Disk,
            disks: vec![DiskAttachment {
                disk: id::<DiskUuid>(4),
                pool: id(5),
                slot: 0,
                size_bytes: 512,
                file: None,
            }],
            nics: vec![NicSpec { nic: id::<NicUuid>(6), slot: 0, mac: "02:00:00:00:00:0a".to_string() }],
            stop_grace_ms: 30_000,
            stop_priority: 0,
        }
    }

    #[test]
    fn a_missing_pool_bridge_or_host_has_its_own_name() {
        let offer = Offer { pools: vec![id(5)], has_bridge: true, shutting_down: false };
        assert_eq!(check_offer(&offer, &spec()), Ok(()));
        let cases = [
            (Offer { pools: vec![], ..offer.clone() }, Denial::PoolUnavailable),
            (Offer { has_bridge: false, ..offer.clone() }, Denial::NetworkUnavailable),
            (Offer { shutting_down: true, ..offer }, Denial::ShuttingDown),
        ];
        for (offer, expected) in cases {
            assert_eq!(denial(check_offer(&offer, &spec())), Some(expected));
        }
    }

    #[test]
    fn impossible_specifications_are_told_apart() {
        assert_eq!(spec_fault(id(9), &spec()), None);
        let change: [fn(&mut VmmSpec); 7] = [
            |spec| spec.cpus = 0,
            |spec| spec.cpus = 256,
            |spec| spec.memory_mib = 0,
            |spec| spec.disks.clear(),
            |spec| spec.disks.push(DiskAttachment { slot: 1, ..spec.disks[0].clone() }),
            |spec| spec.nics.push(spec.nics[0].clone()),
            |spec| spec.nics[0].mac = "02:00:00:00:00:0A".to_string(),
        ];
        let faults: Vec<_> = change
            .iter()
            .map(|change| {
                let mut spec = spec();
                change(&mut spec);
                spec_fault(id(9), &spec).expect("a fault")
            })
            .collect();
        let distinct: std::collections::HashSet<_> = faults.iter().collect();
        assert_eq!(distinct.len(), faults.len(), "{faults:?}");
        assert!(spec_fault(id(8), &spec()).is_some());
    }

    #[test]
    fn a_checksum_that_could_be_a_path_is_refused() {
        let file = |sha256: &str| ImageFile {
            image: id(1),
            part: berth_common::storage::ImagePart::Kernel,
            sha256: sha256.to_string(),
            size_bytes: 1,
        };
        assert_eq!(image_fault(&file(&"0a".repeat(32))), None);
        for bad in ["", "../../etc/passwd", &"0A".repeat(32), &"0".repeat(63)] {
            assert!(image_fault(&file(bad)).is_some(), "{bad}");
        }
    }
}
