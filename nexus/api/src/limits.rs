//! Every limit of the public API, by name, with its reason.

use berth_common::instance::RestartPolicy;

/// Largest JSON body. The largest honest one, an instance with all its disks and a long command line, is 8 KiB.
pub const JSON_BODY_MAX_BYTES: usize = 64 * 1024;

/// Largest kernel or initial RAM disk: a distribution's largest are about 200 MiB.
pub const BOOT_FILE_MAX_BYTES: u64 = 512 * 1024 * 1024;

/// Largest disk image file. Images live in the database, which must stay small enough to be copied in minutes.
pub const DISK_FILE_MAX_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// What the HTTP server lets through for an upload; the limits above are kept while the bytes arrive.
pub const UPLOAD_BODY_MAX_BYTES: usize = 4 * 1024 * 1024 * 1024 + 1;

/// Largest disk inside an image, or made on request: 64 TiB, above any host's pool.
pub const DISK_MAX_BYTES: u64 = 64 * 1024 * 1024 * 1024 * 1024;

/// Disks come in sectors.
pub const SECTOR_BYTES: u64 = 512;

/// Items of a page when the client doesn't say.
pub const PAGE_DEFAULT: u32 = 100;

/// Items of a page at most: about half a megabyte of instances.
pub const PAGE_MAX: u32 = 1000;

/// Longest opaque page or event token, in bytes: ours are below 120.
pub const TOKEN_TEXT_MAX_BYTES: usize = 512;

/// Longest description, in bytes: a few paragraphs.
pub const DESCRIPTION_MAX_BYTES: usize = 4096;

/// Longest kernel command line, in bytes: what x86-64 Linux takes is 2048 with its end.
pub const COMMAND_LINE_MAX_BYTES: usize = 2047;

/// Virtual CPUs of an instance: what QEMU's default machine takes without an IOMMU.
pub const CPUS_MAX: u32 = 255;

/// Least memory of an instance, in MiB: less doesn't boot a kernel.
pub const MEMORY_MIN_MIB: u32 = 16;

/// Most memory of an instance, in MiB: 16 TiB.
pub const MEMORY_MAX_MIB: u32 = 16 * 1024 * 1024;

/// Disks of an instance, and also its interfaces: slots of one PCI bus, with room for what the machine has itself.
pub const SLOTS_MAX: u32 = 8;

/// Highest stop priority: room for any order of people's own.
pub const STOP_PRIORITY_MAX: u32 = 1_000;

/// What becomes of an instance whose guest ended by itself, where nobody says.
pub const RESTART_POLICY_DEFAULT: RestartPolicy = RestartPolicy::OnFailure;

/// Longest grace of a stop: a day. A guest that needs longer is not going to end by itself.
pub const STOP_GRACE_MAX_S: u64 = 24 * 60 * 60;

/// Grace of a stop when neither request nor instance says.
pub const STOP_GRACE_DEFAULT_S: u64 = 30;

/// Longest long-poll, in seconds: below what proxies on the way cut off.
pub const WAIT_MAX_S: u64 = 55;

/// Longest `Idempotency-Key`, in bytes: a UUID or a hash fits.
pub const IDEMPOTENCY_KEY_MAX_BYTES: usize = 128;

/// Largest piece of a serial log in one answer.
pub const SERIAL_MAX_BYTES: u32 = 1024 * 1024;

/// Piece of a serial log when the client doesn't say.
pub const SERIAL_DEFAULT_BYTES: u32 = 64 * 1024;

/// Longest life of an API token: a year. Whoever wants longer renews.
pub const TOKEN_LIFE_MAX_S: u64 = 366 * 24 * 60 * 60;

/// Life of an API token when nobody says: 30 days.
pub const TOKEN_LIFE_DEFAULT_S: u64 = 30 * 24 * 60 * 60;

/// Longest label of a token, in bytes.
pub const TOKEN_LABEL_MAX_BYTES: usize = 63;

/// Longest life of a join token: a week. It lets a host in, so it is kept short.
pub const JOIN_TOKEN_LIFE_MAX_S: u64 = 7 * 24 * 60 * 60;

/// Life of a join token when nobody says: one hour.
pub const JOIN_TOKEN_LIFE_DEFAULT_S: u64 = 60 * 60;

/// Largest quota: above it sums could not be checked in 64 bits.
pub const QUOTA_MAX: u64 = 1 << 53;

/// What a project may use when nobody says.
pub const QUOTA_DEFAULT_INSTANCES: u64 = 100;
/// See [`QUOTA_DEFAULT_INSTANCES`].
pub const QUOTA_DEFAULT_CPUS: u64 = 400;
/// See [`QUOTA_DEFAULT_INSTANCES`]: 1 TiB.
pub const QUOTA_DEFAULT_MEMORY_MIB: u64 = 1024 * 1024;
/// See [`QUOTA_DEFAULT_INSTANCES`]: 10 TiB.
pub const QUOTA_DEFAULT_DISK_BYTES: u64 = 10 * 1024 * 1024 * 1024 * 1024;

/// Seconds a client should wait after a 503: the database comes back within a few, or not soon.
pub const RETRY_AFTER_S: u32 = 2;

/// Longest time that a migration may take, in seconds.
pub const MIGRATION_DEADLINE_MAX_S: u64 = 24 * 60 * 60;

/// What it may take when nobody says: slow networks and busy guests included, but no working day.
pub const MIGRATION_DEADLINE_DEFAULT_S: u64 = 600;

/// Longest pause of a guest that can be aimed at, in milliseconds: beyond a minute a stop and a start are as good.
pub const DOWNTIME_LIMIT_MAX_MS: u64 = 60_000;

/// What is aimed at when nobody says: what no connection notices.
pub const DOWNTIME_LIMIT_DEFAULT_MS: u64 = 300;

/// Sleds that one force stop can assume to be dead: an instance has VMMs on a few at most.
pub const ASSUME_DEAD_MAX: usize = 16;

/// Checks a text's length and that it can be shown: no control characters but line ends and tabs.
///
/// # Errors
/// What is wrong with it, naming the field.
pub fn text(field: &str, text: &str, max_bytes: usize) -> Result<(), String> {
    if text.len() > max_bytes {
        return Err(format!("`{field}` has {} bytes; at most {max_bytes} are allowed", text.len()));
    }
    if let Some(odd) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(format!("`{field}` has the control character {odd:?}; leave it out"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_too_long_or_cannot_be_stored_are_refused_by_field() {
        assert_eq!(text("description", "two\nlines", 100), Ok(()));
        assert!(text("description", "aaa", 2).is_err_and(|e| e.contains("`description` has 3 bytes")));
        assert!(text("description", "a\0b", 100).is_err_and(|e| e.contains("control character")));
    }
}
