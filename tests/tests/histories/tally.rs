//! What was in histories, counted: a run that finds nothing wrong says how much could have gone wrong.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cluster::Cluster;
use crate::course::{Course, Deed};
use crate::turnstile;

/// Of one history, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub histories: u64,
    wishes: u64,
    accepted: u64,
    troubles: u64,
    /// Migrations that were done, were cancelled, and failed.
    migrated: u64,
    cancelled: u64,
    failed: u64,
    /// Disks that are another file than in the beginning, because they came along.
    disks_moved: u64,
    /// Ends of migrations that were struck.
    struck: u64,
    /// Nexus started with a fault inside.
    faults: u64,
    messages: u64,
    lost: u64,
    doubled: u64,
    /// Requests to the database, and how many of them were cut.
    requests: u64,
    cut: u64,
    /// In its own time.
    length: Duration,
}

impl Tally {
    /// That of a history which ends now.
    pub fn of(cluster: &Cluster, course: &Course, accepted: u64, length: Duration) -> Tally {
        let deeds = course.deeds.len() as u64;
        let wishes = course.deeds.iter().filter(|(_, deed)| matches!(deed, Deed::Wish { .. })).count() as u64;
        let traffic = cluster.network.traffic();
        Tally {
            histories: 1,
            wishes,
            accepted,
            troubles: deeds - wishes,
            struck: cluster.ambushes.sprung(),
            faults: cluster.faults_drawn(),
            messages: traffic.sent,
            lost: traffic.lost,
            doubled: traffic.doubled,
            requests: turnstile::turns(),
            cut: turnstile::cuts(),
            length,
            ..Tally::default()
        }
    }

    /// With what became of its migrations, as their operations say, and how many disks are elsewhere for it.
    pub fn with_migrations(mut self, states: &[String], disks_moved: usize) -> Tally {
        self.disks_moved = disks_moved as u64;
        let count = |state: &str| states.iter().filter(|found| *found == state).count() as u64;
        (self.migrated, self.cancelled, self.failed) =
            (count("succeeded"), count("cancelled"), count("failed"));
        self
    }

    /// What should have happened, and didn't: without it, many histories prove nothing.
    pub fn missing(&self) -> Vec<&'static str> {
        let each = [
            (self.migrated, "a guest that migrated"),
            (self.cancelled, "a migration that was cancelled"),
            (self.failed, "a migration that failed"),
            (self.disks_moved, "a disk that came along"),
            (self.struck, "an end of a migration that was struck"),
            (self.faults, "a nexus with a fault inside"),
            (self.lost, "a message that was lost"),
            (self.cut, "a request to the database that was cut"),
        ];
        each.into_iter().filter(|(count, _)| *count == 0).map(|(_, what)| what).collect()
    }

    /// Both together.
    pub fn add(&mut self, more: &Tally) {
        self.histories += more.histories;
        self.wishes += more.wishes;
        self.accepted += more.accepted;
        self.troubles += more.troubles;
        self.migrated += more.migrated;
        self.cancelled += more.cancelled;
        self.failed += more.failed;
        self.disks_moved += more.disks_moved;
        self.struck += more.struck;
        self.faults += more.faults;
        self.messages += more.messages;
        self.lost += more.lost;
        self.doubled += more.doubled;
        self.requests += more.requests;
        self.cut += more.cut;
        self.length += more.length;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} wishes, {} accepted; {} troubles, {} nexus with a fault inside; \
             {} migrations done, {} cancelled, {} failed, {} struck, {} disks moved; {} messages, {} lost, {} doubled; \
             {} requests to the database, {} cut; {:.1} hours of simulated time",
            self.wishes,
            self.accepted,
            self.troubles,
            self.faults,
            self.migrated,
            self.cancelled,
            self.failed,
            self.struck,
            self.disks_moved,
            self.messages,
            self.lost,
            self.doubled,
            self.requests,
            self.cut,
            self.length.as_secs_f64() / 3600.0
        )
    }
}
