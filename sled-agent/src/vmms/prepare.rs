//! Getting a VMM's parts ready: images fetched, disks checked, taps on the bridge. Idempotent: done once to admit a
//! VMM, and again right before each launch, because what was there may be gone.

use berth_common::ids::VmmUuid;
use berth_common::refusal::Denial;
use berth_common::storage::PoolKind;
use berth_sled_agent_api::spec::{Boot, VmmSpec};
use berth_sled_agent_api::vmm::Denied;

use super::Shared;
use super::admission::denied;
use crate::hypervisor::{Launch, LaunchBoot, LaunchDisk, LaunchNic};
use crate::ledger::half::Half;
use crate::storage::incoming::Coming;

/// Gets everything ready and says where it is. `coming`: its guest comes from another sled, and brings disks.
pub async fn prepare(
    shared: &Shared,
    vmm: VmmUuid,
    spec: &VmmSpec,
    run: u32,
    coming: Option<&Half>,
) -> Result<Launch, Denied> {
    let disks = disks(shared, spec, coming).await?;
    let boot = boot(shared, &spec.boot).await?;
    let nics = nics(shared, vmm, spec).await?;
    Ok(Launch {
        vmm,
        instance: spec.instance,
        run,
        incoming: coming.is_some(),
        name: spec.name.to_string(),
        cpus: spec.cpus,
        memory_mib: spec.memory_mib,
        boot,
        disks,
        nics,
    })
}

async fn disks(shared: &Shared, spec: &VmmSpec, coming: Option<&Half>) -> Result<Vec<LaunchDisk>, Denied> {
    let mut disks = Vec::with_capacity(spec.disks.len());
    for disk in &spec.disks {
        let copied = coming.filter(|half| half.copied.contains(&disk.disk));
        let found = match copied {
            None => shared.storage.find_disk(disk.pool, disk.file(), disk.size_bytes).await?,
            Some(half) => {
                let coming = Coming { pool: disk.pool, disk: disk.file(), migration: half.migration };
                shared.storage.make_incoming(coming, disk.size_bytes).await?
            }
        };
        disks.push(LaunchDisk {
            path: found.path,
            slot: disk.slot,
            serial: disk.disk.to_string(),
            shared: found.kind == PoolKind::Shared,
        });
    }
    Ok(disks)
}

async fn boot(shared: &Shared, boot: &Boot) -> Result<LaunchBoot, Denied> {
    let unavailable =
        |error: crate::storage::images::ImageError| denied(Denial::ImageUnavailable, error.to_string());
    match boot {
        Boot::Disk => Ok(LaunchBoot::Disk),
        Boot::Kernel { kernel, initrd, command_line } => {
            let images = shared.storage.images();
            let (kernel, initrd) =
                tokio::try_join!(images.fetch(kernel), images.fetch(initrd)).map_err(unavailable)?;
            Ok(LaunchBoot::Kernel { kernel, initrd, command_line: command_line.clone() })
        }
    }
}

async fn nics(shared: &Shared, vmm: VmmUuid, spec: &VmmSpec) -> Result<Vec<LaunchNic>, Denied> {
    let mut nics = Vec::with_capacity(spec.nics.len());
    for nic in &spec.nics {
        let tap = shared.network.ensure_tap(vmm, nic.nic).await;
        let tap = tap.map_err(|error| denied(Denial::NetworkUnavailable, error.to_string()))?;
        nics.push(LaunchNic { tap, mac: nic.mac.clone(), slot: nic.slot });
    }
    Ok(nics)
}
