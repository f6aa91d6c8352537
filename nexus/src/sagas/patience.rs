//! How long a step waits between two looks, and between two calls.

use std::time::Duration;

/// Pauses that double from 20 ms to one second.
#[derive(Debug)]
pub(super) struct Patience {
    next: Duration,
}

const FIRST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(1);

impl Patience {
    pub(super) fn new() -> Patience {
        Patience { next: FIRST }
    }

    /// The next pause.
    pub(super) fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(LONGEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let mut patience = Patience::new();
        let pauses: Vec<Duration> = (0..10).map(|_| patience.pause()).collect();
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(pauses.last(), Some(&LONGEST));
    }
}
