//! What every nexus of a cluster has counted, by name, and what one deed costs of it.

use crate::{Api, Body, Play, until};
use anyhow::{Context, Result, ensure};
use reqwest::Method;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Transactions of one name, and waits for the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub transactions: u64,
    pub round_trips: u64,
}

/// Counts by name, of all nexus together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub BTreeMap<String, Count>);

/// Name of the saga store's own commits, each of which is one statement.
const SAGA_COMMITS: &str = "saga_store.commit";

/// Work that comes round by the clock, whether anything happens or not. What only a bell makes run (`updater.`,
/// `intent.`) isn't here: with [`QUIET`] a deed pays for that itself.
const PERIODIC: [&str; 8] = [
    "adoption.",
    "invariant_check.",
    "nexus.",
    "reaper.",
    "reconciler.",
    "retention.",
    "saga_store",
    "metrics",
];

/// Settings of a nexus whose background tasks come round seldom, so that they run when something rings for them.
pub const QUIET: &str = "[background]\nperiod_ms = 60000\n";

/// What is done when something rang.
const LOOK: &str = "updater.look";
/// More than nexus leaves between two of them.
const BREATH: Duration = Duration::from_millis(300);
/// So many readings alike: on a busy machine a single one takes longer than a breath, and a nexus that answers several
/// has had its turn.
const ALIKE: u32 = 8;

/// How long a deed's last consequences may take.
const REST_LIMIT: Duration = Duration::from_secs(60);

impl Counts {
    /// What was counted since `earlier`; names without anything are left out.
    #[must_use]
    pub fn since(&self, earlier: &Counts) -> Counts {
        let counted = self.0.iter().map(|(name, now)| {
            let before = earlier.0.get(name).copied().unwrap_or_default();
            let transactions = now.transactions.saturating_sub(before.transactions);
            (
                name.clone(),
                Count { transactions, round_trips: now.round_trips.saturating_sub(before.round_trips) },
            )
        });
        Counts(counted.filter(|(_, count)| *count != Count::default()).collect())
    }

    /// The deed's own share: without what comes round by the clock.
    #[must_use]
    pub fn own(&self) -> Counts {
        let own = self.0.iter().filter(|(name, _)| !is_periodic(name));
        Counts(own.map(|(name, count)| (name.clone(), *count)).collect())
    }

    /// What comes round by the clock.
    #[must_use]
    pub fn periodic(&self) -> Counts {
        let periodic = self.0.iter().filter(|(name, _)| is_periodic(name));
        Counts(periodic.map(|(name, count)| (name.clone(), *count)).collect())
    }

    /// All names together.
    pub fn total(&self) -> Count {
        self.0.values().fold(Count::default(), |sum, count| Count {
            transactions: sum.transactions + count.transactions,
            round_trips: sum.round_trips + count.round_trips,
        })
    }

    /// What one name counts.
    pub fn of(&self, name: &str) -> Count {
        self.0.get(name).copied().unwrap_or_default()
    }

    fn read(&mut self, page: &str) -> Result<()> {
        for line in page.lines().filter(|line| !line.starts_with('#')) {
            let Some((metric, value)) = line.rsplit_once(' ') else { continue };
            let Some((metric, name)) = metric.trim_end_matches("\"}").split_once("{name=\"") else {
                continue;
            };
            let value = || value.parse::<u64>().with_context(|| format!("not a count: {line}"));
            match metric {
                "berth_db_transactions_total" => self.at(name).transactions += value()?,
                "berth_db_round_trips_total" => self.at(name).round_trips += value()?,
                "berth_saga_store_total" if name == "commits" => {
                    let value = value()?;
                    self.at(SAGA_COMMITS).transactions += value;
                    self.at(SAGA_COMMITS).round_trips += value;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn at(&mut self, name: &str) -> &mut Count {
        self.0.entry(name.to_owned()).or_default()
    }

    /// Without what reading the second of two pages itself costs: a nexus asks for the token before it counts.
    fn without_reading(mut self, doors: u64) -> Counts {
        if let Some(asked) = self.0.get_mut("token.authenticate") {
            asked.transactions = asked.transactions.saturating_sub(doors);
            asked.round_trips = asked.round_trips.saturating_sub(doors);
        }
        self
    }
}

fn is_periodic(name: &str) -> bool {
    name != SAGA_COMMITS && PERIODIC.iter().any(|beginning| name.starts_with(beginning))
}

impl Api {
    /// What each nexus has counted since it was started.
    pub fn counts(&self) -> Result<Counts> {
        let mut counts = Counts::default();
        for door in 0..self.doors() {
            let page = self.at(door).send(&Method::GET, "/v1/system/metrics", &[], Body::Nothing)?;
            ensure!(page.status.is_success(), "no metrics: {} {}", page.status, page.text);
            counts.read(&page.text)?;
        }
        Ok(counts)
    }
}

impl Play {
    /// What a deed costs, its last consequences included: everything counted from before it until nothing is left to
    /// do. The deed itself should ask the records, not the API, when it waits.
    pub fn counted(&mut self, deed: impl FnOnce(&mut Play) -> Result<()>) -> Result<Counts> {
        let (before, _) = self.counts_at_rest()?;
        deed(self)?;
        let (after, readings) = self.counts_at_rest()?;
        Ok(after.since(&before).without_reading(readings * self.cluster.nexus.len() as u64))
    }

    /// What is counted when nothing is left to do, looks included that were rung for and hadn't had their breath yet; and
    /// how often that was read.
    fn counts_at_rest(&mut self) -> Result<(Counts, u64)> {
        self.comes_to_rest(REST_LIMIT)?;
        let (mut counts, mut readings) = (self.api.counts()?, 1);
        let (mut since, mut alike) = (Instant::now(), 1);
        until("nobody looks for anything any more", REST_LIMIT, || {
            let now = self.api.counts()?;
            readings += 1;
            alike += 1;
            if now.of(LOOK) != counts.of(LOOK) {
                (since, alike) = (Instant::now(), 1);
            }
            counts = now;
            Ok((since.elapsed() >= BREATH && alike >= ALIKE).then_some(()))
        })?;
        Ok((counts, readings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# TYPE berth_db_transactions counter\n\
        berth_db_transactions_total{name=\"instance_start.accept\"} 3\n\
        berth_db_round_trips_total{name=\"instance_start.accept\"} 30\n\
        berth_db_transactions_total{name=\"nexus.renew\"} 9\n\
        berth_saga_store_total{name=\"commits\"} 7\n\
        berth_saga_store_total{name=\"appends\"} 70\n# EOF\n";

    #[test]
    fn a_page_is_read_and_split_into_what_a_deed_did_and_what_comes_by_the_clock() -> Result<()> {
        let mut counts = Counts::default();
        counts.read(PAGE)?;
        assert_eq!(counts.of("instance_start.accept"), Count { transactions: 3, round_trips: 30 });
        assert_eq!(counts.own().total(), Count { transactions: 10, round_trips: 37 });
        assert_eq!(counts.periodic().total().transactions, 9);
        assert_eq!(counts.since(&counts), Counts::default());
        Ok(())
    }
}
