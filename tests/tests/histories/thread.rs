//! What the system gives to a simulated thread: the history's own time, and chance that follows from its seed.
//!
//! This binary defines `clock_gettime` and `getrandom` itself, so that everything that asks for them through the C library
//! is served here: clocks of nexus and agents, ids, hash seeds. A thread that simulates nothing gets the system's answers.
#![expect(unsafe_code, reason = "functions of the C library have C's interface")]

use std::cell::Cell;
use std::time::Duration;

/// What one thread simulates.
#[derive(Clone, Copy)]
struct Simulated {
    /// State of the generator.
    random: u64,
    /// Since the history began.
    elapsed: Duration,
}

thread_local! {
    static SIMULATED: Cell<Option<Simulated>> = const { Cell::new(None) };
}

/// Every history begins here.
const EPOCH: Duration = Duration::from_secs(1_767_225_600);
/// Hosts have been up for a while then.
const UPTIME: Duration = Duration::from_secs(100_000);

/// From here on this thread is a simulated one.
pub fn simulate(seed: u64) {
    SIMULATED.set(Some(Simulated { random: seed, elapsed: Duration::ZERO }));
}

/// Says how late it is, since the history began.
pub fn set_elapsed(elapsed: Duration) {
    if let Some(simulated) = SIMULATED.get() {
        SIMULATED.set(Some(Simulated { elapsed, ..simulated }));
    }
}

/// Time since the history began.
pub fn elapsed() -> Duration {
    SIMULATED.get().map(|simulated| simulated.elapsed).unwrap_or_default()
}

/// The wall clock, since 1970.
pub fn wall_clock() -> Duration {
    EPOCH + elapsed()
}

/// The next number of SplitMix64.
pub fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Takes the place of the C library's.
///
/// # Safety
/// `buffer` has room for `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(buffer: *mut libc::c_void, length: usize, flags: libc::c_uint) -> isize {
    let Some(mut simulated) = SIMULATED.get() else {
        // SAFETY: as the caller promises.
        return unsafe { libc::syscall(libc::SYS_getrandom, buffer, length, flags) as isize };
    };
    if length > 0 {
        // SAFETY: as the caller promises.
        let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length) };
        for chunk in bytes.chunks_mut(8) {
            let number = next(&mut simulated.random).to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }
    SIMULATED.set(Some(simulated));
    length as isize
}

/// Takes the place of the C library's.
///
/// # Safety
/// `time` points to a place for the answer.
#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> libc::c_int {
    let since = match clock {
        libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE => Some(EPOCH),
        libc::CLOCK_MONOTONIC
        | libc::CLOCK_MONOTONIC_COARSE
        | libc::CLOCK_MONOTONIC_RAW
        | libc::CLOCK_BOOTTIME => Some(UPTIME),
        _ => None,
    };
    let (Some(since), Some(simulated)) = (since, SIMULATED.get()) else {
        // SAFETY: as the caller promises.
        return unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) as libc::c_int };
    };
    let now = since + simulated.elapsed;
    // SAFETY: as the caller promises.
    unsafe {
        (*time).tv_sec = now.as_secs() as libc::time_t;
        (*time).tv_nsec = libc::c_long::from(now.subsec_nanos());
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_chance_of_a_simulated_thread_follow_from_its_seed() {
        let told = |seed: u64| {
            let thread = std::thread::spawn(move || {
                simulate(seed);
                set_elapsed(Duration::from_millis(1500));
                let began = std::time::Instant::now();
                set_elapsed(Duration::from_millis(1750));
                (uuid::Uuid::new_v4(), began.elapsed(), std::time::SystemTime::now())
            });
            thread.join().expect("it ends")
        };
        assert_eq!(told(7), told(7));
        assert_ne!(told(7).0, told(8).0);
        assert_eq!(told(7).1, Duration::from_millis(250));
    }
}
