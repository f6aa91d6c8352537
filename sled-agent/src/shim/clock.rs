//! The clock of deadlines: CLOCK_BOOTTIME, which is the host's own, never jumps, and counts suspension.
//!
//! Its readings mean nothing after a reboot: whoever stores one stores [`boot_id`] with it.

use std::sync::OnceLock;

use nix::time::{ClockId, clock_gettime};

/// Milliseconds since this host booted.
pub fn now_ms() -> u64 {
    let now = clock_gettime(ClockId::CLOCK_BOOTTIME).expect("Linux has had CLOCK_BOOTTIME since 2.6.39");
    u64::try_from(now.tv_sec()).unwrap_or(0) * 1000 + u64::try_from(now.tv_nsec()).unwrap_or(0) / 1_000_000
}

/// Which boot of this host this is; the kernel's own random text.
pub fn boot_id() -> String {
    // It stays the same for as long as this process lives, and is asked for often.
    static KNOWN: OnceLock<String> = OnceLock::new();
    if let Some(known) = KNOWN.get() {
        return known.clone();
    }
    let read = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let read = read.trim().to_owned();
    if read.is_empty() { read } else { KNOWN.get_or_init(|| read).clone() }
}
