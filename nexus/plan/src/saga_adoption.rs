//! Is another nexus dead? Then its sagas may be adopted.
//!
//! Silence is measured on my own clock alone, and only between successful reads of the other's row at most
//! [`READ_GAP_MAX`] apart: an outage of the database, a pause of mine or a jump of my clock starts the watch anew,
//! else all would adopt from all when the database comes back. The declaring statement is guarded by the beat that was
//! watched, so that a nexus that renewed in the last moment isn't declared.

use std::time::Duration;

use berth_common::Generation;

/// How long a row must have been read unchanged.
pub const SILENCE: Duration = Duration::from_secs(5);

/// The longest time between two reads across which silence counts.
pub const READ_GAP_MAX: Duration = Duration::from_secs(1);

/// What a nexus renews in its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Counts its declared deaths.
    pub epoch: Generation,
    /// Counts its renewals.
    pub seq: i64,
}

/// What reading the other's row yielded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Nothing: the read failed, or its outcome is unknown.
    Failed,
    /// No active nexus: it stopped, was declared dead before, or has no row.
    Inactive,
    /// An active nexus.
    Active(Beat),
}

/// How my own row stands in the same read: who isn't sure to be alive declares nobody dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MyRow {
    /// Active, under my own epoch, and renewed.
    Current,
    /// Not renewed in time, or declared dead.
    Stale,
}

/// One read of the other's row, with its times on my own clock (CLOCK_BOOTTIME), since any fixed point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation {
    /// What it yielded.
    pub read: Read,
    /// How my own row stood.
    pub my_row: MyRow,
    /// When it was sent.
    pub sent: Duration,
    /// When its answer was there.
    pub received: Duration,
}

/// A watch over one other nexus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    beat: Beat,
    /// When the first read of this beat was received: the row may be no older than that.
    since: Duration,
    /// When the last one was sent: the row was unchanged at least until then.
    last_sent: Duration,
}

/// What follows from a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on watching.
    Nothing,
    /// Declare it dead, guarded by this beat.
    DeclareDead(Beat),
}

/// Takes one read into the watch. Total.
pub fn observe(watch: Option<Watch>, seen: &Observation) -> (Option<Watch>, Verdict) {
    let beat = match seen.read {
        Read::Failed | Read::Inactive => return (None, Verdict::Nothing),
        Read::Active(beat) => beat,
    };
    let watch = match watch {
        Some(before) if goes_on(&before, beat, seen) => Watch { last_sent: seen.sent, ..before },
        Some(_) | None => Watch { beat, since: seen.received, last_sent: seen.sent },
    };
    let silent_for = watch.last_sent.saturating_sub(watch.since);
    let verdict = match seen.my_row {
        MyRow::Current if silent_for >= SILENCE => Verdict::DeclareDead(beat),
        MyRow::Current | MyRow::Stale => Verdict::Nothing,
    };
    (Some(watch), verdict)
}

/// The same beat, by a read that came soon after the one before, on a clock that only went forward.
fn goes_on(before: &Watch, beat: Beat, seen: &Observation) -> bool {
    let forward = before.last_sent <= seen.sent && seen.sent <= seen.received;
    let gap = seen.received.saturating_sub(before.last_sent);
    before.beat == beat && forward && gap <= READ_GAP_MAX
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NEVER: [u64; 0] = [];
    const BEAT: Beat = Beat { epoch: Generation::FIRST, seq: 7 };

    /// Feeds reads at their times in milliseconds; the times at which death was declared.
    fn declared(reads: &[(u64, Read, MyRow)]) -> Vec<u64> {
        let mut watch = None;
        let mut declared = Vec::new();
        for &(at_ms, read, my_row) in reads {
            let at = Duration::from_millis(at_ms);
            let (next, verdict) = observe(watch, &Observation { read, my_row, sent: at, received: at });
            watch = next;
            if verdict != Verdict::Nothing {
                declared.push(at_ms);
            }
        }
        declared
    }

    fn silence(times_ms: impl IntoIterator<Item = u64>) -> Vec<(u64, Read, MyRow)> {
        times_ms.into_iter().map(|at| (at, Read::Active(BEAT), MyRow::Current)).collect()
    }

    #[test]
    fn five_seconds_of_unchanged_reads_declare_dead() {
        assert_eq!(declared(&silence((0..=5000).step_by(500))), [5000]);
        assert_eq!(declared(&silence((0..5000).step_by(500))), NEVER);
    }

    #[test]
    fn one_beat_starts_the_watch_anew() {
        let mut reads = silence((0..=9000).step_by(1000));
        for (_, read, _) in &mut reads[4..] {
            *read = Read::Active(Beat { seq: BEAT.seq + 1, ..BEAT });
        }
        assert_eq!(declared(&reads), [9000]);
    }

    #[test]
    fn a_failed_read_starts_the_watch_anew() {
        let mut reads = silence((0..=8000).step_by(500));
        reads[9].1 = Read::Failed; // at 4.5 s: seen again from 5 s on
        assert_eq!(declared(&reads), NEVER);
    }

    #[test]
    fn an_outage_between_two_reads_is_no_silence() {
        assert_eq!(declared(&silence([0, 500, 60_000, 60_500])), NEVER);
    }

    #[test]
    fn a_clock_that_goes_back_starts_the_watch_anew() {
        assert_eq!(declared(&silence([9000, 9500, 4000, 5000, 6000, 7000, 8000])), NEVER);
        assert_eq!(declared(&silence([9000, 9500, 4000, 5000, 6000, 7000, 8000, 9000])), [9000]);
    }

    #[test]
    fn a_slow_read_counts_only_what_lies_between_answer_and_question() {
        let ms = Duration::from_millis;
        let mut watch = None;
        for round in 0..=7 {
            let (sent, received) = (ms(round * 700), ms(round * 700 + 200));
            let seen = Observation { read: Read::Active(BEAT), my_row: MyRow::Current, sent, received };
            let (next, verdict) = observe(watch, &seen);
            watch = next;
            assert_eq!(verdict, Verdict::Nothing, "read sent at {sent:?}, the first one received at 200 ms");
        }
        let seen = Observation {
            read: Read::Active(BEAT),
            my_row: MyRow::Current,
            sent: ms(5600),
            received: ms(5601),
        };
        let (_, verdict) = observe(watch, &seen);
        assert_eq!(verdict, Verdict::DeclareDead(BEAT));
    }

    #[test]
    fn a_nexus_whose_own_row_is_stale_declares_nobody() {
        let reads: Vec<_> = silence((0..=9000).step_by(500))
            .into_iter()
            .map(|(at, read, _)| (at, read, MyRow::Stale))
            .collect();
        assert_eq!(declared(&reads), NEVER);
    }

    #[test]
    fn who_is_dead_already_is_not_declared_again() {
        let mut reads = silence((0..=9000).step_by(500));
        for (_, read, _) in &mut reads[3..] {
            *read = Read::Inactive;
        }
        assert_eq!(declared(&reads), NEVER);
    }

    proptest! {
        /// Whoever beats at least every four seconds is never declared dead, whatever reads fail and whenever they come.
        #[test]
        fn who_beats_is_never_declared(reads in prop::collection::vec((0u64..3000, prop::bool::ANY), 1..100)) {
            let mut at_ms = 0;
            let reads: Vec<_> = reads.into_iter().map(|(pause_ms, fails)| {
                at_ms += pause_ms;
                let seq = i64::try_from(at_ms / 4000).expect("small");
                let read = if fails { Read::Failed } else { Read::Active(Beat { seq, ..BEAT }) };
                (at_ms, read, MyRow::Current)
            }).collect();
            prop_assert_eq!(declared(&reads), Vec::<u64>::new());
        }
    }
}
