//! qcow2, versions 2 and 3, as far as a copy of it can be trusted: everything in one file, and sizes that fit.

use super::bytes_at;

const MAGIC: &[u8] = b"QFI\xfb";
/// 512 bytes to 2 MiB.
const CLUSTER_BITS: std::ops::RangeInclusive<u32> = 9..=21;
/// What QEMU itself takes at most for the first-level table.
const L1_MAX_BYTES: u64 = 32 * 1024 * 1024;
const DIRTY: u64 = 1;
const CORRUPT: u64 = 1 << 1;
const EXTERNAL_DATA: u64 = 1 << 2;
const COMPRESSION_TYPE: u64 = 1 << 3;
const EXTENDED_L2: u64 = 1 << 4;

/// Whether it claims to be one.
pub(super) fn is(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// Size of the disk in it.
pub(super) fn virtual_bytes(head: &[u8], file_bytes: u64) -> Result<u64, String> {
    let header = Header::read(head).ok_or("it ends within its own header")?;
    header.whole(file_bytes)?;
    header.plain(head)?;
    header.fits(file_bytes)?;
    Ok(header.virtual_bytes)
}

struct Header {
    version: u32,
    backing_offset: u64,
    backing_bytes: u32,
    cluster_bits: u32,
    virtual_bytes: u64,
    encryption: u32,
    l1_entries: u32,
    l1_offset: u64,
    refcount_offset: u64,
}

impl Header {
    fn read(head: &[u8]) -> Option<Header> {
        let u32_at = |offset| bytes_at(head, offset).map(u32::from_be_bytes);
        let u64_at = |offset| bytes_at(head, offset).map(u64::from_be_bytes);
        // The last field of version 2 ends at 72.
        u64_at(64)?;
        Some(Header {
            version: u32_at(4)?,
            backing_offset: u64_at(8)?,
            backing_bytes: u32_at(16)?,
            cluster_bits: u32_at(20)?,
            virtual_bytes: u64_at(24)?,
            encryption: u32_at(32)?,
            l1_entries: u32_at(36)?,
            l1_offset: u64_at(40)?,
            refcount_offset: u64_at(48)?,
        })
    }

    /// A known version with clusters of a possible size, and more than a header.
    fn whole(&self, file_bytes: u64) -> Result<(), String> {
        if !matches!(self.version, 2 | 3) {
            return Err(format!("qcow version {} is not known; 2 and 3 are", self.version));
        }
        if !CLUSTER_BITS.contains(&self.cluster_bits) {
            return Err(format!("clusters of 2^{} bytes are not possible in a qcow2", self.cluster_bits));
        }
        if file_bytes < self.cluster_bytes() {
            return Err("the file ends within its first cluster".to_string());
        }
        Ok(())
    }

    /// Everything is in this one file, and readable by anyone who has it.
    fn plain(&self, head: &[u8]) -> Result<(), String> {
        if self.backing_offset != 0 || self.backing_bytes != 0 {
            return Err("it has a backing file; flatten it with `qemu-img convert -O qcow2`".to_string());
        }
        if self.encryption != 0 {
            return Err("it is encrypted; decrypt it with `qemu-img convert`".to_string());
        }
        if self.version < 3 {
            return Ok(());
        }
        let features = bytes_at(head, 72).map(u64::from_be_bytes).ok_or("it ends within its own header")?;
        if features & EXTERNAL_DATA != 0 {
            return Err(
                "its data is in another file; flatten it with `qemu-img convert -O qcow2`".to_string()
            );
        }
        if features & CORRUPT != 0 {
            return Err("it is marked as corrupt; repair it with `qemu-img check -r all`".to_string());
        }
        let unknown = features & !(DIRTY | COMPRESSION_TYPE | EXTENDED_L2);
        if unknown != 0 {
            return Err(format!("it needs features that are not known here ({unknown:#x})"));
        }
        Ok(())
    }

    /// Its tables are inside the file and can describe a disk of its size.
    fn fits(&self, file_bytes: u64) -> Result<(), String> {
        let l1_bytes = u64::from(self.l1_entries) * 8;
        if l1_bytes > L1_MAX_BYTES {
            return Err(format!("its first table of {l1_bytes} bytes is larger than QEMU reads"));
        }
        let tables = [(self.l1_offset, l1_bytes), (self.refcount_offset, self.cluster_bytes())];
        for (offset, bytes) in tables {
            let end = offset.checked_add(bytes);
            if offset % self.cluster_bytes() != 0 || end.is_none_or(|end| end > file_bytes) {
                return Err("its tables are outside of the file: was the upload cut short?".to_string());
            }
        }
        // One second-level table is a cluster of 8-byte entries, each for one cluster.
        let bytes_per_entry = u128::from(self.cluster_bytes()) * u128::from(self.cluster_bytes() / 8);
        if u128::from(self.virtual_bytes) > bytes_per_entry * u128::from(self.l1_entries) {
            return Err(format!("it claims {} bytes, more than its tables can describe", self.virtual_bytes));
        }
        Ok(())
    }

    fn cluster_bytes(&self) -> u64 {
        1 << self.cluster_bits.min(*CLUSTER_BITS.end())
    }
}

#[cfg(test)]
mod tests {
    use berth_common::storage::{DiskFormat, ImagePart};

    use super::super::{Recognised, recognise};

    const FILE_BYTES: u64 = 4 * 65536;
    const GIB: u64 = 1 << 30;

    /// As `qemu-img create -f qcow2 x 1G` writes it, as far as it matters here.
    fn good() -> Vec<u8> {
        let mut head = vec![0; 4096];
        head[..4].copy_from_slice(b"QFI\xfb");
        put32(&mut head, 4, 3);
        put32(&mut head, 20, 16);
        put64(&mut head, 24, GIB);
        put32(&mut head, 36, 2);
        put64(&mut head, 40, 3 * 65536);
        put64(&mut head, 48, 65536);
        put32(&mut head, 56, 1);
        put32(&mut head, 100, 112);
        head
    }

    fn put32(head: &mut [u8], offset: usize, value: u32) {
        head[offset..offset + 4].copy_from_slice(&value.to_be_bytes());
    }

    fn put64(head: &mut [u8], offset: usize, value: u64) {
        head[offset..offset + 8].copy_from_slice(&value.to_be_bytes());
    }

    fn refusal(change: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut head = good();
        change(&mut head);
        recognise(ImagePart::Disk, &head, FILE_BYTES).expect_err("it can't be used").found
    }

    #[test]
    fn a_plain_qcow2_is_a_disk_of_its_virtual_size() {
        let disk = Recognised::Disk { format: DiskFormat::Qcow2, virtual_bytes: GIB };
        assert_eq!(recognise(ImagePart::Disk, &good(), FILE_BYTES), Ok(disk));
        let mut second = good();
        put32(&mut second, 4, 2);
        assert_eq!(recognise(ImagePart::Disk, &second, FILE_BYTES), Ok(disk));
    }

    #[test]
    fn whatever_reaches_outside_of_the_file_is_refused() {
        assert!(refusal(|h| put64(h, 8, 512)).contains("backing file"));
        assert!(refusal(|h| put32(h, 16, 9)).contains("backing file"));
        assert!(refusal(|h| put64(h, 72, 4)).contains("another file"));
        assert!(refusal(|h| put32(h, 32, 2)).contains("encrypted"));
    }

    #[test]
    fn impossible_headers_are_refused() {
        assert!(refusal(|h| put32(h, 4, 1)).contains("version 1"));
        assert!(refusal(|h| put32(h, 20, 63)).contains("2^63"));
        assert!(refusal(|h| put64(h, 24, 1 << 45)).contains("more than its tables"));
        assert!(refusal(|h| put64(h, 24, u64::MAX)).contains("more than its tables"));
        assert!(refusal(|h| put64(h, 24, 0)).contains("0 bytes"));
        assert!(refusal(|h| put64(h, 24, GIB - 1)).contains("sectors"));
        assert!(refusal(|h| put32(h, 36, u32::MAX)).contains("larger than QEMU reads"));
        assert!(refusal(|h| put64(h, 40, u64::MAX)).contains("outside of the file"));
        assert!(refusal(|h| put64(h, 48, 100)).contains("outside of the file"));
        assert!(refusal(|h| put64(h, 72, 2)).contains("corrupt"));
        assert!(refusal(|h| put64(h, 72, 1 << 40)).contains("not known here"));
        assert!(refusal(|h| h.truncate(60)).contains("ends within its own header"));
    }

    #[test]
    fn no_header_makes_it_panic() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..20_000 {
            let mut head = good();
            for _ in 0..4 {
                // xorshift: the same heads in every run.
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let at = (state % 112) as usize;
                head[at] = (state >> 32) as u8;
            }
            let _ = recognise(ImagePart::Disk, &head, FILE_BYTES);
        }
    }
}
