//! From an instance's rows to the specification that its sled runs.

use berth_common::ids::{DiskUuid, GenericUuid, ImageUuid, InstanceUuid, NicUuid, PoolUuid};
use berth_common::storage::ImagePart;
use berth_db::lifecycle::machine::{Machine, MachineFile};
use berth_sled_agent_api::spec::{Boot, DiskAttachment, ImageFile, NicSpec, VmmSpec};

/// Why there is no specification.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SpecError {
    #[error("the instance boots neither from an image nor from a disk; give it an image, or attach a disk")]
    NothingToBoot,
    #[error("the {0} file of its image isn't complete; upload it again")]
    FileMissing(ImagePart),
    #[error("{0} is out of range")]
    OutOfRange(&'static str),
}

/// The specification of an instance's machine as it is configured now.
pub(crate) fn spec(instance: InstanceUuid, machine: &Machine) -> Result<VmmSpec, SpecError> {
    let boot = match machine.image {
        Some(image) => kernel(ImageUuid::from_untyped_uuid(image), machine)?,
        None if machine.disks.is_empty() => return Err(SpecError::NothingToBoot),
        None => Boot::Disk,
    };
    let number = |value: i64, what| u32::try_from(value).map_err(|_| SpecError::OutOfRange(what));
    let bytes = |value: i64, what| u64::try_from(value).map_err(|_| SpecError::OutOfRange(what));
    let disks = machine.disks.iter().map(|disk| {
        Ok(DiskAttachment {
            disk: DiskUuid::from_untyped_uuid(disk.id),
            pool: PoolUuid::from_untyped_uuid(disk.pool_id),
            slot: number(disk.slot, "a disk's slot")?,
            size_bytes: bytes(disk.size_bytes, "a disk's size")?,
            file: disk.file_id.map(DiskUuid::from_untyped_uuid),
        })
    });
    let nics = machine.nics.iter().map(|nic| {
        Ok(NicSpec {
            nic: NicUuid::from_untyped_uuid(nic.id),
            slot: number(nic.slot, "an interface's slot")?,
            mac: nic.mac.clone(),
        })
    });
    Ok(VmmSpec {
        instance,
        name: machine.name.clone(),
        cpus: number(machine.cpus, "the number of CPUs")?,
        memory_mib: number(machine.memory_mib, "the memory")?,
        boot,
        disks: disks.collect::<Result<_, _>>()?,
        nics: nics.collect::<Result<_, _>>()?,
        stop_grace_ms: bytes(machine.stop_grace_ms, "the time to stop")?,
        stop_priority: number(machine.stop_priority, "the stop priority")?,
    })
}

fn kernel(image: ImageUuid, machine: &Machine) -> Result<Boot, SpecError> {
    let file = |part: ImagePart| {
        let found: &MachineFile =
            machine.files.iter().find(|file| file.part == part).ok_or(SpecError::FileMissing(part))?;
        Ok(ImageFile {
            image,
            part,
            sha256: found.sha256.clone(),
            size_bytes: u64::try_from(found.size_bytes)
                .map_err(|_| SpecError::OutOfRange("an image file's size"))?,
        })
    };
    Ok(Boot::Kernel {
        kernel: file(ImagePart::Kernel)?,
        initrd: file(ImagePart::Initrd)?,
        command_line: machine.command_line.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Machine {
        Machine {
            name: "web".parse().expect("a name"),
            cpus: 1,
            memory_mib: 128,
            command_line: "console=ttyS0".to_string(),
            stop_grace_ms: 30_000,
            stop_priority: 0,
            image: None,
            files: Vec::new(),
            disks: Vec::new(),
            nics: Vec::new(),
        }
    }

    #[test]
    fn a_machine_without_image_and_disk_boots_nothing() {
        assert_eq!(spec(InstanceUuid::new_v4(), &machine()), Err(SpecError::NothingToBoot));
    }

    #[test]
    fn a_missing_file_is_named() {
        let machine = Machine { image: Some(uuid::Uuid::new_v4()), ..machine() };
        let error = spec(InstanceUuid::new_v4(), &machine);
        assert_eq!(error, Err(SpecError::FileMissing(ImagePart::Kernel)));
    }
}
