//! Formats by their first bytes, for refusals that help.

/// First bytes, and what begins so.
const MAGIC: &[(&[u8], &str)] = &[
    (&[0x1f, 0x8b], "gzip-compressed data"),
    (&[0xfd, b'7', b'z', b'X', b'Z', 0], "xz-compressed data"),
    (&[0x28, 0xb5, 0x2f, 0xfd], "zstd-compressed data"),
    (b"BZh", "bzip2-compressed data"),
    (&[0x02, 0x21, 0x4c, 0x18], "lz4-compressed data"),
    (&[0x04, 0x22, 0x4d, 0x18], "lz4-compressed data in frames"),
    (&[0x7f, b'E', b'L', b'F'], "an ELF program"),
    (b"070701", "a cpio archive"),
    (b"070702", "a cpio archive"),
    (b"QFI\xfb", "a qcow2 disk"),
    (b"KDMV", "a VMDK disk"),
    (b"vhdxfile", "a VHDX disk"),
    (b"conectix", "a VHD disk"),
    (b"PK\x03\x04", "a zip archive"),
    (b"#!", "a script"),
    (b"MZ", "a Windows or EFI program"),
    (b"\x89PNG", "a picture"),
    (b"%PDF", "a PDF"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
];

/// What a file seems to be.
pub(super) fn name(head: &[u8]) -> String {
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return (*name).to_string();
    }
    let shown: Vec<String> = head.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("its first bytes are {}", shown.join(" "))
}

/// Why this can't be meant as a raw disk, if it can't. A raw disk may begin with anything, so only what certainly
/// was meant as something else is named.
pub(super) fn not_raw(head: &[u8]) -> Option<&'static str> {
    const VDI_OFFSET: usize = 64;
    if head.get(VDI_OFFSET..VDI_OFFSET + 4) == Some(&[0x7f, 0x10, 0xda, 0xbe]) {
        return Some("it is a VDI disk; convert it with `qemu-img convert -O qcow2`");
    }
    const OTHERS: &[(&[u8], &str)] = &[
        (&[0x1f, 0x8b, 8], "it is gzip-compressed; unpack it first"),
        (&[0xfd, b'7', b'z', b'X', b'Z', 0], "it is xz-compressed; unpack it first"),
        (&[0x28, 0xb5, 0x2f, 0xfd], "it is zstd-compressed; unpack it first"),
        (b"KDMV", "it is a VMDK disk; convert it with `qemu-img convert -O qcow2`"),
        (b"vhdxfile", "it is a VHDX disk; convert it with `qemu-img convert -O qcow2`"),
        (b"conectix", "it is a VHD disk; convert it with `qemu-img convert -O qcow2`"),
        (b"PK\x03\x04", "it is a zip archive; unpack it first"),
    ];
    OTHERS.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, found)| *found)
}
