//! What is booted directly: kernels and initial RAM disks.

use super::{bytes_at, known};

/// An x86-64 ELF, or a bzImage with a boot protocol of its own.
pub(super) fn kernel(head: &[u8]) -> Result<(), String> {
    if head.starts_with(b"\x7fELF") {
        return elf(head);
    }
    const BOOT_FLAG: usize = 0x1fe;
    const HEADER_MAGIC: usize = 0x202;
    const PROTOCOL: usize = 0x206;
    /// Older protocols have no initial RAM disk above 16 MiB.
    const PROTOCOL_MIN: u16 = 0x0203;
    if bytes_at(head, BOOT_FLAG) != Some([0x55, 0xaa]) || bytes_at(head, HEADER_MAGIC) != Some(*b"HdrS") {
        return Err(format!("neither a bzImage nor an ELF; {}", known::name(head)));
    }
    match bytes_at(head, PROTOCOL).map(u16::from_le_bytes) {
        Some(protocol) if protocol >= PROTOCOL_MIN => Ok(()),
        Some(protocol) => Err(format!("its boot protocol {:#06x} is too old", protocol)),
        None => Err("it ends within its own header".to_string()),
    }
}

fn elf(head: &[u8]) -> Result<(), String> {
    const CLASS_64: u8 = 2;
    const LITTLE_ENDIAN: u8 = 1;
    const X86_64: u16 = 62;
    const EXECUTABLE: u16 = 2;
    const SHARED: u16 = 3;
    let machine = bytes_at(head, 18).map(u16::from_le_bytes);
    let kind = bytes_at(head, 16).map(u16::from_le_bytes);
    match (head.get(4), head.get(5), machine, kind) {
        (Some(&CLASS_64), Some(&LITTLE_ENDIAN), Some(X86_64), Some(EXECUTABLE | SHARED)) => Ok(()),
        (_, _, Some(X86_64), _) => Err("an ELF for x86-64, but nothing that runs".to_string()),
        (_, _, machine, _) => Err(format!("an ELF for another machine ({machine:?}, not {X86_64})")),
    }
}

/// What Linux unpacks: cpio, plain or compressed in one of its ways.
pub(super) fn initrd(head: &[u8]) -> Result<(), String> {
    const TAKEN: &[&[u8]] = &[
        b"070701",
        b"070702",
        &[0x1f, 0x8b],
        &[0xfd, b'7', b'z', b'X', b'Z', 0],
        &[0x28, 0xb5, 0x2f, 0xfd],
        &[0x02, 0x21, 0x4c, 0x18],
        b"BZh",
        &[0x5d, 0, 0],
        &[0x89, b'L', b'Z', b'O', 0],
    ];
    if TAKEN.iter().any(|magic| head.starts_with(magic)) {
        return Ok(());
    }
    if head.starts_with(&[0x04, 0x22, 0x4d, 0x18]) {
        return Err("lz4 in frames, which Linux doesn't unpack; compress it with `lz4 -l`".to_string());
    }
    Err(format!("neither cpio nor a compression that Linux unpacks; {}", known::name(head)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bz_image(protocol: u16) -> Vec<u8> {
        let mut head = vec![0; 4096];
        head[0x1fe..0x200].copy_from_slice(&[0x55, 0xaa]);
        head[0x202..0x206].copy_from_slice(b"HdrS");
        head[0x206..0x208].copy_from_slice(&protocol.to_le_bytes());
        head
    }

    fn elf_of(class: u8, kind: u16, machine: u16) -> Vec<u8> {
        let mut head = vec![0; 64];
        head[..6].copy_from_slice(&[0x7f, b'E', b'L', b'F', class, 1]);
        head[16..18].copy_from_slice(&kind.to_le_bytes());
        head[18..20].copy_from_slice(&machine.to_le_bytes());
        head
    }

    #[test]
    fn a_bz_image_and_an_elf_are_kernels() {
        assert_eq!(kernel(&bz_image(0x020f)), Ok(()));
        assert_eq!(kernel(&elf_of(2, 2, 62)), Ok(()));
    }

    #[test]
    fn old_cut_and_foreign_kernels_are_refused_by_name() {
        assert!(kernel(&bz_image(0x0100)).is_err_and(|e| e.contains("too old")));
        assert!(kernel(&bz_image(0x020f)[..0x207]).is_err_and(|e| e.contains("ends within")));
        assert!(kernel(&elf_of(2, 2, 183)).is_err_and(|e| e.contains("another machine")));
        assert!(kernel(&elf_of(2, 1, 62)).is_err_and(|e| e.contains("nothing that runs")));
        assert!(kernel(&[0x1f, 0x8b, 8]).is_err_and(|e| e.contains("gzip")));
        assert!(kernel(b"\x7fELF").is_err());
    }

    #[test]
    fn every_compression_that_linux_unpacks_is_an_initrd() {
        let begin: [&[u8]; 6] = [
            b"070701",
            &[0x1f, 0x8b, 8],
            b"\xfd7zXZ\0",
            &[0x28, 0xb5, 0x2f, 0xfd],
            &[0x02, 0x21, 0x4c, 0x18],
            b"BZh9",
        ];
        for head in begin {
            assert_eq!(initrd(head), Ok(()), "{head:?}");
        }
    }

    #[test]
    fn lz4_in_frames_is_refused_with_the_way_out() {
        assert!(initrd(&[0x04, 0x22, 0x4d, 0x18]).is_err_and(|e| e.contains("lz4 -l")));
    }
}
