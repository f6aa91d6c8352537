//! The stop ladder, pure: orders and the time in, steps out.
//!
//! ```text
//! idle ──order──▶ asking ──deadline──▶ quitting ──patience──▶ killing ──5 s──▶ stuck (goes on killing)
//!   └──────────────── kill order, from anywhere ─────────────────┘
//! ```
//! It only goes up, and time only brings it further: whatever QEMU's monitor does, each rung ends.

/// The power button is pressed again after this long: a guest that hasn't booted far enough drops it. Slow enough
/// that a guest which is already shutting down isn't disturbed.
pub(super) const BUTTON_EVERY_MS: u64 = 1000;

/// QMP quit has this long to be obeyed: QEMU flushes its disks in it.
const QUIT_PATIENCE_MS: u64 = 2000;

/// The same when the monitor had been silent before the deadline. A stopped or hanging QEMU won't begin to answer
/// now, and a stop must have been *reported* 2.5 s after its deadline.
const QUIT_PATIENCE_OF_SILENT_MS: u64 = 1000;

/// SIGKILL is obeyed at once unless the process hangs in the kernel: after this long, people must know.
const KILL_PATIENCE_MS: u64 = 5000;

/// SIGKILL is repeated this often.
const KILL_EVERY_MS: u64 = 1000;

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    PressButton,
    Quit,
    Kill,
    /// Say that killing didn't help.
    Stuck,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rung {
    Idle,
    Asking { next_press_ms: u64 },
    Quitting { until_ms: u64 },
    Killing { stuck_ms: u64, next_kill_ms: u64, told: bool },
}

/// Where one run is on the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ladder {
    deadline_ms: Option<u64>,
    /// A kill order was taken (as opposed to a deadline that came to killing).
    killed: bool,
    /// The guest began to shut down: nobody presses any more.
    reacted: bool,
    rung: Rung,
}

impl Ladder {
    pub(super) fn new() -> Self {
        Self { deadline_ms: None, killed: false, reacted: false, rung: Rung::Idle }
    }

    /// Takes an order. It can only shorten: a later deadline, or an order already taken, changes nothing.
    /// Returns whether anything changed.
    pub(super) fn order(&mut self, deadline_ms: u64, kill: bool) -> bool {
        if kill && !self.killed {
            self.killed = true;
            self.deadline_ms = Some(0);
            return true;
        }
        if self.deadline_ms.is_some_and(|current| current <= deadline_ms) {
            return false;
        }
        self.deadline_ms = Some(deadline_ms);
        true
    }

    pub(super) fn guest_reacted(&mut self) {
        self.reacted = true;
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.deadline_ms.is_some()
    }

    /// Quit or SIGKILL was used because the deadline had passed.
    pub(super) fn was_forced(&self) -> bool {
        matches!(self.rung, Rung::Quitting { .. } | Rung::Killing { .. })
    }

    /// SIGKILL was used because that was the order.
    pub(super) fn was_killed(&self) -> bool {
        self.killed && matches!(self.rung, Rung::Killing { .. })
    }

    /// What is due at `now_ms`. `silent`: the monitor owes an answer.
    pub(super) fn climb(&mut self, now_ms: u64, silent: bool) -> Option<Step> {
        let deadline_ms = self.deadline_ms?;
        match &mut self.rung {
            Rung::Killing { stuck_ms, told, .. } if !*told && now_ms >= *stuck_ms => {
                *told = true;
                Some(Step::Stuck)
            }
            Rung::Killing { next_kill_ms, .. } if now_ms >= *next_kill_ms => {
                *next_kill_ms = now_ms + KILL_EVERY_MS;
                Some(Step::Kill)
            }
            Rung::Killing { .. } => None,
            _ if self.killed => Some(self.begin_killing(now_ms)),
            Rung::Quitting { until_ms } if now_ms >= *until_ms => Some(self.begin_killing(now_ms)),
            Rung::Quitting { .. } => None,
            Rung::Idle | Rung::Asking { .. } if now_ms >= deadline_ms => {
                let patience = if silent { QUIT_PATIENCE_OF_SILENT_MS } else { QUIT_PATIENCE_MS };
                self.rung = Rung::Quitting { until_ms: now_ms + patience };
                Some(Step::Quit)
            }
            Rung::Asking { next_press_ms } if self.reacted || now_ms < *next_press_ms => None,
            Rung::Idle | Rung::Asking { .. } => {
                self.rung = Rung::Asking { next_press_ms: now_ms + BUTTON_EVERY_MS };
                Some(Step::PressButton)
            }
        }
    }

    /// When [`Ladder::climb`] has something to say next, if nothing else happens.
    pub(super) fn next_ms(&self) -> Option<u64> {
        let deadline_ms = self.deadline_ms?;
        Some(match self.rung {
            Rung::Idle => 0,
            Rung::Asking { .. } if self.reacted => deadline_ms,
            Rung::Asking { next_press_ms } => next_press_ms.min(deadline_ms),
            Rung::Quitting { until_ms } => until_ms,
            Rung::Killing { stuck_ms, next_kill_ms, told: false } => stuck_ms.min(next_kill_ms),
            Rung::Killing { next_kill_ms, told: true, .. } => next_kill_ms,
        })
    }

    fn begin_killing(&mut self, now_ms: u64) -> Step {
        self.rung = Rung::Killing {
            stuck_ms: now_ms + KILL_PATIENCE_MS,
            next_kill_ms: now_ms + KILL_EVERY_MS,
            told: false,
        };
        Step::Kill
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the clock from `from` to `to` and returns each step with its time.
    fn steps(ladder: &mut Ladder, from: u64, to: u64, silent: bool) -> Vec<(u64, Step)> {
        let mut steps = Vec::new();
        for now in from..=to {
            while let Some(step) = ladder.climb(now, silent) {
                steps.push((now, step));
            }
        }
        steps
    }

    #[test]
    fn without_an_order_nothing_is_ever_due() {
        let mut ladder = Ladder::new();
        assert_eq!(steps(&mut ladder, 0, 20_000, true), []);
        assert_eq!(ladder.next_ms(), None);
    }

    #[test]
    fn it_presses_every_second_quits_at_the_deadline_kills_after_two_and_is_stuck_after_five_more() {
        let mut ladder = Ladder::new();
        assert!(ladder.order(12_500, false));
        let steps = steps(&mut ladder, 10_000, 20_500, false);
        let expected = [
            (10_000, Step::PressButton),
            (11_000, Step::PressButton),
            (12_000, Step::PressButton),
            (12_500, Step::Quit),
            (14_500, Step::Kill),
            (15_500, Step::Kill),
            (16_500, Step::Kill),
            (17_500, Step::Kill),
            (18_500, Step::Kill),
            (19_500, Step::Stuck),
            (19_500, Step::Kill),
            (20_500, Step::Kill),
        ];
        assert_eq!(steps, expected);
        assert!(ladder.was_forced() && !ladder.was_killed());
    }

    #[test]
    fn a_monitor_that_was_silent_before_the_deadline_gets_one_second_to_quit() {
        let mut ladder = Ladder::new();
        ladder.order(3000, false);
        let steps = steps(&mut ladder, 2500, 4000, true);
        assert_eq!(steps, [(2500, Step::PressButton), (3000, Step::Quit), (4000, Step::Kill)]);
    }

    #[test]
    fn a_later_deadline_changes_nothing_and_an_earlier_one_shortens() {
        let mut ladder = Ladder::new();
        assert!(ladder.order(5000, false));
        assert!(!ladder.order(5000, false));
        assert!(!ladder.order(9000, false));
        assert!(ladder.order(600, false));
        assert_eq!(steps(&mut ladder, 0, 700, false), [(0, Step::PressButton), (600, Step::Quit)]);
        assert!(!ladder.order(800, false), "what was ordered is being done");
    }

    #[test]
    fn no_grace_quits_without_asking() {
        let mut ladder = Ladder::new();
        ladder.order(100, false);
        assert_eq!(ladder.climb(100, false), Some(Step::Quit));
    }

    #[test]
    fn a_kill_order_kills_at_once_from_every_rung() {
        for run_until in [None, Some(0), Some(1000), Some(2500)] {
            let mut ladder = Ladder::new();
            if let Some(until) = run_until {
                ladder.order(1000, false);
                steps(&mut ladder, 0, until, false);
            }
            assert!(ladder.order(u64::MAX, true));
            assert!(!ladder.order(0, true));
            assert_eq!(ladder.climb(2600, false), Some(Step::Kill), "{run_until:?}");
            assert!(ladder.was_killed());
        }
    }

    #[test]
    fn a_guest_that_reacts_is_not_pressed_again_but_still_has_its_deadline() {
        let mut ladder = Ladder::new();
        ladder.order(3000, false);
        assert_eq!(ladder.climb(0, false), Some(Step::PressButton));
        ladder.guest_reacted();
        assert_eq!(ladder.next_ms(), Some(3000));
        assert_eq!(steps(&mut ladder, 1, 3000, false), [(3000, Step::Quit)]);
    }

    #[test]
    fn the_next_time_is_never_missed() {
        let mut ladder = Ladder::new();
        ladder.order(2500, false);
        let mut now = 0;
        let mut kinds = Vec::new();
        while now < 15_000 {
            while let Some(step) = ladder.climb(now, false) {
                kinds.push(step);
            }
            let next = ladder.next_ms().expect("an order is there");
            assert!(next > now, "it would spin at {now}");
            now = next;
        }
        assert!(kinds.contains(&Step::Stuck));
    }
}
