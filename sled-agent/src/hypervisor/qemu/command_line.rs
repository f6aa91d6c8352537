//! A [`Launch`] as QEMU's arguments. Pure: what a guest's hardware is can be read, and tested, here alone.
//!
//! Every device has a fixed address on the PCI bus, so that adding one moves none of the others.

use crate::hypervisor::{Launch, LaunchBoot, LaunchDisk, LaunchError, LaunchNic};
use crate::shim::place::Place;
use crate::shim::records::{MONITOR_FD, SERIAL_FD};
use serde_json::json;

/// What runs the guest's instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accelerator {
    Kvm,
    Tcg,
}

impl Accelerator {
    /// `-accel`. TCG's translation cache is kept small: it is most of a small guest's memory otherwise.
    pub const fn argument(self) -> &'static str {
        match self {
            Accelerator::Kvm => "kvm",
            Accelerator::Tcg => "tcg,tb-size=32",
        }
    }

    /// `-cpu`. TCG's is one that doesn't change with QEMU's version.
    pub const fn cpu_model(self) -> &'static str {
        match self {
            Accelerator::Kvm => "host",
            Accelerator::Tcg => "qemu64",
        }
    }

    /// `-m`. TCG's guests have 8 KiB more than was asked for. When a migration collects what the guest has written, QEMU
    /// before 9.0 takes 64 pages at a time where memory is a multiple of that, and forgets to tell TCG: what is written
    /// until TCG next looks doesn't arrive, and the guest hangs or panics at the target (once in some twenty
    /// migrations under load). Page by page it forgets nothing.
    fn memory(self, mib: u32) -> String {
        match self {
            Accelerator::Kvm => mib.to_string(),
            Accelerator::Tcg => format!("{}k", u64::from(mib) * 1024 + 8),
        }
    }
}

/// First PCI slot of disks, and how many there are.
const DISKS: (u32, u32) = (0x04, 16);
/// First PCI slot of NICs, and how many there are. The bus ends at 0x1e: the chipset has 0x1f.
const NICS: (u32, u32) = (0x14, 8);

/// All arguments but the program's name.
///
/// # Errors
/// In words, when a device's slot doesn't exist.
pub fn arguments(
    launch: &Launch,
    accelerator: Accelerator,
    machine_type: &str,
) -> Result<Vec<String>, LaunchError> {
    let mut line = Line(Vec::new());
    line.flag("-nodefaults").flag("-no-user-config");
    // It makes no process and takes no privilege; what breaks out of it can't either.
    line.pair("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
    line.pair("-name", &format!("guest={}", escaped(&launch.name)));
    line.pair("-uuid", &launch.instance.to_string());
    // So that a guest can say as which incarnation it was booted.
    line.pair("-smbios", &format!("type=1,manufacturer=Berth,serial={}", launch.vmm));
    line.pair("-machine", &escaped(machine_type)).pair("-accel", accelerator.argument());
    line.pair("-cpu", accelerator.cpu_model()).pair("-smp", &launch.cpus.to_string());
    line.pair("-m", &accelerator.memory(launch.memory_mib)).pair("-display", "none");
    monitors(&mut line);
    if launch.incoming {
        // It waits for a guest, and doesn't let it run before it is told.
        line.pair("-incoming", "defer").flag("-S");
    }
    line.pair("-chardev", &format!("socket,id=serial,fd={SERIAL_FD}")).pair("-serial", "chardev:serial");
    line.pair("-object", "rng-random,id=entropy,filename=/dev/urandom");
    line.pair("-device", "virtio-rng-pci,rng=entropy,addr=0x3");
    boot(&mut line, &launch.boot);
    for drive in &launch.disks {
        disk(&mut line, drive, launch.boot == LaunchBoot::Disk)?;
    }
    for card in &launch.nics {
        nic(&mut line, card)?;
    }
    Ok(line.0)
}

/// Three monitors: the shim's is an inherited socket that nobody else can have, the agent's two listen in the VMM's
/// folder (QEMU's working directory, so that their paths are never too long).
fn monitors(line: &mut Line) {
    line.pair("-chardev", &format!("socket,id=shim-monitor,fd={MONITOR_FD}"));
    line.pair("-mon", "chardev=shim-monitor,mode=control");
    line.pair("-chardev", &format!("socket,id=agent-monitor,path={},server=on,wait=off", Place::MONITOR));
    line.pair("-mon", "chardev=agent-monitor,mode=control");
    let migration = Place::MIGRATION_MONITOR;
    line.pair("-chardev", &format!("socket,id=migration-monitor,path={migration},server=on,wait=off"));
    line.pair("-mon", "chardev=migration-monitor,mode=control");
}

fn boot(line: &mut Line, boot: &LaunchBoot) {
    match boot {
        LaunchBoot::Kernel { kernel, initrd, command_line } => {
            line.pair("-kernel", kernel.as_str()).pair("-initrd", initrd.as_str());
            line.pair("-append", command_line);
        }
        LaunchBoot::Disk => {
            line.pair("-boot", "strict=on");
        }
    }
}

fn disk(line: &mut Line, disk: &LaunchDisk, bootable: bool) -> Result<(), LaunchError> {
    let (node, address) = (format!("disk{}", disk.slot), address("disk", disk.slot, DISKS)?);
    // As JSON: a path may contain commas. The lock keeps out every other writer on this host and on a shared file
    // system that has locks; a shared disk's writes must not linger in this host's memory.
    let backend = json!({
        "driver": "raw",
        "node-name": node,
        "discard": "unmap",
        "cache": { "direct": disk.shared },
        "file": { "driver": "file", "filename": disk.path, "locking": "on", "cache": { "direct": disk.shared } },
    });
    line.pair("-blockdev", &backend.to_string());
    // virtio has room for 20 characters.
    let serial: String = disk.serial.chars().take(20).collect();
    let order = if bootable { format!(",bootindex={}", disk.slot + 1) } else { String::new() };
    let serial = escaped(&serial);
    line.pair("-device", &format!("virtio-blk-pci,drive={node},serial={serial},addr={address}{order}"));
    Ok(())
}

fn nic(line: &mut Line, nic: &LaunchNic) -> Result<(), LaunchError> {
    let (id, address) = (format!("nic{}", nic.slot), address("NIC", nic.slot, NICS)?);
    let tap = escaped(&nic.tap);
    line.pair("-netdev", &format!("tap,id={id},ifname={tap},script=no,downscript=no"));
    // No option ROM: nothing boots from the network.
    line.pair("-device", &format!("virtio-net-pci,netdev={id},mac={},romfile=,addr={address}", nic.mac));
    Ok(())
}

fn address(what: &str, slot: u32, (first, count): (u32, u32)) -> Result<String, LaunchError> {
    if slot >= count {
        return Err(LaunchError(format!("{what} slot {slot} does not exist: there are {count}")));
    }
    Ok(format!("{:#x}", first + slot))
}

/// In a `key=value,…` argument a comma of a value is written twice.
fn escaped(value: &str) -> String {
    value.replace(',', ",,")
}

struct Line(Vec<String>);

impl Line {
    fn flag(&mut self, flag: &str) -> &mut Self {
        self.0.push(flag.to_owned());
        self
    }

    fn pair(&mut self, name: &str, value: &str) -> &mut Self {
        self.flag(name).flag(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use berth_common::ids::{InstanceUuid, VmmUuid};

    fn launch() -> Launch {
        Launch {
            vmm: VmmUuid::nil(),
            instance: InstanceUuid::nil(),
            run: 1,
            incoming: false,
            name: "web,1".to_owned(),
            cpus: 2,
            memory_mib: 256,
            boot: LaunchBoot::Kernel {
                kernel: "/images/vmlinux".into(),
                initrd: "/images/initrd".into(),
                command_line: "console=ttyS0, quiet".to_owned(),
            },
            disks: vec![LaunchDisk {
                path: "/disks/a,b.raw".into(),
                slot: 1,
                serial: "0123456789-0123456789-0123456789".to_owned(),
                shared: true,
            }],
            nics: vec![LaunchNic { tap: "tap0".to_owned(), mac: "52:54:00:00:00:01".to_owned(), slot: 0 }],
        }
    }

    /// One option per line.
    fn text(arguments: &[String]) -> String {
        arguments.iter().fold(String::new(), |text, argument| {
            let separator = match (text.is_empty(), argument.starts_with('-')) {
                (true, _) => "",
                (false, true) => "\n",
                (false, false) => " ",
            };
            text + separator + argument
        })
    }

    #[test]
    fn a_guest_with_a_kernel_a_shared_disk_and_a_tap() {
        let expected = r#"-nodefaults
-no-user-config
-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny
-name guest=web,,1
-uuid 00000000-0000-0000-0000-000000000000
-smbios type=1,manufacturer=Berth,serial=00000000-0000-0000-0000-000000000000
-machine pc-q35-7.2
-accel tcg,tb-size=32
-cpu qemu64
-smp 2
-m 262152k
-display none
-chardev socket,id=shim-monitor,fd=@shim-monitor
-mon chardev=shim-monitor,mode=control
-chardev socket,id=agent-monitor,path=qmp.sock,server=on,wait=off
-mon chardev=agent-monitor,mode=control
-chardev socket,id=migration-monitor,path=migration.sock,server=on,wait=off
-mon chardev=migration-monitor,mode=control
-chardev socket,id=serial,fd=@serial
-serial chardev:serial
-object rng-random,id=entropy,filename=/dev/urandom
-device virtio-rng-pci,rng=entropy,addr=0x3
-kernel /images/vmlinux
-initrd /images/initrd
-append console=ttyS0, quiet
-blockdev {"cache":{"direct":true},"discard":"unmap","driver":"raw","file":{"cache":{"direct":true},"driver":"file","filename":"/disks/a,b.raw","locking":"on"},"node-name":"disk1"}
-device virtio-blk-pci,drive=disk1,serial=0123456789-012345678,addr=0x5
-netdev tap,id=nic0,ifname=tap0,script=no,downscript=no
-device virtio-net-pci,netdev=nic0,mac=52:54:00:00:00:01,romfile=,addr=0x14"#;
        let arguments = arguments(&launch(), Accelerator::Tcg, "pc-q35-7.2").expect("all slots exist");
        assert_eq!(text(&arguments), expected);
    }

    #[test]
    fn a_guest_that_boots_from_its_disk_under_kvm() {
        let mut launch = launch();
        launch.boot = LaunchBoot::Disk;
        launch.nics.clear();
        let text = text(&arguments(&launch, Accelerator::Kvm, "pc-q35-7.2").expect("all slots exist"));
        assert!(text.contains("-accel kvm\n-cpu host\n") && text.contains("-m 256\n"), "{text}");
        assert!(text.contains("-boot strict=on\n") && !text.contains("-kernel"), "{text}");
        assert!(text.ends_with("addr=0x5,bootindex=2"), "{text}");
    }

    #[test]
    fn a_slot_that_does_not_exist_is_refused() {
        let mut launch = launch();
        launch.nics[0].slot = 8;
        let error = arguments(&launch, Accelerator::Tcg, "pc-q35-7.2").expect_err("there are eight");
        assert_eq!(error.to_string(), "NIC slot 8 does not exist: there are 8");
    }
}
