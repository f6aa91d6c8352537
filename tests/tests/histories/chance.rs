//! Chance that follows from a seed. Each who decides by chance has a generator of its own, so that what one asks doesn't
//! change what another gets.

use std::time::Duration;

use crate::thread;

/// A generator.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The generator of `purpose` in the history of this seed.
    pub fn new(seed: u64, purpose: &str) -> Chance {
        let mut state = seed;
        for byte in purpose.bytes() {
            state = thread::next(&mut state) ^ u64::from(byte);
        }
        Chance(state)
    }

    /// A number below `limit`; 0 for 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { thread::next(&mut self.0) % limit }
    }

    /// True so many times of 1000.
    pub fn permille(&mut self, share: u64) -> bool {
        self.below(1000) < share
    }

    /// One of several.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap_or(0)]
    }

    /// A time from `least` to `most`, in milliseconds.
    pub fn time(&mut self, least_ms: u64, most_ms: u64) -> Duration {
        Duration::from_millis(least_ms + self.below(most_ms.saturating_sub(least_ms) + 1))
    }
}
