//! The host: its boot, its clock, its size.

use std::fs;
use std::time::Duration;

use berth_common::ids::BootUuid;
use nix::time::{ClockId, clock_gettime};

/// Memory left to the host itself where the configuration doesn't say how much guests may have: an eighth, and at
/// least this much.
const MEMORY_RESERVE_MIB: u64 = 1024;

/// The host's boot, as the kernel names it.
pub fn boot_id() -> std::io::Result<BootUuid> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    text.trim().parse().map_err(std::io::Error::other)
}

/// Milliseconds since the host's boot, suspension included.
pub fn boottime_ms() -> u64 {
    // CLOCK_BOOTTIME can't fail on a kernel that runs this program.
    let now = clock_gettime(ClockId::CLOCK_BOOTTIME).map(Duration::from).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

/// Returns when the boot's clock shows `deadline_ms`. Looks again every second: timers don't count suspension.
pub async fn until_boottime(deadline_ms: u64) {
    loop {
        let left_ms = deadline_ms.saturating_sub(boottime_ms());
        if left_ms == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(left_ms.min(1000))).await;
    }
}

/// Cores of this host.
pub fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX))
}

/// Memory in MiB that guests may have by default.
pub fn guest_memory_mib() -> std::io::Result<u32> {
    let text = fs::read_to_string("/proc/meminfo")?;
    let total_kib = text
        .lines()
        .find_map(|line| {
            line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
        })
        .ok_or_else(|| std::io::Error::other("/proc/meminfo has no MemTotal"))?;
    let total = total_kib / 1024;
    let left = total.saturating_sub((total / 8).max(MEMORY_RESERVE_MIB));
    Ok(u32::try_from(left).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_host_has_a_boot_a_clock_and_a_size() {
        assert_eq!(boot_id().expect("a boot id"), boot_id().expect("the same"));
        let before = boottime_ms();
        assert!(before > 0);
        std::thread::sleep(Duration::from_millis(5));
        assert!(boottime_ms() >= before + 5);
        assert!(cores() > 0);
        guest_memory_mib().expect("known");
    }
}
